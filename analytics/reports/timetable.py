"""When a report is due, and of which days it tells: local time in a zone, across changes of the clock.

Local times are read as RFC 5545 §3.3.5 does: one that comes twice (clocks go back) is its first coming, one that is
left out (clocks go forward) is that much later, by the offset from before the change. So each local day has exactly one
moment for a report, whatever the clocks do.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from analytics.period import Period, days_between

# `day` of a monthly rhythm that comes on the last day of each month.
LAST_DAY = 0
# Every month has these.
MOST_DAY = 28
_LONGEST = 31 + 31


class Every(models.TextChoices):
    """How often."""

    DAY = "day", _("Every day")
    WEEK = "week", _("Every week")
    MONTH = "month", _("Every month")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often and at which local time. `day`: 1 (Monday) to 7, or 1 to 28 of the month and 0 for its last day."""

    every: Every
    day: int
    at: time

    def falls_on(self, day: date) -> bool:
        """Whether a report is due on that local day."""
        if self.every is Every.DAY:
            return True
        if self.every is Every.WEEK:
            return day.isoweekday() == self.day
        return day.day == (self.day or calendar.monthrange(day.year, day.month)[1])


def moment_of(rhythm: Rhythm, day: date, zone: ZoneInfo) -> datetime:
    """The one moment of that local day at which a report is due, in UTC."""
    return datetime.combine(day, rhythm.at, zone).astimezone(UTC)


def next_after(rhythm: Rhythm, zone: ZoneInfo, after: datetime) -> datetime:
    """The first moment later than `after` at which a report is due."""
    # A moment that was moved over a change of the clock may lie on the next local day: begin a day early.
    first = after.astimezone(zone).date() - timedelta(days=1)
    return next(moment for day in _days(rhythm, first, 1) if (moment := moment_of(rhythm, day, zone)) > after)


def latest_day(rhythm: Rhythm, zone: ZoneInfo, now: datetime) -> date:
    """The local day of the latest moment at which a report was due, `now` included."""
    first = now.astimezone(zone).date() + timedelta(days=1)
    return next(day for day in _days(rhythm, first, -1) if moment_of(rhythm, day, zone) <= now)


def period_of(rhythm: Rhythm, day: date, zone: ZoneInfo) -> Period:
    """The whole local days since the report before, up to and without the day on which this one is due."""
    before = next(_days(rhythm, day - timedelta(days=1), -1))
    return days_between(before, day, zone)


def _days(rhythm: Rhythm, first: date, step: int) -> Iterator[date]:
    """Local days on which a report is due, from `first` on, forwards or backwards."""
    for number in range(2 * _LONGEST):
        day = first + timedelta(days=number * step)
        if rhythm.falls_on(day):
            yield day
