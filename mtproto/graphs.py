"""Official graphs: Telegram's chart JSON becomes typed series, and known graphs become figures of days. Pure.

The JSON is that of Telegram's own clients: ``columns`` ``[[label, value, …], …]``, ``types`` ``{label: x|line|area|
step|bar}``, ``names`` ``{label: text}``. Names come in the language of the account, so known graphs are read by
position unless their English names say otherwise.
"""

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson

RawGraph = str | bytes | Mapping[str, Any]

# Numbers on the x axis below this are seconds (it is the year 5138 in seconds and 1973 in milliseconds).
_SECONDS_BELOW = 100_000_000_000
# x axes that count hours of the day or days of the week hold small integers only.
_INDEX_BELOW = 24
_HOURLY_BELOW = timedelta(hours=20)
_FINE_BELOW = timedelta(minutes=30)
_WEEKLY_FROM = timedelta(days=6)
# Two points can be a week apart because the days between are missing; three show a rhythm.
_RHYTHM_POINTS = 3


class GraphInvalid(ValueError):
    """The text is not an official graph; the message says what is wrong."""


class Resolution(StrEnum):
    """How far apart the points are. INDEX: the axis counts hours of the day or days of the week, not time."""

    FINE = "fine"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class Series:
    """One line, bar or area. `values` has one entry for each x, None where Telegram gives none."""

    key: str
    name: str
    type: str
    values: tuple[float | int | None, ...]


@dataclass(frozen=True, slots=True)
class ParsedGraph:
    """A graph with its axis: `x` in aware UTC, or `index` (0…23 or 0…6) when the axis is not time.

    `dropped` names series whose length does not fit the axis: their values cannot be placed.
    """

    x: tuple[datetime, ...]
    series: tuple[Series, ...]
    resolution: Resolution
    index: tuple[int, ...] = ()
    percentage: bool = False
    stacked: bool = False
    y_scaled: bool = False
    dropped: tuple[str, ...] = ()


@dataclass(slots=True)
class DailyFigures:
    """What the graphs say of one UTC day. None: not told. `left` is a number of people, never negative.

    `detail` is {graph: {label: value}} for graphs with one series per label.
    """

    day: date
    subscribers: int | None = None
    joined: int | None = None
    left: int | None = None
    muted: int | None = None
    unmuted: int | None = None
    views: int | None = None
    shares: int | None = None
    reactions: int | None = None
    detail: dict[str, dict[str, float | int | None]] = field(default_factory=dict)


# Figures of known graphs, by position; the words are their English names, in case Telegram changes the order.
_FIGURES: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "growth_graph": (("subscribers", ("total followers", "total subscribers", "followers", "subscribers")),),
    "followers_graph": (("joined", ("joined", "new followers")), ("left", ("left", "unfollowed"))),
    "mute_graph": (("muted", ("muted",)), ("unmuted", ("unmuted",))),
    "interactions_graph": (("views", ("views",)), ("shares", ("shares", "forwards"))),
}
# A level is what stands at the end of a day; everything else adds up over its hours.
_LEVELS = frozenset({"subscribers"})
_DETAILED = frozenset(
    {
        "views_by_source_graph",
        "new_followers_by_source_graph",
        "languages_graph",
        "reactions_by_emotion_graph",
        "iv_interactions_graph",
        "story_interactions_graph",
        "story_reactions_by_emotion_graph",
    }
)


def read_graph(raw: RawGraph) -> ParsedGraph:
    """An official graph from its JSON (text or parsed). Times in ms or s become aware UTC; points are put in order.

    Values that are not finite numbers are None. Raises GraphInvalid.
    """
    chart = _chart(raw)
    columns = _columns(chart)
    types, names = _words(chart, "types"), _words(chart, "names")
    x_label = next((label for label in columns if types.get(label) == "x"), "x")
    if x_label not in columns:
        raise GraphInvalid("no x column")
    axis = [_axis_number(value) for value in columns.pop(x_label)]
    order = sorted(range(len(axis)), key=axis.__getitem__)
    axis = [axis[i] for i in order]
    if any(a == b for a, b in itertools.pairwise(axis)):
        raise GraphInvalid("the same x twice")
    fitting = {label: values for label, values in columns.items() if len(values) == len(axis)}
    if columns and not fitting:
        raise GraphInvalid(f"no column has the {len(axis)} values of the x axis")
    series = tuple(
        Series(label, _word(names.get(label), label), _word(types.get(label), "line"), _values(values, order))
        for label, values in fitting.items()
    )
    indexed = bool(axis) and all(0 <= value < _INDEX_BELOW for value in axis)
    x = () if indexed else _times(axis)
    return ParsedGraph(
        x=x,
        series=series,
        resolution=Resolution.INDEX if indexed else _resolution(x),
        index=tuple(int(value) for value in axis) if indexed else (),
        percentage=chart.get("percentage") is True,
        stacked=chart.get("stacked") is True,
        y_scaled=chart.get("y_scaled") is True,
        dropped=tuple(label for label in columns if label not in fitting),
    )


def _chart(raw: RawGraph) -> Mapping[str, Any]:
    if isinstance(raw, Mapping):
        return raw
    try:
        chart = orjson.loads(raw)
    except (ValueError, TypeError) as error:
        raise GraphInvalid(f"not JSON: {error}") from None
    if not isinstance(chart, dict):
        raise GraphInvalid("not a JSON object")
    return chart


