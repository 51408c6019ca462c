"""The readings on both sides of 12, 24 and 48 hours of a post: how they are found, and how they are kept.

What lies between them is the reader's to say (`analytics.queries.between`). The latest counter of a post, which also
tells an age that no reading follows, is not kept here: it changes with every look.

A channel's posts are gone through by publication, a batch in a transaction, its row locked as ingest locks it, so that
no reading comes in between. Ingest takes away what a late reading would change (`FORGET`); that is kept anew in the
next pass over the whole channel, and computed by the reader until then. A post that is not kept costs time only.
"""

import time
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from channels_app.sides import KEPT_COLUMNS, KEPT_HOURS, SIDES
from channels_app.snapshots import CLOCK_SKEW, readings_sql

# How far a reading may lie from an age, as a share of it, and still tell it.
NEAR = 0.25
# No reading after this age counts.
LAST_AGE = timedelta(hours=max(KEPT_HOURS)) * (1 + NEAR)
# Late looks come in first; each would take the kept row away again.
_SETTLED = LAST_AGE + timedelta(hours=1)

EVERY = timedelta(hours=1)
# A pass over the whole channel finds what was taken away, and posts that came to be known since.
PASS_EVERY = timedelta(days=1)
POSTS_AT_ONCE = 500
SLICE = timedelta(seconds=20)
_CHANNELS_AT_ONCE = 100


def sides_sql(post: str, published_at: str) -> str:
    """Subselect (hours, before_at, before, after_at, after, source) of one post, a row for each age.

    The last exact reading up to the age, and the first one from it on; NULL where there is none. Both arguments are
    SQL. The readings of the post are read once.
    """
    near = readings_sql(
        f"ARRAY[{post}]",
        since=f"{published_at} - interval '{CLOCK_SKEW.days} days'",
        until=f"{published_at} + interval '{int(LAST_AGE.total_seconds())} seconds'",
    )
    return f"""
    WITH r AS MATERIALIZED (
      SELECT observed_at, views, source FROM ({near}) r WHERE NOT r.approximate AND r.views IS NOT NULL
    )
    SELECT a.hours, b.observed_at AS before_at, b.views AS before, f.observed_at AS after_at, f.views AS after,
           coalesce(b.source, f.source) AS source
    FROM (
      SELECT hours, {published_at} + make_interval(hours => hours) AS at
      FROM unnest(ARRAY[{", ".join(map(str, KEPT_HOURS))}]) AS hours
    ) a
    LEFT JOIN LATERAL (SELECT * FROM r WHERE r.observed_at <= a.at ORDER BY r.observed_at DESC LIMIT 1) b ON true
    LEFT JOIN LATERAL (SELECT * FROM r WHERE r.observed_at >= a.at ORDER BY r.observed_at LIMIT 1) f ON true"""


_WAITING = """
SELECT p.id, p.published_at FROM channels_app_post p
WHERE p.channel_id = %(channel)s AND p.published_at >= %(from)s AND p.published_at < %(edge)s
  AND NOT p.is_forward AND p.deleted_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM channels_app_postreach k WHERE k.post_id = p.id AND k.published_at = p.published_at)
ORDER BY p.published_at LIMIT %(limit)s
"""
_AS_COLUMNS = ", ".join(
    f"(array_agg(s.{side}) FILTER (WHERE s.hours = {hours}))[1] AS {side}_{hours}"
    for hours in KEPT_HOURS
    for side in SIDES
)
_KEEP = f"""
WITH waiting AS MATERIALIZED ({_WAITING}), kept AS (
  INSERT INTO channels_app_postreach (post_id, published_at, {", ".join(KEPT_COLUMNS)})
  SELECT w.id, w.published_at, x.* FROM waiting w
  CROSS JOIN LATERAL (SELECT {_AS_COLUMNS} FROM ({sides_sql("w.id", "w.published_at")}) s) x
  ORDER BY w.published_at
  ON CONFLICT (post_id) DO UPDATE SET published_at = excluded.published_at,
    {", ".join(f"{name} = excluded.{name}" for name in KEPT_COLUMNS)}
)
SELECT count(*), max(published_at) FROM waiting
"""
_LOCKED = """
SELECT m.begun_at, m.oldest, m.until,
  (SELECT min(p.published_at) FROM channels_app_post p WHERE p.channel_id = c.id)
FROM channels_app_channel c JOIN channels_app_reachmark m ON m.channel_id = c.id
WHERE c.id = %s FOR NO KEY UPDATE SKIP LOCKED
"""


