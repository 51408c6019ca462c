"""Amounts by hour of the day: a line for each series over 24 hours."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analyticbot.core.charts.drawing import grid
from analyticbot.core.charts.frame import BOTTOM, TOP
from analyticbot.core.charts.markup import (
    DASHES,
    INKS,
    MARKS,
    axis_label,
    document,
    gutter_of,
    heading,
    legend_of,
    nothing,
    path_of,
    plane,
    px,
    stroke_of,
    value_cell,
)
from analyticbot.core.charts.scales import ValueScale, tick_labels, value_scale
from analyticbot.core.charts.shapes import MOST_SERIES, Key, RenderedChart
from analyticbot.core.charts.words import is_known

HOURS = 24
_HEIGHT = 220
_PLOT = _HEIGHT - TOP - BOTTOM
_LABELLED = (0, 6, 12, 18, 23)


@dataclass(frozen=True, slots=True)
class Hours:
    """Up to five series of 24 values each, from midnight on; None is unknown. The first one is the newest."""

    name: str
    title: str
    series: tuple[tuple[str, tuple[float | int | None, ...]], ...]
    language: str = "en"


def draw_hours(chart: Hours) -> RenderedChart:
    """The lines as markup, sentence and table. Raises ValueError for too many series, or not of 24 hours."""
    if len(chart.series) > MOST_SERIES or any(len(values) != HOURS for _name, values in chart.series):
        raise ValueError("Up to five series of 24 hours can be drawn.")
    known = [float(value) for _name, values in chart.series for value in values if is_known(value)]
    scale = value_scale(known, holds_zero=True, whole=all(value.is_integer() for value in known))
    labels = tick_labels(scale, chart.language)
    summary = _summary(chart)
    parts = [grid(scale, labels if known else (), top=TOP, plot=_PLOT)]
    parts += [axis_label(_x(hour), _HEIGHT - 4, _clock(hour), minor=hour not in {0, 12}) for hour in _LABELLED]
    parts += [_line(scale, index, values) for index, (_name, values) in enumerate(chart.series, 1)]
    keys = tuple(Key(name, index, "line") for index, (name, _values) in enumerate(chart.series, 1))
    body = "".join(parts) if known else nothing(_HEIGHT)
    return RenderedChart(
        name=chart.name,
        title=chart.title,
        svg=document(chart.name, chart.title, summary=summary, height=_HEIGHT, body=body),
        summary=summary,
        rows=(),
        table=_table(chart, scale),
        head=heading([_("Hour"), *(name for name, _values in chart.series)]),
        gutter=gutter_of(labels) if known else 1,
        has_data=bool(known),
        has_gaps=False,
        legend=legend_of(keys) if len(keys) > 1 else "",
        keys=keys if len(keys) > 1 else (),
    )


def _x(hour: int) -> float:
    """Percent of the width: the middle of the hour."""
    return round((hour + 0.5) / HOURS * 100, 2)


def _y(scale: ValueScale, value: float) -> float:
    return (1 - min(max(scale.share(value), 0.0), 1.0)) * _PLOT


def _clock(hour: int) -> str:
    return f"{hour:02d}:00"


def _line(scale: ValueScale, index: int, values: Sequence[float | int | None]) -> str:
    runs: list[list[tuple[float, float]]] = [[]]
    for hour, value in enumerate(values):
        if is_known(value):
            runs[-1].append((_x(hour) * 10, _y(scale, float(value))))
        elif runs[-1]:
            runs.append([])
    drawn = "".join(path_of(run if len(run) > 1 else run * 2) for run in runs if run)
    if not drawn:
        return ""
    line = f'<path class="chart__line" d="{drawn}" {stroke_of(INKS[index], DASHES[index], 2)}/>'
    x, y = next(run for run in reversed(runs) if run)[-1]
    dot = (
        f'<svg x="{px(x / 10)}%" y="{px(TOP + y)}" overflow="visible">'
        f'<path class="chart__dot" d="{MARKS[index]}" fill="{INKS[index]}"/></svg>'
    )
    return f'<g class="chart__svg--{index}">{plane(TOP, _PLOT, line)}{dot}</g>'


def _summary(chart: Hours) -> str:
    """Where the first series has its most and its least."""
    if not chart.series:
        return _("No data for this period") + "."
    name, values = chart.series[0]
    known = [(float(value), hour) for hour, value in enumerate(values) if is_known(value)]
    if not known:
        return _("No data for this period") + "."
    most, least = max(known, key=lambda one: one[0]), min(known, key=lambda one: one[0])
    return _("%(name)s: most at %(most_at)s (%(most)s), least at %(least_at)s (%(least)s).") % {
        "name": name,
        "most_at": _clock(most[1]),
        "most": words.full_number(most[0], chart.language),
        "least_at": _clock(least[1]),
        "least": words.full_number(least[0], chart.language),
    }


def _table(chart: Hours, scale: ValueScale) -> str:
    parts = []
    for hour in range(HOURS):
        cells = []
        for _name, values in chart.series:
            value = values[hour]
            known = is_known(value)
            place = f' data-y="{px(TOP + _y(scale, float(value)))}"' if is_known(value) else ""
            cells.append(value_cell(words.full_number(value, chart.language, digits=1), known=known, place=place))
        parts.append(f'<tr data-x="{_x(hour):g}"><th scope="row">{escape(_clock(hour))}</th>{"".join(cells)}</tr>')
    return mark_safe("".join(parts))  # noqa: S308 - every text is escaped
