"""A database like that of a big installation: channels with three posts a day for a year, 42 looks at each post.

`python -m benchmarks loader` (BENCH_SNAPSHOTS=10000000) fills the database that DATABASE_URL names. A few channels are
made up row by row, by formula, with posts, snapshots, hours, days and subscribers that agree; the rest are their
copies under other ids. Snapshots come to lie in their months in order of time, as collecting would have left them.
`pack()` then does to months long past what the product does.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from channels_app.packing import pack_posts
from channels_app.partitions import Month, ensure_months, forget_partitions, list_partitions, month_of, partition_of
from channels_app.reach import keep_batch
from channels_app.sides import KEPT_COLUMNS

SNAPSHOTS = int(os.environ.get("BENCH_SNAPSHOTS", "10000000"))
LOOKS = 42
DAYS, POSTS_A_DAY = 365, 3
POSTS = DAYS * POSTS_A_DAY  # of a channel
TEMPLATES = 10  # channels made by formula
OPEN_DAYS = 30
# Raw snapshots of closed posts are kept this long (SNAPSHOT_RAW_DAYS), then only their packed curves.
RAW_DAYS = 65
NAME = "bench"


@dataclass(frozen=True)
class Loaded:
    """What was loaded: ids are consecutive, posts of one channel side by side."""

    channels: int
    first_channel: int
    first_post: int
    now: datetime

    @property
    def posts(self) -> int:
        """Number of posts."""
        return self.channels * POSTS

    def post_ids(self, channel: int) -> range:
        """Ids of the posts of one channel (from 0), oldest first."""
        first = self.first_post + channel * POSTS
        return range(first, first + POSTS)


# `python -m benchmarks` without names leaves it to those that need it.
ON_DEMAND = True


def run() -> None:
    """Fill the database and leave it filled."""
    load(SNAPSHOTS)


def loaded() -> Loaded | None:
    """The world that is in the database, if one is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), min(id), max(created_at) FROM channels_app_channel WHERE title = %s", [NAME])
        channels, first, now = cursor.fetchone()
        if not channels:
            return None
        cursor.execute("SELECT min(id) FROM channels_app_post WHERE channel_id = %s", [first])
        return Loaded(channels, first, cursor.fetchone()[0], now)


def is_packed() -> bool:
    """Are its closed posts packed?"""
    return bool(_value("SELECT count(*) FROM (SELECT 1 FROM channels_app_packedcurve LIMIT 1) k"))


def remove() -> None:
    """Take the loaded world away; others' channels stay."""
    world = loaded()
    if world is None:
        return
    first, end = world.first_channel, world.first_channel + world.channels
    posts = f"post_id >= {world.first_post} AND post_id < {world.first_post + world.posts}"
    for table in ("packedcurve", "postreach", "postreference", "postsnapshot"):
        _run(f"DELETE FROM channels_app_{table} WHERE {posts}")
    for table in (
        "post",
        "channelhour",
        "channelday",
        "subscribersample",
        "trackedchannel",
        "channelsync",
        "reachmark",
    ):
        _run(f"DELETE FROM channels_app_{table} WHERE channel_id >= {first} AND channel_id < {end}")
    _run(f"DELETE FROM channels_app_channel WHERE id >= {first} AND id < {end}")


def load(snapshots: int) -> Loaded:
    """Make about so many snapshots, and all that belongs to them."""
    channels = max(TEMPLATES, round(snapshots / LOOKS / POSTS))
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    begun = time.perf_counter()
    world = Loaded(channels, _next_id("channel"), _next_id("post"), now)
    with _stage("templates"):
        _make_templates(world)
    fixed = time.perf_counter() - begun
    with _stage(f"{channels} channels with {world.posts:,} posts"):
        _copy_channels(world)
    for month in _months(world):
        with _stage(f"snapshots of {month[0]}-{month[1]:02d}"):
            _load_month(world, month)
    with _stage("cells, subscribers, references"):
        _copy_cells(world)
    with _stage("reach at ages"):
        _keep_reach(world)
    with _stage("statistics of the planner"):
        _run("DROP TABLE bench_reading")
        tables = ("post", "channelhour", "channelday", "postreach")
        _run("VACUUM (ANALYZE) " + ", ".join(f"channels_app_{table}" for table in tables))
        _run("ANALYZE")
    rest = time.perf_counter() - begun - fixed
    print(f"   at this speed 100 million take about {(fixed + rest * 100_000_000 / snapshots) / 60:.0f} minutes")
    return world