def _fetch(sql: str, params: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def keep_reach(*, now: datetime, budget: timedelta = SLICE) -> int:
    """Keep what tells the reach of posts past all ages, channel by channel, for about `budget`; returns how many.

    A channel that another process holds is left for the next call. Idempotent.
    """
    until, kept = time.monotonic() + budget.total_seconds(), 0
    _mark_new_channels(now)
    tried: set[int] = set()
    while time.monotonic() < until and (channels := [one for one in _due(now) if one not in tried]):
        for channel_id in channels:
            tried.add(channel_id)
            while found := keep_batch(channel_id, now=now):
                kept += found
                if time.monotonic() >= until:
                    return kept
            if time.monotonic() >= until:
                break
    return kept


def _mark_new_channels(now: datetime) -> None:
    _fetch(
        "INSERT INTO channels_app_reachmark (channel_id, due_at) SELECT c.id, %s FROM channels_app_channel c"
        " WHERE NOT EXISTS (SELECT 1 FROM channels_app_reachmark m WHERE m.channel_id = c.id)"
        " ON CONFLICT DO NOTHING",
        [now],
    )


def _due(now: datetime) -> list[int]:
    rows = _fetch(
        "SELECT channel_id FROM channels_app_reachmark WHERE due_at <= %s ORDER BY due_at LIMIT %s",
        [now, _CHANNELS_AT_ONCE],
    )
    return [row[0] for row in rows]


def keep_batch(channel_id: int, *, now: datetime, limit: int = POSTS_AT_ONCE) -> int:
    """Keep up to `limit` posts of a marked channel, in one transaction; returns how many, 0 when all are kept."""
    with transaction.atomic():
        found = _fetch(_LOCKED, [channel_id])
        if not found:
            return 0
        begun_at, oldest, until, first = found[0]
        edge = now - _SETTLED
        if first is None:
            _move(channel_id, begun_at, oldest, until, now + EVERY)
            return 0
        if until is None or begun_at <= now - PASS_EVERY or first < oldest:
            begun_at, oldest, until = now, first, first
        parameters = {"channel": channel_id, "from": until, "edge": edge, "limit": limit}
        ((count, last),) = _fetch(_KEEP, parameters)
        ended = count < limit
        _move(channel_id, begun_at, oldest, max(until, edge) if ended else last, now + EVERY if ended else now)
        return int(count)


def _move(channel_id: int, *values: datetime | None) -> None:
    _fetch(
        "UPDATE channels_app_reachmark SET begun_at = %s, oldest = %s, until = %s, due_at = %s WHERE channel_id = %s",
        [*values, channel_id],
    )


# Given arrays of posts and of moments, as long as each other: takes away what readings at these moments may change. In
# the transaction that writes them.
FORGET = f"""
DELETE FROM channels_app_postreach k USING unnest(%s::bigint[], %s::timestamptz[]) n(id, at)
WHERE k.post_id = n.id AND n.at <= k.published_at + interval '{int(LAST_AGE.total_seconds())} seconds'
"""


def forget_channel(channel_id: int) -> None:
    """Take away what is kept of a channel's posts; its next pass begins anew. Not what can be found out no more."""
    _fetch(
        "DELETE FROM channels_app_postreach k USING channels_app_post p WHERE p.channel_id = %s AND k.post_id = p.id"
        " AND NOT EXISTS (SELECT 1 FROM channels_app_packedcurve c"
        " WHERE c.post_id = p.id AND c.dropped_at IS NOT NULL)",
        [channel_id],
    )
    _fetch("DELETE FROM channels_app_reachmark WHERE channel_id = %s", [channel_id])
