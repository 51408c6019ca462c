"""Half-open periods in a time zone, and how people name them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from analyticbot.core.errors import InvalidInput

DEFAULT_DAYS = 30
# Telegram began in August 2013; nothing can be older.
EARLIEST = datetime(2013, 8, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` (inclusive) to `end` (exclusive), both aware; `zone` cuts it into days."""

    start: datetime
    end: datetime
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise InvalidInput(_("The period is empty: `from` must be before `to`."), field="from")

    @property
    def previous(self) -> "Period":
        """The equal period just before, in local calendar days where the period is made of whole days."""
        if begins_day(self.start, self.zone) and begins_day(self.end, self.zone):
            first, last = self.first_day, self.end.astimezone(self.zone).date()
            return days_between(first - (last - first), first, self.zone)
        return Period(self.start - (self.end - self.start), self.start, self.zone)

    @property
    def first_day(self) -> date:
        """The local day on which the period begins."""
        return self.start.astimezone(self.zone).date()

    @property
    def last_day(self) -> date:
        """The local day of the period's last moment."""
        return (self.end - timedelta(microseconds=1)).astimezone(self.zone).date()

    @property
    def whole_days(self) -> tuple[date, date]:
        """First local day that lies wholly in the period, and the day after the last such one."""
        first = self.first_day + timedelta(days=0 if begins_day(self.start, self.zone) else 1)
        return first, self.end.astimezone(self.zone).date()


def begins_day(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether a local day begins then: at midnight, or at one o'clock where clocks go forward at midnight."""
    return day_start(moment.astimezone(zone).date(), zone) == moment


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a local day, as UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def zone_named(name: str) -> ZoneInfo:
    """The time zone of that name; UTC for a name this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def days_between(first: date, end: date, zone: ZoneInfo) -> Period:
    """Whole local days from `first` up to and without `end`."""
    return Period(day_start(first, zone), day_start(end, zone), zone)


def last_days(days: int, *, now: datetime, zone: ZoneInfo) -> Period:
    """The `days` local days that end with today, today included."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return days_between(tomorrow - timedelta(days=days), tomorrow, zone)


def parse_period(start: str | None, end: str | None, *, now: datetime, zone: ZoneInfo) -> Period:
    """A period from `from` and `to` (ISO date or datetime, `to` exclusive); a missing one is the last 30 days' edge.

    A date, or a datetime without offset, is meant in `zone`. Raises InvalidInput naming the field.
    """
    default = last_days(DEFAULT_DAYS, now=now, zone=zone)
    until = parse_moment(end, field="to", zone=zone) if end else default.end
    if start:
        return Period(parse_moment(start, field="from", zone=zone), until, zone)
    return Period(until - (default.end - default.start), until, zone)


def parse_moment(text: str, *, field: str, zone: ZoneInfo) -> datetime:
    """An ISO date (its first moment in `zone`) or datetime as aware UTC. Raises InvalidInput."""
    try:
        # A "+" in a query string that was not escaped arrives as a space.
        moment = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        aware = aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(
            _("`%(name)s` must be a date like 2026-01-31 or a time like 2026-01-31T12:00:00Z.") % {"name": field},
            field=field,
        ) from None
    return min(max(aware, EARLIEST), LATEST)
