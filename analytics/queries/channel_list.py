"""The channels of a workspace with their numbers: three statements however many channels there are.

The numbers are those of the channel page, by the same computation (`figures`) over the same period.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import JSONField, Q
from django.db.models.expressions import RawSQL

from accounts.models import Workspace
from analytics.period import Period, last_days
from analytics.queries.figures import Span, figures
from analytics.queries.posts import search_patterns
from analytics.queries.question import Number, StatsQuery
from channels_app.models import Relation
from channels_app.queries import ChannelStatus, channels_for_workspace, status_of

# As on the channel page, where nobody chose another period.
LIST_DAYS, CURVE_DAYS = 28, 30
METRICS = ("followers", "followers_change", "avg_reach", "err")
# A list longer than this is paged by the API; a person searches.
MOST_CHANNELS = 200

# Mean views of the own posts of each local day, as the series of reach has them.
_DAILY_REACH = """(
    SELECT jsonb_object_agg(d.day, d.y) FROM (
        SELECT (p.published_at AT TIME ZONE %s)::date AS day, round(avg(p.views), 4)::float8 AS y
        FROM channels_app_post p
        WHERE p.channel_id = channels_app_trackedchannel.channel_id AND p.deleted_at IS NULL AND NOT p.is_forward
          AND p.published_at >= %s AND p.published_at < %s
        GROUP BY 1
    ) d
)"""


@dataclass(frozen=True, slots=True)
class ListedChannel:
    """A channel with its numbers by metric name, and its mean views by day of publication (None: unknown, or none)."""

    status: ChannelStatus
    numbers: Mapping[str, Number]
    daily_reach: tuple[float | None, ...]


def list_channels(
    workspace: Workspace, *, now: datetime, zone: ZoneInfo, search: str = "", tracked_id: int | None = None
) -> tuple[ListedChannel, ...]:
    """The channels, newest first, at most `MOST_CHANNELS`: those whose title or name holds all words of `search`.

    InvalidInput for a search that is too long.
    """
    curve = last_days(CURVE_DAYS, now=now, zone=zone)
    rows: Any = channels_for_workspace(workspace).annotate(
        daily_reach=RawSQL(  # noqa: S611 - a constant of ours; values are parameters
            _DAILY_REACH, [str(zone), curve.start, curve.end], output_field=JSONField()
        )
    )
    if tracked_id is not None:
        rows = rows.filter(pk=tracked_id)
    words = " ".join(word.removeprefix("@") for word in search.split())
    for pattern in search_patterns(words) if words else ():
        rows = rows.filter(Q(channel__title__regex=pattern) | Q(channel__username__regex=pattern))
    found = list(rows.order_by("-pk")[:MOST_CHANNELS])
    return tuple(_listed(found, curve, now=now, zone=zone))


def _listed(rows: Sequence[Any], curve: Period, *, now: datetime, zone: ZoneInfo) -> list[ListedChannel]:
    if not rows:
        return []
    period = last_days(LIST_DAYS, now=now, zone=zone)
    spans = [Span(row.channel_id, period.start, period.end, row.relation == Relation.OWNED) for row in rows]
    numbers = figures(StatsQuery(rows[0].channel_id, period, now=now), spans, METRICS)
    days = [(curve.first_day + timedelta(days=day)).isoformat() for day in range(CURVE_DAYS)]
    return [
        ListedChannel(
            status_of(row),
            {name: found[name] for name in METRICS},
            tuple((row.daily_reach or {}).get(day) for day in days),
        )
        for row, found in zip(rows, numbers, strict=True)
    ]
