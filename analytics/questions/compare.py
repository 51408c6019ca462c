"""Several channels side by side."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter

from analyticbot.core.errors import InvalidInput
from analytics.queries import Number, StatsQuery
from analytics.queries.compare import ComparedChannel, compare_channels
from analytics.queries.figures import COMPUTED
from analytics.queries.statistics import StepWidth
from analytics.questions.answering import Answer, iso, period_json, provenance_json
from analytics.questions.asking import Asked, ChannelHead
from analytics.questions.declaring import WorkspaceQuestion
from analytics.questions.several import MAX_CHANNELS, channels_asked
from analytics.schemas.compare import COMPARE

DEFAULT = ("posts", "views", "avg_reach", "err", "er_views", "followers", "followers_change")


def _compare(asked: Asked) -> Answer:
    heads, window = channels_asked(asked), asked.parameters.choice("window", StepWidth.DAY)
    queries = [StatsQuery(head.id, asked.period, owned=head.owned, now=asked.now) for head in heads]
    found = compare_channels(queries, metrics=_metrics(asked), window=window)
    names = [head.username or str(head.tg_id or head.title) for head in heads]
    rows = list(zip(names, heads, found.channels, strict=True))
    points = [
        {"channel": name, "t": iso(start), "to": iso(end), **_values(numbers)}
        for name, _head, channel in rows
        for (start, end), numbers in zip(found.steps, channel.series, strict=True)
    ]
    return Answer(
        {"channels": [_channel_json(*row) for row in rows], "points": points},
        more={"window": str(window), "previous_period": period_json(asked.period.previous)},
    )


def _metrics(asked: Asked) -> tuple[str, ...]:
    text = asked.parameters.text("metrics")
    if text is None:
        return DEFAULT
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names or not set(names) <= set(COMPUTED):
        raise InvalidInput(_("`metrics` may name: %(known)s.") % {"known": ", ".join(COMPUTED)}, field="metrics")
    return names


def _channel_json(name: str, head: ChannelHead, channel: ComparedChannel) -> dict[str, Any]:
    return {
        "channel": name,
        "id": head.tg_id,
        "title": head.title,
        "totals": _values(channel.totals),
        "previous": _values(channel.previous),
        "provenance": provenance_json({metric: number.provenance for metric, number in channel.totals.items()}),
    }


def _values(numbers: Mapping[str, Number]) -> dict[str, float | int | None]:
    return {name: number.value for name, number in numbers.items()}


QUESTIONS = (
    WorkspaceQuestion(
        "compare",
        "Up to ten channels side by side.",
        "Numbers of the period, of the equal period before and of each step, the same metrics for every channel.",
        _compare,
        COMPARE,
        (
            OpenApiParameter(
                "channels",
                str,
                required=True,
                description=f"1 to {MAX_CHANNELS} tracked channels, separated by commas, by @username or bare id.",
            ),
            OpenApiParameter(
                "metrics", str, description=f"Names of metrics, comma between; {', '.join(DEFAULT)} when absent."
            ),
            OpenApiParameter(
                "window", str, enum=list(StepWidth), default=StepWidth.DAY, description="Width of a step."
            ),
        ),
    ),
)
