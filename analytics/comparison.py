"""What a period is compared with, as the address says it, and how far an earlier number can be compared at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from analytics.metrics import METRICS
from analytics.picker import Picked
from analytics.queries.figures import FOLLOWER_METRICS, GAINED_METRICS
from analytics.queries.fusion import DAY_METRICS
from analytics.questions.answering import Answer

COMPARE = "compare"
NONE, PREVIOUS, AGE = "none", "previous", "age"
CHANNEL = "channel:"
WAYS: Mapping[str, Promise] = {
    NONE: gettext_lazy("Without comparison"),
    PREVIOUS: gettext_lazy("Period before"),
    "weekdays": gettext_lazy("Same weekdays before"),
    "year": gettext_lazy("Year before"),
    AGE: gettext_lazy("Period before, at the same age of posts"),
}
# Four fifths of a week's views have come by this age (docs/sandbox.md has the curve).
GATHERING = timedelta(days=3)


class Direction(StrEnum):
    """Where a number went."""

    UP = "up"
    DOWN = "down"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Change:
    """From the compared to the current value, both known. `relative` is in percent of the compared (None: from 0)."""

    difference: float
    relative: float | None


def compare_asked(parameters: Mapping[str, str], picked: Picked, *, usual: str = PREVIOUS) -> str | None:
    """The parameter `compare` of the questions: what the address asks for, else the usual; None for nothing.

    All time has no period before it, so only another channel can stand beside it.
    """
    text = parameters.get(COMPARE, "").strip()
    if text.startswith(CHANNEL) and len(text) > len(CHANNEL):
        return text
    if not picked.compares or text == NONE:
        return None
    chosen = text if text in WAYS else usual
    return None if chosen == NONE else chosen


def is_gathering(picked: Picked, *, now: datetime) -> bool:
    """Whether the period holds posts so young that their views still grow: older ones are ahead of them by age."""
    return picked.period.end > now - GATHERING


def change_of(name: str, answer: Answer) -> Change | None:
    """The change of a total against what an answer of `statistics` compares it with; None where it cannot be told."""
    comparison = answer.data["comparison"]
    change: Mapping[str, float | None] | None = comparison["change"].get(name) if comparison else None
    if change is None or change["difference"] is None or not _comparable(name, answer):
        return None
    return Change(change["difference"], change["percent"])


# Short of one by less than what rounding of days explains; gains are counted on through short outages.
_WHOLE, _MOST = 0.99, 0.9


def _comparable(name: str, answer: Answer) -> bool:
    """Whether the compared figure really is of all of its period.

    A count of subscribers may be the first one, made after it; posts may not be collected that far back yet.
    """
    earlier: Mapping[str, Any] = answer.more["comparison_provenance"] or {}
    told = earlier.get(name, {})
    if name in FOLLOWER_METRICS:
        return "observed_after_period" not in told.get("note", "")
    if name in GAINED_METRICS or name in DAY_METRICS:
        return (told.get("coverage") or 0.0) >= _MOST
    history = earlier.get("posts", {}).get("coverage")
    return history is None or history >= _WHOLE


def is_share(name: str) -> bool:
    """Whether a metric is in percent: its changes are told in points, for percents of percents mislead."""
    return METRICS[name].unit == "percent"
