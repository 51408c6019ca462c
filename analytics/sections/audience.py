"""Telegram's own graphs of the audience, for owners: all of them, over all loads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from analyticbot.core.charts import Hours, Mark, RenderedChart, Shape
from analyticbot.core.charts.hours import HOURS
from analyticbot.core.charts.shapes import MOST_SERIES
from analytics.sections.drawing import Values, graph_chart
from analytics.sections.explaining import Text, Told, told
from analytics.sections.figures import figures_of
from analytics.sections.marks import marks_for
from analytics.sections.over_time import statistics
from analytics.sections.telegram_names import spoken_lines
from analytics.sections.visit import Visit

# In the order of the page; Telegram's names end in "_graph".
_GRAPHS: Mapping[str, Text] = {
    "languages": gettext_lazy("Languages of viewers"),
    "views_by_source": gettext_lazy("Views by source"),
    "new_followers_by_source": gettext_lazy("New subscribers by source"),
    "top_hours": gettext_lazy("Views by hour of the day"),
    "mute": gettext_lazy("Notifications switched off and on"),
    "reactions_by_emotion": gettext_lazy("Reactions by emotion"),
    "interactions": gettext_lazy("Views and shares of posts"),
    "growth": gettext_lazy("Subscribers in all"),
    "followers": gettext_lazy("Subscribers who came and left"),
    "iv_interactions": gettext_lazy("Instant View"),
    "story_interactions": gettext_lazy("Views and shares of stories"),
    "story_reactions_by_emotion": gettext_lazy("Reactions to stories by emotion"),
}
# What Telegram tells of the audience beside its graphs.
_FIGURES = ("notifications",)
_DAY = timedelta(days=1)
# Lines farther apart than this many times are told by a chart each: on one scale the lower one would be flat.
_APART = 8


@dataclass(frozen=True, slots=True)
class Graph:
    """One graph: its series over the period, or Telegram's word why there is none."""

    name: str
    title: Text
    error: str | None
    series: tuple[str, ...]
    rows: tuple[tuple[datetime | None, int | None, tuple[float | int | None, ...]], ...]
    by_hour: bool
    charts: tuple[RenderedChart, ...]
    # The drawings' own tables hold every series then.
    all_drawn: bool
    first: datetime | None  # how far back all loads reach
    told: Told


def build(visit: Visit) -> Mapping[str, Any]:
    """What the section shows."""
    answer = visit.ask("official-graphs")
    loaded = {head["graph"].removesuffix("_graph"): head for head in answer.data}
    marks = marks_for(visit) if loaded else ()
    # What Telegram may add one day is shown by its own name.
    others = sorted(name for name in loaded if name not in _GRAPHS)
    return {
        "reason": answer.more["reason"],
        "graphs": tuple(_graph(name, loaded[name], visit, marks) for name in (*_GRAPHS, *others) if name in loaded),
        "figures": figures_of(_FIGURES, statistics(visit, _FIGURES)) if loaded else (),
        "missing": tuple(title for name, title in _GRAPHS.items() if name not in loaded) if loaded else (),
    }


def label_of_graph(name: str) -> Text:
    """What a graph is called on pages; Telegram's own name where it is one that nobody here knew."""
    name = name.removesuffix("_graph")
    return _GRAPHS.get(name) or name.replace("_", " ")


def _graph(name: str, head: Mapping[str, Any], visit: Visit, marks: tuple[Mark, ...]) -> Graph:
    answer = visit.ask("official-graph", path={"graph": head["graph"]})
    data = spoken_lines(answer.data)
    title = label_of_graph(name)
    rows = [(_moment(point), point["index"], tuple(point["values"])) for point in data["points"]]
    rows = [row for row in rows if _within(row[0], visit)]
    series = tuple(one["name"] for one in data["series"])
    timed = [(at, values) for at, _index, values in rows if at]
    charts = _over_time(visit, name, str(title), data, timed, marks) if timed else _by_hour(visit, name, title, data)
    formula = _("Telegram's own graph; every load is kept, so it reaches back farther than theirs.")
    notes = [_("Times are days of UTC, as Telegram counts them.")]
    if data["percentage"]:
        notes.append(_("Shares of the day's viewers, in percent."))
    return Graph(
        name=name,
        title=title,
        error=head["error"] if not data["points"] else None,
        series=series,
        rows=tuple(reversed(rows) if timed else rows),
        by_hour=not timed,
        charts=charts,
        all_drawn=bool(charts) and len(series) <= MOST_SERIES and not data["percentage"],
        first=datetime.fromisoformat(head["first"]) if head["first"] and timed else None,
        told=told(next(iter(answer.provenance.values()), None), [(title, formula)], *notes),
    )


