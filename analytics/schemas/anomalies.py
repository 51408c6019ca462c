"""Shape of days that stand out."""

from rest_framework import serializers

from analytics.queries.anomalies import METRICS
from analytics.schemas.shapes import fraction, integer, meta, moment, shape

ANOMALIES = shape(
    "AnomaliesAnswer",
    {
        "data": shape(
            "AnomalousDay",
            {
                "metric": serializers.ChoiceField(list(METRICS)),
                "day": serializers.DateField(),
                "from": moment(),
                "to": moment(),
                "value": integer(null=False, help_text="What the day brought."),
                "usual": fraction("The median of the days before."),
                "score": fraction("How many usual deviations the value lies above (below: negative) the usual."),
                "n": integer(null=False, help_text="Known days behind the usual."),
            },
            many=True,
        ),
        "meta": meta(
            "AnomaliesMeta",
            threshold=fraction(),
            compared_days=integer(null=False),
            least_days=integer(null=False),
            days=integer(null=False, help_text="Whole days of the period that are over."),
            told=serializers.DictField(
                child=serializers.IntegerField(), help_text="Days that could be compared, by metric."
            ),
        ),
    },
)