def _months(loaded: Loaded) -> list[Month]:
    first = loaded.now - timedelta(days=DAYS + 1)
    found: list[Month] = []
    while first <= loaded.now + timedelta(days=31):
        if not found or found[-1] != month_of(first):
            found.append(month_of(first))
        first += timedelta(days=1)
    return found


@contextmanager
def _stage(name: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    print(f"   {time.perf_counter() - begun:6.1f} s  {name}", flush=True)


def _run(sql: str, **parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)


def _value(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def _next_id(table: str) -> int:
    """A free id with all ids after it free; the sequence is left behind what will be used."""
    sequence = f"channels_app_{table}_id_seq"
    return _value(
        f"SELECT greatest(nextval('{sequence}'), (SELECT coalesce(max(id), 0) FROM channels_app_{table}) + 1)"
    )


# The share of its final views that a post has at an age (hours): quick first, slow later.
_SHARE = "(1 - exp(-power(({age})::float8 / 14, 0.62::float8)))"
_TEMPLATES = f"""
CREATE UNLOGGED TABLE bench_reading AS
WITH post AS (
  SELECT c AS channel, n AS post, %(start)s::timestamptz + n * interval '8 hours'
      + (abs(hashint8(c * 7919 + n)) %% 3000) * interval '1 second' AS published_at,
    (c + 1) * 700 + abs(hashint8(c * 104729 + n * 31)) %% ((c + 1) * 900) AS final
  FROM generate_series(0, {TEMPLATES - 1}) c, generate_series(0, {POSTS - 1}) n
), look AS (
  SELECT k, least(300 * power(1.25, k), {OPEN_DAYS * 86400 - 60})::int AS seconds FROM generate_series(0, {LOOKS - 1}) k
), told AS (
  SELECT p.*, l.k, p.published_at + l.seconds * interval '1 second' AS observed_at,
    floor(p.final * {_SHARE.format(age="l.seconds / 3600.0")} / {_SHARE.format(age=OPEN_DAYS * 24)})::bigint AS views
  FROM post p CROSS JOIN look l
)
SELECT channel, post, published_at, observed_at, views, views / 90 AS forwards,
  CASE WHEN post %% 3 = 0 THEN jsonb_build_object('👍', views / 40, '🔥', views / 150) END AS reactions,
  CASE WHEN post %% 3 = 0 THEN views / 40 + views / 150 END AS reactions_total,
  row_number() OVER (PARTITION BY channel, post ORDER BY k) AS number
FROM told WHERE observed_at <= %(now)s
"""
_CHANNELS = """
INSERT INTO channels_app_channel (id, tg_id, username, title, about, is_verified, is_scam, created_at, version,
  subscribers, subscribers_at, subscribers_source, subscribers_approximate)
SELECT %(channel)s + c, 3000000000 + %(channel)s + c, 'bench_' || %(channel)s + c, 'bench', '', false, false,
  %(now)s, 1, 20000 + c, %(now)s, 'mtproto', false FROM generate_series(0, %(channels)s - 1) c;
INSERT INTO channels_app_channelsync (channel_id, state, newest_id, oldest_id, reached_start, service_messages,
  started_at, completed_at, checked_at, error_code, error)
SELECT %(channel)s + c, 'complete', {posts}, 1, true, 0, %(now)s, %(now)s, %(now)s, '', ''
FROM generate_series(0, %(channels)s - 1) c
"""
_POSTS = """
WITH last AS (
  SELECT channel, post, min(published_at) AS published_at, max(observed_at) AS observed_at, max(views) AS views,
    max(forwards) AS forwards, max(reactions_total) AS total,
    (array_agg(reactions ORDER BY number DESC))[1] AS reactions
  FROM bench_reading GROUP BY channel, post
)
INSERT INTO channels_app_post (id, channel_id, message_id, item_ids, published_at, text, text_hash, entities,
  content_hash, content_source, hashtags, media_kind, silent, pinned, is_forward, forward_from_tg_id, views, forwards,
  reactions, reactions_total, counters_at, counters_source, counters_approximate, exact_known, baseline_views,
  baseline_forwards, baseline_replies, baseline_reactions, first_seen_at, first_source, next_poll_at)
SELECT %(first)s + (k * {templates} + channel) * {posts}::bigint + post, %(channel)s + k * {templates} + channel,
  post + 1, '{{}}', published_at, 'Новости дня: narxlar va kurslar #' || post %% 50, '\\x00', '[]', '\\x00', 'mtproto',
  CASE WHEN post %% 4 = 0 THEN ARRAY['narxlar', 'news' || post %% 50] ELSE '{{}}' END,
  CASE post %% 3 WHEN 0 THEN 'photo' WHEN 1 THEN 'none' ELSE 'video' END, false, false, post %% 20 = 7,
  CASE WHEN post %% 20 = 7 THEN 3000000000 + %(channel)s + (k * {templates} + channel + post) %% %(channels)s END,
  views, forwards, reactions, total, observed_at, 'mtproto', false, 11, 0, 0, 0, 0, published_at, 'mtproto',
  CASE WHEN published_at > %(now)s::timestamptz - interval '30 days' THEN %(now)s::timestamptz + interval '1 hour' END
FROM generate_series(0, (%(channels)s - 1) / {templates}) k CROSS JOIN last
WHERE k * {templates} + channel < %(channels)s ORDER BY 1
"""


def _parameters(loaded: Loaded) -> dict[str, object]:
    return {
        "channel": loaded.first_channel,
        "channels": loaded.channels,
        "first": loaded.first_post,
        "now": loaded.now,
        "start": loaded.now - timedelta(days=DAYS),
    }


def _filled(sql: str) -> str:
    return sql.format(posts=POSTS, templates=TEMPLATES)


def _make_templates(loaded: Loaded) -> None:
    _run("DROP TABLE IF EXISTS bench_reading")
    _run(_TEMPLATES, **{name: value for name, value in _parameters(loaded).items() if name in {"start", "now"}})
    _run("CREATE INDEX ON bench_reading (observed_at)")
    _run("ANALYZE bench_reading")


def _copy_channels(loaded: Loaded) -> None:
    for statement in _filled(_CHANNELS).split(";\n"):
        _run(statement, **_parameters(loaded))
    _run(_filled(_POSTS), **_parameters(loaded))
    for table, last in (
        ("channel", loaded.first_channel + loaded.channels),
        ("post", loaded.first_post + loaded.posts),
    ):
        _run(f"SELECT setval('channels_app_{table}_id_seq', {last})")


_SNAPSHOTS = """
INSERT INTO {partition} (post_id, observed_at, source, approximate, views, forwards, reactions)
SELECT %(first)s + (k * {templates} + channel) * {posts}::bigint + post, observed_at, 'mtproto', false, views, forwards,
  reactions
FROM bench_reading CROSS JOIN generate_series(0, (%(channels)s - 1) / {templates}) k
WHERE observed_at >= %(begin)s AND observed_at < %(end)s AND k * {templates} + channel < %(channels)s
ORDER BY observed_at, k
"""


def _load_month(loaded: Loaded, month: Month) -> None:
    """Fill the month while it has no indexes; joining the table builds them."""
    partition = partition_of(month)
    if partition in list_partitions():
        _run(f"ALTER TABLE channels_app_postsnapshot DETACH PARTITION {partition.name}")
        _run(f"DROP TABLE {partition.name}")
    with transaction.atomic():
        _run("SET LOCAL work_mem = '512MB'")
        _run("SET LOCAL maintenance_work_mem = '512MB'")
        _run(f"CREATE TABLE {partition.name} (LIKE channels_app_postsnapshot INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        _run(
            _SNAPSHOTS.format(partition=partition.name, posts=POSTS, templates=TEMPLATES),
            **_parameters(loaded),
            begin=partition.start,
            end=partition.end,
        )
        _run(
            f"ALTER TABLE channels_app_postsnapshot ATTACH PARTITION {partition.name}"
            f" FOR VALUES FROM ('{partition.start.isoformat()}') TO ('{partition.end.isoformat()}')"
        )
    _run(f"VACUUM (ANALYZE) {partition.name}")


_CELLS = """
CREATE UNLOGGED TABLE bench_hour AS
WITH step AS (
  SELECT channel, date_trunc('hour', observed_at, 'UTC') AS hour,
    views - coalesce(lag(views) OVER own, 0) AS views, forwards - coalesce(lag(forwards) OVER own, 0) AS forwards,
    coalesce(reactions_total - coalesce(lag(reactions_total) OVER own, 0), 0) AS reactions
  FROM bench_reading WINDOW own AS (PARTITION BY channel, post ORDER BY number)
), gained AS (
  SELECT channel, hour, sum(views) AS views, sum(forwards) AS forwards, sum(reactions) AS reactions
  FROM step GROUP BY 1, 2
), published AS (
  SELECT channel, date_trunc('hour', published_at, 'UTC') AS hour, count(*) AS posts
  FROM bench_reading WHERE number = 1 GROUP BY 1, 2
)
SELECT channel, hour, coalesce(posts, 0) AS posts, coalesce(views, 0) AS views, coalesce(forwards, 0) AS forwards,
  coalesce(reactions, 0) AS reactions FROM gained FULL JOIN published USING (channel, hour)
"""
_HOURS = """
INSERT INTO channels_app_channelhour (channel_id, hour, posts, views, forwards, replies, reactions, dirty)
SELECT %(channel)s + k * {templates} + channel, hour, posts, views, forwards, 0, reactions, false
FROM generate_series(0, (%(channels)s - 1) / {templates}) k CROSS JOIN bench_hour
WHERE k * {templates} + channel < %(channels)s ORDER BY 1, 2
"""
_DAYS = """
INSERT INTO channels_app_channelday (channel_id, day, posts, views, forwards, replies, reactions, dirty)
SELECT channel_id, (hour AT TIME ZONE 'UTC')::date, sum(posts), sum(views), sum(forwards), 0, sum(reactions), false
FROM channels_app_channelhour WHERE channel_id >= %(channel)s GROUP BY 1, 2
"""
_SUBSCRIBERS = """
INSERT INTO channels_app_subscribersample (channel_id, observed_at, source, count, approximate)
SELECT %(channel)s + c, %(start)s::timestamptz + d * interval '1 day', 'mtproto', 15000 + c + d * 13 + d * d %% 97,
  false
FROM generate_series(0, %(channels)s - 1) c, generate_series(0, 364) d
"""
_REFERENCES = """
INSERT INTO channels_app_postreference (post_id, channel_id, published_at, kind, username)
SELECT p.id, p.channel_id, p.published_at, 'mention', 'bench_' || %(channel)s + (p.id / 5) %% %(channels)s
FROM channels_app_post p WHERE p.channel_id >= %(channel)s AND p.message_id %% 5 = 0
"""


def _copy_cells(loaded: Loaded) -> None:
    _run("DROP TABLE IF EXISTS bench_hour")
    _run(_CELLS)
    for sql in (_HOURS, _DAYS, _SUBSCRIBERS, _REFERENCES):
        filled = _filled(sql)
        _run(filled, **{name: value for name, value in _parameters(loaded).items() if f"%({name})s" in filled})
    _run("DROP TABLE bench_hour")


_COPY_REACH = """
INSERT INTO channels_app_postreach (post_id, {columns})
SELECT k.post_id + copy * {size}, {columns} FROM generate_series(1, %(copies)s) copy CROSS JOIN channels_app_postreach k
WHERE k.post_id >= %(first)s AND k.post_id < %(first)s + {size} AND k.post_id + copy * {size} < %(end)s ORDER BY 1
"""
_COPY_MARKS = """
INSERT INTO channels_app_reachmark (channel_id, begun_at, oldest, until, due_at)
SELECT m.channel_id + copy * {templates}, begun_at, oldest, until, due_at
FROM generate_series(1, %(copies)s) copy CROSS JOIN channels_app_reachmark m
WHERE m.channel_id >= %(channel)s AND m.channel_id < %(channel)s + {templates}
  AND m.channel_id + copy * {templates} < %(channel)s + %(channels)s
"""


def _keep_reach(loaded: Loaded) -> None:
    """The readings around the ages, of the templates as the product keeps them; their copies get copies of that."""
    first = loaded.first_channel
    _run(
        "INSERT INTO channels_app_reachmark (channel_id, due_at) SELECT c, %(now)s"
        " FROM generate_series(%(first)s::bigint, %(last)s) c",
        now=loaded.now,
        first=first,
        last=first + TEMPLATES - 1,
    )
    for channel in range(first, first + TEMPLATES):
        while keep_batch(channel, now=loaded.now):
            pass
    known = _parameters(loaded) | {"copies": loaded.channels // TEMPLATES, "end": loaded.first_post + loaded.posts}
    columns = ", ".join(("published_at", *KEPT_COLUMNS))
    for sql in (_COPY_REACH, _COPY_MARKS):
        filled = sql.format(columns=columns, size=TEMPLATES * POSTS, templates=TEMPLATES)
        _run(filled, **{name: value for name, value in known.items() if f"%({name})s" in filled})


_COPY_CURVES = """
INSERT INTO channels_app_packedcurve
SELECT k.post_id + copy * {size}, {columns}
FROM generate_series(1, %(copies)s) copy CROSS JOIN channels_app_packedcurve k
WHERE k.post_id >= %(first)s AND k.post_id < %(first)s + {size} AND k.post_id + copy * {size} < %(end)s ORDER BY 1
"""


def pack(loaded: Loaded) -> float:
    """Pack all closed posts and drop the months long past; returns snapshots packed a second, where that was measured.

    The templates are packed as the product packs, with its proof; their copies get copies of the curves.
    """
    begun, closed = time.perf_counter(), POSTS - OPEN_DAYS * POSTS_A_DAY - POSTS_A_DAY
    for channel in range(TEMPLATES):
        ids = list(loaded.post_ids(channel))[:closed]
        for at in range(0, len(ids), 200):
            pack_posts(ids[at : at + 200])
    rate = TEMPLATES * closed * LOOKS / (time.perf_counter() - begun)
    columns = "first_at, last_at, seconds, micros, views, forwards, replies, sources, approximate, reaction_kinds, \
reaction_counts, without_reactions"
    with _stage("copies of packed curves"):
        _run(
            _COPY_CURVES.format(size=TEMPLATES * POSTS, columns=columns),
            copies=loaded.channels // TEMPLATES,
            first=loaded.first_post,
            end=loaded.first_post + loaded.posts,
        )
        _run("VACUUM (ANALYZE) channels_app_packedcurve")
    for partition in list_partitions():
        if partition.end + timedelta(days=RAW_DAYS) < loaded.now:
            _run(f"ALTER TABLE channels_app_postsnapshot DETACH PARTITION {partition.name}")
            _run(f"DROP TABLE {partition.name}")
    forget_partitions()
    ensure_months([month_of(loaded.now)])
    return rate


if __name__ == "__main__":
    import django

    django.setup()
    run()
