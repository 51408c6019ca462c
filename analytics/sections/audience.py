"""Telegram's own graphs of the audience, for owners."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analyticbot.core.charts import RenderedChart
from analyticbot.core.charts.shapes import MOST_SERIES
from analytics.sections.drawing import graph_chart
from analytics.sections.explaining import Text, Told, told
from analytics.sections.figures import figures_of
from analytics.sections.over_time import statistics
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
# What Telegram tells of the audience beside its graphs.
_FIGURES = ("notifications",)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Graph:
    """One graph: its series over the period, or Telegram's word why there is none."""

    name: str
    title: Text
    error: str | None
    series: tuple[str, ...]
    rows: tuple[tuple[datetime | None, int | None, tuple[float | int | None, ...]], ...]
    by_hour: bool
    chart: RenderedChart | None
    # The drawing's own table holds every series then.
    all_drawn: bool
    told: Told


def build(visit: Visit) -> Mapping[str, Any]:
    """What the section shows."""
    answer = visit.ask("official-graphs")
    loaded = {head["graph"].removesuffix("_graph"): head for head in answer.data}
    return {
        "reason": answer.more["reason"],
        "graphs": tuple(_graph(name, loaded[name], visit) for name in _GRAPHS if name in loaded),
        "figures": figures_of(_FIGURES, statistics(visit, _FIGURES)) if loaded else (),
        "missing": tuple(title for name, title in _GRAPHS.items() if name not in loaded) if loaded else (),
    }


def _graph(name: str, head: Mapping[str, Any], visit: Visit) -> Graph:
    answer = visit.ask("official-graph", path={"graph": head["graph"]})
    data = answer.data
    rows = [(_moment(point), point["index"], tuple(point["values"])) for point in data["points"]]
    rows = [row for row in rows if _within(row[0], visit)]
    series = tuple(one["name"] for one in data["series"])
    timed = [(at, values) for at, _index, values in rows if at]
    stacked = bool(data["stacked"] or data["percentage"])
    chart = graph_chart(visit, f"graph-{name}", str(_GRAPHS[name]), series, timed, stacked=stacked)
    formula = _("Telegram's own graph; every load is kept, so it reaches back farther than theirs.")
    return Graph(
        name=name,
        title=_GRAPHS[name],
        error=head["error"] if not data["points"] else None,
        series=series,
        rows=tuple(reversed(rows) if timed else rows),
        by_hour=not timed,
        chart=chart,
        all_drawn=chart is not None and len(series) <= MOST_SERIES,
        told=told(
            next(iter(answer.provenance.values()), None),
            [(_GRAPHS[name], formula)],
            _("Times are days of UTC, as Telegram counts them."),
        ),
    )


def _within(moment: datetime | None, visit: Visit) -> bool:
    """Whether a point is of the picked period; hours of the day are of no period. Days are of UTC."""
    period = visit.picked.period
    return moment is None or period.start - _DAY < moment < period.end


def _moment(point: Mapping[str, Any]) -> datetime | None:
    return datetime.fromisoformat(point["t"]) if point["t"] else None