def _columns(chart: Mapping[str, Any]) -> dict[str, list[Any]]:
    columns = chart.get("columns")
    if not isinstance(columns, list) or not all(isinstance(column, list) and column for column in columns):
        raise GraphInvalid("columns is not a list of columns")
    labelled = {column[0]: column[1:] for column in columns if isinstance(column[0], str)}
    if len(labelled) != len(columns):
        raise GraphInvalid("columns without a label, or with the same one")
    return labelled


def _words(chart: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    words = chart.get(part)
    return words if isinstance(words, Mapping) else {}


def _axis_number(value: Any) -> float | int:
    number = _number(value)
    if number is None:
        raise GraphInvalid(f"{value!r:.40} on the x axis is no number")
    return number


def _number(value: Any) -> float | int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def _values(values: list[Any], order: list[int]) -> tuple[float | int | None, ...]:
    return tuple(_number(values[i]) for i in order)


def _times(axis: list[float | int]) -> tuple[datetime, ...]:
    unit = 1 if not axis or max(abs(axis[0]), abs(axis[-1])) < _SECONDS_BELOW else 1000
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    try:
        return tuple(epoch + timedelta(seconds=value / unit) for value in axis)
    except OverflowError:
        raise GraphInvalid("a time on the x axis lies outside the calendar") from None


def _resolution(x: tuple[datetime, ...]) -> Resolution:
    if len(x) < 2:  # noqa: PLR2004 - one point has no distance
        return Resolution.DAILY
    step = min(later - earlier for earlier, later in itertools.pairwise(x))
    if step < _FINE_BELOW:
        return Resolution.FINE
    if step < _HOURLY_BELOW:
        return Resolution.HOURLY
    return Resolution.WEEKLY if step >= _WEEKLY_FROM and len(x) >= _RHYTHM_POINTS else Resolution.DAILY


def _word(value: Any, default: str) -> str:
    return value.replace("\x00", "\ufffd") if isinstance(value, str) and value else default


def daily_facts_from_graphs(
    graphs: Mapping[str, RawGraph], *, invalid: dict[str, str] | None = None
) -> list[DailyFigures]:
    """Figures of every UTC day that the graphs (by Telegram's field name) tell of, oldest first.

    Hourly and finer graphs are added up over the day (subscribers: the day's last value); the raw graph keeps the
    hours. Weekly graphs give levels only, and graphs over hours of the day belong to no day. `reactions` is the sum
    over all emotions. Days without a point do not appear, and a point without a value stays None. Graphs of unknown
    name are left to whoever keeps the raw JSON. A malformed graph is passed over and named in `invalid`, or raises
    GraphInvalid when `invalid` is not given.
    """
    days: dict[date, DailyFigures] = {}
    for name, raw in graphs.items():
        if name not in _FIGURES and name not in _DETAILED:
            continue
        try:
            graph = read_graph(raw)
        except GraphInvalid as error:
            if invalid is None:
                raise GraphInvalid(f"{name}: {error}") from None
            invalid[name] = str(error)
            continue
        if graph.resolution is not Resolution.INDEX:
            _add_graph(days, name, graph)
    return [days[day] for day in sorted(days)]


def _add_graph(days: dict[date, DailyFigures], name: str, graph: ParsedGraph) -> None:
    if name in _FIGURES:
        for figure, series in _placed(name, graph):
            if graph.resolution is Resolution.WEEKLY and figure not in _LEVELS:
                continue
            for day, value in _by_day(graph.x, series, level=figure in _LEVELS):
                known = days.setdefault(day, DailyFigures(day))
                setattr(known, figure, _whole(value, figure))
    elif graph.resolution is not Resolution.WEEKLY:
        for series in graph.series:
            for day, value in _by_day(graph.x, series, level=False):
                known = days.setdefault(day, DailyFigures(day))
                known.detail.setdefault(name, {})[_free_label(known.detail[name], series)] = value
                if name == "reactions_by_emotion_graph" and value is not None:
                    known.reactions = (known.reactions or 0) + round(value)


def _free_label(taken: Mapping[str, Any], series: Series) -> str:
    """The series' name; its key beside it when another series of the graph has the same name."""
    return f"{series.name} ({series.key})" if series.name in taken else series.name


def _placed(name: str, graph: ParsedGraph) -> Iterator[tuple[str, Series]]:
    """Which series is which figure: by English name if all can be told so, by position otherwise.

    Without the x column's neighbours complete (a series was dropped), positions say nothing: names only.
    """
    wanted = _FIGURES[name]
    named = {
        figure: series for figure, words in wanted for series in graph.series if series.name.strip().casefold() in words
    }
    if len(named) == len(wanted) or graph.dropped:
        yield from named.items()
        return
    for (figure, _), series in zip(wanted, graph.series, strict=False):
        yield figure, series


def _by_day(x: tuple[datetime, ...], series: Series, *, level: bool) -> Iterator[tuple[date, float | int | None]]:
    """A value for each day with a point: the last known one of a level, otherwise the sum of the known ones."""
    totals: dict[date, float | int | None] = {}
    for time, value in zip(x, series.values, strict=True):
        day = time.date()
        before = totals.setdefault(day, None)
        if value is not None:
            totals[day] = value if level or before is None else before + value
    yield from totals.items()


def _whole(value: float | int | None, figure: str) -> int | None:
    if value is None:
        return None
    # Some clients draw leavers below the axis.
    return abs(round(value)) if figure == "left" else round(value)
