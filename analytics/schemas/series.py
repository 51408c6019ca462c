"""Shapes of series over time."""

from analytics.schemas.shapes import fraction, gaps, integer, meta, moment, shape

GROWTH = shape(
    "GrowthAnswer",
    {
        "data": shape(
            "Growth",
            {
                "points": shape(
                    "GrowthPoint",
                    {"t": moment(), "y": integer(), "joined": integer(), "left": integer(), "net": integer()},
                    many=True,
                )
            },
        ),
        "meta": meta("GrowthMeta", gaps=gaps()),
    },
)

REACH = shape(
    "ReachAnswer",
    {
        "data": shape(
            "Reach",
            {
                "points": shape(
                    "ReachPoint", {"t": moment(), "y": fraction(), "posts": integer(null=False)}, many=True
                ),
                "at_age": shape("ReachAtAge", {"12h": fraction(), "24h": fraction(), "48h": fraction()}),
            },
        ),
        "meta": meta("ReachMeta", gaps=gaps()),
    },
)
