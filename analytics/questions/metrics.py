"""The registry of metrics, as it is told to people and programs."""

from typing import Any

from analytics.metrics import METRICS, Metric


def metrics_told() -> list[dict[str, Any]]:
    """Every metric of the registry in its order, texts in the language that is active."""
    return [_told(metric) for metric in METRICS.values()]


def _told(metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "label": str(metric.label),
        "unit": metric.unit.value,
        "formula": str(metric.formula),
        "sources": [source.value for source in metric.sources],
        "aggregation": metric.aggregation.value,
        "cadence": metric.cadence.value,
        "owners_only": metric.owners_only,
    }
