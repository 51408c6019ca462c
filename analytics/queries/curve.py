"""The life of one post in views: at equal ages, its half-life, and what the channel's other posts had at those ages.

Between two readings a straight line is drawn, if both lie within a quarter of the age from it, or tell the same; else
it would be a guess, and the answer is unknown. Reach at 12, 24 and 48 hours goes by the same tolerance. Abbreviated
readings are left out. Where nothing changed no reading was written: the latest counter stands up to when it was last
looked at.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from analytics.queries.between import NEAR, is_near, views_between
from analytics.queries.reading import read_cursor
from channels_app.snapshots import CLOCK_SKEW, CounterReading, exact_views

AGES: Mapping[str, timedelta] = {
    **{f"{hours}h": timedelta(hours=hours) for hours in (1, 3, 6, 12, 24, 48)},
    **{f"{days}d": timedelta(days=days) for days in (7, 30)},
}
HALF_LIFE_SPAN = timedelta(days=7)
# The band of a channel is that of so many posts nearest in time, and is told from so many on.
BAND_POSTS, LEAST_BAND_POSTS = 200, 5
BAND_SPAN = timedelta(days=180)

# (age in seconds, views), ages ascending and different.
Curve = Sequence[tuple[float, int]]


@dataclass(frozen=True, slots=True)
class Life:
    """What the curve of a post is made of. `views` were its latest at `counters_at`, if not abbreviated."""

    published_at: datetime
    readings: tuple[CounterReading, ...]
    views: int | None
    counters_at: datetime | None
    approximate: bool
    is_forward: bool
    deleted_at: datetime | None = None
    # When all readings but the last were dropped; None: they are kept.
    dropped_at: datetime | None = None
    # What is kept of a dropped curve beside its readings: those around 12, 24 and 48 hours.
    left: Curve = ()

    @property
    def curve(self) -> Curve:
        """Exact views by age; of a dropped curve what is left."""
        told = dict(self.left) | {
            (reading.observed_at - self.published_at).total_seconds(): reading.views
            for reading in self.readings
            if reading.views is not None and not reading.approximate
        }
        known = sorted(told.items())
        if self.counters_at is None or self.approximate:
            return known
        ages, views = [age for age, _views in known], [views for _age, views in known]
        return _up_to_now(ages, views, (self.counters_at - self.published_at).total_seconds(), self.views)


@dataclass(frozen=True, slots=True)
class HalfLife:
    """Age in seconds at which half of the views of the first seven days had come; None with a word that says why.

    `forward`: the counter is the original's. `deleted`: it did not live so long. `too_young`: the seven days are not
    over. `not_kept`: the readings were dropped. `not_observed`: no readings around seven days of age. `no_views`:
    nothing came. `first_seen_late`: half was there before readings were close enough.
    """

    seconds: float | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class AtAge:
    """Views at an age (interpolated, so a fraction), and their share 0..1 of the latest views. None is unknown."""

    age: str
    seconds: int
    views: float | None
    share: float | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What `n` other posts of the channel had at an age: 10th, 50th and 90th percentile; None for too few posts."""

    n: int
    low: float | None
    median: float | None
    high: float | None


def views_at(curve: Curve, seconds: float) -> float | None:
    """Views at an age between the readings on both sides of it; None where one is missing, or too far and different."""
    right = bisect_left(curve, (seconds,))
    if right < len(curve) and curve[right][0] == seconds:
        return float(curve[right][1])
    if right in {0, len(curve)}:
        return None
    return views_between(curve[right - 1], curve[right], seconds)


def at_ages(life: Life) -> tuple[AtAge, ...]:
    """The post at each of `AGES`. A forwarded post has no share: its counter is the original's."""
    curve = life.curve
    found = []
    for name, age in AGES.items():
        views = views_at(curve, age.total_seconds())
        share = views / life.views if views is not None and life.views and not life.is_forward else None
        found.append(AtAge(name, int(age.total_seconds()), views, share))
    return tuple(found)


