"""What a chart over time is asked for, and what comes back of any kind of chart."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from analyticbot.core.charts.words import is_known

MOST_SERIES = 5


class Shape(StrEnum):
    """How values become ink."""

    LINE = "line"  # states (subscribers): the axis may begin above zero
    AREA = "area"  # amounts over time: the axis holds zero
    BARS = "bars"  # amounts of separate buckets: the axis holds zero
    STACKED = "stacked"  # parts of one amount, or what came above zero and what went below it


@dataclass(frozen=True, slots=True)
class Point:
    """A value at a moment (aware); None, and what no counter can hold, is unknown and is not drawn.

    `until` ends the bucket that the value stands for: a line passes its middle, a bar fills it. Without it a line
    passes `at`, and a bar ends where the next one begins.
    """

    at: datetime
    value: float | int | None
    until: datetime | None = None

    @property
    def known(self) -> float | None:
        """The value if there is one that can be drawn."""
        return float(self.value) if is_known(self.value) else None


@dataclass(frozen=True, slots=True)
class Gap:
    """A span in which nothing was observed: hatched, never drawn as zero."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Series:
    """Values under a name. Spans of `gaps` break the line; what is hatched is said by the chart."""

    name: str
    points: tuple[Point, ...]
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same of an earlier period: its points keep their own moments, `start` is laid upon the chart's start."""

    name: str
    points: tuple[Point, ...]
    start: datetime
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A note at a moment; `automatic` tells ours from the reader's own. Without a label it is numbered in order.

    With `until` it stands for the span [at, until), which is shaded.
    """

    at: datetime
    text: str
    label: str = ""  # three characters at most
    automatic: bool = False
    until: datetime | None = None
    address: str = ""  # of what is behind it


@dataclass(frozen=True, slots=True)
class Chart:
    """Series over [start, end), labelled in `zone` and in the words of `language` ("en", "ru", "uz").

    `points` are the first series, called `label`; `series` are further ones, five altogether. Either may be empty.
    """

    name: str  # unique on its page: becomes the prefix of ids in the markup
    title: str
    shape: Shape
    points: tuple[Point, ...]
    start: datetime
    end: datetime
    zone: ZoneInfo
    language: str = "en"
    gaps: tuple[Gap, ...] = ()
    colour: int = 1  # 1..5 of the palette: of the first series, the others take the next ones
    height: int = 240  # CSS pixels; the width is whatever the place gives
    digits: int = 0  # decimals of a value in the table and the summary
    label: str = ""  # name of the first series; the title stands in for it
    series: tuple[Series, ...] = ()
    comparison: Comparison | None = None
    marks: tuple[Mark, ...] = ()

    @property
    def all_series(self) -> tuple[Series, ...]:
        """Every series but the comparison, in the order of the palette."""
        first = (Series(self.label or self.title, self.points),) if self.points or not self.series else ()
        return first + self.series


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table beside a chart; `x` and `y` say in percent and pixels where it is drawn (None: nowhere).

    Of several series `text` and `y` are the first one's; the others are in the table.
    """

    label: str
    text: str
    x: float
    y: float | None

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return self.y is not None


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the legend: `ink` is a class of the style sheet, `look` says how it is drawn."""

    name: str
    ink: int  # 1..5 of the palette, or a step of shade
    look: str  # "line", "bar", "compared", "step", "band", "hatch", "sure", "unsure"


class NoteLine(NamedTuple):
    """A line of the list below a chart: the label that stands on the drawing, when, what, and where that is told."""

    label: str
    when: str
    text: str
    address: str


@dataclass(frozen=True, slots=True)
class RenderedChart:
    """Markup (safe to put into a page), the same in a sentence, and the same as a table."""

    name: str
    title: str
    svg: str
    summary: str
    rows: tuple[Row, ...]  # of charts over time only
    table: str  # the rows as <tr> elements, safe to put into a <tbody>
    gutter: int  # room that the labels of the value axis need at the left, 0 (none) to 4
    has_data: bool
    has_gaps: bool
    head: str = ""  # the heading row of the table, safe to put into a <thead>
    legend: str = ""  # safe markup; empty where there is nothing to tell apart
    keys: tuple[Key, ...] = ()  # the same, for a drawing of its own
    reading: str = "along"  # how a pointer reads it: "along" the time, by "cells", by "rows"
    notes: tuple[NoteLine, ...] = ()  # of the marks
    figure: str = ""  # what it is drawn of as JSON (`charts.figure`); empty where there is nothing to zoom into
