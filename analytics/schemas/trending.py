"""Shape of trending posts."""

from rest_framework import serializers

from analytics.queries.expectation import Basis
from analytics.queries.spans import Ending
from analytics.queries.trending import Method
from analytics.schemas.shapes import fraction, integer, meta, moment, shape, text

TRENDING = shape(
    "TrendingAnswer",
    {
        "data": shape(
            "TrendingPost",
            {
                "msg_id": integer(null=False),
                "date": moment(),
                "title": text(),
                "permalink": text(null=True),
                "age_hours": fraction("Age at which the views were read."),
                "views": integer(null=False),
                "expected": fraction("Views that the earlier posts had at that age."),
                "score": fraction("How many spreads the views stand above the expectation."),
                "n": integer(null=False, help_text="Earlier posts behind the expectation."),
                "basis": serializers.ChoiceField(list(Basis)),
                "method": serializers.ChoiceField(list(Method)),
            },
            many=True,
        ),
        "meta": meta(
            "TrendingMeta",
            ends_with=serializers.ChoiceField(list(Ending)),
            method=serializers.ChoiceField(list(Method)),
            threshold=fraction(),
            least_posts=integer(null=False),
            most_posts=integer(null=False),
            posts=integer(null=False, help_text="Own posts of the window."),
            scored=integer(null=False, help_text="Those of them with an expectation."),
        ),
    },
)
