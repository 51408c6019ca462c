"""Where things of a chart over time lie: its span, its value scale, its buckets, and the rows beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import zip_longest

from analyticbot.core.charts.notes import clusters_of, room_for
from analyticbot.core.charts.scales import ValueScale, value_scale
from analyticbot.core.charts.shapes import MOST_SERIES, Chart, Gap, Point, Series, Shape

TOP = 12
BOTTOM = 24

# Left and right edge in percent, and the point.
Bucket = tuple[float, float, Point]


@dataclass(frozen=True, slots=True)
class Frame:
    """The time span, the value scale and the height of the plot, `top` pixels below the top of the drawing."""

    start: datetime
    end: datetime
    scale: ValueScale
    top: int
    plot: int

    def x(self, moment: datetime) -> float:
        """Percent of the width, within 0..100."""
        span = (self.end - self.start).total_seconds()
        return min(max((moment - self.start).total_seconds() / span * 100, 0.0), 100.0)

    def y(self, value: float) -> float:
        """Pixels below the top of the plot."""
        return (1 - min(max(self.scale.share(value), 0.0), 1.0)) * self.plot


@dataclass(frozen=True, slots=True)
class Layout:
    """A chart with all that is derived once: series with the comparison laid upon the span, and the frame."""

    chart: Chart
    series: tuple[Series, ...]
    compared: Series | None
    frame: Frame
    known: bool
    # Drawing, table and figure ask for the same buckets.
    placed: dict[int, list[Bucket]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def stacked(self) -> bool:
        """Whether values stand upon each other: bars of several series always do."""
        return self.chart.shape is Shape.STACKED or (self.chart.shape is Shape.BARS and len(self.series) > 1)

    @property
    def as_bars(self) -> bool:
        """Whether a value fills its bucket."""
        return self.chart.shape in {Shape.BARS, Shape.STACKED}

    @property
    def everything(self) -> tuple[Series, ...]:
        """All series, the comparison last."""
        return (*self.series, self.compared) if self.compared else self.series

    def buckets(self, points: tuple[Point, ...]) -> list[Bucket]:
        """Left and right edge of each point of a series of this chart; a moment of a line has no width."""
        found = self.placed.get(id(points))
        if found is None:
            found = self.placed[id(points)] = self._places(points)
        return found

    def _places(self, points: tuple[Point, ...]) -> list[Bucket]:
        if not self.as_bars:
            edges = ((point.at, point.until or point.at) for point in points)
        else:
            ends = [*(point.at for point in points[1:]), self.chart.end]
            edges = ((point.at, point.until or end) for point, end in zip(points, ends, strict=False))
        # A bucket mostly begins where the one before it ends.
        x = cache(self.frame.x)
        return [(x(left), x(right), point) for (left, right), point in zip(edges, points, strict=True)]


def layout_of(chart: Chart) -> Layout:
    """Derive what drawing needs. Raises ValueError for an empty span and for more series than can be told apart."""
    if chart.start >= chart.end:
        raise ValueError("a chart needs a span of time")
    series = chart.all_series
    if len(series) > MOST_SERIES:
        raise ValueError(f"a chart tells {MOST_SERIES} series apart, not {len(series)}")
    compared = _laid_upon(chart)
    stacked = chart.shape is Shape.STACKED or (chart.shape is Shape.BARS and len(series) > 1)
    single = [value for one in series for point in one.points if (value := point.known) is not None]
    single += [value for point in (compared.points if compared else ()) if (value := point.known) is not None]
    values = [*single, *(edge for bucket in stacks(series) for edge in bucket)] if stacked else single
    whole = all(value.is_integer() for value in single)
    scale = value_scale(values, holds_zero=chart.shape is not Shape.LINE, whole=whole)
    # Notes stand above the plot.
    top = TOP + room_for(clusters_of(chart))
    frame = Frame(chart.start, chart.end, scale, top, chart.height - top - BOTTOM)
    return Layout(chart, series, compared, frame, known=bool(single))


def stacks(series: Sequence[Series]) -> list[tuple[float, float]]:
    """The lowest and the highest edge of each moment's stack."""
    edges: dict[datetime, tuple[float, float]] = {}
    for one in series:
        for point in one.points:
            value = point.known
            low, high = edges.get(point.at, (0.0, 0.0))
            if value is not None:
                edges[point.at] = (low + min(value, 0.0), high + max(value, 0.0))
    return list(edges.values())


def _laid_upon(chart: Chart) -> Series | None:
    """The comparison moved to the chart's span by the clock on the wall, so that midnights stay midnights."""
    if chart.comparison is None:
        return None
    zone, start = chart.zone, chart.comparison.start
    shift = chart.start.astimezone(zone).replace(tzinfo=None) - start.astimezone(zone).replace(tzinfo=None)

    def moved(moment: datetime) -> datetime:
        return (moment.astimezone(zone).replace(tzinfo=None) + shift).replace(tzinfo=zone).astimezone(UTC)

    points = (replace(p, at=moved(p.at), until=p.until and moved(p.until)) for p in chart.comparison.points)
    return Series(
        chart.comparison.name,
        # A longer month has days that the shorter one lacks.
        tuple(point for point in points if chart.start <= point.at < chart.end),
        tuple(Gap(moved(gap.start), moved(gap.end)) for gap in chart.comparison.gaps),
    )


def rows_of(layout: Layout) -> list[tuple[Bucket, tuple[Point | None, ...]]]:
    """A row for each moment that any series knows of: its bucket, and each series' point there."""
    everything = layout.everything
    if len(everything) == 1:
        return [(bucket, (bucket[2],)) for bucket in layout.buckets(everything[0].points)]
    found: dict[datetime, tuple[Bucket, list[Point | None]]] = {}
    for index, one in enumerate(everything):
        for bucket in layout.buckets(one.points):
            _first, points = found.setdefault(bucket[2].at, (bucket, [None] * len(everything)))
            points[index] = bucket[2]
    return [(bucket, tuple(points)) for _at, (bucket, points) in sorted(found.items())]


def is_close(points: Sequence[Point]) -> bool:
    """Whether points follow each other within less than a day, so that the hour belongs to their name."""
    first, second = next(zip_longest(points[:1], points[1:2]), (None, None))
    return bool(first and second and second.at - first.at < timedelta(hours=23))
