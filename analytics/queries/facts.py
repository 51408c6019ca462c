"""Changes of what a channel says of itself, as they were seen."""

from dataclasses import dataclass
from datetime import datetime

from analytics.queries.question import StatsQuery
from channels_app.models import ChannelFactChange


@dataclass(frozen=True, slots=True)
class FactChange:
    """`field` (title, username, about, …) was `old` and became `new`; None: there was none."""

    field: str
    old: str | None
    new: str | None
    observed_at: datetime
    source: str


def fact_changes(query: StatsQuery, *, fields: tuple[str, ...], limit: int = 50) -> tuple[FactChange, ...]:
    """The changes seen in the period, newest first, at most `limit`: one statement."""
    rows = ChannelFactChange.objects.filter(
        channel_id=query.channel_id,
        field__in=fields,
        observed_at__gte=query.period.start,
        observed_at__lt=query.period.end,
    ).order_by("-observed_at", "field")
    return tuple(FactChange(*row) for row in rows.values_list("field", "old", "new", "observed_at", "source")[:limit])
