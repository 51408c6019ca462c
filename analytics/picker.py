"""The period picker: the address is its whole state.

`?period=today|7d|28d|90d|365d|all`, or `?first=2026-01-01&last=2026-01-31` (both days included), or as in the API
`?from=…&to=…` (`to` exclusive).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analyticbot.core.errors import InvalidInput
from analytics.period import Period, days_between, last_days, parse_moment, parse_period

DEFAULT = "28d"
ALL = "all"
CUSTOM = "custom"
_DAYS = {"today": 1, "7d": 7, "28d": 28, "90d": 90, "365d": 365}
LABELS: dict[str, Promise] = {
    "today": gettext_lazy("Today"),
    "7d": gettext_lazy("7 days"),
    "28d": gettext_lazy("28 days"),
    "90d": gettext_lazy("90 days"),
    "365d": gettext_lazy("365 days"),
    ALL: gettext_lazy("All time"),
}


@dataclass(frozen=True, slots=True)
class Preset:
    """One named choice of the picker."""

    label: Promise
    address: str
    chosen: bool


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
    today, kept = now.astimezone(zone).date(), keep or {}
    return Picked(
        name=name,
        period=period,
        presets=tuple(Preset(label, _preset(key, kept), key == name) for key, label in LABELS.items()),
        earlier=_moved(period, -1, today=today, kept=kept) if name != ALL else None,
        later=_moved(period, 1, today=today, kept=kept) if name != ALL else None,
        today=today,
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
        return CUSTOM, Period(asked.start, min(asked.end, last_days(1, now=now, zone=zone).end), zone)
    name = parameters.get("period") or DEFAULT
    if name == ALL:
        today = last_days(1, now=now, zone=zone)
        first = min(oldest.astimezone(zone).date(), today.first_day) if oldest else None
        return ALL, days_between(first, today.last_day + timedelta(days=1), zone) if first else _default(now, zone)
    if name not in _DAYS:
        raise InvalidInput(_("There is no such period; showing the last 28 days."), field="period")
    return name, last_days(_DAYS[name], now=now, zone=zone)


def _default(now: datetime, zone: ZoneInfo) -> Period:
    return last_days(_DAYS[DEFAULT], now=now, zone=zone)


def _days_asked(parameters: Mapping[str, str], *, now: datetime, zone: ZoneInfo) -> Period:
    """Both days included; a missing one is today, or four weeks before the last."""
    today = now.astimezone(zone).date()
    # Nothing can have been observed after today.
    last = min(_day(parameters.get("last"), zone) or today, today)
    first = _day(parameters.get("first"), zone) or last - timedelta(days=_DAYS[DEFAULT] - 1)
    if first > last:
        raise InvalidInput(_("The first day is after the last one; showing the last 28 days."), field="first")
    return days_between(first, last + timedelta(days=1), zone)


def _day(text: str | None, zone: ZoneInfo) -> date | None:
    if not text:
        return None
    try:
        return parse_moment(text, field="first", zone=zone).astimezone(zone).date()
    except InvalidInput:
        raise InvalidInput(_("A day is written like 2026-01-31; showing the last 28 days."), field="first") from None


def _preset(name: str, kept: Mapping[str, str]) -> str:
    return "?" + urlencode({"period": name, **kept})


def _moved(period: Period, steps: int, *, today: date, kept: Mapping[str, str]) -> str | None:
    """The address of the equal period before or after; None if it would begin in the future."""
    first, days = period.first_day, (period.last_day - period.first_day).days + 1
    try:
        first = first + timedelta(days=days * steps)
        last = first + timedelta(days=days - 1)
    except OverflowError:
        return None
    if first > today:
        return None
    return "?" + urlencode({"first": first.isoformat(), "last": last.isoformat(), **kept})
