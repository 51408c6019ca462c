"""Any metrics over a period, by steps and in all, beside another period or another channel."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from analyticbot.core.errors import InvalidInput
from analytics.period import Period, begins_day, day_start, days_between, last_days
from analytics.queries.figures import Span, figures
from analytics.queries.question import Number, StatsQuery
from analytics.queries.series import gaps_of

# More than this are not a chart but an export.
MAX_STEPS = 5_000
_HOUR, _DAY, _WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
Stretch: TypeAlias = tuple[datetime, datetime]


class StepWidth(StrEnum):
    """Width of a step: an hour, or a local day, week (from Monday) or month."""

    HOUR = "H"
    DAY = "D"
    WEEK = "W"
    MONTH = "M"


class Comparison(StrEnum):
    """What a period of a channel is compared with."""

    PREVIOUS = "previous"  # the equal period just before
    WEEKDAYS = "weekdays"  # the last one that has the same weekdays
    YEAR = "year"  # the same dates a year before
    AGE = "age"  # the equal period just before, its posts as they were at the age that ours have now


@dataclass(frozen=True, slots=True)
class Rival:
    """Another channel (our row id) that the reader may see."""

    channel_id: int
    owned: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers by metric name of each step (first moment, end exclusive) and of the whole period."""

    period: Period
    steps: tuple[Stretch, ...]
    series: tuple[Mapping[str, Number], ...]
    totals: Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class StatsResult:
    """The answer to a StatsQuery; `gaps` are spans in which something was not collected."""

    metrics: tuple[str, ...]
    current: Figures
    compared: Figures | None
    gaps: tuple[Stretch, ...]


def statistics(
    query: StatsQuery,
    *,
    metrics: Sequence[str],
    window: StepWidth = StepWidth.DAY,
    compare: Comparison | Rival | None = None,
) -> StatsResult:
    """Numbers of the query's period by steps and in all, and the same of what it is compared with.

    Three to six statements (seven to eleven for `Comparison.AGE`). InvalidInput for a period of too many steps.
    """
    names = tuple(dict.fromkeys(metrics))
    main = _Plan.of(query, query.period, window)
    other = _other_plan(query, window, compare)
    as_one = other is not None and compare is not Comparison.AGE
    found = figures(query, [*main.spans, *(other.spans if other and as_one else ())], names)
    current = main.answer(found[: len(main.spans)], names)
    compared = None
    if other is not None:
        rest = found[len(main.spans) :] if as_one else figures(query, other.spans, names)
        compared = other.answer(rest, names)
    return StatsResult(names, current, compared, gaps_of(query, "updates", "counters", "subscribers"))


@dataclass(frozen=True, slots=True)
class _Plan:
    """The spans to read for one period: its steps, then the whole."""

    period: Period
    steps: tuple[Stretch, ...]
    spans: tuple[Span, ...]

    @classmethod
    def of(
        cls,
        query: StatsQuery,
        period: Period,
        window: StepWidth,
        *,
        rival: Rival | None = None,
        as_of: datetime | None = None,
    ) -> "_Plan":
        channel_id, owned = (rival.channel_id, rival.owned) if rival else (query.channel_id, query.owned)
        steps = steps_of(period, window, now=query.now)
        parts = (Span(channel_id, first, last, owned, is_step=True, as_of=as_of) for first, last in steps)
        return cls(period, steps, (*parts, Span(channel_id, period.start, period.end, owned, as_of=as_of)))

    def answer(self, found: Sequence[Mapping[str, Number]], names: Sequence[str]) -> Figures:
        chosen = [{name: numbers[name] for name in names} for numbers in found]
        return Figures(self.period, self.steps, tuple(chosen[:-1]), chosen[-1])


