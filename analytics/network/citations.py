"""Compute the citation index: PageRank over who mentions and forwards whom among the public channels we hold."""

import math
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from analytics.network.models import CitationRank
from analytics.network.pagerank import DAMPING, TOLERANCE, page_rank
from analytics.period import EARLIEST
from analytics.queries.citation import citation_edges

WRITE_AT_ONCE = 5000
# Ranks closer than this are the same: they differ by the order of additions only.
SAME_RANK = 1e-11

FORMULA = {
    "text": "rank(v) = (1 − d)/N + d · (Σ over u→v of rank(u) · w(u,v)/W(u) + D/N); index = rank · N",
    "d": DAMPING,
    "w": "ln(1 + posts of u that mention or forward v)",
    "W": "sum of w over all channels that u points at",
    "D": "sum of the ranks of channels that point at nobody",
    "N": "number of public channels whose posts are collected",
    "tolerance": TOLERANCE,
}


def edge_weight(posts: int) -> float:
    """What one channel's posts about another weigh: the hundredth says less than the first."""
    return math.log1p(posts)


def compute_citations(*, now: datetime) -> dict[str, Any]:
    """Rank all public channels and replace the stored ranks; call it in a transaction. Returns what the run notes."""
    nodes, edges = citation_edges({"first": EARLIEST, "last": now})
    number = {channel_id: index for index, channel_id in enumerate(nodes)}
    found = page_rank(len(nodes), [(number[src], number[dst], edge_weight(posts)) for src, dst, posts in edges])
    channels, posts_to = Counter(dst for _src, dst, _posts in edges), Counter[int]()
    for _src, dst, posts in edges:
        posts_to[dst] += posts
    CitationRank.objects.all().delete()
    CitationRank.objects.bulk_create(
        (
            CitationRank(
                channel_id=channel_id,
                rank=rank,
                place=place,
                citing_channels=channels[channel_id],
                citing_posts=posts_to[channel_id],
            )
            for (channel_id, rank), place in _placed(zip(nodes, found.ranks, strict=True))
        ),
        batch_size=WRITE_AT_ONCE,
    )
    return {
        "since": None,
        "until": now,
        "channels": len(nodes),
        "facts": {"edges": len(edges), "iterations": found.iterations, "change": found.change},
    }


def _placed(ranks: Iterable[tuple[int, float]]) -> Iterable[tuple[tuple[int, float], int]]:
    """Each with its place, best first; equal ones share the first of their places."""
    place, before = 0, math.inf
    for position, one in enumerate(sorted(ranks, key=lambda pair: (-pair[1], pair[0])), start=1):
        if before - one[1] > SAME_RANK:
            place, before = position, one[1]
        yield one, place
