"""Shapes of the headline numbers."""

from collections.abc import Iterable
from typing import Any

from analytics.metrics import METRICS, Unit
from analytics.queries.overview import HEADLINES
from analytics.schemas.shapes import fraction, integer, meta, period, provenance, shape


def numbers(names: Iterable[str]) -> dict[str, Any]:
    """Fields of metrics: whole numbers for counts, fractions for the rest; null is unknown."""
    return {
        name: integer() if METRICS[name].unit is Unit.COUNT else fraction(f"Unit: {METRICS[name].unit}.")
        for name in names
    }


OVERVIEW = shape(
    "OverviewAnswer",
    {
        "data": shape("Overview", {**numbers(HEADLINES), "previous": shape("OverviewNumbers", numbers(HEADLINES))}),
        "meta": meta("OverviewMeta", previous_period=period(), previous_provenance=provenance()),
    },
)
