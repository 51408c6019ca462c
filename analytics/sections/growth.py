"""Subscribers, who came and who left, and official figures beside counted ones."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analytics import wording
from analytics.comparison import Direction
from analytics.metrics import METRICS, Unit
from analytics.pages import Figure, subscribers_chart
from analytics.questions.answering import Answer
from analytics.sections.choices import choices_of
from analytics.sections.drawing import movement_chart
from analytics.sections.explaining import Told, formulas_of, told
from analytics.sections.visit import Visit
from analytics.sections.words import NOTES

OWN = ("of",)
_EVERYBODY = ("followers", "followers_change", "growth_rate")
_OWNERS = ("joined", "left", "net", "muted", "unmuted")
_NO_CHANGE: Mapping[str, float | None] = {"difference": None, "percent": None}
# They are differences already: a percent of them misleads, above all where they change their sign.
_DIFFERENCES = {"followers_change", "net"}
# More of these is nothing to be glad of.
_UNLUCKY = {"left", "muted"}
_DAILY_UNTIL = timedelta(days=400)
_RECONCILED_UNTIL = timedelta(days=800)
_RECONCILED = {
    "subscribers": gettext_lazy("Subscribers"),
    "views": gettext_lazy("Views"),
    "shares": gettext_lazy("Shares"),
    "reactions": gettext_lazy("Reactions"),
}


def build(visit: Visit) -> Mapping[str, Any]:
    """What the section shows."""
    names = (*_EVERYBODY, *_OWNERS) if visit.head.owned else _EVERYBODY
    by_week = visit.picked.period.end - visit.picked.period.start > _DAILY_UNTIL
    asked = {"metrics": ",".join(names), "window": "W" if by_week else "D"}
    if visit.picked.compares:
        asked["compare"] = "previous"
    answer = visit.ask("statistics", asked)
    return {
        "figures": tuple(_figure(name, answer) for name in names),
        "chart": subscribers_chart(visit.query, now=visit.now),
        "movement": movement_chart(answer.data["points"], visit.picked.period) if visit.head.owned else None,
        "steps": _steps(answer, visit),
        "by_week": by_week,
        "told": _told(answer, names),
        **_reconciliation(visit),
    }


def _figure(name: str, answer: Answer) -> Figure:
    metric, provenance = METRICS[name], answer.provenance[name]
    comparison = answer.data["comparison"]
    change = comparison["change"][name] if comparison and _comparable(name, answer) else _NO_CHANGE
    told_change = _change_words(name, change)
    return Figure(
        name=name,
        label=metric.label,
        formula=metric.formula,
        value=answer.data["totals"][name],
        percent=metric.unit is Unit.PERCENT,
        previous=comparison["totals"][name] if comparison else None,
        change=told_change,
        # A change too small to be told is none.
        direction=_direction(name, change["difference"]) if told_change and not told_change[0].isdigit() else None,
        source=wording.SOURCES.get(provenance.source or ""),
        observed_at=provenance.observed_at,
        coverage=None if provenance.coverage is None else provenance.coverage * 100,
        notes=tuple(NOTES[word] for word in (provenance.note or "").split() if word in NOTES),
    )


def _comparable(name: str, answer: Answer) -> bool:
    """Whether the earlier figure is of the earlier period, and not a count made after it."""
    earlier = (answer.more["comparison_provenance"] or {}).get(name, {})
    return "observed_after_period" not in earlier.get("note", "")


def _change_words(name: str, change: Mapping[str, float | None]) -> str | None:
    language = get_language() or "en"
    if change["percent"] is not None and name not in _DIFFERENCES:
        return words.signed_percent(change["percent"], language)
    return words.signed_number(change["difference"], language, digits=2) if change["difference"] else None


def _direction(name: str, difference: float | None) -> Direction | None:
    if not difference or name in _UNLUCKY:
        return None
    return Direction.UP if difference > 0 else Direction.DOWN


def _steps(answer: Answer, visit: Visit) -> list[Mapping[str, Any]]:
    """Newest first, without days to come."""
    begun = visit.now.isoformat()[:10]
    return [point for point in reversed(answer.data["points"]) if point["t"][:10] <= begun]


def _told(answer: Answer, names: tuple[str, ...]) -> Told:
    return told(answer.provenance["followers"], formulas_of(*names))


def _reconciliation(visit: Visit) -> Mapping[str, Any]:
    """Official figures beside counted ones, or why there are none."""
    if not visit.head.owned:
        return {"reconciliation": None}
    of = visit.word("of", _RECONCILED, "subscribers")
    choices = choices_of(visit, "of", _RECONCILED, of, default="subscribers")
    if visit.picked.period.end - visit.picked.period.start > _RECONCILED_UNTIL:
        return {"reconciliation": {"choices": choices, "too_long": True}}
    answer = visit.ask("reconciliation")
    days = [{"day": point["t"], **point[of]} for point in reversed(answer.data["points"])]
    formula = _(
        "Difference = official − counted. Of it, explained: what forwarded and deleted posts gained, what posts had "
        "before they were first seen, and an estimate for the time in which nobody watched. The rest is unexplained."
    )
    return {
        "reconciliation": {
            "choices": choices,
            "of": of,
            "days": [day for day in days if day["official"] is not None],
            "total": answer.data["totals"].get(of),
            "told": told(
                answer.provenance["followers" if of == "subscribers" else f"day_{of}"], [(_("Reconciliation"), formula)]
            ),
        }
    }
