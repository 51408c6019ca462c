"""The one place that reads snapshots for statistics, however they are stored: one by one, or packed when closed.

Other rooms take `readings_of` (values) or compose `readings_sql` and `views_before_sql` into a statement of theirs;
none names the table. A reading is what was told of a post at a moment; where nothing changed nothing was written, so
the last reading stands until the post's `counters_at`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from channels_app.sides import kept_points_sql

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


def left_points_sql(post: str, published_at: str) -> str:
    """SQL expression: what is kept beside one post whose curve was dropped, as JSON [ages, views]; else NULL.

    The exact readings around 12, 24 and 48 hours, ages in microseconds, ascending. Both arguments are SQL.
    """
    return f"""(SELECT json_build_array(told.ages, told.views) FROM channels_app_packedcurve k
  CROSS JOIN LATERAL ({kept_points_sql("k.post_id", published_at)}) told
  WHERE k.post_id = {post} AND k.dropped_at IS NOT NULL AND told.ages IS NOT NULL)"""


def points_of(left: Sequence[Sequence[int]] | None) -> tuple[tuple[float, int], ...]:
    """(age in seconds, views) of what `left_points_sql` gave."""
    return tuple((age / _MICRO, views) for age, views in zip(*left, strict=True)) if left else ()


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


# Curves that are packed come as they lie there, to be put together here: taking arrays apart in the database, row by
# row, and together again costs more than all the rest. Single readings are told by the index of their key alone. Bounds
# on the moment itself, beside those on the age, let whole months be left unread.
# Where a curve was dropped, the readings around 12, 24 and 48 hours stand in for it; nowhere else are they looked for.
_EXACT_VIEWS = f"""
WITH asked AS MATERIALIZED (
  SELECT a.id, a.published_at, a.published_at + %(youngest)s::interval AS after,
    a.published_at + %(oldest)s::interval AS until, k.first_at, k.last_at, k.seconds, k.micros, k.views, k.approximate,
    k.dropped_at
  FROM unnest(%(ids)s::bigint[], %(published)s::timestamptz[]) AS a (id, published_at)
  LEFT JOIN channels_app_packedcurve k ON k.post_id = a.id
)
SELECT id, (extract(epoch FROM first_at - published_at) * 1000000)::bigint AS begins, seconds, micros,
  views AS packed_views, approximate, NULL::bigint[] AS ages, NULL::bigint[] AS views, false AS kept
FROM asked WHERE views IS NOT NULL AND last_at > after AND first_at <= until
UNION ALL
SELECT a.id, NULL, NULL, NULL, NULL, NULL, told.ages, told.views, false
FROM asked a CROSS JOIN LATERAL (
  SELECT
    array_agg((extract(epoch FROM s.observed_at - a.published_at) * 1000000)::bigint ORDER BY s.observed_at) AS ages,
    array_agg(s.views ORDER BY s.observed_at) AS views
  FROM channels_app_postsnapshot s
  WHERE s.post_id = a.id AND s.observed_at > greatest(a.after, a.last_at) AND s.observed_at <= a.until
    AND s.observed_at > %(first)s AND s.observed_at <= %(last)s AND s.views IS NOT NULL AND NOT s.approximate
) told WHERE told.ages IS NOT NULL
UNION ALL
SELECT a.id, NULL, NULL, NULL, NULL, NULL, told.ages, told.views, true
FROM asked a CROSS JOIN LATERAL ({kept_points_sql("a.id", "a.published_at")}) told
WHERE a.dropped_at IS NOT NULL AND told.ages IS NOT NULL
"""
_MICRO = 1_000_000


def exact_views(
    cursor: Any, posts: Sequence[tuple[int, datetime]], *, youngest: timedelta, oldest: timedelta
) -> dict[int, tuple[list[float], list[int]]]:
    """Exact views of posts (our row id, publication) by age: {id: (ages in seconds ascending, views)}, one statement.

    Only ages above `youngest` and up to `oldest`; a post without any is no key. `cursor` says where it is read.
    """
    if not posts:
        return {}
    dates = [published_at for _id, published_at in posts]
    parameters: dict[str, Any] = {
        # As PostgreSQL writes arrays: the driver would look at each element.
        "ids": "{" + ",".join([str(post_id) for post_id, _at in posts]) + "}",
        "published": "{" + ",".join([date.isoformat() for date in dates]) + "}",
        "youngest": youngest,
        "oldest": oldest,
        "first": min(dates) + youngest,
        "last": max(dates) + oldest,
    }
    cursor.execute(_EXACT_VIEWS, parameters)
    after, until = youngest // timedelta(microseconds=1), oldest // timedelta(microseconds=1)
    found: dict[int, tuple[list[float], list[int]]] = {}
    later, left = [], []
    for post_id, begins, seconds, micros, packed, approximate, ages, views, is_kept in cursor.fetchall():
        if is_kept:
            left.append((post_id, _within(list(zip(ages, views, strict=True)), after=after, until=until)))
            continue
        if seconds is None:
            later.append((post_id, [age / _MICRO for age in ages], views))
            continue
        told = _unpacked(begins, seconds, micros, packed, approximate)
        found[post_id] = _within(told, after=after, until=until)
    for post_id, kept in left:
        found[post_id] = _together(kept, found.get(post_id, ([], [])))
    for post_id, ages, views in later:
        known = found.get(post_id)
        found[post_id] = (known[0] + ages, known[1] + views) if known else (ages, views)
    return {post_id: told for post_id, told in found.items() if told[0]}


def _unpacked(
    begins: int,
    seconds: list[int],
    micros: list[int] | None,
    views: list[int | None],
    approximate: list[bool] | None,
) -> list[tuple[int, int]]:
    """(age in microseconds, views) of the exact readings of a packed curve."""
    ages = [begins + second * _MICRO for second in seconds]
    if micros is not None:
        ages = [age + more for age, more in zip(ages, micros, strict=True)]
    if approximate is None:
        return [(age, count) for age, count in zip(ages, views, strict=True) if count is not None]
    told = zip(ages, views, approximate, strict=True)
    return [(age, count) for age, count, rough in told if count is not None and not rough]


def _together(
    some: tuple[list[float], list[int]], others: tuple[list[float], list[int]]
) -> tuple[list[float], list[int]]:
    """Both, by age, those of one age once."""
    told = sorted((dict(zip(*some, strict=True)) | dict(zip(*others, strict=True))).items())
    return [age for age, _views in told], [views for _age, views in told]


def _within(told: list[tuple[int, int]], *, after: int, until: int) -> tuple[list[float], list[int]]:
    kept = [(age, count) for age, count in told if after < age <= until]
    return [age / _MICRO for age, _count in kept], [count for _age, count in kept]
