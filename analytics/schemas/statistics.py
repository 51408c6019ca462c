"""Shapes of any metrics over a period."""

from typing import Any

from rest_framework import serializers

from analytics.metrics import METRICS, Unit
from analytics.queries.figures import COMPUTED
from analytics.schemas.shapes import fraction, gaps, meta, moment, period, provenance, shape, text


def _named() -> dict[str, Any]:
    """Every metric that may be asked for; only those that were are there."""
    kinds = {Unit.COUNT: serializers.IntegerField}
    return {
        name: kinds.get(METRICS[name].unit, serializers.FloatField)(
            allow_null=True, required=False, help_text=f"Unit: {METRICS[name].unit}."
        )
        for name in COMPUTED
    }


def _points(name: str) -> Any:
    return shape(name, {"t": moment(), "to": moment(), **_named()}, many=True)


def _list(child: Any) -> Any:
    return serializers.ListField(child=child)


_ORIGIN = shape("StatisticsOrigin", {"source": _list(text(null=True)), "coverage": _list(fraction())})
_CHANGE = shape("StatisticsChange", {"difference": fraction(), "percent": fraction()})
_COMPARISON: Any = type(
    shape(
        "StatisticsComparison",
        {
            "kind": text(),
            "period": period(),
            "points": _points("StatisticsPoint"),
            "totals": shape("StatisticsTotals", _named()),
            "change": serializers.DictField(child=_CHANGE),
        },
    )
)

STATISTICS = shape(
    "StatisticsAnswer",
    {
        "data": shape(
            "Statistics",
            {
                "points": _points("StatisticsPoint"),
                "totals": shape("StatisticsTotals", _named()),
                "series": serializers.DictField(child=_ORIGIN),
                "comparison": _COMPARISON(allow_null=True),
            },
        ),
        "meta": meta(
            "StatisticsMeta",
            gaps=gaps(),
            window=text(),
            comparison_provenance=serializers.DictField(child=type(provenance().child)(), allow_null=True),
        ),
    },
)
