"""Shapes of series over time."""

from typing import Any

from analytics.schemas.shapes import fraction, gaps, integer, meta, moment, shape, text


def _reading() -> Any:
    """How a figure at an age was read."""
    return shape(
        "ReachReading",
        {
            "posts": integer(null=False, help_text="Posts behind the figure."),
            "old_enough": integer(null=False, help_text="Posts that have reached the age."),
            "true_age_hours": fraction("Mean age of the readings nearest to it."),
            "tolerance_hours": fraction("How far from the age a reading may be."),
        },
    )


GROWTH = shape(
    "GrowthAnswer",
    {
        "data": shape(
            "Growth",
            {
                "points": shape(
                    "GrowthPoint",
                    {
                        "t": moment(),
                        "y": integer(),
                        "joined": integer(),
                        "left": integer(),
                        "net": integer(),
                        "source": text(null=True),
                    },
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
        "meta": meta(
            "ReachMeta", gaps=gaps(), at_age=shape("ReachReadings", {f"{h}h": _reading() for h in (12, 24, 48)})
        ),
    },
)
