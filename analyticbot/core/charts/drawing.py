"""Drawing a chart as SVG that fits any width with crisp text.

Horizontal places are percentages of the width, vertical ones pixels. The curve itself is drawn in a nested
`<svg preserveAspectRatio="none">` of 1000 units with strokes that do not scale. Colours are CSS custom properties
(through classes) with presentation attributes behind them for a reader without our style sheet. Labels of the value
axis stand to the left of the plot, in a gutter that the surrounding box gives.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analyticbot.core.charts.scales import TimeTick, ValueScale, tick_labels, time_ticks, value_scale
from analyticbot.core.charts.shapes import Chart, Point, RenderedChart, Row, Shape
from analyticbot.core.charts.summary import bucket_label, summarise

TOP = 12
BOTTOM = 24
WIDTH = 1000
# A gap of minutes in a year still has to be seen.
_LEAST_GAP = 0.4
_WIDEST_BAR = 6.0
_COLOURS = {1: "#2457d6", 2: "#b4540a", 3: "#0b7a6b", 4: "#8445b8"}


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where things lie: the time span, the value scale and the height of the plot."""

    start: datetime
    end: datetime
    scale: ValueScale
    plot: int

    def x(self, moment: datetime) -> float:
        """Percent of the width, within 0..100."""
        span = (self.end - self.start).total_seconds()
        return min(max((moment - self.start).total_seconds() / span * 100, 0.0), 100.0)

    def y(self, value: float) -> float:
        """Pixels below the top of the plot."""
        return (1 - min(max(self.scale.share(value), 0.0), 1.0)) * self.plot


def draw(chart: Chart) -> RenderedChart:
    """The chart as markup, sentence and table. Raises ValueError when its span is empty."""
    if chart.start >= chart.end:
        raise ValueError("a chart needs a span of time")
    known = [value for point in chart.points if (value := point.known) is not None]
    whole = all(value.is_integer() for value in known)
    scale = value_scale(known, holds_zero=chart.shape is not Shape.LINE, whole=whole)
    frame = _Frame(chart.start, chart.end, scale, chart.height - TOP - BOTTOM)
    labels = tick_labels(scale, chart.language)
    summary = summarise(chart)
    parts = [_grid(frame, labels if known else ()), _gaps(chart, frame), _time_axis(chart, frame)]
    parts.append(_curve(chart, frame) if known else _nothing(chart))
    rows = _rows(chart, frame)
    return RenderedChart(
        name=chart.name,
        title=chart.title,
        svg=_document(chart, summary, "".join(parts)),
        summary=summary,
        rows=rows,
        table=_table(rows),
        gutter=_gutter(labels) if known else 1,
        has_data=bool(known),
        has_gaps=bool(chart.gaps),
    )


def _document(chart: Chart, summary: str, body: str) -> str:
    name = escape(chart.name)
    return mark_safe(  # noqa: S308 - every text in it went through escape()
        f'<svg class="chart__svg chart__svg--{min(max(chart.colour, 1), 4)}" xmlns="http://www.w3.org/2000/svg" '
        f'width="100%" height="{chart.height}" overflow="visible" role="img" '
        f'aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(chart.title)}</title><desc id="{name}-desc">{escape(summary)}</desc>'
        f"{body}</svg>"
    )


def _grid(frame: _Frame, labels: tuple[str, ...]) -> str:
    parts = []
    for tick, label in zip(frame.scale.ticks, labels, strict=False):
        y = _px(TOP + frame.y(tick))
        kind = "chart__grid chart__grid--zero" if tick == 0 else "chart__grid"
        parts.append(
            f'<line class="{kind}" x1="0" x2="100%" y1="{y}" y2="{y}" stroke="#888" stroke-opacity=".25"/>'
            f'<text class="chart__label" x="-8" y="{y}" dy=".32em" text-anchor="end" font-size="12">'
            f"{escape(label)}</text>"
        )
    return "".join(parts)


def _time_axis(chart: Chart, frame: _Frame) -> str:
    ticks = time_ticks(chart.start, chart.end, chart.zone, chart.language)
    return "".join(_time_label(tick, frame.x(tick.at), chart.height) for tick in ticks)


def _time_label(tick: TimeTick, x: float, height: int) -> str:
    # A label that would hang over an edge is turned inwards.
    anchor = "start" if x < 4 else "end" if x > 96 else "middle"  # noqa: PLR2004 - about half a label
    kind = "chart__label chart__label--minor" if tick.minor else "chart__label"
    return (
        f'<text class="{kind}" x="{_px(x)}%" y="{height - 4}" text-anchor="{anchor}" font-size="12">'
        f"{escape(tick.label)}</text>"
    )


def _gaps(chart: Chart, frame: _Frame) -> str:
    if not chart.gaps:
        return ""
    name, title = escape(chart.name), escape(_("Not observed"))
    parts = [
        f'<defs><pattern id="{name}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><line class="chart__hatch" x1="0" y1="0" x2="0" y2="7" stroke="#888" '
        'stroke-width="3" stroke-opacity=".45"/></pattern></defs>'
    ]
    for gap in chart.gaps:
        if gap.end <= chart.start or gap.start >= chart.end or gap.start >= gap.end:
            continue
        left, right = frame.x(gap.start), frame.x(gap.end)
        width = max(right - left, _LEAST_GAP)
        parts.append(
            f'<rect class="chart__gap" x="{_px(min(left, 100 - width))}%" y="{TOP}" width="{_px(width)}%" '
            f'height="{frame.plot}" fill="url(#{name}-hatch)"><title>{title}</title></rect>'
        )
    return "".join(parts)


