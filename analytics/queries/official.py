"""Official graphs as they were loaded, and their history over all loads: longer than Telegram keeps it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts
from mtproto.graphs import GraphInvalid, ParsedGraph, Resolution, read_graph


@dataclass(frozen=True, slots=True)
class GraphHead:
    """A graph in the list: its last load, Telegram's word if that had none, and what all loads reach over."""

    graph: str
    loads: int
    loaded_at: datetime
    error: str | None
    first: datetime | None
    last: datetime | None
    resolution: str | None


@dataclass(frozen=True, slots=True)
class Load:
    """One load: the JSON text as Telegram gave it, or its word why there is none."""

    loaded_at: datetime
    raw: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class MergedSeries:
    """One line, bar or area over all loads; `values` has one entry for each x of the graph, None unknown."""

    name: str
    type: str
    values: tuple[float | int | None, ...]


@dataclass(frozen=True, slots=True)
class MergedGraph:
    """A graph over all loads of one resolution. `x` is time, or `index` hours of the day or days of the week.

    `passed_over`: loads that could not be read, or whose points lie otherwise apart.
    """

    x: tuple[datetime, ...]
    index: tuple[int, ...]
    series: tuple[MergedSeries, ...]
    resolution: Resolution
    percentage: bool
    stacked: bool
    passed_over: int


_LIST = """
SELECT g.graph, g.loads, l.loaded_at, l.error, n.raw::text AS newest, o.raw::text AS oldest
FROM (SELECT graph, count(*) AS loads FROM channels_app_officialgraph WHERE channel_id = %(channel)s GROUP BY 1) g
CROSS JOIN LATERAL (SELECT loaded_at, error FROM channels_app_officialgraph
  WHERE channel_id = %(channel)s AND graph = g.graph ORDER BY loaded_at DESC LIMIT 1) l
LEFT JOIN LATERAL (SELECT raw FROM channels_app_officialgraph
  WHERE channel_id = %(channel)s AND graph = g.graph AND raw IS NOT NULL ORDER BY loaded_at DESC LIMIT 1) n ON true
LEFT JOIN LATERAL (SELECT raw FROM channels_app_officialgraph
  WHERE channel_id = %(channel)s AND graph = g.graph AND raw IS NOT NULL ORDER BY loaded_at LIMIT 1) o ON true
ORDER BY g.graph
"""
_LOADS = """
SELECT loaded_at, raw::text AS raw, error FROM channels_app_officialgraph
WHERE channel_id = %(channel)s AND graph = %(graph)s ORDER BY loaded_at
"""


def official_graphs(channel_id: int) -> tuple[GraphHead, ...]:
    """Every official graph of a channel, by name: one statement. For owners; the caller sees to it."""
    with read_cursor() as cursor:
        cursor.execute(_LIST, {"channel": channel_id})
        return tuple(_head(row) for row in rows_as_dicts(cursor))


def _head(row: dict[str, Any]) -> GraphHead:
    parts = [_read(row["oldest"]), _read(row["newest"])]
    times = [moment for part in parts if part for moment in (part.x[:1] + part.x[-1:])]
    newest = parts[1]
    return GraphHead(
        row["graph"],
        row["loads"],
        row["loaded_at"],
        row["error"],
        min(times, default=None),
        max(times, default=None),
        newest.resolution.value if newest else None,
    )


def loads_of(channel_id: int, graph: str) -> tuple[Load, ...]:
    """Every load of a graph, oldest first: one statement. Empty for a graph that was never loaded."""
    with read_cursor() as cursor:
        cursor.execute(_LOADS, {"channel": channel_id, "graph": graph})
        return tuple(Load(**row) for row in rows_as_dicts(cursor))


def merged(loads: Iterable[Load]) -> MergedGraph | None:
    """All loads (oldest first) as one graph: where they overlap the newest word holds; None where none can be read.

    Series are the same by name. Loads whose points lie otherwise apart than the newest one's are passed over: hours
    and days do not stand on one axis. A graph over hours of the day has no history: its newest load is all of it.
    """
    told = [load for load in loads if load.raw is not None]
    graphs = [graph for load in told if (graph := _read(load.raw))]
    if not graphs:
        return None
    newest = graphs[-1]
    alike = [graph for graph in graphs if graph.resolution is newest.resolution]
    if newest.resolution is Resolution.INDEX:
        alike = [newest]
    types: dict[str, str] = {}
    values: dict[str, dict[Any, float | int | None]] = {}
    for graph in reversed(alike):  # the newest first: its order of series, its values
        axis: Sequence[Any] = graph.index or graph.x
        for one in graph.series:
            types.setdefault(one.name, one.type)
            known = values.setdefault(one.name, {})
            for at, value in zip(axis, one.values, strict=True):
                known.setdefault(at, value)
    axis = sorted({at for graph in alike for at in (graph.index or graph.x)})
    series = tuple(MergedSeries(name, types[name], tuple(values[name].get(at) for at in axis)) for name in types)
    is_index = newest.resolution is Resolution.INDEX
    return MergedGraph(
        x=() if is_index else tuple(axis),
        index=tuple(axis) if is_index else (),
        series=series,
        resolution=newest.resolution,
        percentage=newest.percentage,
        stacked=newest.stacked,
        passed_over=0 if is_index else len(told) - len(alike),
    )


def _read(raw: str | None) -> ParsedGraph | None:
    """A graph from its JSON; None for none or one that is not a graph."""
    try:
        return None if raw is None else read_graph(raw)
    except GraphInvalid:
        return None
