"""The citation index as it stands: one statement for the rows, one for the run that made them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analytics.network.models import NetworkKind, NetworkRun
from analytics.queries.mentions import HITS_IN, targets
from analytics.queries.question import Provenance
from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts
from mtproto.records import Source


@dataclass(frozen=True, slots=True)
class Citation:
    """A channel's citation index; all None where it is not public or not computed yet.

    `rank`: share of 1 over all channels; `index`: rank × number of channels, so that 1 is the mean.
    """

    channel_id: int
    tg_id: int | None
    username: str | None
    title: str
    subscribers: int | None
    rank: float | None
    index: float | None
    place: int | None
    citing_channels: int | None
    citing_posts: int | None


@dataclass(frozen=True, slots=True)
class CitationIndex:
    """Rows by place, unknown last, and the run behind them (None: not run yet)."""

    rows: tuple[Citation, ...]
    run: NetworkRun | None
    provenance: Provenance


_ROWS = """
SELECT c.id AS channel_id, c.tg_id, c.username, c.title, c.subscribers, r.rank, r.place, r.citing_channels,
       r.citing_posts
FROM channels_app_channel c {join} analytics_citationrank r ON r.channel_id = c.id
WHERE {condition}
ORDER BY r.place NULLS LAST, c.id LIMIT %(limit)s
"""


def citation_index(channel_ids: Sequence[int] | None, *, limit: int) -> CitationIndex:
    """The index of the given channels; None: the most cited of all public channels that are collected."""
    # A channel that ceased to be public since the run is no shared fact any more.
    sql = (
        _ROWS.format(join="JOIN", condition="c.username IS NOT NULL")
        if channel_ids is None
        else _ROWS.format(join="LEFT JOIN", condition="c.id = ANY(%(ids)s)")
    )
    run = NetworkRun.objects.filter(kind=NetworkKind.CITATIONS, computed_at__isnull=False).first()
    with read_cursor() as cursor:
        cursor.execute(sql, {"ids": list(channel_ids or ()), "limit": limit})
        rows = rows_as_dicts(cursor)
    total = (run.channels if run else None) or 0
    provenance = Provenance(
        Source.MTPROTO if run else None, run.computed_at if run else None, None, "collected_channels_only"
    )
    return CitationIndex(tuple(_citation(row, total) for row in rows), run, provenance)


def _citation(row: dict[str, Any], total: int) -> Citation:
    rank = row["rank"]
    return Citation(**row, index=None if rank is None else round(rank * total, 4))


# Public channels whose posts we hold.
_NODES = """c.username IS NOT NULL AND EXISTS (SELECT 1 FROM channels_app_post x WHERE x.channel_id = c.id)"""
_EDGES = f"""
WITH {targets(_NODES)}, hit AS ({HITS_IN})
SELECT t.id AS dst, h.src, coalesce(h.posts, 0) AS posts
FROM target t LEFT JOIN (
    SELECT src, dst, count(DISTINCT post_id) AS posts FROM hit WHERE src IN (SELECT id FROM target) GROUP BY src, dst
) h ON h.dst = t.id
ORDER BY t.id, h.src
"""


def citation_edges(parameters: dict[str, Any]) -> tuple[list[int], list[tuple[int, int, int]]]:
    """Public channels (our row ids) and the edges (src, dst, posts) among them; parameters `first` and `last`."""
    with read_cursor() as cursor:
        cursor.execute(_EDGES, parameters)
        rows = cursor.fetchall()
    nodes = list(dict.fromkeys(dst for dst, _src, _posts in rows))
    return nodes, [(src, dst, posts) for dst, src, posts in rows if src is not None]
