"""Values as ink: lines with an area below or without, bars, stacked bars, and the earlier period behind them."""

from collections.abc import Sequence
from datetime import datetime

from analyticbot.core.charts.frame import Layout
from analyticbot.core.charts.markup import (
    COMPARED_DASH,
    DASHES,
    INKS,
    MARKS,
    SOFT,
    ink_of,
    path_of,
    plane,
    px,
    stroke_of,
)
from analyticbot.core.charts.shapes import Gap, Point, Series, Shape

_WIDEST_BAR = 6.0
# More stacks than this have no air between them and share one outline.
_MOST_STACKS = 92

Run = list[tuple[float, float]]


def curves(layout: Layout) -> str:
    """All series of the chart, the comparison behind them."""
    parts: list[str] = []
    if layout.stacked:
        parts.append(_plane(layout, _stacked(layout)))
    elif layout.as_bars:
        (one,) = layout.series
        ink = ink_of(layout.chart.colour)
        parts.append(_plane(layout, f'<path class="chart__bars" fill="{INKS[ink]}" d="{_bars(layout, one)}"/>'))
    if layout.compared:
        # Before bars, behind lines.
        parts.insert(len(parts) if layout.as_bars else 0, _compared(layout, layout.compared))
    if not layout.as_bars:
        parts.extend(_line(layout, index, one) for index, one in enumerate(layout.series))
    return "".join(parts)


def _plane(layout: Layout, body: str) -> str:
    return plane(layout.frame.top, layout.frame.plot, body)


def _line(layout: Layout, index: int, series: Series) -> str:
    several = len(layout.series) > 1
    ink = ink_of(layout.chart.colour + index)
    runs = runs_of(layout, series, (*layout.chart.gaps, *series.gaps))
    if not runs:
        return ""
    units = [[(x * 10, y) for x, y in run] for run in runs if len(run) > 1]
    body = ""
    if layout.chart.shape is Shape.AREA and not several:
        floor = px(layout.frame.y(0.0))
        filled = "".join(f"{path_of(run)}V{floor}H{px(run[0][0])}Z" for run in units)
        body = f'<path class="chart__area" fill="{INKS[ink]}" fill-opacity=".12" d="{filled}"/>'
    drawn = "".join(map(path_of, units))
    dash = DASHES[ink] if several else ""
    body += f'<path class="chart__line" d="{drawn}" {stroke_of(INKS[ink], dash, 2)}/>'
    # A value without neighbours would be a line of no length; and the last one is where the eye goes.
    dots = [run[0] for run in runs if len(run) == 1] + ([runs[-1][-1]] if len(runs[-1]) > 1 else [])
    markup = _plane(layout, body) + "".join(_dot(layout, x, y, ink, several=several) for x, y in dots)
    # The outer drawing has the ink of the first series.
    return f'<g class="chart__svg--{ink}">{markup}</g>' if several else markup


def _dot(layout: Layout, x: float, y: float, ink: int, *, several: bool) -> str:
    top = px(layout.frame.top + y)
    if not several:
        return f'<circle class="chart__dot" cx="{px(x)}%" cy="{top}" r="3.5" fill="{INKS[ink]}"/>'
    return (
        f'<svg x="{px(x)}%" y="{top}" overflow="visible">'
        f'<path class="chart__dot" d="{MARKS[ink]}" fill="{INKS[ink]}"/></svg>'
    )


def _compared(layout: Layout, series: Series) -> str:
    runs = runs_of(layout, series, series.gaps)
    drawn = "".join(path_of([(x * 10, y) for x, y in (run if len(run) > 1 else run * 2)]) for run in runs)
    line = f'<path class="chart__compared" d="{drawn}" {stroke_of(SOFT, COMPARED_DASH, 1.5)}/>'
    # Upon bars it needs a rim of the ground's colour.
    rim = f'<path class="chart__rim" d="{drawn}" {stroke_of("#ffffff", "", 4)}/>' if layout.as_bars else ""
    return _plane(layout, rim + line)


