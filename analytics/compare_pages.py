"""What the comparison of channels shows: one table of numbers, and one of them over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import get_language

from analyticbot.core.charts import Chart, Point, RenderedChart, Series, Shape, draw
from analytics.metrics import METRICS, Unit
from analytics.period import Period
from analytics.picker import Picked
from analytics.queries import Number, StatsQuery
from analytics.queries.compare import ComparedChannel, compare_channels
from analytics.queries.figures import Span, figures
from analytics.queries.statistics import StepWidth
from analytics.questions.asking import ChannelHead
from analytics.sections.explaining import Told, formulas_of, told

COMPARED = (
    *("followers", "followers_change", "growth_rate", "avg_reach", "err", "er_views"),
    *("views", "posts", "forwards", "reactions"),
)
DEFAULT = "avg_reach"
# As many lines as can be told apart.
MOST_LINES = 5
# More posts are not better.
_NEVER_BEST = frozenset({"posts"})
_HOURLY_UNTIL, _DAILY_UNTIL, _WEEKLY_UNTIL = timedelta(days=2), timedelta(days=100), timedelta(days=800)


@dataclass(frozen=True, slots=True)
class Column:
    """A metric of the table; `address` shows it over time."""

    name: str
    label: Promise
    formula: Promise
    percent: bool
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of the table; None is unknown. `best`: no other channel has more."""

    column: Column
    value: float | int | None
    best: bool


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel and its numbers, in the order of the columns; `without`: the address of the page without it."""

    name: str
    title: str
    cells: tuple[Cell, ...]
    without: str


@dataclass(frozen=True, slots=True)
class CompareReport:
    """The table and the chart."""

    columns: tuple[Column, ...]
    rows: tuple[ChannelRow, ...]
    chart: RenderedChart
    left_out: int  # channels that have no line
    told: Told


def name_of(head: ChannelHead) -> str:
    """How addresses name the channel."""
    return f"@{head.username}" if head.username else str(head.tg_id or "")


def title_of(head: ChannelHead) -> str:
    """What the channel is called."""
    return head.title or name_of(head)


def compare_report(
    heads: Sequence[ChannelHead], queries: Sequence[StatsQuery], picked: Picked, metric: str, kept: Mapping[str, str]
) -> CompareReport:
    """Ask for all channels together. `kept`: what the addresses carry along, by name. Six statements at most.

    InvalidInput for a period of too many steps.
    """
    period = picked.period
    spans = [Span(query.channel_id, period.start, period.end, query.owned) for query in queries]
    found = figures(queries[0], spans, COMPARED)
    columns = tuple(_column(name, metric, kept) for name in COMPARED)
    best = {column.name: _best([numbers[column.name].value for numbers in found], column) for column in columns}
    names = [name_of(head) for head in heads]
    rows = tuple(
        ChannelRow(
            name=name,
            title=title_of(head),
            cells=tuple(_cell(column, numbers, best[column.name]) for column in columns),
            without=_address({**kept, "channels": ",".join(other for other in names if other != name)}),
        )
        for name, head, numbers in zip(names, heads, found, strict=True)
    )
    return CompareReport(
        columns=columns,
        rows=rows,
        chart=_chart(heads, queries, period, metric),
        left_out=max(0, len(heads) - MOST_LINES),
        told=told(found[0][metric].provenance, formulas_of(*COMPARED)),
    )


def _column(name: str, chosen: str, kept: Mapping[str, str]) -> Column:
    metric = METRICS[name]
    return Column(
        name=name,
        label=metric.label,
        formula=metric.formula,
        percent=metric.unit is Unit.PERCENT,
        address=_address({**kept, "metric": name}),
        chosen=name == chosen,
    )


def _address(parameters: Mapping[str, str]) -> str:
    return "?" + urlencode(parameters, safe=",@")


def _best(values: Sequence[float | int | None], column: Column) -> float | int | None:
    """The most, where there is something to be better than."""
    known = [value for value in values if value is not None]
    if column.name in _NEVER_BEST or not known or min(known) == max(known):
        return None
    return max(known)


def _cell(column: Column, numbers: Mapping[str, Number], best: float | int | None) -> Cell:
    value = numbers[column.name].value
    return Cell(column, value, best is not None and value == best)


def _chart(heads: Sequence[ChannelHead], queries: Sequence[StatsQuery], period: Period, metric: str) -> RenderedChart:
    drawn = list(zip(heads, queries, strict=True))[:MOST_LINES]
    found = compare_channels([query for _head, query in drawn], metrics=(metric,), window=_window(period))

    def line(head: ChannelHead, channel: ComparedChannel) -> Series:
        steps = zip(found.steps, channel.series, strict=True)
        return Series(
            title_of(head), tuple(Point(start, numbers[metric].value, end) for (start, end), numbers in steps)
        )

    lines = [line(head, channel) for (head, _query), channel in zip(drawn, found.channels, strict=True)]
    return draw(
        Chart(
            name="compare",
            title=str(METRICS[metric].label),
            shape=Shape.LINE,
            points=(),
            series=tuple(lines),
            start=min([period.start, *(start for start, _end in found.steps[:1])]),
            end=period.end,
            zone=period.zone,
            language=get_language() or "en",
            digits=0 if METRICS[metric].unit is Unit.COUNT else 1,
        )
    )


def _window(period: Period) -> StepWidth:
    """The step that keeps the lines readable."""
    width = period.end - period.start
    for limit, step in (
        (_HOURLY_UNTIL, StepWidth.HOUR), (_DAILY_UNTIL, StepWidth.DAY), (_WEEKLY_UNTIL, StepWidth.WEEK),
    ):  # fmt: skip
        if width <= limit:
            return step
    return StepWidth.MONTH
