"""Shapes of the reconciliation of official and counted figures."""

from typing import Any

from rest_framework import serializers

from analytics.queries.reconciliation import COMPARED
from analytics.schemas.shapes import fraction, gaps, integer, meta, moment, shape


def _sides() -> dict[str, Any]:
    return {
        name: shape(
            "ReconciledFigure",
            {
                "official": integer(help_text="Telegram's own figure."),
                "counted": integer(help_text="What we counted."),
                "difference": integer(help_text="Official − counted."),
                "coverage": fraction("Share 0..1 of the day in which we watched."),
                "forwarded": integer(help_text="− what forwarded posts gained: their counter is the original's."),
                "deleted": integer(help_text="− what posts gained that were deleted since."),
                "before_watched": integer(help_text="What posts of the day had when they were first seen."),
                "unwatched": integer(help_text="Estimate for the share of the day without watching."),
                "unexplained": integer(help_text="Difference − the four parts before."),
            },
        )
        for name in COMPARED
    }


_SUBSCRIBERS = {
    "official": integer(),
    "counted": integer(help_text="Our last exact count of the day."),
    "counted_at": moment(null=True),
    "difference": integer(),
}

RECONCILIATION = shape(
    "ReconciliationAnswer",
    {
        "data": shape(
            "Reconciliation",
            {
                "points": shape(
                    "ReconciledDay",
                    {
                        "t": moment(),
                        "day": serializers.DateField(),
                        "subscribers": shape("ReconciledSubscribers", _SUBSCRIBERS),
                        **_sides(),
                    },
                    many=True,
                ),
                "totals": shape("ReconciledTotals", _sides()),
            },
        ),
        "meta": meta("ReconciliationMeta", gaps=gaps()),
    },
)
