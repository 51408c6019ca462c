"""What a chart is drawn of, small enough to travel with its page: for the script that lets a person zoom into it.

Texts of values are in the table beside the chart already, in the same order, so hovering says what the table says.
Moments are seconds of the wall clock of the chart's zone, as if that were UTC: a day always begins at a multiple of
86,400, and the browser's own zone does not matter.

    {"kind": "line", "span": [from, to], "at": [first, step] | [first, then differences…], "even": true | false,
     "digits": 0, "series": [{"name", "ink": 1–5, "look": "line" | "area" | "bar" | "compared", "y": [1, null, …],
     "breaks": [index of the first point after a gap, …]}], "gaps": [[from, to], …], "marks": [[at, label, text], …]}

Of a band: `"kind": "band"`, `at` are places from 0 to 100, `ticks` their labels, looks are "line", "compared", "low"
and "high".
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from analyticbot.core.charts.frame import Layout, rows_of
from analyticbot.core.charts.markup import ink_of
from analyticbot.core.charts.notes import notes_of
from analyticbot.core.charts.shapes import Gap, Point, Shape

_LOOKS = {Shape.LINE: "line", Shape.AREA: "area", Shape.BARS: "bar", Shape.STACKED: "bar"}


def figure_of(layout: Layout) -> str:
    """A chart over time as JSON."""
    chart = layout.chart
    found = rows_of(layout)
    moments = [bucket[2].at for bucket, _points in found]
    columns = [[points[index] for _bucket, points in found] for index in range(len(layout.everything))]
    series = [
        {
            "name": one.name,
            "ink": 5 if one is layout.compared else ink_of(chart.colour + index),
            "look": "compared" if one is layout.compared else _LOOKS[chart.shape],
            "y": [_number(point) for point in column],
            "breaks": _breaks(one.gaps if one is layout.compared else (*chart.gaps, *one.gaps), moments),
        }
        for index, (one, column) in enumerate(zip(layout.everything, columns, strict=True))
    ]
    clock = [_wall(moment, chart.zone) for moment in moments]
    figure: dict[str, Any] = {
        "kind": "stacked" if layout.stacked else chart.shape.value,
        "span": [_wall(chart.start, chart.zone), _wall(chart.end, chart.zone)],
        **_steps(clock),
        "digits": chart.digits,
        "series": series,
        "gaps": [[_wall(gap.start, chart.zone), _wall(gap.end, chart.zone)] for gap in chart.gaps],
        "marks": [[_wall(note.mark.at, chart.zone), note.label, note.mark.text] for note in notes_of(chart)],
    }
    return compact(figure)


def compact(figure: dict[str, Any]) -> str:
    """As text; what is empty is left out."""
    return orjson.dumps({name: value for name, value in figure.items() if value not in ([], None)}).decode()


def whole(value: float | None) -> float | int | None:
    """Without a point where there is nothing behind it."""
    return int(value) if value is not None and value.is_integer() else value


def _number(point: Point | None) -> float | int | None:
    return whole(point.known) if point else None


def _steps(clock: Sequence[int]) -> dict[str, Any]:
    """Even steps are told once."""
    steps = {after - before for before, after in pairwise(clock)}
    if len(steps) == 1:
        return {"at": [clock[0], steps.pop()], "even": True}
    return {"at": [*clock[:1], *(b - a for a, b in pairwise(clock))], "even": False}


def _breaks(gaps: Iterable[Gap], moments: Sequence[datetime]) -> list[int]:
    """Where a line must not go on: points with a gap between them and the one before."""
    pairs = list(enumerate(pairwise(moments), 1))
    return sorted({index for gap in gaps for index, (before, at) in pairs if gap.start <= before and gap.end >= at})


def _wall(moment: datetime, zone: ZoneInfo) -> int:
    return round(moment.astimezone(zone).replace(tzinfo=UTC).timestamp())
