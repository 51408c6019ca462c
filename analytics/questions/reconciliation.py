"""Official figures beside counted ones, day by day."""

from collections.abc import Iterable
from typing import Any

from analytics.queries import Provenance
from analytics.queries.reconciliation import COMPARED, PARTS, ReconciledDay, Sides, reconciliation
from analytics.queries.series import gaps_of
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import AskedOfChannel
from analytics.questions.declaring import ChannelQuestion
from analytics.schemas.reconciliation import RECONCILIATION
from mtproto.records import Source


def _reconciliation(asked: AskedOfChannel) -> Answer:
    days = reconciliation(asked.query)
    data = {
        "points": [_point(day) for day in days],
        "totals": {name: _total([day.gained[name] for day in days]) for name in COMPARED},
    }
    note = None if asked.channel.owned else "owners_only"
    names = {"followers": [day.subscribers for day in days]}
    names |= {metric: [day.gained[name] for day in days] for name, metric in COMPARED.items()}
    provenance = {name: _provenance(sides, note) for name, sides in names.items()}
    return Answer(data, provenance, gaps_of(asked.query, "counters", "stats"))


def _point(day: ReconciledDay) -> dict[str, Any]:
    return {
        "t": iso(day.start),
        "day": day.day.isoformat(),
        "subscribers": {
            "official": day.subscribers.official,
            "counted": day.subscribers.counted,
            "counted_at": iso(day.subscribers.counted_at) if day.subscribers.counted_at else None,
            "difference": day.subscribers.difference,
        },
        **{name: _sides(sides) for name, sides in day.gained.items()},
    }


def _sides(sides: Sides) -> dict[str, Any]:
    return {
        "official": sides.official,
        "counted": sides.counted,
        "difference": sides.difference,
        "coverage": None if sides.coverage is None else round(sides.coverage, 4),
        **{part: sides.parts.get(part) for part in PARTS},
        "unexplained": sides.unexplained,
    }


def _total(days: list[Sides]) -> dict[str, Any]:
    """Sums over the days of which both words are known."""
    both = [one for one in days if one.difference is not None]
    if not both:
        return _sides(Sides(None, None))
    known = [part for part in PARTS if all(part in one.parts for one in both)]
    return _sides(
        Sides(
            sum(one.official or 0 for one in both),
            sum(one.counted or 0 for one in both),
            sum(one.coverage or 0.0 for one in both) / len(both),
            parts={part: sum(one.parts[part] for one in both) for part in known},
        )
    )


def _provenance(days: Iterable[Sides], note: str | None) -> Provenance:
    sides = list(days)
    both = sum(one.difference is not None for one in sides)
    observed = max((one.counted_at for one in sides if one.counted_at), default=None)
    return Provenance(Source.OFFICIAL if both else None, observed, both / len(sides) if sides else None, note)


QUESTIONS = (
    ChannelQuestion(
        "reconciliation",
        "Official figures beside counted ones, day by day.",
        "Subscribers at the end of each day; views, shares and reactions of it: difference = official − counted, "
        "the parts of it that can be explained, and what cannot. Official figures are told to owners only.",
        _reconciliation,
        RECONCILIATION,
    ),
)
