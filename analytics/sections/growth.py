"""Subscribers, who came and who left, and official figures beside counted ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.comparison import CHANNEL
from analytics.questions.answering import Answer
from analytics.sections.anomalies import anomalies_of, marks_of
from analytics.sections.choices import choices_of
from analytics.sections.drawing import movement_chart
from analytics.sections.explaining import formulas_of, told
from analytics.sections.figures import figures_of, row_change
from analytics.sections.marks import marks_for
from analytics.sections.over_time import compared_words, line_chart, statistics, window_of
from analytics.sections.visit import Visit

OWN = ("of",)
_EVERYBODY = ("followers", "followers_change", "growth_rate")
_OWNERS = ("joined", "left", "net", "muted", "unmuted")
_RECONCILED_UNTIL = timedelta(days=800)
_RECONCILED = {
    "subscribers": gettext_lazy("Subscribers"),
    "views": gettext_lazy("Views"),
    "shares": gettext_lazy("Shares"),
    "reactions": gettext_lazy("Reactions"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the table; `changes`: by metric how far it stands from the compared step, all digits."""

    found: Mapping[str, Any]
    changes: Mapping[str, str | None]


def build(visit: Visit) -> Mapping[str, Any]:
    """What the section shows."""
    names = (*_EVERYBODY, *_OWNERS) if visit.head.owned else _EVERYBODY
    answer = statistics(visit, names, window="W" if window_of(visit) == "W" else "D")
    # Up to two days subscribers are drawn by the hour, and told by the day.
    hourly = statistics(visit, _EVERYBODY) if window_of(visit) == "H" else None
    marks = (*marks_for(visit), *marks_of(anomalies_of(visit)))
    title = _("Subscribers")
    return {
        "figures": figures_of(names, answer),
        "compared": compared_words(visit, answer),
        "chart": line_chart(visit, hourly or answer, "subscribers", title, metric="followers", marks=marks),
        "movement": movement_chart(visit, answer.data["points"], marks) if visit.head.owned else None,
        "steps": _steps(answer, visit, names),
        "has_changes": answer.data["comparison"] is not None,
        "by_week": window_of(visit) == "W",
        "told": told(answer.provenance["followers"], formulas_of(*names)),
        **_reconciliation(visit),
    }


def _steps(answer: Answer, visit: Visit, names: tuple[str, ...]) -> list[Step]:
    """Newest first, without days to come, each beside the step at the same place of the compared period."""
    begun = visit.now.isoformat()[:10]
    comparison = answer.data["comparison"]
    earlier = comparison["points"] if comparison else []
    if comparison and str(comparison["kind"]).startswith(CHANNEL):
        by_moment = {point["t"]: point for point in earlier}
        beside = [by_moment.get(point["t"]) for point in answer.data["points"]]
    else:
        beside = [earlier[index] if index < len(earlier) else None for index in range(len(answer.data["points"]))]
    steps = [
        Step(point, {name: row_change(name, point, then) for name in names})
        for point, then in zip(answer.data["points"], beside, strict=True)
        if point["t"][:10] <= begun
    ]
    return steps[::-1]


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
