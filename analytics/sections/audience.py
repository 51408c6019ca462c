"""Telegram's own graphs of the audience, for owners."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.sections.explaining import Text, Told, told
from analytics.sections.visit import Visit

# In the order of the page; Telegram's names end in "_graph".
_GRAPHS: Mapping[str, Text] = {
    "languages": gettext_lazy("Languages of viewers"),
    "views_by_source": gettext_lazy("Views by source"),
    "new_followers_by_source": gettext_lazy("New subscribers by source"),
    "mute": gettext_lazy("Notifications switched off and on"),
    "top_hours": gettext_lazy("Views by hour of the day"),
    "reactions_by_emotion": gettext_lazy("Reactions by emotion"),
}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Graph:
    """One graph: its series over the period, or Telegram's word why there is none."""

    name: str
    title: Text
    error: str | None
    series: tuple[str, ...]
    rows: tuple[tuple[datetime | None, int | None, tuple[float | int | None, ...]], ...]
    percentage: bool
    told: Told


def build(visit: Visit) -> Mapping[str, Any]:
    """What the section shows."""
    answer = visit.ask("official-graphs")
    loaded = {head["graph"].removesuffix("_graph"): head for head in answer.data}
    return {
        "reason": answer.more["reason"],
        "graphs": tuple(_graph(name, loaded[name], visit) for name in _GRAPHS if name in loaded),
        "missing": tuple(title for name, title in _GRAPHS.items() if name not in loaded) if loaded else (),
    }


def _graph(name: str, head: Mapping[str, Any], visit: Visit) -> Graph:
    answer = visit.ask("official-graph", path={"graph": head["graph"]})
    points = [point for point in answer.data["points"] if _within(point, visit)]
    return Graph(
        name=name,
        title=_GRAPHS[name],
        error=head["error"] if not answer.data["points"] else None,
        series=tuple(one["name"] for one in answer.data["series"]),
        rows=tuple((_moment(point), point["index"], tuple(point["values"])) for point in reversed(points))
        if points and points[0]["t"]
        else tuple((None, point["index"], tuple(point["values"])) for point in points),
        percentage=bool(answer.data["percentage"]),
        told=told(
            answer.provenance["graph"],
            [
                (
                    _GRAPHS[name],
                    _("Telegram's own graph, kept from every load, so it reaches farther back than Telegram."),
                )
            ],
            _("Times are days of UTC, as Telegram counts them."),
        ),
    )


def _within(point: Mapping[str, Any], visit: Visit) -> bool:
    """Whether a point is of the picked period; hours of the day are of no period. Days are of UTC."""
    moment = _moment(point)
    period = visit.picked.period
    return moment is None or period.start - _DAY < moment < period.end


def _moment(point: Mapping[str, Any]) -> datetime | None:
    return datetime.fromisoformat(point["t"]) if point["t"] else None
