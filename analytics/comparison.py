"""How a number stands to the same number of the period before."""

from dataclasses import dataclass
from enum import StrEnum

from analytics.metrics import METRICS, Unit
from analytics.queries import Overview


class Direction(StrEnum):
    """Where a number went."""

    UP = "up"
    DOWN = "down"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Change:
    """From the previous to the current value, both known. `relative` is in percent of the previous (None: from 0)."""

    difference: float
    relative: float | None
    direction: Direction


def change_of(name: str, answer: Overview) -> Change | None:
    """The change of a metric against the period before; None when one of the two is unknown."""
    current, previous = answer.current[name], answer.previous[name]
    if current.value is None or previous.value is None or not _comparable(name, answer):
        return None
    difference = current.value - previous.value
    # A difference of percents is told in points; percents of percents mislead.
    is_share = METRICS[name].unit is Unit.PERCENT
    relative = None if is_share or not previous.value else difference / abs(previous.value) * 100
    direction = Direction.SAME if not difference else Direction.UP if difference > 0 else Direction.DOWN
    return Change(difference, relative, direction)


def _comparable(name: str, answer: Overview) -> bool:
    """Whether the earlier figure really is of all of the earlier period.

    A count of subscribers may be the first one, made after it; posts may not be collected that far back yet.
    """
    if name == "followers":
        return "observed_after_period" not in (answer.previous[name].provenance.note or "")
    return (answer.previous["posts"].provenance.coverage or 0.0) >= _WHOLE


# Short of one by less than what rounding of days explains.
_WHOLE = 0.99