def half_life(life: Life, *, now: datetime) -> HalfLife:
    """Age at which half of the seven-day views had come, by the first crossing; a post begins with no views."""
    curve, span = life.curve, HALF_LIFE_SPAN.total_seconds()
    # Which of dropped readings was the first with half of the views, nobody knows.
    total = None if life.is_forward or life.dropped_at is not None else views_at(curve, span)
    if total is None:
        return HalfLife(None, _why_unknown(life, now))
    if total <= 0:
        return HalfLife(None, "no_views")
    before: tuple[float, float] = (0.0, 0)
    for after in curve:
        if after[1] >= total / 2 and after[0] > before[0]:
            seconds = before[0] + (after[0] - before[0]) * (total / 2 - before[1]) / (after[1] - before[1])
            known = seconds == after[0] or is_near(before, after, seconds)
            return HalfLife(seconds) if known else HalfLife(None, "first_seen_late")
        before = after
    return HalfLife(None, "not_observed")


def _why_unknown(life: Life, now: datetime) -> str:
    end = life.published_at + HALF_LIFE_SPAN
    if life.is_forward:
        return "forward"
    if life.deleted_at is not None and life.deleted_at < end:
        return "deleted"
    if life.dropped_at is not None:
        return "not_kept"
    return "too_young" if now < end else "not_observed"


def _up_to_now(ages: list[float], views: list[int], last_age: float | None, last: int | None) -> Curve:
    """The curve with the latest counter at its end, at the age at which it was last looked at."""
    known = list(zip(ages, views, strict=True))
    if last_age is not None and last is not None and (not known or known[-1][0] < last_age):
        known.append((last_age, last))
    return known


# Neighbours in time on both sides, by the index on publication.
_BAND = """
WITH near AS (
    (SELECT id, message_id, published_at, views, counters_at, counters_approximate FROM channels_app_post
     WHERE channel_id = %(channel)s AND published_at <= %(at)s AND published_at >= %(from)s AND NOT is_forward
       AND deleted_at IS NULL AND id <> %(post)s ORDER BY published_at DESC LIMIT %(most)s)
    UNION ALL
    (SELECT id, message_id, published_at, views, counters_at, counters_approximate FROM channels_app_post
     WHERE channel_id = %(channel)s AND published_at > %(at)s AND published_at <= %(to)s AND NOT is_forward
       AND deleted_at IS NULL ORDER BY published_at LIMIT %(most)s)
)
SELECT id, published_at,
       CASE WHEN NOT counters_approximate THEN extract(epoch FROM counters_at - published_at)::float8 END, views
FROM near ORDER BY abs(extract(epoch FROM published_at - %(at)s::timestamptz)), message_id LIMIT %(most)s
"""


def expected_band(channel_id: int, post_id: int, *, published_at: datetime) -> dict[str, Expected]:
    """By age: views of the channel's own posts nearest in time to this one, itself left out.

    Two statements, the second over the readings of at most 200 posts, published within half a year before or after.
    Forwarded and deleted posts are out.
    """
    ages = [age.total_seconds() for age in AGES.values()]
    parameters: dict[str, Any] = {
        "channel": channel_id,
        "post": post_id,
        "at": published_at,
        "most": BAND_POSTS,
        "from": published_at - BAND_SPAN,
        "to": published_at + BAND_SPAN,
    }
    with read_cursor() as cursor:
        cursor.execute(_BAND, parameters)
        others = cursor.fetchall()
        asked = [(post, at) for post, at, _age, _views in others]
        read = exact_views(cursor, asked, youngest=-CLOCK_SKEW, oldest=max(AGES.values()) * (1 + NEAR))
    curves = [_up_to_now(*read.get(post, ([], [])), last_age, last) for post, _at, last_age, last in others]
    found = {}
    for name, seconds in zip(AGES, ages, strict=True):
        had = sorted(views for curve in curves if (views := views_at(curve, seconds)) is not None)
        told = len(had) >= LEAST_BAND_POSTS
        low, median, high = (percentile(had, share) if told else None for share in (0.1, 0.5, 0.9))
        found[name] = Expected(len(had), low, median, high)
    return found


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which that share 0..1 of ascending values lies, interpolated as PostgreSQL's percentile_cont."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
