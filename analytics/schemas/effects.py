"""Shape of the effects of content."""

from rest_framework import serializers

from analytics.queries.effects import By
from analytics.schemas.shapes import fraction, integer, shape, text
from analytics.schemas.timing import relative_meta

CONTENT_EFFECTS = shape(
    "ContentEffectsAnswer",
    {
        "data": shape(
            "ContentEffect",
            {
                "group": text(),
                "posts": integer(null=False),
                "n": integer(null=False, help_text="Posts whose relative reach is known."),
                "reach": fraction("Median ratio to the usual reach."),
                "effect": fraction("Percent above the usual reach."),
                "low": fraction(),
                "high": fraction(),
                "enough": serializers.BooleanField(),
                "stands_out": serializers.BooleanField(allow_null=True),
                "er_views": fraction("Percent."),
                "note": text(null=True),
            },
            many=True,
        ),
        "meta": relative_meta(
            "ContentEffectsMeta",
            by=serializers.ChoiceField(list(By)),
            confidence=fraction(),
            tested=integer(null=False, help_text="Groups with an effect."),
            left_out=integer(null=False, help_text="Rarer groups that are not shown."),
        ),
    },
)
