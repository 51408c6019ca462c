"""Scales: round steps for values, calendar steps for time."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from analyticbot.core.charts import words

_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class ValueScale:
    """A value axis from `low` to `high` with round ticks."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def share(self, value: float) -> float:
        """Where a value lies: 0 at `low`, 1 at `high`."""
        return (value - self.low) / (self.high - self.low)


def value_scale(values: list[float], *, holds_zero: bool, whole: bool, wanted: int = 4) -> ValueScale:
    """A scale over the values with about `wanted` round steps. No values, or all equal: a scale around them."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if holds_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        pad = max(abs(low) * 0.01, 1.0)
        low, high = (low, high + pad) if holds_zero else (low - pad, high + pad)
    step = _round_step(low, high, wanted, whole=whole)
    first, last = math.floor(low / step), math.ceil(high / step)
    if last - first > 4 * wanted or not math.isfinite(first * step):
        # The span is below what floating point can tell apart at this size: two ticks say all there is.
        return ValueScale(low, high, (low, high))
    # Multiples by counting, so that no error adds up.
    ticks = tuple(_clean(index * step) for index in range(first, last + 1))
    if ticks[0] >= ticks[-1]:
        return ValueScale(low, high, (low, high))
    return ValueScale(ticks[0], ticks[-1], ticks)


def _round_step(low: float, high: float, wanted: int, *, whole: bool) -> float:
    raw = high / wanted - low / wanted  # divided first: the difference of two huge numbers may overflow
    if raw <= 0:
        return 1.0
    exponent = math.floor(math.log10(raw))
    power = 10.0**exponent if exponent > -300 else 1e-300  # noqa: PLR2004 - below, floats lose digits
    step = next((factor * power for factor in _ROUND if factor * power >= raw), 10 * power)
    return max(step, 1.0) if whole else step


def _clean(value: float) -> float:
    return float(f"{value:.12g}")


def tick_labels(scale: ValueScale, language: str) -> tuple[str, ...]:
    """Labels of the ticks, as short as they can be while telling the ticks apart."""
    for digits in range(4):
        labels = tuple(words.compact_number(tick, language, digits=digits) for tick in scale.ticks)
        if len(set(labels)) == len(labels) and _exact(scale, digits):
            return labels
    return tuple(words.full_number(tick, language, digits=3) for tick in scale.ticks)


def _exact(scale: ValueScale, digits: int) -> bool:
    """Whether that many decimals lose nothing of the ticks in compact form."""
    for tick in scale.ticks:
        size = abs(tick)
        unit = next((u for u in (1e12, 1e9, 1e6, 1e3) if size >= u), 1.0) if size >= 10_000 else 1.0  # noqa: PLR2004 - as in words
        if not math.isclose(round(tick / unit, digits), tick / unit, rel_tol=1e-9, abs_tol=1e-12):
            return False
    return True


@dataclass(frozen=True, slots=True)
class TimeTick:
    """A mark on the time axis; minor ones give way where there is little room."""

    at: datetime
    label: str
    minor: bool


_HOURS = (1, 2, 3, 6, 12)
_DAYS = (1, 2, 4, 7, 14)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
_MOST = 8


def time_ticks(start: datetime, end: datetime, zone: ZoneInfo, language: str) -> tuple[TimeTick, ...]:
    """At most eight marks at round local times: hours, midnights, Mondays, first days of months or of years."""
    span = end - start
    if span <= timedelta(0):
        return ()
    for hours in _HOURS:
        if span <= timedelta(hours=hours * _MOST):
            return _labelled(_hour_marks(start, end, zone, hours), zone, language, "hour")
    for days in _DAYS:
        if span <= timedelta(days=days * _MOST):
            return _labelled(_day_marks(start, end, zone, days), zone, language, "day")
    months = next((m for m in _MONTHS if span <= timedelta(days=30.5 * m * _MOST)), _MONTHS[-1])
    return _labelled(_month_marks(start, end, zone, months), zone, language, "month" if months < 12 else "year")  # noqa: PLR2004 - a year


def _hour_marks(start: datetime, end: datetime, zone: ZoneInfo, hours: int) -> list[datetime]:
    marks: list[datetime] = []
    day = start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    while day < end:
        for hour in range(0, 24, hours):
            mark = day.replace(hour=hour).astimezone(UTC)
            if start <= mark < end and (not marks or mark > marks[-1]):
                marks.append(mark)
        day = _next_day(day, 1)
    return marks


def _day_marks(start: datetime, end: datetime, zone: ZoneInfo, days: int) -> list[datetime]:
    marks: list[datetime] = []
    day = start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if days % 7 == 0:
        day = _next_day(day, -day.weekday())
    while day < end:
        if day >= start:
            marks.append(day.astimezone(UTC))
        day = _next_day(day, days)
    return marks


def _month_marks(start: datetime, end: datetime, zone: ZoneInfo, months: int) -> list[datetime]:
    local = start.astimezone(zone)
    count = (local.year * 12 + local.month - 1) // months * months
    marks: list[datetime] = []
    while True:
        year, month = divmod(count, 12)
        mark = datetime(year, month + 1, 1, tzinfo=zone)
        if mark >= end:
            return marks
        if mark >= start:
            marks.append(mark.astimezone(UTC))
        count += months


def _next_day(day: datetime, days: int) -> datetime:
    """The same wall-clock hour `days` later, whatever the clocks do in between."""
    return (day.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=day.tzinfo)


_FEW = 3


def _labelled(marks: list[datetime], zone: ZoneInfo, language: str, unit: str) -> tuple[TimeTick, ...]:
    every = -(-len(marks) // _FEW)  # where there is little room, three labels are left
    return tuple(
        TimeTick(mark, _label(mark, zone, language, unit), minor=index % every != 0) for index, mark in enumerate(marks)
    )


def _label(mark: datetime, zone: ZoneInfo, language: str, unit: str) -> str:
    local = mark.astimezone(zone)
    if unit == "hour":
        midnight = local.hour == 0 and local.minute == 0
        return words.day(mark, language, zone, year=False) if midnight else words.clock(mark, language, zone)
    if unit == "day":
        return words.day(mark, language, zone, year=False)
    if unit == "month" and local.month != 1:
        return words.month(mark, language, zone)
    return str(local.year)