def _nothing(chart: Chart) -> str:
    # Not within the f-string: the collector of messages does not look there.
    words_of = _("No data for this period")
    return (
        f'<text class="chart__empty" x="50%" y="{chart.height // 2}" text-anchor="middle" font-size="14">'
        f"{escape(words_of)}</text>"
    )


def _curve(chart: Chart, frame: _Frame) -> str:
    colour = _COLOURS[min(max(chart.colour, 1), 4)]
    inner = f'<svg x="0" y="{TOP}" width="100%" height="{frame.plot}" viewBox="0 0 {WIDTH} {frame.plot}" '
    inner += 'preserveAspectRatio="none" overflow="visible">'
    if chart.shape is Shape.BARS:
        return f'{inner}<path class="chart__bars" fill="{colour}" d="{_bars(chart, frame)}"/></svg>'
    runs = _runs(chart, frame)
    lines = "".join("M" + "L".join(f"{_px(x * 10)} {_px(y)}" for x, y in run) for run in runs if len(run) > 1)
    area = ""
    if chart.shape is Shape.AREA:
        floor = _px(frame.y(0.0))
        filled = "".join(_filled(run, floor) for run in runs if len(run) > 1)
        area = f'<path class="chart__area" fill="{colour}" fill-opacity=".12" d="{filled}"/>'
    line = (
        f'<path class="chart__line" d="{lines}" fill="none" stroke="{colour}" stroke-width="2" '
        'stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke"/>'
    )
    # A value without neighbours would be a line of no length; and the last one is where the eye goes.
    dots = [run[0] for run in runs if len(run) == 1] + ([runs[-1][-1]] if len(runs[-1]) > 1 else [])
    marks = "".join(
        f'<circle class="chart__dot" cx="{_px(x)}%" cy="{_px(TOP + y)}" r="3.5" fill="{colour}"/>' for x, y in dots
    )
    return f"{inner}{area}{line}</svg>{marks}"


def _filled(run: list[tuple[float, float]], floor: str) -> str:
    line = "L".join(f"{_px(x * 10)} {_px(y)}" for x, y in run)
    return f"M{_px(run[0][0] * 10)} {floor}L{line}L{_px(run[-1][0] * 10)} {floor}Z"


def _runs(chart: Chart, frame: _Frame) -> list[list[tuple[float, float]]]:
    """Stretches of known values: an unknown one breaks the line, and so does a gap between two points."""
    runs: list[list[tuple[float, float]]] = []
    current: list[tuple[float, float]] = []
    before: datetime | None = None
    for left, right, point in _buckets(chart, frame):
        value = point.known
        if value is None or _gap_between(chart, before, point.at):
            if current:
                runs.append(current)
            current = []
        if value is not None:
            current.append(((left + right) / 2, frame.y(value)))
        before = point.at
    return [*runs, current] if current else runs


def _gap_between(chart: Chart, before: datetime | None, at: datetime) -> bool:
    """Whether a gap covers all of the way between two neighbouring points."""
    return before is not None and any(gap.start <= before and gap.end >= at for gap in chart.gaps)


def _bars(chart: Chart, frame: _Frame) -> str:
    zero = frame.y(0.0)
    parts = []
    for left, right, point in _buckets(chart, frame):
        value = point.known
        if value is None:
            continue
        # A seventh of air between bars, and none of them as wide as a wall.
        air = max((right - left) * 0.15, right - left - _WIDEST_BAR)
        y = frame.y(value)
        if value and abs(y - zero) < 1:
            y = zero - 1 if value > 0 else zero + 1  # a small amount is not nothing
        parts.append(f"M{_px(left * 10 + air * 5)} {_px(zero)}V{_px(y)}H{_px(right * 10 - air * 5)}V{_px(zero)}Z")
    return "".join(parts)


def _buckets(chart: Chart, frame: _Frame) -> list[tuple[float, float, Point]]:
    """Left and right edge of each point, in percent; a moment of a line has no width."""
    if chart.shape is not Shape.BARS:
        return [(frame.x(point.at), frame.x(point.until or point.at), point) for point in chart.points]
    ends = [*(point.at for point in chart.points[1:]), chart.end]
    return [
        (frame.x(point.at), frame.x(point.until or end), point) for point, end in zip(chart.points, ends, strict=False)
    ]


def _rows(chart: Chart, frame: _Frame) -> tuple[Row, ...]:
    return tuple(
        Row(
            label=bucket_label(chart, point),
            text=words.full_number(point.known, chart.language, digits=chart.digits),
            x=round((left + right) / 2, 2),
            y=None if point.known is None else round(TOP + frame.y(point.known), 1),
        )
        for left, right, point in _buckets(chart, frame)
    )


def _table(rows: tuple[Row, ...]) -> str:
    """Rows for a reader, and for the script that follows the pointer. A template would take half the page's time."""
    unknown = escape(_("Unknown"))
    parts = []
    for row in rows:
        place = "" if row.y is None else f' data-y="{row.y:g}"'
        text = escape(row.text) if row.known else f'<span class="unknown" title="{unknown}">{escape(row.text)}</span>'
        parts.append(
            f'<tr data-x="{row.x:g}"{place}><th scope="row">{escape(row.label)}</th><td class="number">{text}</td></tr>'
        )
    return mark_safe("".join(parts))  # noqa: S308 - every text in it went through escape()


_GUTTERS = (4, 6, 9)


def _gutter(labels: tuple[str, ...]) -> int:
    longest = max((len(label) for label in labels), default=0)
    return 1 + sum(longest > limit for limit in _GUTTERS)


def _px(number: float) -> str:
    """A number as short as a drawing needs it."""
    return f"{round(number, 1):g}"
