"""Any metrics of the registry over a period, by steps and in all, beside what they are compared with."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter

from analyticbot.core.errors import InvalidInput, NotFound
from analytics.metrics import METRICS, Unit
from analytics.queries import Number
from analytics.queries.figures import COMPUTED
from analytics.queries.statistics import Comparison, Figures, Rival, StatsResult, StepWidth, statistics
from analytics.questions.answering import Answer, iso, period_json, provenance_json
from analytics.questions.asking import AskedOfChannel, channel_for
from analytics.questions.declaring import ChannelQuestion
from analytics.schemas.statistics import STATISTICS

DEFAULT = ("posts", "views", "avg_reach", "err", "followers", "views_gained")
_CHANNEL = "channel:"


def _statistics(asked: AskedOfChannel) -> Answer:
    compare = _compare(asked)
    window = asked.parameters.choice("window", StepWidth.DAY)
    result = statistics(asked.query, metrics=_metrics(asked), window=window, compare=compare)
    data: dict[str, Any] = {
        "points": _points(result.current),
        "totals": _values(result.current.totals),
        "series": _origins(result.current),
        "comparison": _comparison(asked, result),
    }
    more = {
        "window": str(window),
        "comparison_provenance": provenance_json(_provenance(result.compared)) if result.compared else None,
    }
    return Answer(data, _provenance(result.current), result.gaps, more=more)


def _metrics(asked: AskedOfChannel) -> tuple[str, ...]:
    text = asked.parameters.text("metrics")
    if text is None:
        return DEFAULT
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names or not set(names) <= set(COMPUTED):
        raise InvalidInput(_("`metrics` may name: %(known)s.") % {"known": ", ".join(COMPUTED)}, field="metrics")
    return names


def _compare(asked: AskedOfChannel) -> Comparison | Rival | None:
    text = asked.parameters.text("compare")
    if text is None:
        return None
    if text.startswith(_CHANNEL):
        try:
            head = channel_for(asked.reader, text.removeprefix(_CHANNEL))
        except NotFound as error:
            raise NotFound(error.message, field="compare") from None
        return Rival(head.id, head.owned)
    try:
        return Comparison(text)
    except ValueError:
        words = ", ".join((*Comparison, f"{_CHANNEL}@name"))
        raise InvalidInput(
            _("`%(name)s` must be one of %(words)s.") % {"name": "compare", "words": words}, field="compare"
        ) from None


def _points(found: Figures) -> list[dict[str, Any]]:
    return [
        {"t": iso(first), "to": iso(last), **_values(numbers)}
        for (first, last), numbers in zip(found.steps, found.series, strict=True)
    ]


def _values(numbers: Mapping[str, Number]) -> dict[str, Any]:
    return {name: number.value for name, number in numbers.items()}


def _provenance(found: Figures) -> dict[str, Any]:
    return {name: number.provenance for name, number in found.totals.items()}


def _origins(found: Figures) -> dict[str, Any]:
    """Whose word each step of each metric is and how much is behind it, in the order of the points."""
    return {
        name: {
            "source": [numbers[name].provenance.source for numbers in found.series],
            "coverage": [_rounded(numbers[name].provenance.coverage) for numbers in found.series],
        }
        for name in found.totals
    }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _comparison(asked: AskedOfChannel, result: StatsResult) -> dict[str, Any] | None:
    if result.compared is None:
        return None
    return {
        "kind": asked.parameters.text("compare"),
        "period": period_json(result.compared.period),
        "points": _points(result.compared),
        "totals": _values(result.compared.totals),
        "change": {
            name: _change(name, result.current.totals[name], result.compared.totals[name]) for name in result.metrics
        },
    }


def _change(name: str, now: Number, then: Number) -> dict[str, float | None]:
    """The difference, and its percent of the compared value; percents differ by points, so they have no percent."""
    if now.value is None or then.value is None:
        return {"difference": None, "percent": None}
    difference = now.value - then.value
    is_share = METRICS[name].unit is Unit.PERCENT
    percent = None if is_share or not then.value else round(difference / abs(then.value) * 100, 4)
    return {"difference": round(difference, METRICS[name].digits or 4), "percent": percent}


QUESTIONS = (
    ChannelQuestion(
        "statistics",
        "Any metrics over a period, by steps and in all.",
        "Each number with its source and coverage; beside the period before, the same weekdays, a year before, "
        "another channel, or the posts of the period before at the same age.",
        _statistics,
        STATISTICS,
        (
            OpenApiParameter(
                "metrics", str, description=f"Names of metrics, comma between; {', '.join(DEFAULT)} when absent."
            ),
            OpenApiParameter(
                "window", str, enum=list(StepWidth), default=StepWidth.DAY, description="Width of a step."
            ),
            OpenApiParameter(
                "compare",
                str,
                description="previous, weekdays, year, age, or channel:@name (or channel:id) of a tracked channel.",
            ),
        ),
        takes_segment=True,
        # Another channel's data may change without this one's, and ages go by.
        moves_every=timedelta(minutes=1),
        sees_others=lambda asked: (asked.parameters.text("compare") or "").startswith("channel:"),
    ),
)
