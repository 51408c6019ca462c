"""Shape of the registry of metrics."""

from rest_framework import serializers

from analytics.metrics import Aggregation, Cadence, Unit
from analytics.schemas.shapes import moment, shape, text
from mtproto.records import Source

METRICS_LIST = shape(
    "MetricsAnswer",
    {
        "data": shape(
            "Metric",
            {
                "name": text(),
                "label": serializers.CharField(help_text="In the language of Accept-Language."),
                "unit": serializers.ChoiceField(choices=[unit.value for unit in Unit]),
                "formula": serializers.CharField(help_text="In the language of Accept-Language."),
                "sources": serializers.ListField(
                    child=serializers.ChoiceField(choices=[source.value for source in Source]),
                    help_text="Whose word counts, the best first.",
                ),
                "aggregation": serializers.ChoiceField(choices=[one.value for one in Aggregation]),
                "cadence": serializers.ChoiceField(choices=[one.value for one in Cadence]),
                "owners_only": serializers.BooleanField(help_text="Told only to workspaces that own the channel."),
            },
            many=True,
        ),
        "meta": shape("MetricsMeta", {"generated_at": moment()}),
    },
)
