"""The channels of a workspace with their numbers: four statements however many channels there are.

The numbers are those of the channel page, by the same computation (`figures`) over the same period.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import JSONField, Q
from django.db.models.expressions import RawSQL

from accounts.models import Workspace
from analytics.period import last_days
from analytics.queries.figures import Span, figures
from analytics.queries.posts import search_patterns
from analytics.queries.question import Number, StatsQuery
from channels_app.models import Relation, SyncState, TrackedChannel
from channels_app.queries import ChannelStatus, channels_for_workspace, status_of

# As on the channel page, where nobody chose another period; and how the last week went.
LIST_DAYS, WEEK_DAYS, CURVE_DAYS = 28, 7, 30
METRICS = ("followers", "followers_change", "avg_reach", "err")
# The change over the last week has a name of its own here.
WEEK_CHANGE = "followers_change_7d"
# Rows of a page; a longer list goes on behind the last one's key.
PAGE = 100
# Nobody follows more by hand.
MOST_CHANNELS = 2_000

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
_NEWEST = """(
    SELECT max(p.published_at) FROM channels_app_post p WHERE p.channel_id = channels_app_trackedchannel.channel_id
)"""


@dataclass(frozen=True, slots=True)
class ListedChannel:
    """A channel with its numbers by metric name, and its mean views by day of publication (None: unknown, or none)."""

    status: ChannelStatus
    numbers: Mapping[str, Number]
    daily_reach: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class ListOrder:
    """How a list is ordered: `key` is added, name, state, posted or a name of the numbers. Unknown comes last."""

    key: str = "added"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class ListFilter:
    """Which channels are listed: those whose title or name holds all words, that have all tags (keys), and so on."""

    search: str = ""
    tags: tuple[str, ...] = ()
    state: str = ""
    relation: str = ""
    tracked_id: int | None = None


@dataclass(frozen=True, slots=True)
class ChannelPage:
    """A page of the list; `total` rows match, `next` is the key of the next page (None: this is the last one)."""

    rows: tuple[ListedChannel, ...]
    total: int
    next: int | None


@dataclass(slots=True)
class _Row:
    """What ordering needs of a channel."""

    pk: int
    channel_id: int
    owned: bool
    title: str
    state: str
    newest: datetime | None
    numbers: dict[str, Number] = field(default_factory=dict)


def list_channels(
    workspace: Workspace,
    *,
    now: datetime,
    zone: ZoneInfo,
    wanted: ListFilter | None = None,
    order: ListOrder | None = None,
    after: int | None = None,
) -> ChannelPage:
    """A page of the channels. `after`: the row id of the tracking that the page before ended with.

    Numbers that nobody orders by are read for the page alone. InvalidInput for a search that is too long.
    """
    order = order or ListOrder()
    rows = _matching(workspace, wanted or ListFilter(), order)
    by_number = order.key in _NUMBERS
    if by_number:
        _count(rows, now=now, zone=zone)
    rows = _ordered(rows, order)
    begin = next((place for place, row in enumerate(rows, 1) if row.pk == after), 0)
    shown = rows[begin : begin + PAGE]
    if not by_number:
        _count(shown, now=now, zone=zone)
    following = shown[-1].pk if shown and begin + PAGE < len(rows) else None
    return ChannelPage(_listed(workspace, shown, now=now, zone=zone), len(rows), following)


_NUMBERS = {*METRICS, WEEK_CHANGE}


def _matching(workspace: Workspace, wanted: ListFilter, order: ListOrder) -> list[_Row]:
    found: Any = TrackedChannel.objects.for_workspace(workspace)
    if wanted.tracked_id is not None:
        found = found.filter(pk=wanted.tracked_id)
    words = " ".join(word.removeprefix("@") for word in wanted.search.split())
    for pattern in search_patterns(words) if words else ():
        found = found.filter(Q(channel__title__regex=pattern) | Q(channel__username__regex=pattern))
    for key in wanted.tags:
        found = found.filter(tags__key=key)
    if wanted.relation:
        found = found.filter(relation=wanted.relation)
    if wanted.state:
        none = Q(channel__sync__isnull=True) if wanted.state == SyncState.PENDING else Q()
        found = found.filter(Q(channel__sync__state=wanted.state) | none)
    newest = RawSQL(_NEWEST if order.key == "posted" else "NULL::timestamptz", [])  # noqa: S611 - constants of ours
    names = ("pk", "channel_id", "relation", "channel__title", "channel__username", "channel__sync__state", "newest")
    rows = found.annotate(newest=newest).order_by("-pk").values_list(*names)[:MOST_CHANNELS]
    return [
        _Row(pk, channel, relation == Relation.OWNED, title or f"@{username}", state or SyncState.PENDING, latest)
        for pk, channel, relation, title, username, state, latest in rows
    ]


def _count(rows: Sequence[_Row], *, now: datetime, zone: ZoneInfo) -> None:
    """Fill in the numbers: two statements for all of them."""
    if not rows:
        return
    month, week = last_days(LIST_DAYS, now=now, zone=zone), last_days(WEEK_DAYS, now=now, zone=zone)
    spans = [Span(row.channel_id, one.start, one.end, row.owned) for one in (month, week) for row in rows]
    found = figures(StatsQuery(rows[0].channel_id, month, now=now), spans, METRICS)
    for place, row in enumerate(rows):
        row.numbers = {name: found[place][name] for name in METRICS}
        row.numbers[WEEK_CHANGE] = found[len(rows) + place]["followers_change"]


def _ordered(rows: list[_Row], order: ListOrder) -> list[_Row]:
    """In order; what is unknown last either way, ties as they were added, newest first."""
    value_of: Callable[[_Row], Any] = _ORDERS.get(order.key) or (lambda row: row.numbers[order.key].value)
    known = [row for row in rows if value_of(row) is not None]
    unknown = [row for row in rows if value_of(row) is None]
    return [*sorted(known, key=value_of, reverse=order.descending), *unknown]


_ORDERS: Mapping[str, Callable[[_Row], Any]] = {
    "added": lambda row: row.pk,
    "name": lambda row: row.title.casefold(),
    "state": lambda row: list(SyncState).index(SyncState(row.state)),
    "posted": lambda row: row.newest,
}


def _listed(workspace: Workspace, shown: Sequence[_Row], *, now: datetime, zone: ZoneInfo) -> tuple[ListedChannel, ...]:
    if not shown:
        return ()
    curve = last_days(CURVE_DAYS, now=now, zone=zone)
    rows: Any = channels_for_workspace(workspace).filter(pk__in=[row.pk for row in shown])
    rows = rows.annotate(
        daily_reach=RawSQL(  # noqa: S611 - a constant of ours; values are parameters
            _DAILY_REACH, [str(zone), curve.start, curve.end], output_field=JSONField()
        )
    )
    full = {row.pk: row for row in rows}
    days = [(curve.first_day + timedelta(days=day)).isoformat() for day in range(CURVE_DAYS)]
    return tuple(
        ListedChannel(
            status_of(full[row.pk]),
            row.numbers,
            tuple((full[row.pk].daily_reach or {}).get(day) for day in days),
        )
        for row in shown
        if row.pk in full
    )
