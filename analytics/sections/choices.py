"""Choices that stand in the address: each is a link, the chosen one says so."""

from collections.abc import Mapping
from dataclasses import dataclass

from analytics.sections.explaining import Text
from analytics.sections.visit import Visit


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several ways to look at the same."""

    value: str
    label: Text
    address: str
    chosen: bool


def choices_of(visit: Visit, name: str, labels: Mapping[str, Text], chosen: str, *, default: str) -> tuple[Choice, ...]:
    """Links for the values of a parameter; the default stands in no address."""
    return tuple(
        Choice(value, label, visit.address(**{name: None if value == default else value}), value == chosen)
        for value, label in labels.items()
    )