def runs_of(layout: Layout, series: Series, gaps: Sequence[Gap]) -> list[Run]:
    """Stretches of known values: an unknown one breaks the line, and so does a gap between two points."""
    runs: list[Run] = []
    current: Run = []
    before: datetime | None = None
    for left, right, point in layout.buckets(series.points):
        value = point.known
        if value is None or _gap_between(gaps, before, point.at):
            if current:
                runs.append(current)
            current = []
        if value is not None:
            current.append(((left + right) / 2, layout.frame.y(value)))
        before = point.at
    return [*runs, current] if current else runs


def _gap_between(gaps: Sequence[Gap], before: datetime | None, at: datetime) -> bool:
    """Whether a gap covers all of the way between two neighbouring points."""
    return before is not None and any(gap.start <= before and gap.end >= at for gap in gaps)


def _bars(layout: Layout, series: Series) -> str:
    zero = layout.frame.y(0.0)
    parts = []
    for left, right, point in layout.buckets(series.points):
        value = point.known
        if value is not None:
            parts.append(_bar(left, right, zero, _seen(layout.frame.y(value), zero, value)))
    return "".join(parts)


def _bar(left: float, right: float, floor: float, y: float) -> str:
    # A seventh of air between bars, and none of them as wide as a wall.
    air = max((right - left) * 0.15, right - left - _WIDEST_BAR)
    return f"M{px(left * 10 + air * 5)} {px(floor)}V{px(y)}H{px(right * 10 - air * 5)}V{px(floor)}Z"


def _seen(y: float, zero: float, value: float) -> float:
    """A small amount is not nothing."""
    if value and abs(y - zero) < 1:
        return zero - 1 if value > 0 else zero + 1
    return y


def piles(layout: Layout) -> list[dict[datetime, tuple[float, float]]]:
    """For each series and moment the edges of its piece, (nearer to zero, farther from it), in values."""
    above: dict[datetime, float] = {}
    below: dict[datetime, float] = {}
    found: list[dict[datetime, tuple[float, float]]] = []
    for one in layout.series:
        pieces: dict[datetime, tuple[float, float]] = {}
        for point in one.points:
            value = point.known
            if value is not None:
                side = below if value < 0 else above
                near = side.get(point.at, 0.0)
                side[point.at] = near + value
                pieces[point.at] = (near, near + value)
        found.append(pieces)
    return found


def _stacked(layout: Layout) -> str:
    crowded = max(len(one.points) for one in layout.series) > _MOST_STACKS
    parts = []
    for index, (one, pieces) in enumerate(zip(layout.series, piles(layout), strict=True)):
        ink = ink_of(layout.chart.colour + index)
        buckets = [bucket for bucket in layout.buckets(one.points) if bucket[2].at in pieces]
        draw = _outline if crowded else _pieces
        parts.append(
            f'<path class="chart__bars chart__svg--{ink}" fill="{INKS[ink]}" d="{draw(layout, buckets, pieces)}"/>'
        )
    # Pieces of an outline reach down to zero: the nearer ones lie over the farther ones.
    return "".join(reversed(parts) if crowded else parts)


def _pieces(
    layout: Layout, buckets: list[tuple[float, float, Point]], pieces: dict[datetime, tuple[float, float]]
) -> str:
    parts = []
    for left, right, point in buckets:
        near, far = pieces[point.at]
        floor = layout.frame.y(near)
        parts.append(_bar(left, right, floor, _seen(layout.frame.y(far), floor, far - near)))
    return "".join(parts)


def _outline(
    layout: Layout, buckets: list[tuple[float, float, Point]], pieces: dict[datetime, tuple[float, float]]
) -> str:
    """Steps without air, from zero to the far edge."""
    zero = layout.frame.y(0.0)
    parts: list[str] = []
    end: float | None = None
    for left, right, point in buckets:
        y = px(layout.frame.y(pieces[point.at][1]))
        if end is None or left - end > 0.01:  # noqa: PLR2004 - a hundredth of a percent is no gap
            parts.append(("" if end is None else f"V{px(zero)}Z") + f"M{px(left * 10)} {px(zero)}")
        parts.append(f"V{y}H{px(right * 10)}")
        end = right
    return "".join(parts) + (f"V{px(zero)}Z" if parts else "")