def _other_plan(query: StatsQuery, window: StepWidth, compare: Comparison | Rival | None) -> _Plan | None:
    if compare is None:
        return None
    if isinstance(compare, Rival):
        return _Plan.of(query, query.period, window, rival=compare)
    period = compared_period(query.period, compare)
    if compare is not Comparison.AGE:
        return _Plan.of(query, period, window)
    # What of the earlier period had come by then: of a period that still runs, no more than has run of it.
    as_of = query.now - (query.period.start - period.start)
    if as_of <= period.start:
        raise InvalidInput(_("A period that has not begun has no posts to compare by age."), field="compare")
    return _Plan.of(query, Period(period.start, min(period.end, as_of), period.zone), window, as_of=as_of)


def compared_period(period: Period, compare: Comparison) -> Period:
    """The period that a period is compared with, by local days where it is made of whole ones."""
    match compare:
        case Comparison.WEEKDAYS:
            # By the clock on the wall: a week in which clocks go back is one week.
            weeks = -((_wall(period.start, period.zone) - _wall(period.end, period.zone)) // _WEEK)
            start, end = (_shifted(at, period.zone, days=7 * weeks) for at in (period.start, period.end))
            return Period(start, end, period.zone)
        case Comparison.YEAR:
            start = _year_before(period.start, period.zone)
            end = _end_year_before(period.end, period.zone)
            # Hours around midnight of the leap day would end before they begin.
            return Period(start, end if end > start else start + (period.end - period.start), period.zone)
    return period.previous


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows, naive; midnight where a day begins, though clocks may have gone on by then."""
    local = at.astimezone(zone).replace(tzinfo=None)
    return datetime.combine(local.date(), time.min) if begins_day(at, zone) else local


def _shifted(at: datetime, zone: ZoneInfo, *, days: int) -> datetime:
    """The same local time so many days before, as UTC."""
    return (_wall(at, zone) - timedelta(days=days)).replace(tzinfo=zone).astimezone(UTC)


def _year_before(at: datetime, zone: ZoneInfo) -> datetime:
    """The same local date and time a year before; 28 February for the 29th."""
    local = _wall(at, zone)
    day = local.day if not (local.month == 2 and local.day == 29) else 28  # noqa: PLR2004 - the leap day
    return local.replace(year=local.year - 1, day=day).replace(tzinfo=zone).astimezone(UTC)


def _end_year_before(at: datetime, zone: ZoneInfo) -> datetime:
    """The same of an end: days up to and with 28 February end with that day, whether or not the leap day follows."""
    day = at.astimezone(zone).date()
    if (day.month, day.day) == (2, 29) and begins_day(at, zone):
        return day_start(date(day.year - 1, 3, 1), zone)
    return _year_before(at, zone)


def steps_of(period: Period, window: StepWidth, *, now: datetime) -> tuple[Stretch, ...]:
    """Steps of a period, the first and last cut to it, ending with today. InvalidInput for more than MAX_STEPS."""
    end = min(period.end, last_days(1, now=now, zone=period.zone).end)
    steps: list[Stretch] = []
    for first, last in _nominal(period, window):
        if first >= end:
            break
        if len(steps) == MAX_STEPS:
            raise InvalidInput(
                _("The period has more than %(steps)s steps: choose a shorter one or wider steps.")
                % {"steps": MAX_STEPS},
                field="from",
            )
        steps.append((max(first, period.start), min(last, end)))
    return tuple(steps)


def _nominal(period: Period, window: StepWidth) -> Iterator[Stretch]:
    """Steps from the one in which the period begins, without end."""
    if window is StepWidth.HOUR:
        at = period.start.astimezone(period.zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
        while True:
            yield at, at + _HOUR
            at += _HOUR
    day = period.first_day
    if window is StepWidth.WEEK:
        day -= timedelta(days=day.weekday())
    if window is StepWidth.MONTH:
        day = day.replace(day=1)
    while True:
        after = _next(day, window)
        span = days_between(day, after, period.zone)
        yield span.start, span.end
        day = after


def _next(day: date, window: StepWidth) -> date:
    if window is StepWidth.MONTH:
        return (day + timedelta(days=31)).replace(day=1)
    return day + (_DAY if window is StepWidth.DAY else _WEEK)
