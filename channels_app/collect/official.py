"""From graphs as loaded to the figures of days that ingest writes."""

import logging
from collections.abc import Mapping
from datetime import date
from typing import Any

from channels_app.ingest import DailyValues
from mtproto.graphs import DailyFigures, RawGraph, daily_facts_from_graphs
from mtproto.records import Graph

logger = logging.getLogger(__name__)


def daily_values(graphs: Mapping[str, Graph]) -> dict[date, DailyValues]:
    """Figures of every day the loaded graphs tell of; a malformed graph is passed over (its raw text is kept)."""
    return values_of({name: graph.json for name, graph in graphs.items() if graph.json is not None})


def values_of(raw: Mapping[str, Any]) -> dict[date, DailyValues]:
    """The same from raw JSON by graph name: what `reparse_official` asks for."""
    invalid: dict[str, str] = {}
    known: Mapping[str, RawGraph] = raw
    days = daily_facts_from_graphs(known, invalid=invalid)
    for name, reason in invalid.items():
        logger.warning("official graph %s cannot be read: %s", name, reason)
    return {figures.day: _values(figures) for figures in days}


def _values(figures: DailyFigures) -> DailyValues:
    detail = {
        graph: {label: value for label, value in labels.items() if value is not None}
        for graph, labels in figures.detail.items()
    }
    return DailyValues(
        subscribers=figures.subscribers,
        joined=figures.joined,
        left=figures.left,
        muted=figures.muted,
        unmuted=figures.unmuted,
        views=figures.views,
        shares=figures.shares,
        reactions=figures.reactions,
        detail={graph: labels for graph, labels in detail.items() if labels},
    )
