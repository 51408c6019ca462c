"""Official graphs, raw and parsed. They are told to owners only: to others the list is empty and says why."""

from enum import StrEnum
from typing import Any

import orjson
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter

from analyticbot.core.errors import NotFound
from analytics.period import parse_moment
from analytics.queries.official import GraphHead, Load, MergedGraph, loads_of, merged, official_graphs
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import AskedOfChannel
from analytics.questions.declaring import ChannelQuestion
from analytics.schemas.official import OFFICIAL_GRAPH, OFFICIAL_GRAPHS


class Form(StrEnum):
    """As Telegram gave it, or as series over all loads."""

    PARSED = "parsed"
    RAW = "raw"


def _list(asked: AskedOfChannel) -> Answer:
    if not asked.channel.owned:
        return Answer([], {}, more={"reason": "owners_only"})
    heads = official_graphs(asked.channel.id)
    return Answer([_head(one) for one in heads], {}, more={"reason": None if heads else "never_loaded"})


def _head(one: GraphHead) -> dict[str, Any]:
    return {
        "graph": one.graph,
        "loads": one.loads,
        "loaded_at": iso(one.loaded_at),
        "error": one.error,
        "first": iso(one.first) if one.first else None,
        "last": iso(one.last) if one.last else None,
        "resolution": one.resolution,
    }


def _one(asked: AskedOfChannel) -> Answer:
    form = asked.parameters.choice("form", Form.PARSED)
    until = asked.parameters.text("at")
    moment = parse_moment(until, field="at", zone=asked.period.zone) if until else None
    if not asked.channel.owned:
        raise NotFound(_("Official statistics are told only to workspaces that own the channel."))
    name = str(asked.path["graph"])
    loads = [load for load in loads_of(asked.channel.id, name) if moment is None or load.loaded_at <= moment]
    if not loads:
        raise NotFound(_("This official graph was not loaded (yet)."), field="graph")
    data = {"graph": name, "form": str(form), "loads": len(loads), **_last(loads, form)}
    data |= _parsed(merged(loads) if form is Form.PARSED else None)
    return Answer(data)


def _last(loads: list[Load], form: Form) -> dict[str, Any]:
    newest = loads[-1]
    raw = orjson.loads(newest.raw) if form is Form.RAW and newest.raw is not None else None
    return {"loaded_at": iso(newest.loaded_at), "error": newest.error, "raw": raw}


def _parsed(graph: MergedGraph | None) -> dict[str, Any]:
    if graph is None:
        return {
            **dict.fromkeys(("resolution", "percentage", "stacked", "passed_over")),
            "series": [],
            "points": [],
        }
    axis: list[dict[str, Any]] = [{"t": iso(at), "index": None} for at in graph.x]
    axis += [{"t": None, "index": number} for number in graph.index]
    columns = zip(*(one.values for one in graph.series), strict=True) if graph.series else [()] * len(axis)
    return {
        "resolution": graph.resolution.value,
        "percentage": graph.percentage,
        "stacked": graph.stacked,
        "passed_over": graph.passed_over,
        "series": [{"name": one.name, "type": one.type} for one in graph.series],
        "points": [at | {"values": list(values)} for at, values in zip(axis, columns, strict=True)],
    }


QUESTIONS = (
    ChannelQuestion(
        "official-graphs",
        "Telegram's own graphs of the channel, as far as they were loaded.",
        "For owners; to others the list is empty and `meta.reason` is `owners_only`.",
        _list,
        OFFICIAL_GRAPHS,
        takes_period=False,
    ),
    ChannelQuestion(
        "official-graph",
        "One of Telegram's own graphs: its history over all loads, or the last load as it came.",
        "Parsed: where loads overlap the newest holds, so the history outlasts what Telegram keeps. For owners; "
        "404 to others.",
        _one,
        OFFICIAL_GRAPH,
        (
            OpenApiParameter("graph", str, OpenApiParameter.PATH, description="Telegram's name of the graph."),
            OpenApiParameter("form", str, enum=list(Form), default=Form.PARSED, description="Series, or as it came."),
            OpenApiParameter("at", str, description="ISO date or datetime: only loads up to then."),
        ),
        route="official-graphs/<str:graph>",
        takes_period=False,
    ),
)
