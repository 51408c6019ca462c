"""How a table of numbers explains itself: formulas, whose word, how fresh, how much of it is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from analytics import wording
from analytics.metrics import METRICS
from analytics.queries import Provenance
from analytics.sections.words import NOTES

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Told:
    """What stands behind the numbers of a card. `coverage` in percent; None is unknown."""

    formulas: tuple[tuple[Text, Text], ...]
    source: Text | None
    observed_at: datetime | None
    coverage: float | None
    notes: tuple[Text, ...] = ()


def told(provenance: Provenance | None, formulas: Iterable[tuple[Text, Text]], *notes: Text) -> Told:
    """The explanation of numbers that share a provenance."""
    known = provenance or Provenance(None, None, None)
    words = (known.note or "").split()
    return Told(
        formulas=tuple(formulas),
        source=wording.SOURCES.get(known.source or ""),
        observed_at=known.observed_at,
        coverage=None if known.coverage is None else known.coverage * 100,
        notes=(*(NOTES[word] for word in words if word in NOTES), *notes),
    )


def formulas_of(*names: str) -> tuple[tuple[Text, Text], ...]:
    """Labels and formulas of metrics of the registry."""
    return tuple((METRICS[name].label, METRICS[name].formula) for name in names)
