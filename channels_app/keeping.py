"""How long the curves of posts are kept, by the plans of those who follow the channel.

A channel gets the most generous of the plans of the workspaces that track it (nobody: the default plan). A shorter time
holds only after it has been the plans' word for a month: a plan changed, or a channel let go of, by mistake loses
nothing. What is dropped of a packed curve are all readings but the last, which the latest counters still tell; cells,
posts, counters and the readings around 12, 24 and 48 hours (`channels_app.reach`) stay. `PackedCurve.dropped_at` says
so to whoever shows the curve. Hours that dropped readings fell into keep what they count and are computed anew no more.
"""

import time
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from billing.limits import default_plan, plans_of
from billing.plans import LIMITS
from channels_app.models import TrackedChannel
from channels_app.moved import Moved, tell_moved

# So long a shorter time must have been asked for before it holds.
SHORTER_AFTER = timedelta(days=30)
# A curve to which something was added this lately lives still.
QUIET = timedelta(days=60)
EVERY = timedelta(hours=6)
# A pass over the whole channel finds older posts that came to be known since, and curves that were packed late.
PASS_EVERY = timedelta(days=30)
POSTS_AT_ONCE = 500
SLICE = timedelta(seconds=20)
_CHANNELS_AT_ONCE = 100


def _fetch(sql: str, params: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def longest_raw_days() -> int:
    """Days for which snapshots are kept one by one: the most of any plan in use. Months are shared by all channels."""
    workspaces = TrackedChannel.objects.order_by().values_list("workspace_id", flat=True).distinct()
    plans = {default_plan(), *plans_of(workspaces).values()}
    return max(LIMITS[plan].raw_snapshot_days for plan in plans)


def curve_days(channel_ids: Collection[int]) -> dict[int, int | None]:
    """For each channel the days that the plans of its followers have curves kept; None: for ever. Two statements."""
    tracked = list(TrackedChannel.objects.filter(channel_id__in=channel_ids).values_list("channel_id", "workspace_id"))
    plans = plans_of({workspace for _channel, workspace in tracked})
    found: dict[int, list[int | None]] = {}
    for channel, workspace in tracked:
        found.setdefault(channel, []).append(LIMITS[plans[workspace]].curve_days)
    unfollowed = [LIMITS[default_plan()].curve_days]
    return {channel: _longest(found.get(channel, unfollowed)) for channel in channel_ids}


def _longest(days: list[int | None]) -> int | None:
    told = [one for one in days if one is not None]
    return max(told) if len(told) == len(days) else None


def drop_old_curves(*, now: datetime, budget: timedelta = SLICE) -> int:
    """Drop curves that nobody's plan keeps any longer, for about `budget`; returns how many. Safe beside others."""
    until, dropped = time.monotonic() + budget.total_seconds(), 0
    _mark_new_channels(now)
    tried: set[int] = set()
    while time.monotonic() < until and (channels := [one for one in _due(now) if one not in tried]):
        days = curve_days(channels)
        for channel_id in channels:
            tried.add(channel_id)
            ended = False
            while not ended:
                found, ended = _drop_batch(channel_id, days[channel_id], now=now)
                dropped += found
                if time.monotonic() >= until:
                    return dropped
    return dropped


def _mark_new_channels(now: datetime) -> None:
    _fetch(
        "INSERT INTO channels_app_curvekeeping (channel_id, due_at) SELECT c.id, %s FROM channels_app_channel c"
        " WHERE NOT EXISTS (SELECT 1 FROM channels_app_curvekeeping k WHERE k.channel_id = c.id)"
        " ON CONFLICT DO NOTHING",
        [now],
    )


def _due(now: datetime) -> list[int]:
    rows = _fetch(
        "SELECT channel_id FROM channels_app_curvekeeping WHERE due_at <= %s ORDER BY due_at LIMIT %s",
        [now, _CHANNELS_AT_ONCE],
    )
    return [row[0] for row in rows]


# The channel as ingest locks it; one that is held is left for later.
_LOCKED = """
SELECT k.days, k.shorter_since, k.begun_at, k.until,
  EXISTS (SELECT 1 FROM channels_app_channelhour h WHERE h.channel_id = c.id AND h.dirty)
FROM channels_app_channel c JOIN channels_app_curvekeeping k ON k.channel_id = c.id
WHERE c.id = %s FOR NO KEY UPDATE OF c SKIP LOCKED
"""


def _drop_batch(channel_id: int, wanted: int | None, *, now: datetime) -> tuple[int, bool]:
    """Go through up to POSTS_AT_ONCE posts, in one transaction; returns (curves dropped, whether it was the end)."""
    with transaction.atomic():
        found = _fetch(_LOCKED, [channel_id])
        if not found:
            return 0, True
        days, shorter_since, begun_at, until, is_dirty = found[0]
        days, shorter_since = _settled(days, shorter_since, wanted, now=now)
        if days is None or is_dirty:
            # Dirty hours are computed anew within a minute, from readings that must still be there.
            _move(channel_id, days, shorter_since, None, None, now + EVERY)
            return 0, True
        if begun_at is None or begun_at <= now - PASS_EVERY:
            begun_at, until = now, None
        edge = now - timedelta(days=days)
        parameters = {"channel": channel_id, "from": until, "edge": edge, "limit": POSTS_AT_ONCE}
        ((count, last, dropped, frozen),) = _fetch(_DROP, parameters | {"quiet": now - QUIET, "now": now})
        if dropped:
            _freeze(channel_id, frozen)
        if count < POSTS_AT_ONCE:
            _move(channel_id, days, shorter_since, begun_at, max(until or edge, edge), now + EVERY)
            return int(dropped), True
        # More posts of one moment than go into a batch wait for the next pass.
        _move(channel_id, days, shorter_since, begun_at, last + timedelta(microseconds=int(last == until)), now)
        return int(dropped), False


def _settled(
    days: int | None, shorter_since: datetime | None, wanted: int | None, *, now: datetime
) -> tuple[int | None, datetime | None]:
    """(days that hold now, since when a shorter time is asked for)."""
    is_shorter = wanted is not None and (days is None or wanted < days)
    if not is_shorter:
        return wanted, None
    if shorter_since is None:
        return days, now
    return (wanted, None) if now - shorter_since >= SHORTER_AFTER else (days, shorter_since)


def _move(channel_id: int, *values: Any) -> None:
    _fetch(
        "UPDATE channels_app_curvekeeping SET days = %s, shorter_since = %s, begun_at = %s, until = %s, due_at = %s"
        " WHERE channel_id = %s",
        [*values, channel_id],
    )


def _freeze(channel_id: int, last_at: datetime) -> None:
    """Hours up to that moment are computed anew no more; readers are told."""
    _fetch(
        "UPDATE channels_app_curvekeeping SET frozen_before ="
        " greatest(frozen_before, date_trunc('hour', %s::timestamptz, 'UTC') + interval '1 hour')"
        " WHERE channel_id = %s",
        [last_at, channel_id],
    )
    sql = "UPDATE channels_app_channel SET version = version + 1 WHERE id = %s RETURNING version"
    for (version,) in _fetch(sql, [channel_id]):
        tell_moved(channel_id, [Moved.COUNTERS], version=version)


# A curve goes when all of it is packed, nothing was added to it for long, and what tells its reach at 12, 24 and 48
# hours is kept beside the post. Its one reading then is what is known of the post, as of its last one.
_DROP = """
WITH old AS MATERIALIZED (
  SELECT p.id, p.published_at, p.views, p.forwards, p.replies, p.reactions, p.counters_source,
    (((p.views IS NOT NULL)::int | ((p.forwards IS NOT NULL)::int << 1) | ((p.replies IS NOT NULL)::int << 2)
      | ((p.reactions IS NOT NULL)::int << 3)) & ~p.exact_known::int) <> 0 AS approximate,
    p.is_forward OR p.deleted_at IS NOT NULL OR EXISTS (SELECT 1 FROM channels_app_postreach r
      WHERE r.post_id = p.id AND r.published_at = p.published_at) AS reach_kept
  FROM channels_app_post p
  WHERE p.channel_id = %(channel)s AND p.published_at < %(edge)s
    AND p.published_at >= coalesce(%(from)s, '-infinity'::timestamptz)
  ORDER BY p.published_at LIMIT %(limit)s
), dropped AS (
  UPDATE channels_app_packedcurve k SET dropped_at = %(now)s, first_at = k.last_at, seconds = '{0}', micros = NULL,
    views = CASE WHEN o.views IS NOT NULL THEN ARRAY[o.views]::int[] END,
    forwards = CASE WHEN o.forwards IS NOT NULL THEN ARRAY[o.forwards]::int[] END,
    replies = CASE WHEN o.replies IS NOT NULL THEN ARRAY[o.replies]::int[] END,
    sources = ARRAY[coalesce(o.counters_source, k.sources[cardinality(k.sources)])],
    approximate = CASE WHEN o.approximate THEN '{t}'::boolean[] END,
    reaction_kinds = e.kinds, reaction_counts = e.counts,
    without_reactions = CASE WHEN o.reactions = '{}' THEN '{1}'::int[] END
  FROM old o LEFT JOIN LATERAL (
    SELECT array_agg(key ORDER BY key COLLATE "C") AS kinds, array_agg(value::int ORDER BY key COLLATE "C") AS counts
    FROM jsonb_each_text(o.reactions)
  ) e ON true
  WHERE k.post_id = o.id AND o.reach_kept AND k.last_at < %(quiet)s AND cardinality(k.seconds) > 1
    AND (k.dropped_at IS NULL OR k.last_at > k.dropped_at)
    AND NOT EXISTS (SELECT 1 FROM channels_app_postsnapshot s WHERE s.post_id = o.id AND s.observed_at > k.last_at)
  RETURNING k.last_at
)
SELECT (SELECT count(*) FROM old), (SELECT max(published_at) FROM old), count(*), max(last_at) FROM dropped
"""


def dropped_among(post_ids: Iterable[int]) -> set[int]:
    """Which of these posts (our row ids) have lost their curve."""
    rows = _fetch(
        "SELECT post_id FROM channels_app_packedcurve WHERE post_id = ANY(%s) AND dropped_at IS NOT NULL",
        [list(post_ids)],
    )
    return {row[0] for row in rows}


def frozen_before(channel_id: int) -> datetime | None:
    """Hours before this are never computed anew from readings; None: all can be."""
    rows = _fetch("SELECT frozen_before FROM channels_app_curvekeeping WHERE channel_id = %s", [channel_id])
    return rows[0][0] if rows else None
