"""Shapes of several channels side by side."""

from typing import Any

from rest_framework import serializers

from analytics.metrics import METRICS, Unit
from analytics.queries.figures import COMPUTED
from analytics.schemas.shapes import integer, meta, moment, period, provenance, shape, text


def _named() -> dict[str, Any]:
    """Every metric that may be asked for; only those that were are there."""
    return {
        name: (serializers.IntegerField if METRICS[name].unit is Unit.COUNT else serializers.FloatField)(
            allow_null=True, required=False, help_text=f"Unit: {METRICS[name].unit}."
        )
        for name in COMPUTED
    }


COMPARE = shape(
    "CompareAnswer",
    {
        "data": shape(
            "Compare",
            {
                "channels": shape(
                    "ComparedChannel",
                    {
                        "channel": serializers.CharField(help_text="Username, else id."),
                        "id": integer(),
                        "title": text(),
                        "totals": shape("ComparedTotals", _named()),
                        "previous": shape("ComparedTotals", _named()),
                        "provenance": provenance(),
                    },
                    many=True,
                ),
                "points": shape(
                    "ComparedPoint",
                    {"channel": serializers.CharField(), "t": moment(), "to": moment(), **_named()},
                    many=True,
                ),
            },
        ),
        "meta": meta("CompareMeta", window=text(), previous_period=period()),
    },
)
