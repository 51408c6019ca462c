"""The one place that reads snapshots for statistics, however they are stored: one by one, or packed when closed.

Other rooms take `readings_of` (values) or compose `readings_sql` and `views_before_sql` into a statement of theirs;
none names the table. A reading is what was told of a post at a moment; where nothing changed nothing was written, so
the last reading stands until the post's `counters_at`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

# Readings come after publication; Telegram's clock and ours may differ a little. Bounds in time leave months unread.
CLOCK_SKEW = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CounterReading:
    """Counters of a post at a moment; None is unknown. `reactions` is the total of all kinds.

    `approximate`: the source abbreviates ("1.2K"), so the figures are right to their written digits only.
    """

    observed_at: datetime
    source: str
    approximate: bool
    views: int | None
    forwards: int | None
    replies: int | None
    reactions: int | None


def readings_sql(posts: str, *, since: str | None = None, until: str | None = None) -> str:
    """Subselect of the readings of `posts`, an SQL expression of type bigint[], without order.

    Columns: post_id, observed_at, source, approximate, views, forwards, replies, reactions (the total). `since` and
    `until` are SQL moments, both included.
    """
    bounds = (f" AND s.observed_at >= {since}" if since else "") + (f" AND s.observed_at <= {until}" if until else "")
    return f"""SELECT p.id AS post_id, s.observed_at, s.source, s.approximate, s.views, s.forwards, s.replies,
  s.reactions_total AS reactions
FROM unnest({posts}) p(id) CROSS JOIN LATERAL channels_app_readings(p.id) s WHERE true{bounds}"""


def views_before_sql(post: str, before: str, *, since: str) -> str:
    """SQL expression: the last told views of one post before a moment, NULL if none were told.

    All three arguments are SQL expressions; nothing older than `since` is looked at. An abbreviated figure counts only
    where no exact one came before, and is looked for only then.
    """
    found = f"""SELECT s.views FROM channels_app_readings({post}) s
  WHERE s.observed_at >= {since} AND s.observed_at < {before} AND s.views IS NOT NULL"""
    last = "ORDER BY s.observed_at DESC LIMIT 1"
    return f"coalesce(({found} AND NOT s.approximate {last}), ({found} AND s.approximate {last}))"


def dropped_sql(post: str) -> str:
    """SQL expression: when the curve of one post (an SQL expression) was dropped, NULL if it is kept.

    Of a dropped curve the last reading is there, and those that came after.
    """
    return f"(SELECT k.dropped_at FROM channels_app_packedcurve k WHERE k.post_id = {post})"


def frozen_sql(channel: str) -> str:
    """SQL expression: before when readings of a channel (an SQL expression) may be missing, NULL if none are."""
    return f"(SELECT k.frozen_before FROM channels_app_curvekeeping k WHERE k.channel_id = {channel})"


_READINGS = """
SELECT post_id, observed_at, source, approximate, views, forwards, replies, reactions
FROM ({readings}) r ORDER BY post_id, observed_at
"""


def readings_of(post_ids: Iterable[int], *, since: datetime | None = None) -> dict[int, tuple[CounterReading, ...]]:
    """The readings of posts (our row ids), oldest first: one statement.

    Every asked post is a key; the tuple is empty for a post without readings. `since`: nothing older is looked at;
    give the posts' first publication, and no month before it is read (a day is left for clocks that differ).
    """
    found: dict[int, list[CounterReading]] = {post_id: [] for post_id in post_ids}
    parameters: dict[str, Any] = {"posts": list(found), "since": since - CLOCK_SKEW if since else None}
    sql = _READINGS.format(readings=readings_sql("%(posts)s::bigint[]", since="%(since)s" if since else None))
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        for post_id, *reading in cursor.fetchall():
            found[post_id].append(CounterReading(*reading))
    return {post_id: tuple(readings) for post_id, readings in found.items()}
