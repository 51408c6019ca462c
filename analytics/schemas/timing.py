"""Shapes of the best hours and of the calendar."""

from typing import Any

from rest_framework import serializers

from analytics.queries.spans import Ending
from analytics.schemas.shapes import fraction, gaps, integer, meta, moment, shape


def relative_meta(name: str, **more: Any) -> Any:
    """Meta part of answers made of relative reach."""
    return meta(
        name,
        ends_with=serializers.ChoiceField(list(Ending)),
        posts=integer(null=False, help_text="Posts of the period, at most `most_posts`."),
        compared=integer(null=False, help_text="Those of them whose relative reach is known."),
        measured_by=shape("MeasuredBy", {"24h": integer(null=False), "lifetime": integer(null=False)}),
        most_posts=integer(null=False),
        least_posts=integer(null=False),
        **more,
    )


_CELL = {
    "weekday": integer(null=False, help_text="1 Monday to 7."),
    "hour": integer(null=False),
    "posts": integer(null=False),
    "median": fraction("Percent above the usual, of the cell's own posts."),
    "effect": fraction("Percent above the usual, shrunk towards the weekday's and the hour's."),
    "enough": serializers.BooleanField(),
}

BEST_TIME = shape(
    "BestTimeAnswer",
    {
        "data": shape(
            "BestTime",
            {
                "points": shape("BestTimeCell", _CELL, many=True),
                "best": shape("BestTimeCell", _CELL, many=True),
                "weekdays": shape(
                    "BestTimeWeekday",
                    {"weekday": integer(null=False), "posts": integer(null=False), "effect": fraction()},
                    many=True,
                ),
                "hours": shape(
                    "BestTimeHour",
                    {"hour": integer(null=False), "posts": integer(null=False), "effect": fraction()},
                    many=True,
                ),
            },
        ),
        "meta": relative_meta("BestTimeMeta", shrinkage=integer(null=False)),
    },
)

CALENDAR = shape(
    "CalendarAnswer",
    {
        "data": shape(
            "Calendar",
            {
                "points": shape(
                    "CalendarDay",
                    {
                        "t": moment(),
                        "day": serializers.DateField(),
                        "posts": integer(),
                        "views": integer(),
                        "views_gained": integer(),
                        "reach": fraction("Mean views of own posts."),
                        "joined": integer(),
                        "left": integer(),
                    },
                    many=True,
                )
            },
        ),
        "meta": meta("CalendarMeta", gaps=gaps()),
    },
)
