"""Packing the readings of posts into one row of arrays each, and back.

A packed curve supersedes the snapshots of its post up to its last moment; those stay in their partition until the
whole month is dropped. Later snapshots add to it, and packing the post again takes them in. A late reading, which falls
among the packed ones, needs the post unpacked first (`unpack_posts`, called by ingest in its own transaction).
"""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection, transaction

from channels_app.partitions import ensure_months

# A packed count has 31 bits, as Telegram's own have; a post that counts more (or has a longer life) stays unpacked.
_MOST = 2**31 - 1


class PackingMismatch(Exception):
    """A packed curve does not answer as its snapshots did; nothing was changed."""


# What a reader gets for each post, as one number.
_DIGESTS = """
SELECT p.id, count(r), md5(string_agg(r::text, E'\\n' ORDER BY r.observed_at))
FROM unnest(%s::bigint[]) p(id) LEFT JOIN LATERAL channels_app_readings(p.id) r ON true GROUP BY p.id
"""

_PACK = f"""
WITH reading AS MATERIALIZED (
  SELECT p.id AS post_id, r.*, row_number() OVER own AS i, min(r.observed_at) OVER own AS first_at,
    r.observed_at - min(r.observed_at) OVER own AS age
  FROM unnest(%s::bigint[]) p(id) CROSS JOIN LATERAL channels_app_readings(p.id) r
  WINDOW own AS (PARTITION BY p.id ORDER BY r.observed_at)
), reacted AS (
  SELECT post_id, array_agg(DISTINCT e.key COLLATE "C" ORDER BY e.key COLLATE "C") AS kinds,
    max(e.value::bigint) AS most
  FROM reading CROSS JOIN LATERAL jsonb_each_text(reactions) e GROUP BY post_id
), counted AS (
  SELECT r.post_id, array_agg((r.reactions ->> k.kind)::bigint ORDER BY r.i, k.n) AS counts
  FROM reading r JOIN reacted USING (post_id) CROSS JOIN LATERAL unnest(kinds) WITH ORDINALITY k(kind, n)
  WHERE most <= {_MOST} GROUP BY r.post_id
), curve AS (
  SELECT post_id, min(observed_at) AS first_at, max(observed_at) AS last_at,
    array_agg(floor(extract(epoch FROM age))::bigint ORDER BY i) AS seconds,
    array_agg(extract(microseconds FROM age)::bigint %% 1000000 ORDER BY i) AS micros,
    bool_and(extract(microseconds FROM age)::bigint %% 1000000 = 0) AS whole_seconds,
    array_agg(views ORDER BY i) AS views, count(views) AS told_views,
    array_agg(forwards ORDER BY i) AS forwards, count(forwards) AS told_forwards,
    array_agg(replies ORDER BY i) AS replies, count(replies) AS told_replies,
    array_agg(source ORDER BY i) AS sources, count(DISTINCT source) AS different,
    array_agg(approximate ORDER BY i) AS approximate, bool_or(approximate) AS some_approximate,
    array_agg(i::int ORDER BY i) FILTER (WHERE reactions = '{{}}') AS without_reactions
  FROM reading GROUP BY post_id
  HAVING greatest(max(views), max(forwards), max(replies), 0) <= {_MOST}
    AND least(min(views), min(forwards), min(replies), 0) >= -{_MOST}
    AND extract(epoch FROM max(observed_at) - min(observed_at)) <= {_MOST}
)
INSERT INTO channels_app_packedcurve (post_id, first_at, last_at, seconds, micros, views, forwards, replies, sources,
  approximate, reaction_kinds, reaction_counts, without_reactions)
SELECT c.post_id, first_at, last_at, seconds::int[], CASE WHEN NOT whole_seconds THEN micros::int[] END,
  CASE WHEN told_views > 0 THEN views::int[] END, CASE WHEN told_forwards > 0 THEN forwards::int[] END,
  CASE WHEN told_replies > 0 THEN replies::int[] END, CASE WHEN different = 1 THEN sources[1:1] ELSE sources END,
  CASE WHEN some_approximate THEN approximate END, kinds, counts::int[], without_reactions
FROM curve c LEFT JOIN reacted USING (post_id) LEFT JOIN counted USING (post_id)
WHERE coalesce(most, 0) <= {_MOST}
ON CONFLICT (post_id) DO UPDATE SET first_at = excluded.first_at, last_at = excluded.last_at,
  seconds = excluded.seconds, micros = excluded.micros, views = excluded.views, forwards = excluded.forwards,
  replies = excluded.replies, sources = excluded.sources, approximate = excluded.approximate,
  reaction_kinds = excluded.reaction_kinds, reaction_counts = excluded.reaction_counts,
  without_reactions = excluded.without_reactions
RETURNING post_id
"""

