"""Headline numbers: a total of the statistics with its change, and all that explains it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import get_language

from analyticbot.core.charts import words
from analytics import wording
from analytics.comparison import Change, Direction, change_of, is_share
from analytics.metrics import METRICS
from analytics.questions.answering import Answer
from analytics.sections.words import NOTES

# They are differences already: a percent of them misleads, above all where they change their sign.
DIFFERENCES = frozenset({"followers_change", "growth_rate", "net"})
# More of these is nothing to be glad of.
UNLUCKY = frozenset({"left", "muted"})
# More of these is neither good nor bad.
_NEUTRAL = frozenset({"posts"})


@dataclass(frozen=True, slots=True)
class Figure:
    """A headline number with all that explains it.

    `difference`: how far it stands from what it is compared with, all digits; `change`: the same as it is told.
    `compared`: whether there is something it is compared with.
    """

    name: str
    label: Promise
    formula: Promise
    value: float | int | None
    percent: bool
    previous: float | int | None
    change: str | None
    difference: str | None
    direction: Direction | None
    compared: bool
    source: Promise | None
    observed_at: datetime | None
    coverage: float | None  # percent
    notes: tuple[Promise, ...]
    signed: bool = False


def figures_of(names: Iterable[str], answer: Answer) -> tuple[Figure, ...]:
    """The totals of an answer of `statistics`."""
    return tuple(figure_of(name, answer) for name in names)


def figure_of(name: str, answer: Answer) -> Figure:
    """One total, beside what it is compared with."""
    metric, provenance, comparison = METRICS[name], answer.provenance[name], answer.data["comparison"]
    change = change_of(name, answer)
    told = change_words(name, change) if change else None
    return Figure(
        name=name,
        label=metric.label,
        formula=metric.formula,
        value=answer.data["totals"][name],
        percent=is_share(name),
        previous=comparison["totals"][name] if comparison else None,
        change=told,
        difference=_exactly(change) if change else None,
        # A change too small to be told is none.
        direction=_direction(name, change) if change and told and not told[0].isdigit() else None,
        compared=comparison is not None,
        source=wording.SOURCES.get(provenance.source or ""),
        observed_at=provenance.observed_at,
        coverage=None if provenance.coverage is None else provenance.coverage * 100,
        notes=tuple(NOTES[word] for word in (provenance.note or "").split() if word in NOTES),
        signed=name in DIFFERENCES,
    )


def change_words(name: str, change: Change) -> str | None:
    """The change in words, in percent where that can be told; nothing where there was and is nothing."""
    language = get_language() or "en"
    if change.relative is not None and name not in DIFFERENCES:
        return words.signed_percent(change.relative, language)
    return words.signed_number(change.difference, language, digits=2) if change.difference else None


def row_change(name: str, now: Mapping[str, float | None], then: Mapping[str, float | None] | None) -> str | None:
    """The difference of two steps of a table, all digits; None where one of the two is unknown."""
    value, before = now.get(name), then.get(name) if then else None
    if value is None or before is None:
        return None
    return words.signed_number(value - before, get_language() or "en", digits=2 if is_share(name) else 1)


def _exactly(change: Change) -> str:
    return words.signed_number(change.difference, get_language() or "en", digits=2)


def _direction(name: str, change: Change) -> Direction | None:
    if not change.difference or name in _NEUTRAL:
        return None
    return Direction.UP if (change.difference > 0) != (name in UNLUCKY) else Direction.DOWN
