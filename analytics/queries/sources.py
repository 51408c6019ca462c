"""Who mentioned or forwarded a channel, and whom it mentions and forwards: one statement, one more for official words.

Counted are posts, not mentions. What we say is only of channels that we collect, and for owners of the public reposts
that Telegram lists; nothing is guessed. Channels that are not public are told to workspaces that track them only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import connection

from analytics.queries.mentions import HITS_IN, HITS_OUT, targets, visible
from analytics.queries.posts import permalink
from analytics.queries.question import Provenance, StatsQuery
from analytics.queries.rows import rows_as_dicts
from mtproto.records import Source

# Newest posts shown as evidence of each row.
EXAMPLES = 3


class Pointing(StrEnum):
    """How a post points at a channel."""

    MENTION = "mention"
    FORWARD = "forward"


class Direction(StrEnum):
    """Who points: others at the channel, or the channel at others."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class End:
    """A channel at one end. `name`: username, else the id as text. What is unknown of it is None."""

    name: str
    tg_id: int | None
    title: str | None
    subscribers: int | None


@dataclass(frozen=True, slots=True)
class Example:
    """A post that points."""

    message_id: int
    published_at: datetime
    permalink: str | None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """`count` posts of the other channel point at ours (or ours at it). `views` of mentions only: None unknown.

    The counter of a forwarded post is that of its original, so a forward has no views of its own.
    """

    other: End
    kind: Pointing
    count: int
    views: int | None
    first_at: datetime
    last_at: datetime
    evidence: tuple[str, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """The rows with most posts, and how many rows and posts there are in all."""

    rows: tuple[SourceRow, ...]
    total_rows: int
    total_posts: int
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class OfficialSources:
    """Telegram's own figures by kind of source, summed over the days of the period (owners only)."""

    views: Mapping[str, int]
    new_followers: Mapping[str, int]
    provenance: Provenance


# Public reposts that Telegram lists for owners, but for those whose post we hold ourselves.
_SEEN = """
    SELECT 'forward' AS kind, 'public_forward' AS evidence, s.id AS src, f.channel_tg_id AS tg_id,
           f.channel_username AS username, f.channel_title AS title, f.message_id, f.published_at,
           NULL::bigint AS views, f.last_seen_at AS seen_at, 'official' AS source, -f.id AS post_id
    FROM channels_app_post o JOIN channels_app_publicforwardseen f ON f.post_id = o.id
    LEFT JOIN channels_app_channel s ON s.tg_id = f.channel_tg_id
    WHERE %(owned)s AND o.channel_id = %(channel)s
      AND f.published_at >= %(first)s AND f.published_at < %(last)s AND f.channel_tg_id IS DISTINCT FROM %(tg_id)s
      AND NOT EXISTS (SELECT 1 FROM channels_app_post p
                      WHERE p.channel_id = s.id
                        AND (p.message_id = f.message_id OR p.message_id = (
                            SELECT min(b.message_id) FROM channels_app_albumitem a
                            JOIN channels_app_albumitem b USING (channel_id, grouped_id)
                            WHERE a.channel_id = s.id AND a.message_id = f.message_id)))"""

# One row for each other channel and kind. `pointing`: one row for each post, kind and evidence.
_GROUPED = """
, per_post AS (
    SELECT kind, key, post_id, min(tg_id) AS tg_id, min(username) AS username, min(title) AS title,
           min(subscribers) AS subscribers, min(message_id) AS message_id, min(published_at) AS published_at,
           min(views) AS views, min(link_username) AS link_username, min(link_tg_id) AS link_tg_id,
           array_agg(DISTINCT evidence) AS evidence, max(seen_at) AS seen_at, min(source) AS source
    FROM pointing GROUP BY kind, key, post_id
), grouped AS (
    SELECT kind, key, max(tg_id) AS tg_id, max(username) AS username, max(title) AS title,
           max(subscribers) AS subscribers, count(*) AS count,
           CASE WHEN kind = 'mention' THEN sum(views) END AS views,
           min(published_at) AS first_at, max(published_at) AS last_at,
           (array_agg(message_id ORDER BY published_at DESC, message_id DESC))[:%(examples)s] AS example_ids,
           (array_agg(published_at ORDER BY published_at DESC, message_id DESC))[:%(examples)s] AS example_dates,
           max(link_username) AS link_username, max(link_tg_id) AS link_tg_id,
           max(seen_at) AS seen_at, mode() WITHIN GROUP (ORDER BY source) AS source
    FROM per_post GROUP BY kind, key
)
SELECT g.*, (SELECT array_agg(DISTINCT e ORDER BY e) FROM per_post p, unnest(p.evidence) e
             WHERE p.kind = g.kind AND p.key = g.key) AS evidence,
       count(*) OVER () AS total_rows, sum(g.count) OVER () AS total_posts
FROM grouped g WHERE %(kind)s IS NULL OR g.kind = %(kind)s
ORDER BY g.count DESC, coalesce(g.username, g.tg_id::text), g.kind, g.key LIMIT %(limit)s"""

_IN = f"""
WITH {targets("c.id = %(channel)s")}, hit AS ({HITS_IN}), pointing AS (
    SELECT h.kind, h.evidence, coalesce('id' || s.tg_id, 'row' || s.id) AS key, s.tg_id, s.username::text, s.title,
           s.subscribers, p.message_id, p.published_at, p.views, p.seen_at, p.content_source AS source, h.post_id,
           s.username::text AS link_username, s.tg_id AS link_tg_id
    FROM hit h JOIN channels_app_post p ON p.id = h.post_id JOIN channels_app_channel s ON s.id = h.src
    WHERE {visible("s")}
    UNION ALL
    SELECT x.kind, x.evidence, 'id' || x.tg_id, x.tg_id, coalesce(s.username, x.username), coalesce(s.title, x.title),
           s.subscribers, x.message_id, x.published_at, x.views, x.seen_at, x.source, x.post_id,
           coalesce(s.username, x.username), x.tg_id
    FROM ({_SEEN}) x LEFT JOIN channels_app_channel s ON s.id = x.src AND {visible("s")}
){_GROUPED}"""

_OUT = f"""
WITH {targets("c.id = %(channel)s")}, hit AS ({HITS_OUT}), pointing AS (
    SELECT h.kind, h.evidence, coalesce('id' || coalesce(d.tg_id, h.dst_tg_id), '@' || h.dst_name) AS key,
           coalesce(d.tg_id, h.dst_tg_id) AS tg_id, coalesce(d.username, h.dst_name)::text AS username, d.title,
           d.subscribers, p.message_id, p.published_at, p.views, p.seen_at, p.content_source AS source, h.post_id,
           %(username)s::text AS link_username, %(tg_id)s::bigint AS link_tg_id
    FROM hit h JOIN channels_app_post p ON p.id = h.post_id
    LEFT JOIN channels_app_channel d ON d.id = h.dst AND {visible("d")}
){_GROUPED}"""


def sources(
    query: StatsQuery,
    *,
    workspace_id: int,
    tg_id: int | None,
    username: str | None,
    kind: Pointing | None = None,
    direction: Direction = Direction.IN,
    limit: int = 10,
) -> Sources:
    """Channels by the number of their posts that point at the channel (or at which it points), most first.

    `tg_id` and `username` are the channel's own. Ties by name, then kind. One statement.
    """
    parameters = {
        "channel": query.channel_id,
        "workspace": workspace_id,
        "tg_id": tg_id,
        "username": username,
        "owned": query.owned,
        "first": query.period.start,
        "last": query.period.end,
        "kind": kind,
        "examples": EXAMPLES,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_IN if direction is Direction.IN else _OUT, parameters)
        rows = rows_as_dicts(cursor)
    provenance = Provenance(
        source=rows[0]["source"] if rows else None,
        observed_at=max((row["seen_at"] for row in rows if row["seen_at"]), default=None),
        # Nobody knows how many channels there are that we do not collect.
        coverage=None,
        note="collected_channels_only" if direction is Direction.IN else None,
    )
    totals = rows[0] if rows else {"total_rows": 0, "total_posts": 0}
    return Sources(tuple(map(_row, rows)), totals["total_rows"], int(totals["total_posts"]), provenance)


def _row(row: Mapping[str, Any]) -> SourceRow:
    name = row["username"] or str(row["tg_id"] or row["title"])
    links = (row["link_username"], row["link_tg_id"])
    return SourceRow(
        End(name, row["tg_id"], row["title"], row["subscribers"]),
        Pointing(row["kind"]),
        row["count"],
        None if row["views"] is None else int(row["views"]),
        row["first_at"],
        row["last_at"],
        tuple(row["evidence"]),
        tuple(
            Example(message_id, at, permalink(*links, message_id))
            for message_id, at in zip(row["example_ids"], row["example_dates"], strict=True)
        ),
    )


_GRAPHS = {"views": "views_by_source_graph", "new_followers": "new_followers_by_source_graph"}
_OFFICIAL = """
SELECT g.key AS graph, v.key AS label, sum((v.value #>> '{}')::numeric) AS total, max(d.observed_at) AS observed_at,
       count(DISTINCT d.day) AS days
FROM channels_app_dailyfact d
CROSS JOIN LATERAL jsonb_each(d.detail) g
CROSS JOIN LATERAL jsonb_each(CASE jsonb_typeof(g.value) WHEN 'object' THEN g.value ELSE '{}' END) v
WHERE d.channel_id = %(channel)s AND d.source = 'official' AND d.day >= %(first)s AND d.day < %(last)s
  AND g.key = ANY(%(graphs)s) AND jsonb_typeof(v.value) = 'number'
GROUP BY 1, 2 ORDER BY 3 DESC, 2
"""


def official_sources(query: StatsQuery) -> OfficialSources | None:
    """Telegram's views and new subscribers by kind of source over the whole days of the period; None if not ours."""
    if not query.owned:
        return None
    first, last = query.period.whole_days
    parameters: dict[str, Any] = {
        "channel": query.channel_id,
        "first": first,
        "last": last,
        "graphs": list(_GRAPHS.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_OFFICIAL, parameters)
        rows = rows_as_dicts(cursor)
    days = max((row["days"] for row in rows), default=0)
    provenance = Provenance(
        source=Source.OFFICIAL if rows else None,
        observed_at=max((row["observed_at"] for row in rows), default=None),
        coverage=min(1.0, days / (last - first).days) if last > first else None,
    )
    return OfficialSources(_summed(rows, "views"), _summed(rows, "new_followers"), provenance)


def _summed(rows: Sequence[Mapping[str, Any]], which: str) -> dict[str, int]:
    return {row["label"]: int(row["total"]) for row in rows if row["graph"] == _GRAPHS[which]}