# Ingest writes only while it holds its channel: nothing comes in between reading and packing.
_LOCK = """
SELECT 1 FROM channels_app_channel WHERE id IN (SELECT channel_id FROM channels_app_post WHERE id = ANY(%s))
ORDER BY id FOR NO KEY UPDATE
"""

_MONTHS = """
SELECT DISTINCT extract(year FROM r.observed_at AT TIME ZONE 'UTC')::int,
  extract(month FROM r.observed_at AT TIME ZONE 'UTC')::int
FROM channels_app_packedcurve k CROSS JOIN LATERAL channels_app_readings(k.post_id) r WHERE k.post_id = ANY(%s)
"""
_UNPACK = """
INSERT INTO channels_app_postsnapshot (post_id, observed_at, source, approximate, views, forwards, replies, reactions)
SELECT k.post_id, r.observed_at, r.source, r.approximate, r.views, r.forwards, r.replies, r.reactions
FROM channels_app_packedcurve k CROSS JOIN LATERAL channels_app_readings(k.post_id) r
WHERE k.post_id = ANY(%(ids)s) AND r.observed_at <= k.last_at
ON CONFLICT (post_id, observed_at) DO UPDATE SET source = excluded.source, approximate = excluded.approximate,
  views = excluded.views, forwards = excluded.forwards, replies = excluded.replies, reactions = excluded.reactions
"""


def _fetch(sql: str, params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def pack_posts(post_ids: Sequence[int]) -> list[int]:
    """Pack all readings of these posts, one transaction; returns the ids packed. Packed before: newer ones join in.

    Not packed are posts without readings and those with a count beyond 31 bits. PackingMismatch, and nothing done,
    when what was packed does not read as before.
    """
    ids = sorted(set(post_ids))
    with transaction.atomic():
        _fetch(_LOCK, [ids])
        before = sorted(_fetch(_DIGESTS, [ids]))
        packed = sorted(row[0] for row in _fetch(_PACK, [ids]))
        after = sorted(_fetch(_DIGESTS, [ids]))
        if before != after:
            wrong = [old[0] for old, new in zip(before, after, strict=True) if old != new]
            raise PackingMismatch(f"Posts {wrong[:5]} of {len(wrong)} would not read as before.")
    return packed


def unpack_posts(post_ids: Collection[int]) -> int:
    """Turn packed curves of these posts back into snapshots; returns how many there were. Nothing reads differently.

    To be called in the transaction that writes a late reading, its channel locked.
    """
    ids = list(post_ids)
    if not ids or not _fetch("SELECT 1 FROM channels_app_packedcurve WHERE post_id = ANY(%s) LIMIT 1", [ids]):
        return 0
    with transaction.atomic():
        ensure_months((year, month) for year, month in _fetch(_MONTHS, [ids]))
        _fetch(_UNPACK, {"ids": ids})
        gone = _fetch("DELETE FROM channels_app_packedcurve WHERE post_id = ANY(%s) RETURNING 1", [ids])
    return len(gone)
