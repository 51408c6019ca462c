"""Days that stand out from the weeks before them."""

from typing import Any

from analytics.queries.anomalies import COMPARED_DAYS, LEAST_DAYS, THRESHOLD, Anomaly, anomalies
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import AskedOfChannel
from analytics.questions.declaring import ChannelQuestion
from analytics.questions.posts import LIMIT
from analytics.schemas.anomalies import ANOMALIES


def _anomalies(asked: AskedOfChannel) -> Answer:
    found = anomalies(asked.query, limit=asked.parameters.limit())
    return Answer(
        [_row(row, asked) for row in found.rows],
        {"score": found.provenance},
        more={
            "threshold": THRESHOLD,
            "compared_days": COMPARED_DAYS,
            "least_days": LEAST_DAYS,
            "days": found.days,
            "told": dict(found.told),
        },
    )


def _row(row: Anomaly, asked: AskedOfChannel) -> dict[str, Any]:
    return {
        "metric": row.metric,
        "day": row.start.astimezone(asked.period.zone).date().isoformat(),
        "from": iso(row.start),
        "to": iso(row.end),
        "value": int(row.value),
        "usual": round(row.usual, 4),
        "score": round(row.score, 4),
        "n": row.known,
    }


QUESTIONS = (
    ChannelQuestion(
        "anomalies",
        "Days on which views gained or subscribers stand out.",
        "Whole days of the period that are over (the newest 400) whose views gained, or whose change of subscribers, "
        "lie at least 3.5 usual deviations from the median of the 28 days before; at least 10 of these must be known. "
        "The usual deviation is the median absolute deviation × 1.4826, and no less than a tenth of the median. The "
        "farthest come first.",
        _anomalies,
        ANOMALIES,
        (LIMIT,),
    ),
)
