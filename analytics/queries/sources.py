"""Who mentioned or forwarded a channel, and whom it mentions and forwards: one statement, one more for official words.

Counted are posts, not mentions. What we say is only of channels that we collect, and for owners of the public reposts
that Telegram lists; nothing is guessed. Channels that are not public are told to workspaces that track them only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from analytics.queries.mentions import HITS_IN, HITS_OUT, targets, visible
from analytics.queries.posts import permalink
from analytics.queries.question import Provenance, StatsQuery
from analytics.queries.reading import read_cursor
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


# Bits of the kinds of evidence, first to last.
EVIDENCE = ("forward_header", "hidden_link", "link", "mention", "public_forward")
_BIT = f"1 << array_position(ARRAY{list(EVIDENCE)}, evidence::text)"

# Public reposts that Telegram lists for owners, but for those whose post we hold ourselves.
_SEEN = """
    SELECT f.*, s.id AS channel_id
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

# One row for each other channel and kind. `pointing`: one row for each post, kind and evidence, by the other channel's
# row id (`other`), else by its Telegram id or its name; `label` and `title` are what Telegram called it then.
_GROUPED = f"""
, per_post AS (
    SELECT kind, other, tg_id, name, post_id, max(label) AS label, max(title) AS title, min(message_id) AS message_id,
           min(published_at) AS published_at, max(views) AS views, max(seen_at) AS seen_at, min(source) AS source,
           bit_or({_BIT}) AS evidence
    FROM pointing GROUP BY kind, other, tg_id, name, post_id
), grouped AS (
    SELECT kind, other, tg_id, name, max(label) AS label, max(title) AS title, count(*) AS count,
           CASE WHEN kind = 'mention' THEN sum(views) END AS views,
           min(published_at) AS first_at, max(published_at) AS last_at,
           (array_agg(message_id ORDER BY published_at DESC, message_id DESC))[:%(examples)s] AS example_ids,
           (array_agg(published_at ORDER BY published_at DESC, message_id DESC))[:%(examples)s] AS example_dates,
           max(seen_at) AS seen_at, mode() WITHIN GROUP (ORDER BY source) AS source, bit_or(evidence) AS evidence
    FROM per_post WHERE %(kind)s IS NULL OR kind = %(kind)s GROUP BY kind, other, tg_id, name
)
SELECT g.kind, coalesce(c.tg_id, g.tg_id) AS tg_id, coalesce(c.username, g.name, g.label) AS username,
       coalesce(c.title, g.title) AS title, c.subscribers, g.count, g.views, g.first_at, g.last_at, g.example_ids,
       g.example_dates, g.seen_at, g.source, g.evidence,
       count(*) OVER () AS total_rows, sum(g.count) OVER () AS total_posts
FROM grouped g LEFT JOIN channels_app_channel c ON c.id = g.other
ORDER BY g.count DESC, coalesce(c.username, g.name, g.label, coalesce(c.tg_id, g.tg_id)::text), g.kind, c.id
LIMIT %(limit)s"""

_IN = f"""
WITH {targets("c.id = %(channel)s")}, hit AS ({HITS_IN}), pointing AS (
    SELECT h.kind, h.evidence, s.id AS other, NULL::bigint AS tg_id, NULL::text AS name, NULL::text AS label,
           NULL::text AS title, h.post_id, h.message_id, h.published_at, h.views, h.seen_at, h.source::text
    FROM hit h JOIN channels_app_channel s ON s.id = h.src
    WHERE {visible("s")}
    UNION ALL
    SELECT 'forward', 'public_forward', s.id, CASE WHEN s.id IS NULL THEN x.channel_tg_id END, NULL,
           x.channel_username, x.channel_title, -x.id, x.message_id, x.published_at, NULL, x.last_seen_at, 'official'
    FROM ({_SEEN}) x LEFT JOIN channels_app_channel s ON s.id = x.channel_id AND {visible("s")}
){_GROUPED}"""

_OUT = f"""
WITH {targets("c.id = %(channel)s")}, hit AS ({HITS_OUT}), pointing AS (
    SELECT h.kind, h.evidence, d.id AS other, CASE WHEN d.id IS NULL THEN h.dst_tg_id END AS tg_id,
           CASE WHEN d.id IS NULL THEN h.dst_name END AS name, NULL::text AS label, NULL::text AS title,
           h.post_id, h.message_id, h.published_at, h.views, h.seen_at, h.source::text
    FROM hit h LEFT JOIN channels_app_channel d ON d.id = h.dst AND {visible("d")}
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
        "owned": query.owned,
        "first": query.period.start,
        "last": query.period.end,
        "kind": kind,
        "examples": EXAMPLES,
        "limit": limit,
    }
    with read_cursor() as cursor:
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
    links = [(row["username"], row["tg_id"]) if direction is Direction.IN else (username, tg_id) for row in rows]
    return Sources(tuple(map(_row, rows, links)), totals["total_rows"], int(totals["total_posts"]), provenance)


def _row(row: Mapping[str, Any], links: tuple[str | None, int | None]) -> SourceRow:
    """`links`: username and id of the channel whose posts the examples are."""
    name = row["username"] or str(row["tg_id"] or row["title"])
    return SourceRow(
        End(name, row["tg_id"], row["title"], row["subscribers"]),
        Pointing(row["kind"]),
        row["count"],
        None if row["views"] is None else int(row["views"]),
        row["first_at"],
        row["last_at"],
        tuple(word for bit, word in enumerate(EVIDENCE, start=1) if row["evidence"] >> bit & 1),
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
    with read_cursor() as cursor:
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
