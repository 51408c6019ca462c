"""From graphs as loaded to the figures of days that ingest writes."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from channels_app.ingest import SUMMARY, DailyValues
from mtproto.graphs import DailyFigures, RawGraph, daily_facts_from_graphs
from mtproto.parsing.stats import notifications_of
from mtproto.records import Graph

logger = logging.getLogger(__name__)


def daily_values(graphs: Mapping[str, Graph], summary: Mapping[str, Any] | None = None) -> dict[date, DailyValues]:
    """Figures of every day the load tells of; a malformed graph is passed over (its raw text is kept)."""
    raw: dict[str, Any] = {name: graph.json for name, graph in graphs.items() if graph.json is not None}
    return values_of(raw if summary is None else raw | {SUMMARY: summary})


def values_of(raw: Mapping[str, Any]) -> dict[date, DailyValues]:
    """The same from raw JSON by graph name, and the summary: what `reparse_official` asks for."""
    invalid: dict[str, str] = {}
    known: Mapping[str, RawGraph] = {name: graph for name, graph in raw.items() if name != SUMMARY}
    days = daily_facts_from_graphs(known, invalid=invalid)
    for name, reason in invalid.items():
        logger.warning("official graph %s cannot be read: %s", name, reason)
    found = {figures.day: _values(figures) for figures in days}
    if told := notifications_of(raw.get(SUMMARY, {})):
        day, notified, of = told
        found[day] = replace(found.get(day, DailyValues()), notified=notified, notified_of=of)
    return found


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
