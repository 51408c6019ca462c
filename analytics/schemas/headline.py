"""Shapes of the headline numbers."""

from typing import Any

from analytics.schemas.shapes import fraction, integer, meta, period, provenance, shape


def _numbers() -> dict[str, Any]:
    return {
        "posts": integer(),
        "views": integer(),
        "forwards": integer(),
        "replies": integer(),
        "reactions": integer(),
        "avg_reach": fraction("Mean views of own posts."),
        "err": fraction("Percent."),
        "er_views": fraction("Percent."),
        "followers": integer(help_text="Subscribers at the end of the period."),
        "views_gained": integer(),
    }


OVERVIEW = shape(
    "OverviewAnswer",
    {
        "data": shape("Overview", {**_numbers(), "previous": shape("OverviewNumbers", _numbers())}),
        "meta": meta("OverviewMeta", previous_period=period(), previous_provenance=provenance()),
    },
)
