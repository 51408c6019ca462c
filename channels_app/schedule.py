"""When a post is looked at next: often while it is young, ever more rarely, never again after 30 days. Pure.

Ages are log-spaced (×1.25 from 5 minutes), so that linear interpolation between two looks stays within 0.3 % of the
final value on a smooth curve; real curves have nights, so steps are capped at 2 h in the first two days and at 24 h
until the end.
"""

from bisect import bisect_right
from datetime import datetime, timedelta

FIRST_LOOK = timedelta(minutes=5)
GROWTH = 1.25
YOUNG_FOR, YOUNG_STEP = timedelta(hours=48), timedelta(hours=2)
OPEN_FOR, OLD_STEP = timedelta(days=30), timedelta(hours=24)


def _ages() -> tuple[int, ...]:
    """All ages at which a post is looked at, in seconds, ascending; the last is the end of polling."""
    ages = [FIRST_LOOK.total_seconds()]
    while ages[-1] < OPEN_FOR.total_seconds():
        cap = YOUNG_STEP if ages[-1] < YOUNG_FOR.total_seconds() else OLD_STEP
        ages.append(min(ages[-1] * GROWTH, ages[-1] + cap.total_seconds(), OPEN_FOR.total_seconds()))
    return tuple(round(age) for age in ages)


LOOK_AGES = _ages()


def next_poll_at(published_at: datetime, *, now: datetime) -> datetime | None:
    """The next look at a post after `now`; None when it is closed (older than 30 days)."""
    age = now - published_at
    if age >= OPEN_FOR:
        return None
    index = bisect_right(LOOK_AGES, age.total_seconds())
    return published_at + timedelta(seconds=LOOK_AGES[index])
