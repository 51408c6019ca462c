"""The period picker: the address is its whole state.

`?period=` with a name of `LABELS`, or `?first=2026-01-01&last=2026-01-31` (both days included), or as in the API
`?from=…&to=…` (`to` exclusive).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analyticbot.core.errors import InvalidInput
from analytics.period import EARLIEST, Period, days_between, last_days, parse_moment, parse_period

DEFAULT = "28d"
ALL = "all"
CUSTOM = "custom"
HOURS_24 = "24h"
MONTH, LAST_MONTH, YEAR = "month", "last-month", "year"
_DAYS = {"today": 1, "7d": 7, "28d": 28, "90d": 90, "365d": 365}
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
LABELS: dict[str, Promise] = {
    "today": gettext_lazy("Today"),
    "yesterday": gettext_lazy("Yesterday"),
    HOURS_24: gettext_lazy("Last 24 hours"),
    "7d": gettext_lazy("7 days"),
    "28d": gettext_lazy("28 days"),
    "90d": gettext_lazy("90 days"),
    "365d": gettext_lazy("365 days"),
    MONTH: gettext_lazy("Month to date"),
    LAST_MONTH: gettext_lazy("Last month"),
    YEAR: gettext_lazy("Year to date"),
    ALL: gettext_lazy("All time"),
}
# The second key of each preset, after "p".
KEYS: dict[str, str] = {
    "today": "d",
    "yesterday": "e",
    HOURS_24: "h",
    "7d": "w",
    "28d": "f",
    "90d": "n",
    "365d": "l",
    MONTH: "m",
    LAST_MONTH: "p",
    YEAR: "y",
    ALL: "a",
}
CUSTOM_KEY = "c"
# As the menu groups them.
_GROUPS = (("today", "yesterday", HOURS_24), ("7d", "28d", "90d", "365d"), (MONTH, LAST_MONTH, YEAR, ALL))


@dataclass(frozen=True, slots=True)
class Preset:
    """One named choice of the picker; `key` is pressed after "p"."""

    name: str
    label: Promise
    address: str
    chosen: bool
    key: str


@dataclass(frozen=True, slots=True)
class Picked:
    """What was picked, and where its neighbours are. Addresses are query strings with the question mark."""

    name: str  # of the preset, or "custom"
    period: Period
    presets: tuple[Preset, ...]
    earlier: str | None
    later: str | None
    today: date
    # Why the address was not understood; the default period stands in then.
    error: str | None = None
    # Names and values of what else stands in the address, for a form.
    kept: tuple[tuple[str, str], ...] = ()

    @property
    def last_day(self) -> date:
        """The last day, as a person would say it."""
        return self.period.last_day

    @property
    def words(self) -> str:
        """From day to day."""
        return words.span(self.period.start, self.period.end, get_language() or "en", self.period.zone)

    @property
    def label(self) -> Promise | None:
        """What the preset is called; None for days of one's own."""
        return LABELS.get(self.name)

    @property
    def groups(self) -> tuple[tuple[Preset, ...], ...]:
        """The presets as the menu shows them."""
        named = {preset.name: preset for preset in self.presets}
        return tuple(tuple(named[name] for name in group) for group in _GROUPS)

    @property
    def compares(self) -> bool:
        """Whether there is an equal period before (there is none before all time)."""
        return self.name != ALL


def pick(
    parameters: Mapping[str, str],
    *,
    now: datetime,
    zone: ZoneInfo,
    oldest: datetime | None,
    keep: Mapping[str, str] | None = None,
) -> Picked:
    """Read the picker's state. `oldest` is the moment from which "all time" begins; None: not known yet.

    `keep`: what else stands in the address and goes along with every choice.

    What cannot be understood gives the default period and an `error` for the person; it never raises.
    """
    try:
        name, period = _read(parameters, now=now, zone=zone, oldest=oldest)
        error = None
    except InvalidInput as problem:
        name, period, error = DEFAULT, last_days(_DAYS[DEFAULT], now=now, zone=zone), problem.message
    kept = keep or {}
    return Picked(
        name=name,
        period=period,
        presets=tuple(
            Preset(key, label, _address({"period": key}, kept), key == name, KEYS[key]) for key, label in LABELS.items()
        ),
        earlier=_moved(name, period, -1, now=now, kept=kept) if name != ALL else None,
        later=_moved(name, period, 1, now=now, kept=kept) if name != ALL else None,
        today=now.astimezone(zone).date(),
        error=error,
        kept=tuple(kept.items()),
    )


def _read(
    parameters: Mapping[str, str], *, now: datetime, zone: ZoneInfo, oldest: datetime | None
) -> tuple[str, Period]:
    if parameters.get("first") or parameters.get("last"):
        return CUSTOM, _days_asked(parameters, now=now, zone=zone)
    if parameters.get("from") or parameters.get("to"):
        asked = parse_period(parameters.get("from"), parameters.get("to"), now=now, zone=zone)
        # Nothing is known after today; the running hour may end in the next day where zones differ by half an hour.
        end = max(last_days(1, now=now, zone=zone).end, _day_and_night(now, zone).end)
        return CUSTOM, Period(asked.start, min(asked.end, end), zone)
    name = parameters.get("period") or DEFAULT
    if name == ALL:
        today = last_days(1, now=now, zone=zone)
        first = min(oldest.astimezone(zone).date(), today.first_day) if oldest else None
        return ALL, days_between(first, today.last_day + _DAY, zone) if first else _default(now, zone)
    if name in _NAMED:
        return name, _NAMED[name](now, zone)
    if name not in _DAYS:
        raise InvalidInput(_("There is no such period; showing the last 28 days."), field="period")
    return name, last_days(_DAYS[name], now=now, zone=zone)


