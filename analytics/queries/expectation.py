"""What a channel's earlier posts had at an age: the expectation that a post is measured by.

Readings of a post are what snapshots tell, and its latest counter; views at an age follow from them by the rule of
`between`, where readings that hardly differ are taken for the same. Publication is a reading of 0.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from analytics.queries.between import views_between
from analytics.queries.reading import read_cursor
from channels_app.snapshots import exact_views

# Posts before a post that its expectation is made of, and the fewest of them that make one.
COMPARED_POSTS = 100
LEAST_POSTS = 10
# Readings that differ by no more than this share tell the same: an expectation need not be exact to the view.
FLAT = 0.05
# From this age on a counter is taken for that of the post's lifetime, whatever its exact age.
SETTLED = timedelta(days=7)
# Posts are polled until they are 30 days old; a reading after that is the post's latest counter.
_POLLED = timedelta(days=31)
_SETTLED_SECONDS = SETTLED.total_seconds()


class Basis(StrEnum):
    """What earlier posts are compared at."""

    SAME_AGE = "same_age"
    LIFETIME = "lifetime"
    LATER = "later"  # too few were seen at that age; what they had later is at least what they had then


@dataclass(frozen=True, slots=True)
class Readings:
    """Views of one post by age in seconds, ascending; counters may fall."""

    ages: Sequence[float]
    views: Sequence[int]

    def at(self, age: float) -> float | None:
        """Views at exactly that age (seconds, above 0), None where no reading is near enough."""
        index = bisect_left(self.ages, age)
        if index == len(self.ages):
            return None
        age_1, views_1 = self.ages[index], self.views[index]
        if age_1 == age:
            return float(views_1)
        age_0, views_0 = (self.ages[index - 1], self.views[index - 1]) if index else (0.0, 0)
        return views_between((age_0, views_0), (age_1, views_1), age, flat=FLAT)

    def settled(self, age: float) -> float | None:
        """Views of the post's lifetime: at the reading of settled age that is nearest to `age`, itself settled."""
        index = bisect_left(self.ages, age)
        near = [i for i in (index - 1, index) if 0 <= i < len(self.ages) and self.ages[i] >= _SETTLED_SECONDS]
        if not near:
            return None
        return float(self.views[min(near, key=lambda i: abs(self.ages[i] - age)) if len(near) > 1 else near[0]])

    def later(self, age: float) -> float | None:
        """Views at the first reading that is not before that age."""
        index = bisect_left(self.ages, age)
        return float(self.views[index]) if index < len(self.ages) else None


@dataclass(frozen=True, slots=True)
class Counted:
    """A post with its latest counter, read at `counters_at`."""

    id: int
    published_at: datetime
    views: int | None
    counters_at: datetime | None

    @property
    def age(self) -> float | None:
        """Seconds from publication to the latest reading; None without a reading after publication."""
        if self.views is None or self.counters_at is None or self.counters_at <= self.published_at:
            return None
        return (self.counters_at - self.published_at).total_seconds()


def views_by_age(
    posts: Sequence[Counted], *, youngest: timedelta = timedelta(0), oldest: timedelta = _POLLED
) -> Mapping[int, Readings]:
    """Readings of posts at ages from `youngest` to `oldest`, and their latest counters: one statement."""
    oldest = min(oldest, _POLLED)
    with read_cursor() as cursor:
        asked = [(post.id, post.published_at) for post in posts]
        found = exact_views(cursor, asked, youngest=youngest, oldest=oldest)
    return {post.id: _with_latest(post, *found.get(post.id, ([], []))) for post in posts}


def _with_latest(post: Counted, ages: list[float], views: list[int]) -> Readings:
    if post.age is not None and post.views is not None and (not ages or post.age > ages[-1]):
        return Readings([*ages, post.age], [*views, post.views])
    return Readings(ages, views)


def views_of_earlier(earlier: Iterable[Readings], age: float) -> tuple[list[float], Basis]:
    """Views that earlier posts had at that age (seconds), in the order given, and what they are.

    Where fewer than `LEAST_POSTS` were seen at that age, what they had later stands in for it: an expectation that is
    rather too high, so that whatever beats it beats the true one as well.
    """
    known = list(earlier)
    if age >= _SETTLED_SECONDS:
        found = (one.at(age) for one in known)
        values = (one.settled(age) if value is None else value for one, value in zip(known, found, strict=True))
        return [value for value in values if value is not None], Basis.LIFETIME
    same = [value for value in (one.at(age) for one in known) if value is not None]
    if len(same) >= LEAST_POSTS:
        return same, Basis.SAME_AGE
    return [value for value in (one.later(age) for one in known) if value is not None], Basis.LATER