def _over_time(
    visit: Visit, name: str, title: str, data: Mapping[str, Any], rows: Sequence[Values], marks: tuple[Mark, ...]
) -> tuple[RenderedChart, ...]:
    names = tuple(one["name"] for one in data["series"])
    stacked = bool(data["stacked"] or data["percentage"])
    if not stacked and len(names) > 1 and _far_apart(rows):
        drawn = (
            graph_chart(
                visit,
                f"graph-{name}-{place}",
                f"{title}: {one}",
                (one,),
                [(at, (values[place],)) for at, values in rows],
                shape=Shape.LINE,
                marks=marks,
            )
            for place, one in enumerate(names[:MOST_SERIES])
        )
        return tuple(chart for chart in drawn if chart)
    shares = [(at, _in_percent(values)) for at, values in rows] if data["percentage"] else rows
    bars = stacked or (len(names) == 1 and data["series"][0]["type"] == "bar")
    kept_names, kept = _largest(names, shares) if stacked else (names, shares)
    chart = graph_chart(
        visit,
        f"graph-{name}",
        title,
        kept_names,
        kept,
        shape=Shape.STACKED if bars else Shape.LINE,
        marks=marks,
        digits=1 if data["percentage"] else 0,
    )
    return (chart,) if chart else ()


def _by_hour(visit: Visit, name: str, title: Text, data: Mapping[str, Any]) -> tuple[RenderedChart, ...]:
    """A graph over the hours of the day; of others that are no time there is the table alone."""
    hours = {point["index"]: point["values"] for point in data["points"]}
    if not hours or not set(hours) <= set(range(HOURS)) or name.endswith("weekdays"):
        return ()
    series = tuple(
        (one["name"], tuple(hours[hour][place] if hour in hours else None for hour in range(HOURS)))
        for place, one in enumerate(data["series"][:MOST_SERIES])
    )
    return (visit.draw(Hours(f"graph-{name}", str(title), series, language=get_language() or "en")),)


def _far_apart(rows: Sequence[Values]) -> bool:
    tops = [max((abs(value) for value in column if value is not None), default=0) for column in _columns(rows)]
    known = [top for top in tops if top]
    return len(known) > 1 and max(known) > _APART * min(known)


def _in_percent(values: Sequence[float | int | None]) -> tuple[float | None, ...]:
    whole = sum(value for value in values if value is not None)
    # Rounded down: together they are no more than a hundred, or the scale would go on behind it.
    return tuple(None if value is None or not whole else int(value / whole * 1e6) / 1e4 for value in values)


def _largest(names: Sequence[str], rows: Sequence[Values]) -> tuple[tuple[str, ...], list[Values]]:
    """The largest series and the sum of the others, as many as can be told apart."""
    if len(names) <= MOST_SERIES:
        return tuple(names), list(rows)
    sizes = [sum(value or 0 for value in column) for column in _columns(rows)]
    best = sorted(sorted(range(len(names)), key=lambda place: -sizes[place])[: MOST_SERIES - 1])
    rest = [place for place in range(len(names)) if place not in best]

    def together(values: Sequence[float | int | None]) -> tuple[float | int | None, ...]:
        known = [values[place] for place in rest if values[place] is not None]
        return (*(values[place] for place in best), sum(one for one in known if one is not None) if known else None)

    return (*(names[place] for place in best), _("Other")), [(at, together(values)) for at, values in rows]


def _columns(rows: Sequence[Values]) -> list[tuple[float | int | None, ...]]:
    return list(zip(*(values for _at, values in rows), strict=True))


def _within(moment: datetime | None, visit: Visit) -> bool:
    """Whether a point is of the picked period; hours of the day are of no period. Days are of UTC."""
    period = visit.picked.period
    return moment is None or period.start - _DAY < moment < period.end


def _moment(point: Mapping[str, Any]) -> datetime | None:
    return datetime.fromisoformat(point["t"]) if point["t"] else None
