"""Drawing a chart over time as SVG that fits any width with crisp text.

Labels of the value axis stand to the left of the plot, in a gutter that the surrounding box gives.
"""

from django.utils.html import escape
from django.utils.translation import gettext as _

from analyticbot.core.charts import notes
from analyticbot.core.charts.curves import curves
from analyticbot.core.charts.figure import figure_of
from analyticbot.core.charts.frame import Frame, Layout, layout_of
from analyticbot.core.charts.markup import axis_label, document, gutter_of, hatch, ink_of, label, legend_of, nothing, px
from analyticbot.core.charts.scales import ValueScale, tick_labels, time_ticks
from analyticbot.core.charts.shapes import Chart, Key, RenderedChart
from analyticbot.core.charts.summary import summarise
from analyticbot.core.charts.tables import table_of

# A gap of minutes in a year still has to be seen.
_LEAST_GAP = 0.4


def draw_over_time(chart: Chart) -> RenderedChart:
    """The chart as markup, sentence and table. Raises ValueError for an empty span and for too many series."""
    layout = layout_of(chart)
    frame = layout.frame
    labels = tick_labels(frame.scale, chart.language)
    summary = summarise(layout)
    parts = [grid(frame.scale, labels if layout.known else (), top=frame.top, plot=frame.plot)]
    parts += [_gaps(chart, frame), _time_axis(layout)]
    parts.append(curves(layout) if layout.known else nothing(chart.height))
    parts.append(notes.drawn(chart, top=frame.top, bottom=frame.top + frame.plot))
    table = table_of(layout)
    keys = keys_of(layout)
    return RenderedChart(
        name=chart.name,
        title=chart.title,
        svg=document(
            chart.name,
            chart.title,
            summary=summary,
            height=chart.height,
            body="".join(parts),
            ink=ink_of(chart.colour),
        ),
        summary=summary,
        rows=table.rows,
        table=table.body,
        head=table.head,
        gutter=gutter_of(labels) if layout.known else 1,
        has_data=layout.known,
        has_gaps=bool(chart.gaps),
        legend=legend_of(keys),
        keys=keys,
        notes=notes.lines_of(chart),
        figure=figure_of(layout) if layout.known else "",
    )


def keys_of(layout: Layout) -> tuple[Key, ...]:
    """What the legend has to tell apart: nothing where there is one series alone."""
    if len(layout.everything) < 2:  # noqa: PLR2004 - one is told by the title
        return ()
    look = "bar" if layout.as_bars else "line"
    keys = [Key(one.name, ink_of(layout.chart.colour + index), look) for index, one in enumerate(layout.series)]
    if layout.compared:
        keys.append(Key(layout.compared.name, 5, "compared"))
    return tuple(keys)


def grid(scale: ValueScale, labels: tuple[str, ...], *, top: int, plot: int) -> str:
    """Lines at the ticks of the value scale with their labels at the left; `plot` pixels high, `top` below the top."""
    parts = []
    for tick, text in zip(scale.ticks, labels, strict=False):
        y = top + (1 - scale.share(tick)) * plot
        kind = "chart__grid chart__grid--zero" if tick == 0 else "chart__grid"
        parts.append(
            f'<line class="{kind}" x1="0" x2="100%" y1="{px(y)}" y2="{px(y)}" stroke="#888" stroke-opacity=".25"/>'
            + label("-8", y, text, anchor="end", more=' dy=".32em"')
        )
    return "".join(parts)


def _time_axis(layout: Layout) -> str:
    chart = layout.chart
    ticks = time_ticks(chart.start, chart.end, chart.zone, chart.language)
    return "".join(
        axis_label(layout.frame.x(tick.at), chart.height - 4, tick.label, minor=tick.minor) for tick in ticks
    )


def _gaps(chart: Chart, frame: Frame) -> str:
    if not chart.gaps:
        return ""
    name, title = escape(chart.name), escape(_("Not observed"))
    parts = [hatch(chart.name)]
    for gap in chart.gaps:
        if gap.end <= chart.start or gap.start >= chart.end or gap.start >= gap.end:
            continue
        left, right = frame.x(gap.start), frame.x(gap.end)
        width = max(right - left, _LEAST_GAP)
        parts.append(
            f'<rect class="chart__gap" x="{px(min(left, 100 - width))}%" y="{frame.top}" width="{px(width)}%" '
            f'height="{frame.plot}" fill="url(#{name}-hatch)"><title>{title}</title></rect>'
        )
    return "".join(parts)
