"""Days that stand out, in words and as notes on charts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from analyticbot.core.charts import Mark, words
from analytics.questions.answering import Answer
from analytics.sections.explaining import Told, told
from analytics.sections.visit import Visit

_SHOWN = "6"
# More notes than this would cover a chart.
_MOST_MARKS = 4
_LABELS: dict[str, Promise] = {
    "views_gained": gettext_lazy("Views gained"),
    "followers_change": gettext_lazy("Change of subscribers"),
}
_FORMULA = gettext_lazy(
    "Each whole day is compared with the median of the 28 days before it. The score counts usual deviations (median "
    "absolute deviation × 1.4826, at least a tenth of the median); from 3.5 on a day stands out."
)


@dataclass(frozen=True, slots=True)
class StrangeDay:
    """A day that stands out; `usual` is what the four weeks before it had."""

    metric: str
    label: Promise
    at: datetime
    value: int
    usual: float
    score: float
    n: int
    up: bool
    signed: bool
    address: str


@dataclass(frozen=True, slots=True)
class Anomalies:
    """The days, newest first, whether any day could be told of, and how it is counted."""

    days: tuple[StrangeDay, ...]
    known: bool
    least: int
    told: Told


def anomalies_of(visit: Visit) -> Anomalies:
    """Ask which days of the period stand out."""
    answer: Answer = visit.ask("anomalies", {"limit": _SHOWN})
    days = sorted((_day(row, visit) for row in answer.data), key=lambda one: (one.at, one.metric), reverse=True)
    return Anomalies(
        days=tuple(days),
        known=any(answer.more["told"].values()),
        least=answer.more["least_days"],
        told=told(answer.provenance["score"], [(_("Days that stand out"), _FORMULA)]),
    )


def _day(row: dict[str, Any], visit: Visit) -> StrangeDay:
    only = {"period": None, "from": None, "to": None, "first": row["day"], "last": row["day"]}
    return StrangeDay(
        metric=row["metric"],
        label=_LABELS[row["metric"]],
        at=_noon(row),
        value=row["value"],
        usual=row["usual"],
        score=row["score"],
        n=row["n"],
        up=row["score"] > 0,
        signed=row["metric"] == "followers_change",
        address="" if visit.doors.locked else visit.address(**only),
    )


def _noon(row: dict[str, Any]) -> datetime:
    """The middle of the day: there a bar stands, and a line passes."""
    first, last = datetime.fromisoformat(row["from"]), datetime.fromisoformat(row["to"])
    return first + (last - first) / 2


def marks_of(found: Anomalies) -> tuple[Mark, ...]:
    """The farthest of the days as automatic notes."""
    strongest = sorted(found.days, key=lambda one: -abs(one.score))[:_MOST_MARKS]
    return tuple(Mark(at=day.at, text=_text(day), automatic=True) for day in strongest)


def _text(day: StrangeDay) -> str:
    language = get_language() or "en"
    tell = words.signed_number if day.signed else words.full_number
    return _("%(label)s: %(value)s, usually %(usual)s") % {
        "label": day.label,
        "value": tell(day.value, language),
        "usual": tell(day.usual, language),
    }
