"""Cells computed anew from snapshots: late ones one by one, and everything of a channel when it is checked or repaired.

Ingest keeps cells by adding what each call gained; the statements here derive the same numbers from the stored
readings alone, so each proves the other. The rule of both: docstring of `channels_app.ingest.counters`.

Hours before `frozen_before` (`channels_app.keeping`) keep what they count: readings that made them were dropped, and of
a post whose curve was dropped only the last reading is there, for the steps after it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from channels_app.keeping import frozen_before
from channels_app.moved import Moved, tell_moved
from channels_app.reach import forget_channel

# Every told counter of a post as one row (kind 0..3: views, forwards, replies, reactions), without abbreviated values
# after an exact one; then the step it makes. {posts} narrows the posts, {readings} their readings.
_STEPS = """
told AS (
  SELECT p.id AS post_id, s.observed_at, c.kind, c.value, s.approximate,
    s.observed_at - p.published_at <= interval '1 hour' AS young,
    count(*) FILTER (WHERE NOT s.approximate) OVER (
      PARTITION BY p.id, c.kind ORDER BY s.observed_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS exact_before
  FROM channels_app_post p
  CROSS JOIN LATERAL channels_app_readings(p.id) s
  CROSS JOIN LATERAL (VALUES (0, s.views), (1, s.forwards), (2, s.replies), (3, s.reactions_total)) AS c(kind, value)
  WHERE p.channel_id = %(channel)s AND c.value IS NOT NULL {readings} {posts}
), taken AS (
  SELECT post_id, kind, observed_at, value, young,
    lag(value) OVER (PARTITION BY post_id, kind ORDER BY observed_at) AS before
  FROM told WHERE NOT approximate OR exact_before = 0
), steps AS (
  SELECT post_id, kind, observed_at, value, date_trunc('hour', observed_at, 'UTC') AS hour,
    CASE WHEN before IS NULL AND NOT young THEN 0 ELSE value - coalesce(before, 0) END AS gain,
    CASE WHEN before IS NULL AND NOT young THEN value ELSE 0 END AS baseline
  FROM taken
)"""
_ALL_STEPS = _STEPS.format(readings="", posts="")

_SUMS = ", ".join(
    f"coalesce(sum({{0}}) FILTER (WHERE kind = {kind}), 0)::bigint AS {name}"
    for kind, name in enumerate(("views", "forwards", "replies", "reactions"))
)
_GAINS = f"""
gains AS (SELECT hour, {_SUMS.format("gain")} FROM steps GROUP BY hour),
published AS (
  SELECT date_trunc('hour', published_at, 'UTC') AS hour, count(*)::int AS posts
  FROM channels_app_post p WHERE p.channel_id = %(channel)s {{published}} GROUP BY 1
), cells AS (
  SELECT hour, coalesce(posts, 0) AS posts, coalesce(views, 0) AS views, coalesce(forwards, 0) AS forwards,
    coalesce(replies, 0) AS replies, coalesce(reactions, 0) AS reactions
  FROM gains FULL JOIN published USING (hour)
)"""
_ALL_CELLS = f"{_ALL_STEPS}, {_GAINS.format(published='')}"
# Of hours that can be computed anew.
_THAWED = "hour >= coalesce(%(frozen)s::timestamptz, '-infinity')"
_KEPT_WHOLE = (
    "NOT EXISTS (SELECT 1 FROM channels_app_packedcurve k WHERE k.post_id = p.id AND k.dropped_at IS NOT NULL)"
)

_CELL_COLUMNS = ("posts", "views", "forwards", "replies", "reactions")
_COUNTERS = _CELL_COLUMNS[1:]


class Difference(NamedTuple):
    """Something that does not add up in a channel's numbers."""

    kind: str  # "sum", "day", "hour" or "post"
    key: str
    counter: str
    expected: int
    found: int


def _fetch(sql: str, params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def _lock(channel_id: int) -> bool:
    """The lock that ingest takes: no reading comes in while cells are computed."""
    sql = "SELECT 1 FROM channels_app_channel WHERE id = %s FOR NO KEY UPDATE"
    return bool(_fetch(sql, [channel_id]))


def recompute_dirty_cells(limit: int = 500) -> int:
    """Compute at most `limit` hour cells that a late reading fell into, and their days; returns how many.

    Channel by channel, each in its own transaction; call again while it returns `limit`.
    """
    rows = _fetch(
        "SELECT channel_id, array_agg(hour) FROM (SELECT channel_id, hour FROM channels_app_channelhour WHERE dirty"
        " ORDER BY channel_id, hour LIMIT %s) d GROUP BY channel_id",
        [limit],
    )
    for channel_id, hours in rows:
        with transaction.atomic():
            if _lock(channel_id):
                _recompute(channel_id, hours)
    return sum(len(hours) for _, hours in rows)


# The posts with a snapshot in the wanted hours, or packed and with a life around them.
_RECOMPUTE = f"""
WITH wanted AS (SELECT unnest(%(hours)s::timestamptz[]) AS hour),
{
    _STEPS.format(
        readings="AND s.observed_at < %(end)s::timestamptz + interval '1 hour'",
        posts='''AND (p.id IN (SELECT r.post_id FROM wanted w JOIN channels_app_postsnapshot r
            ON r.observed_at >= w.hour AND r.observed_at < w.hour + interval '1 hour')
          OR EXISTS (SELECT 1 FROM channels_app_packedcurve k JOIN wanted w
            ON k.first_at < w.hour + interval '1 hour' AND k.last_at >= w.hour WHERE k.post_id = p.id))''',
    )
}, {
    _GAINS.format(
        published='''AND EXISTS (SELECT 1 FROM wanted w WHERE p.published_at >= w.hour
          AND p.published_at < w.hour + interval '1 hour')'''
    )
}
UPDATE channels_app_channelhour h SET dirty = false, posts = coalesce(c.posts, 0), views = coalesce(c.views, 0),
  forwards = coalesce(c.forwards, 0), replies = coalesce(c.replies, 0), reactions = coalesce(c.reactions, 0)
FROM wanted w LEFT JOIN cells c USING (hour) WHERE h.channel_id = %(channel)s AND h.hour = w.hour
"""
_DAY_OF_HOURS = """
SELECT (hour AT TIME ZONE 'UTC')::date AS day, sum(posts)::int AS posts, sum(views)::bigint AS views,
  sum(forwards)::bigint AS forwards, sum(replies)::bigint AS replies, sum(reactions)::bigint AS reactions,
  bool_or(dirty) AS dirty
FROM channels_app_channelhour WHERE channel_id = %(channel)s
"""
_RECOMPUTE_DAYS = f"""
UPDATE channels_app_channelday d SET posts = n.posts, views = n.views, forwards = n.forwards, replies = n.replies,
  reactions = n.reactions, dirty = n.dirty
FROM ({_DAY_OF_HOURS} AND hour >= %(start)s::timestamptz AND hour < %(end)s::timestamptz + interval '1 day'
      GROUP BY 1) n
WHERE d.channel_id = %(channel)s AND d.day = n.day AND d.day = ANY(%(days)s)
"""
_RAISE_VERSION = "UPDATE channels_app_channel SET version = version + 1 WHERE id = %(channel)s RETURNING version"


def _raise_version(channel_id: int) -> None:
    for (version,) in _fetch(_RAISE_VERSION, {"channel": channel_id}):
        tell_moved(channel_id, [Moved.COUNTERS], version=version)


def _recompute(channel_id: int, hours: Sequence[datetime]) -> None:
    days = sorted({hour.date() for hour in hours})
    params = {"channel": channel_id, "hours": list(hours), "end": max(hours)}
    _fetch(_RECOMPUTE, params)
    start = min(hours).replace(hour=0)
    _fetch(_RECOMPUTE_DAYS, {"channel": channel_id, "start": start, "end": max(hours), "days": days})
    _raise_version(channel_id)


_TOTALS = """
SELECT coalesce(sum(views), 0), coalesce(sum(forwards), 0), coalesce(sum(replies), 0),
  coalesce(sum(reactions_total), 0), sum(baseline_views), sum(baseline_forwards), sum(baseline_replies),
  sum(baseline_reactions), count(*) FROM channels_app_post WHERE channel_id = %s
"""
_CELL_TOTALS = """
SELECT coalesce(sum(views), 0), coalesce(sum(forwards), 0), coalesce(sum(replies), 0), coalesce(sum(reactions), 0),
  coalesce(sum(posts), 0) FROM channels_app_channelhour WHERE channel_id = %s
"""


def check_invariant(channel_id: int, *, deep: bool = False) -> list[Difference]:
    """What does not add up in a channel; empty when all is well.

    Sums: cells + baselines = latest counters, per counter; posts in cells = posts; each day = its hours. `deep`: also
    each hour cell and each post's latest counters and baselines against a computation from its snapshots.
    """
    with transaction.atomic():
        if not _lock(channel_id):
            return []
        found = _check_sums(channel_id) + _check_days(channel_id)
        return found + _check_hours(channel_id) + _check_posts(channel_id) if deep else found


def _check_sums(channel_id: int) -> list[Difference]:
    posts, cells = _fetch(_TOTALS, [channel_id])[0], _fetch(_CELL_TOTALS, [channel_id])[0]
    latest, baselines = posts[:4], [value or 0 for value in posts[4:8]]
    expected = [*(a - b for a, b in zip(latest, baselines, strict=True)), posts[8]]
    names = (*_COUNTERS, "posts")
    return [
        Difference("sum", str(channel_id), name, int(want), int(have))
        for name, want, have in zip(names, expected, cells, strict=True)
        if want != have
    ]


def _compare(kind: str, rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> list[Difference]:
    """Rows of (key, expected of each name, found of each name)."""
    size = len(names)
    return [
        Difference(kind, str(row[0]), name, int(row[1 + i]), int(row[1 + size + i]))
        for row in rows
        for i, name in enumerate(names)
        if row[1 + i] != row[1 + size + i]
    ]


def _pair(names: Sequence[str], left: str, right: str) -> str:
    return ", ".join(f"coalesce({side}.{name}, 0)" for side in (left, right) for name in names)


def _check_days(channel_id: int) -> list[Difference]:
    sql = f"""
    SELECT coalesce(n.day, d.day), {_pair(_CELL_COLUMNS, "n", "d")} FROM ({_DAY_OF_HOURS} GROUP BY 1) n
    FULL JOIN (SELECT * FROM channels_app_channelday WHERE channel_id = %(channel)s) d ON d.day = n.day
    WHERE ({_pair(_CELL_COLUMNS, "n", "n")}) IS DISTINCT FROM ({_pair(_CELL_COLUMNS, "d", "d")})"""
    return _compare("day", _fetch(sql, {"channel": channel_id}), _CELL_COLUMNS)


def _check_hours(channel_id: int) -> list[Difference]:
    sql = f"""
    WITH {_ALL_CELLS}
    SELECT coalesce(n.hour, h.hour), {_pair(_CELL_COLUMNS, "n", "h")}
    FROM (SELECT * FROM cells WHERE {_THAWED}) n
    FULL JOIN (SELECT * FROM channels_app_channelhour WHERE channel_id = %(channel)s AND {_THAWED}) h
      ON h.hour = n.hour
    WHERE ({_pair(_CELL_COLUMNS, "n", "n")}) IS DISTINCT FROM ({_pair(_CELL_COLUMNS, "h", "h")})"""
    params = {"channel": channel_id, "frozen": frozen_before(channel_id)}
    return _compare("hour", _fetch(sql, params), _CELL_COLUMNS)


_LAST = ", ".join(
    f"(array_agg(value ORDER BY observed_at DESC) FILTER (WHERE kind = {kind}))[1] AS {name}"
    for kind, name in enumerate(_COUNTERS)
)
_BASELINES = ", ".join(
    f"coalesce(sum(baseline) FILTER (WHERE kind = {kind}), 0)::bigint AS baseline_{name}"
    for kind, name in enumerate(_COUNTERS)
)
_FOLDED = f"{_ALL_STEPS}, folded AS (SELECT post_id, {_LAST}, {_BASELINES} FROM steps GROUP BY post_id)"
_POST_NAMES = (*_COUNTERS, *(f"baseline_{name}" for name in _COUNTERS))


def _check_posts(channel_id: int) -> list[Difference]:
    computed = ", ".join(f"coalesce(f.{name}, 0)" for name in _POST_NAMES)
    sql = f"""
    WITH {_FOLDED}
    SELECT p.message_id, {computed}, {_stored("p")} FROM channels_app_post p LEFT JOIN folded f ON f.post_id = p.id
    WHERE p.channel_id = %(channel)s AND {_KEPT_WHOLE}"""
    return _compare("post", _fetch(sql, {"channel": channel_id}), _POST_NAMES)


def _stored(side: str) -> str:
    columns = ["reactions_total" if name == "reactions" else name for name in _POST_NAMES]
    return ", ".join(f"coalesce({side}.{name}, 0)" for name in columns)


_REPAIR_POSTS = f"""
WITH {_FOLDED}
UPDATE channels_app_post p SET
  views = f.views, forwards = f.forwards, replies = f.replies, reactions_total = f.reactions,
  baseline_views = f.baseline_views, baseline_forwards = f.baseline_forwards, baseline_replies = f.baseline_replies,
  baseline_reactions = f.baseline_reactions
FROM folded f WHERE p.id = f.post_id AND {_KEPT_WHOLE}
  AND (p.views, p.forwards, p.replies, p.reactions_total, p.baseline_views,
  p.baseline_forwards, p.baseline_replies, p.baseline_reactions) IS DISTINCT FROM (f.views, f.forwards, f.replies,
  f.reactions, f.baseline_views, f.baseline_forwards, f.baseline_replies, f.baseline_reactions)
"""
_REPAIR_HOURS = f"""
WITH {_ALL_CELLS}
INSERT INTO channels_app_channelhour (channel_id, hour, posts, views, forwards, replies, reactions, dirty)
SELECT %(channel)s, hour, posts, views, forwards, replies, reactions, false FROM cells
WHERE (posts, views, forwards, replies, reactions) <> (0, 0, 0, 0, 0) AND {_THAWED}
"""
# What a frozen span lacks, its last hour gets: when it was gained nobody knows any more.
_REPAIR_FROZEN = """
WITH posts AS (
  SELECT count(*) AS posts, coalesce(sum(views), 0) - coalesce(sum(baseline_views), 0) AS views,
    coalesce(sum(forwards), 0) - coalesce(sum(baseline_forwards), 0) AS forwards,
    coalesce(sum(replies), 0) - coalesce(sum(baseline_replies), 0) AS replies,
    coalesce(sum(reactions_total), 0) - coalesce(sum(baseline_reactions), 0) AS reactions
  FROM channels_app_post WHERE channel_id = %(channel)s
), hours AS (
  SELECT coalesce(sum(posts), 0) AS posts, coalesce(sum(views), 0) AS views, coalesce(sum(forwards), 0) AS forwards,
    coalesce(sum(replies), 0) AS replies, coalesce(sum(reactions), 0) AS reactions
  FROM channels_app_channelhour WHERE channel_id = %(channel)s
), lacking AS (
  SELECT p.posts - h.posts AS posts, p.views - h.views AS views, p.forwards - h.forwards AS forwards,
    p.replies - h.replies AS replies, p.reactions - h.reactions AS reactions FROM posts p, hours h
)
INSERT INTO channels_app_channelhour AS c (channel_id, hour, posts, views, forwards, replies, reactions, dirty)
SELECT %(channel)s, %(frozen)s::timestamptz - interval '1 hour', posts, views, forwards, replies, reactions, false
FROM lacking WHERE (posts, views, forwards, replies, reactions) <> (0, 0, 0, 0, 0)
ON CONFLICT (channel_id, hour) DO UPDATE SET posts = c.posts + excluded.posts, views = c.views + excluded.views,
  forwards = c.forwards + excluded.forwards, replies = c.replies + excluded.replies,
  reactions = c.reactions + excluded.reactions
"""
_REPAIR_DAYS = f"""
INSERT INTO channels_app_channelday (channel_id, day, posts, views, forwards, replies, reactions, dirty)
SELECT %(channel)s, n.* FROM ({_DAY_OF_HOURS} GROUP BY 1) n
"""


def repair_channel(channel_id: int) -> None:
    """Compute latest counters, baselines and all cells of a channel anew from its snapshots, in one transaction."""
    params: dict[str, Any] = {"channel": channel_id}
    with transaction.atomic():
        if not _lock(channel_id):
            return
        params["frozen"] = frozen_before(channel_id)
        _fetch(_REPAIR_POSTS, params)
        _fetch(f"DELETE FROM channels_app_channelhour WHERE channel_id = %(channel)s AND {_THAWED}", params)
        _fetch("DELETE FROM channels_app_channelday WHERE channel_id = %(channel)s", params)
        _fetch(_REPAIR_HOURS, params)
        if params["frozen"] is not None:
            _fetch(_REPAIR_FROZEN, params)
        _fetch(_REPAIR_DAYS, params)
        forget_channel(channel_id)
        _raise_version(channel_id)
