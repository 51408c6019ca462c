"""Who points at whom among the channels we hold: nodes and edges around some channels. One statement for each step of
depth, one for the nodes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics.period import Period
from analytics.queries.mentions import HITS_IN, HITS_OUT, targets, visible
from analytics.queries.question import Provenance
from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts
from analytics.queries.sources import Pointing
from mtproto.records import Source

# Channels from which one step looks on; of more, those first found (by the strongest edges) are taken.
MAX_FRONTIER = 200


@dataclass(frozen=True, slots=True)
class Node:
    """A channel of the graph; `name`: username, else the id as text. `asked`: the graph was asked around it."""

    channel_id: int
    name: str
    tg_id: int | None
    title: str
    subscribers: int | None
    tracked: bool
    asked: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """`count` posts of `src` (our row id) point at `dst` in one way."""

    src: int
    dst: int
    kind: Pointing
    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class MentionGraph:
    """Nodes by name, edges by count. `truncated`: there are more edges than were asked for."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    truncated: bool
    provenance: Provenance


_OF_EDGES = f"""
SELECT h.kind, h.src, h.dst, count(DISTINCT h.post_id) AS count, min(h.published_at) AS first_at,
       max(h.published_at) AS last_at, max(h.seen_at) AS seen_at
FROM hit h JOIN channels_app_channel s ON s.id = h.src JOIN channels_app_channel d ON d.id = h.dst
WHERE (%(kind)s IS NULL OR h.kind = %(kind)s) AND {visible("s")} AND {visible("d")}
GROUP BY h.kind, h.src, h.dst ORDER BY count DESC, h.src, h.dst, h.kind LIMIT %(limit)s
"""
_FRONTIER = targets("c.id = ANY(%(frontier)s)")
_COLUMNS = "kind, src, dst, post_id, published_at, seen_at"
_AMONG_KNOWN = f"SELECT {_COLUMNS} FROM ({HITS_OUT}) o WHERE dst IS NOT NULL"
_OUTWARD = f"WITH {_FRONTIER}, hit AS ({_AMONG_KNOWN}) {_OF_EDGES}"
_AROUND = f"""
WITH {_FRONTIER}, hit AS (
    SELECT {_COLUMNS} FROM ({HITS_IN}) i UNION ALL {_AMONG_KNOWN}
) {_OF_EDGES}
"""

_NODES = """
SELECT c.id AS channel_id, coalesce(c.username, c.tg_id::text, c.title) AS name, c.tg_id, c.title, c.subscribers,
       EXISTS (SELECT 1 FROM channels_app_trackedchannel w
               WHERE w.channel_id = c.id AND w.workspace_id = %(workspace)s) AS tracked
FROM channels_app_channel c WHERE c.id = ANY(%(ids)s) ORDER BY 2, 1
"""


def mention_graph(
    channel_ids: Iterable[int],
    *,
    period: Period,
    workspace_id: int,
    depth: int = 1,
    kind: Pointing | None = None,
    limit: int = 200,
) -> MentionGraph:
    """The edges that touch the channels; with `depth` 2 also those by which the channels so found point at others.

    Who points at those that were found is not looked for: at some of them everyone does. At most `limit` edges, the
    strongest of each step. Private channels only where the workspace tracks them.
    """
    asked = list(dict.fromkeys(channel_ids))
    parameters = {"workspace": workspace_id, "kind": kind, "first": period.start, "last": period.end}
    edges: dict[tuple[int, int, str], Mapping[str, Any]] = {}
    frontier, seen, truncated = asked, set(asked), False
    with read_cursor() as cursor:
        for step in range(depth):
            if not frontier:
                break
            cursor.execute(_OUTWARD if step else _AROUND, parameters | {"frontier": frontier, "limit": limit + 1})
            rows = rows_as_dicts(cursor)
            for row in rows:
                edges.setdefault((row["src"], row["dst"], row["kind"]), row)
            found = dict.fromkeys(end for row in rows[:limit] for end in (row["src"], row["dst"]) if end not in seen)
            truncated = truncated or len(rows) > limit or len(edges) > limit or len(found) > MAX_FRONTIER
            seen.update(found)
            frontier = list(found)[:MAX_FRONTIER]
        kept = list(edges.values())[:limit]
        ids = {*asked, *(end for row in kept for end in (row["src"], row["dst"]))}
        cursor.execute(_NODES, {"ids": sorted(ids), "workspace": workspace_id})
        nodes = tuple(Node(**row, asked=row["channel_id"] in asked) for row in rows_as_dicts(cursor))
    return MentionGraph(nodes, _edges(kept), truncated, _provenance(kept))


def _edges(rows: Iterable[Mapping[str, Any]]) -> tuple[Edge, ...]:
    made = [
        Edge(row["src"], row["dst"], Pointing(row["kind"]), row["count"], row["first_at"], row["last_at"])
        for row in rows
    ]
    return tuple(sorted(made, key=lambda edge: (-edge.count, edge.src, edge.dst, edge.kind)))


def _provenance(rows: Iterable[Mapping[str, Any]]) -> Provenance:
    observed_at = max((row["seen_at"] for row in rows if row["seen_at"]), default=None)
    return Provenance(Source.MTPROTO if observed_at else None, observed_at, None, "collected_channels_only")
