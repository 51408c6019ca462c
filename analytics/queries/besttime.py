"""When posts do best: the hours of the week by relative reach, shrunk where little is known. Two statements."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from analytics.queries.question import StatsQuery
from analytics.queries.relative import RelativePosts, percent, relative_reach
from analytics.queries.spans import Span

# Fewer posts than this are too little data: a single post tells of itself, not of its hour.
LEAST_POSTS = 5
# The row's and column's mean weigh as much as so many posts of the cell.
SHRINKAGE = 5
BEST_SLOTS = 3
_DAYS, _HOURS = 7, 24
Slot = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of the week, local; `weekday` 1 (Monday) to 7. Percent above the usual reach; None without posts.

    `median` is that of the cell's own posts, `effect` is shrunk. `enough`: at least `LEAST_POSTS` are behind it.
    """

    weekday: int
    hour: int
    posts: int
    median: float | None
    effect: float | None

    @property
    def enough(self) -> bool:
        """Whether enough posts are behind the cell."""
        return self.posts >= LEAST_POSTS


@dataclass(frozen=True, slots=True)
class Line:
    """A whole weekday (1 to 7) or hour (0 to 23): median relative reach in percent, None without posts."""

    number: int
    posts: int
    effect: float | None


@dataclass(frozen=True, slots=True)
class BestTime:
    """All 168 cells by weekday and hour, the best of those with enough posts, and the margins."""

    cells: tuple[Cell, ...]
    best: tuple[Cell, ...]
    weekdays: tuple[Line, ...]
    hours: tuple[Line, ...]
    found: RelativePosts


def best_time(query: StatsQuery, span: Span) -> BestTime:
    """Relative reach of own posts by local hour and weekday of publication.

    A cell's effect is e^x − 1 with x = (n·m + k·b) ÷ (n + k): n posts, m their median relative reach (a logarithm),
    k = `SHRINKAGE`, b the mean of the medians of its whole weekday and of its whole hour.
    """
    found = relative_reach(query, span)
    cells: defaultdict[Slot, list[float]] = defaultdict(list)
    weekdays: defaultdict[int, list[float]] = defaultdict(list)
    hours: defaultdict[int, list[float]] = defaultdict(list)
    for post in found.posts:
        if post.reach is None:
            continue
        local = post.published_at.astimezone(query.period.zone)
        weekday, hour = local.isoweekday(), local.hour
        cells[weekday, hour].append(post.reach)
        weekdays[weekday].append(post.reach)
        hours[hour].append(post.reach)
    week = tuple(
        _cell((weekday, hour), cells.get((weekday, hour), []), weekdays[weekday], hours[hour])
        for weekday in range(1, _DAYS + 1)
        for hour in range(_HOURS)
    )
    return BestTime(
        cells=week,
        best=_best(week),
        weekdays=_lines(weekdays, range(1, _DAYS + 1)),
        hours=_lines(hours, range(_HOURS)),
        found=found,
    )


def _cell(slot: Slot, reach: Sequence[float], of_weekday: Sequence[float], of_hour: Sequence[float]) -> Cell:
    if not reach:
        return Cell(*slot, posts=0, median=None, effect=None)
    middle = median(reach)
    expected = (median(of_weekday) + median(of_hour)) / 2
    shrunk = (len(reach) * middle + SHRINKAGE * expected) / (len(reach) + SHRINKAGE)
    return Cell(*slot, posts=len(reach), median=percent(middle), effect=percent(shrunk))


def _best(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells most above the usual that have enough posts; ties by weekday and hour."""
    above = [(cell.effect, cell) for cell in cells if cell.enough and cell.effect is not None and cell.effect > 0]
    above.sort(key=lambda one: (-one[0], one[1].weekday, one[1].hour))
    return tuple(cell for _, cell in above[:BEST_SLOTS])


def _lines(found: Mapping[int, Sequence[float]], numbers: range) -> tuple[Line, ...]:
    return tuple(
        Line(number, len(found.get(number, ())), percent(median(found[number])) if found.get(number) else None)
        for number in numbers
    )