def _default(now: datetime, zone: ZoneInfo) -> Period:
    return last_days(_DAYS[DEFAULT], now=now, zone=zone)


def _yesterday(now: datetime, zone: ZoneInfo) -> Period:
    today = now.astimezone(zone).date()
    return days_between(today - _DAY, today, zone)


def _day_and_night(now: datetime, zone: ZoneInfo) -> Period:
    """Twenty-four whole hours, the running one included: views are kept by the hour."""
    end = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + _HOUR
    return Period(end - 24 * _HOUR, end, zone)


def _month(now: datetime, zone: ZoneInfo) -> Period:
    today = now.astimezone(zone).date()
    return days_between(today.replace(day=1), today + _DAY, zone)


def _last_month(now: datetime, zone: ZoneInfo) -> Period:
    first = now.astimezone(zone).date().replace(day=1)
    return days_between((first - _DAY).replace(day=1), first, zone)


def _year(now: datetime, zone: ZoneInfo) -> Period:
    today = now.astimezone(zone).date()
    return days_between(today.replace(month=1, day=1), today + _DAY, zone)


_NAMED: Mapping[str, Callable[[datetime, ZoneInfo], Period]] = {
    "yesterday": _yesterday,
    HOURS_24: _day_and_night,
    MONTH: _month,
    LAST_MONTH: _last_month,
    YEAR: _year,
}


def _days_asked(parameters: Mapping[str, str], *, now: datetime, zone: ZoneInfo) -> Period:
    """Both days included; a missing one is today, or four weeks before the last."""
    today = now.astimezone(zone).date()
    # Nothing can have been observed after today.
    last = min(_day(parameters.get("last"), zone) or today, today)
    first = _day(parameters.get("first"), zone) or last - timedelta(days=_DAYS[DEFAULT] - 1)
    if first > last:
        raise InvalidInput(_("The first day is after the last one; showing the last 28 days."), field="first")
    return days_between(first, last + _DAY, zone)


def _day(text: str | None, zone: ZoneInfo) -> date | None:
    if not text:
        return None
    try:
        return parse_moment(text, field="first", zone=zone).astimezone(zone).date()
    except InvalidInput:
        raise InvalidInput(_("A day is written like 2026-01-31; showing the last 28 days."), field="first") from None


def _address(state: Mapping[str, str], kept: Mapping[str, str]) -> str:
    return "?" + urlencode({**state, **kept})


def _moved(name: str, period: Period, steps: int, *, now: datetime, kept: Mapping[str, str]) -> str | None:
    """The address of the equal period before or after, months by months, years by years; None for the future."""
    try:
        if not _of_whole_days(period):
            return _moved_by_time(period, steps, now=now, kept=kept)
        first, last = _neighbour(name, period, steps)
    except (OverflowError, ValueError):  # beyond the calendar
        return None
    today = now.astimezone(period.zone).date()
    if first > today:
        return None
    # The running month or year is what its preset says: as days of its own it would no more move by months or years.
    if first.day == 1 and last > today:
        if last == _months_after(first, 1) - _DAY:
            return _address({"period": MONTH}, kept)
        if first.month == 1 and last == _months_after(first, 12) - _DAY:
            return _address({"period": YEAR}, kept)
    return _address({"first": first.isoformat(), "last": last.isoformat()}, kept)


def _of_whole_days(period: Period) -> bool:
    first, end = period.whole_days
    return first == period.first_day and period.last_day + _DAY == end


def _moved_by_time(period: Period, steps: int, *, now: datetime, kept: Mapping[str, str]) -> str | None:
    start, end = (moment + steps * (period.end - period.start) for moment in (period.start, period.end))
    if start >= now or start < EARLIEST:
        return None
    return _address({"from": _written(start), "to": _written(end)}, kept)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _neighbour(name: str, period: Period, steps: int) -> tuple[date, date]:
    """First and last day of the period before (-1) or after (1)."""
    first, end = period.first_day, period.last_day + _DAY
    if first.day == 1 and first.month == 1 and (name == YEAR or end == _months_after(first, 12)):
        start = first.replace(year=first.year + steps)
        return start, _months_after(start, 12) - _DAY
    if first.day == 1 and (name == MONTH or end == _months_after(first, 1)):
        start = _months_after(first, steps)
        return start, _months_after(start, 1) - _DAY
    span = end - first
    return first + steps * span, first + (steps + 1) * span - _DAY


def _months_after(first: date, months: int) -> date:
    """The first day of the month so many months later. ValueError beyond the calendar."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
