"""What a chart is asked for, and what comes back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from analyticbot.core.charts.words import is_known


class Shape(StrEnum):
    """How values become ink."""

    LINE = "line"  # states (subscribers): the axis may begin above zero
    AREA = "area"  # amounts over time: the axis holds zero
    BARS = "bars"  # amounts of separate buckets: the axis holds zero


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
class Chart:
    """One series over [start, end), labelled in `zone` and in the words of `language` ("en", "ru", "uz")."""

    name: str  # unique on its page: becomes the prefix of ids in the markup
    title: str
    shape: Shape
    points: tuple[Point, ...]
    start: datetime
    end: datetime
    zone: ZoneInfo
    language: str = "en"
    gaps: tuple[Gap, ...] = ()
    colour: int = 1  # 1..4 of the palette
    height: int = 240  # CSS pixels; the width is whatever the place gives
    digits: int = 0  # decimals of a value in the table and the summary


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table beside a chart; `x` and `y` say in percent and pixels where it is drawn (None: nowhere)."""

    label: str
    text: str
    x: float
    y: float | None

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return self.y is not None


@dataclass(frozen=True, slots=True)
class RenderedChart:
    """Markup (safe to put into a page), the same in a sentence, and the same as a table."""

    name: str
    title: str
    svg: str
    summary: str
    rows: tuple[Row, ...]
    table: str  # the rows as <tr> elements, safe to put into a <tbody>
    gutter: int  # room that the labels of the value axis need at the left, 1 (narrow) to 4
    has_data: bool
    has_gaps: bool
