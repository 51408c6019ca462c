"""PageRank over a weighted graph. Pure.

    rank(v) = (1 − d) / N + d · ( Σ over u → v of rank(u) · w(u, v) / W(u)  +  D / N )

N nodes, d the damping, w the weight of an edge, W(u) the sum of the weights of u's edges, D the sum of the ranks of the
nodes without edges out of them (their vote goes to everyone alike). Brin and Page 1998; dangling nodes as in Langville
and Meyer 2004. Computed by power iteration from equal ranks until their L1 change is below the tolerance.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

DAMPING = 0.85
# Ranks are shares of 1; a million channels have 1e-6 each.
TOLERANCE = 1e-12
# Each step shrinks the error by the damping: 0.85 ** 200 is below 1e-14.
MOST_ITERATIONS = 200


@dataclass(frozen=True, slots=True)
class Ranking:
    """Ranks by node, adding up to 1; `change`: the L1 difference that the last of the iterations made."""

    ranks: tuple[float, ...]
    iterations: int
    change: float


def page_rank(nodes: int, edges: Iterable[tuple[int, int, float]], *, damping: float = DAMPING) -> Ranking:
    """Ranks of the nodes 0 … nodes−1 under the edges (from, to, weight > 0). No nodes: no ranks."""
    if not nodes:
        return Ranking((), 0, 0.0)
    listed = list(edges)
    out = [0.0] * nodes
    for src, _dst, weight in listed:
        out[src] += weight
    shares = [(src, dst, weight / out[src]) for src, dst, weight in listed]
    dangling = [node for node in range(nodes) if not out[node]]
    ranks, change, iteration = [1 / nodes] * nodes, math.inf, 0
    while change > TOLERANCE and iteration < MOST_ITERATIONS:
        lost = math.fsum(ranks[node] for node in dangling)
        moved = [(1 - damping + damping * lost) / nodes] * nodes
        for src, dst, share in shares:
            moved[dst] += damping * ranks[src] * share
        change = math.fsum(abs(new - old) for new, old in zip(moved, ranks, strict=True))
        ranks, iteration = moved, iteration + 1
    total = math.fsum(ranks)
    return Ranking(tuple(rank / total for rank in ranks), iteration, change)
