"""Headline numbers of a channel."""

from typing import Any

from analytics.queries import overview
from analytics.questions.answering import Answer, period_json, provenance_json
from analytics.questions.asking import AskedOfChannel
from analytics.questions.declaring import ChannelQuestion
from analytics.schemas.headline import OVERVIEW


def _overview(asked: AskedOfChannel) -> Answer:
    found = overview(asked.query)
    data: dict[str, Any] = {name: number.value for name, number in found.current.items()}
    data["previous"] = {name: number.value for name, number in found.previous.items()}
    return Answer(
        data,
        {name: number.provenance for name, number in found.current.items()},
        more={
            "previous_period": period_json(found.previous_period),
            "previous_provenance": provenance_json(
                {name: number.provenance for name, number in found.previous.items()}
            ),
        },
    )


QUESTIONS = (
    ChannelQuestion(
        "overview",
        "Headline numbers of a period and of the equal period before.",
        "Posts, views, average reach, ERR, engagement, subscribers; `previous` has the same names.",
        _overview,
        OVERVIEW,
        takes_segment=True,
    ),
)
