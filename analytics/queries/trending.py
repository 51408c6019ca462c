"""Posts that run ahead of what the channel's earlier posts had at the same age: two statements.

Scores are distances of the logarithm of views from its expectation, in units of its usual spread. z-score: median and
median absolute deviation × 1.4826 of the earlier posts (robust: earlier hits do not hide a new one). EWMA:
exponentially weighted mean and variance over the earlier posts in order of publication, recurrence after T. Finch,
"Incremental calculation of weighted mean and variance" (2009), made unbiased by 1 ÷ (1 − Σw²).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import exp, log1p, sqrt
from statistics import median
from typing import Any

from analytics.period import Period
from analytics.queries.between import NEAR
from analytics.queries.expectation import (
    COMPARED_POSTS,
    LEAST_POSTS,
    Basis,
    Counted,
    views_by_age,
    views_of_earlier,
)
from analytics.queries.posts import permalink
from analytics.queries.question import Provenance, StatsQuery, title_of
from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts
from analytics.queries.segments import post_conditions, segment_parameters
from analytics.queries.spans import SPAN, Ending, Span

# From this score on a post is said to trend.
THRESHOLD = 1.5
# The spread is taken for no less: a channel of equal posts has none, and counting itself scatters by 1 ÷ √views.
LEAST_SPREAD = 0.1
# Weight of the newest of the earlier posts; about the last 19 count.
SMOOTHING = 0.1
MAX_POSTS = 500
# A median absolute deviation times this is the standard deviation of a normal distribution.
_NORMAL = 1.4826


class Method(StrEnum):
    """How the expectation is made of the earlier posts."""

    ZSCORE = "zscore"
    EWMA = "ewma"


@dataclass(frozen=True, slots=True)
class Expectation:
    """Centre and spread of the logarithms of 1 + views."""

    centre: float
    spread: float

    @property
    def views(self) -> float:
        """The expected number of views."""
        return exp(self.centre) - 1

    def score(self, views: float) -> float:
        """How far views are above (below: negative) the expectation, in spreads."""
        return (log1p(views) - self.centre) / max(self.spread, LEAST_SPREAD, exp(-self.centre / 2))


@dataclass(frozen=True, slots=True)
class TrendingPost:
    """A post above its expectation. `age` from publication to the reading; `n` earlier posts, compared at `basis`."""

    message_id: int
    published_at: datetime
    title: str
    permalink: str | None
    age: timedelta
    views: int
    expected: float
    score: float
    n: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class Trending:
    """Best first. `posts` were published in `period`, of which `scored` had a counter and enough earlier posts."""

    rows: tuple[TrendingPost, ...]
    period: Period
    ending: Ending
    posts: int
    scored: int
    provenance: Provenance


_COLUMNS = """
    SELECT p.id, p.message_id, p.published_at, left(p.text, 400) AS text, p.views, p.counters_at, p.counters_source,
           p.counters_approximate
    FROM channels_app_post p
    WHERE p.channel_id = %(channel)s AND p.deleted_at IS NULL AND NOT p.is_forward {segment}
"""
_NEWEST = "ORDER BY p.published_at DESC, p.message_id DESC LIMIT"
# The span's posts (more of them than are asked for: those before the first of them), and the ones before the span.
_POSTS = f"""
WITH {{span}}
SELECT s.last, p.*, p.published_at >= s.first AS asked, c.username, c.tg_id
FROM span s JOIN channels_app_channel c ON c.id = %(channel)s
LEFT JOIN LATERAL (
    ({_COLUMNS} AND p.published_at >= s.first AND p.published_at < s.last {_NEWEST} %(most)s)
    UNION ALL
    ({_COLUMNS} AND p.published_at < s.first {_NEWEST} %(compared)s)
) p ON true
ORDER BY p.published_at, p.message_id
"""


def trending(query: StatsQuery, span: Span, *, method: Method = Method.ZSCORE, limit: int = 10) -> Trending:
    """Own posts of the span that score at least `THRESHOLD`, best first, ties by message id.

    At most the latest `MAX_POSTS` of the span are looked at. Each is compared with the up to `COMPARED_POSTS` own posts
    before it; with fewer than `LEAST_POSTS` of known views it is not scored. `query.period` only gives the zone.
    """
    with read_cursor() as cursor:
        cursor.execute(
            _POSTS.format(span=SPAN, segment=post_conditions(query)),
            {
                "channel": query.channel_id,
                "most": MAX_POSTS + COMPARED_POSTS,
                "compared": COMPARED_POSTS,
                **span.parameters,
                **segment_parameters(query),
            },
        )
        rows = rows_as_dicts(cursor)
    period, ending = span.settled(query, rows[0]["last"])
    posts = [row for row in rows if row["id"] is not None]
    asked = [row for row in posts if row["asked"]][-MAX_POSTS:]
    scored = _scored(posts, asked, _METHODS[method])
    ahead = sorted((row for row in scored if row.score >= THRESHOLD), key=lambda row: (-row.score, row.message_id))
    return Trending(tuple(ahead[:limit]), period, ending, len(asked), len(scored), _provenance(asked, len(scored)))


def _scored(
    posts: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, Any]], expect: Callable[[Sequence[float]], Any]
) -> list[TrendingPost]:
    counted = [Counted(row["id"], row["published_at"], row["views"], row["counters_at"]) for row in posts]
    first = len(posts) - len(asked)
    ages = [one.age for one in counted[first:] if one.age is not None]
    oldest = timedelta(seconds=max(ages, default=0.0) * (1 + NEAR))
    readings = views_by_age(counted, oldest=oldest)
    found = []
    for index in range(first, len(posts)):
        row, age = posts[index], counted[index].age
        if age is None:
            continue
        before = counted[max(0, index - COMPARED_POSTS) : index]
        values, basis = views_of_earlier([readings[one.id] for one in before], age)
        if len(values) < LEAST_POSTS:
            continue
        expectation = expect([log1p(value) for value in values])
        found.append(
            TrendingPost(
                message_id=row["message_id"],
                published_at=row["published_at"],
                title=title_of(row["text"]),
                permalink=permalink(row["username"], row["tg_id"], row["message_id"]),
                age=timedelta(seconds=age),
                views=row["views"],
                expected=expectation.views,
                score=expectation.score(row["views"]),
                n=len(values),
                basis=basis,
            )
        )
    return found


def by_median(logs: Sequence[float]) -> Expectation:
    """Median, and median absolute deviation as a standard deviation; order does not matter."""
    centre = median(logs)
    return Expectation(centre, _NORMAL * median(abs(value - centre) for value in logs))


def by_moving_mean(logs: Sequence[float]) -> Expectation:
    """Exponentially weighted mean and standard deviation of values in order of time, at least two.

    mean ← mean + α·δ, variance ← (1 − α)(variance + α·δ²) with δ = value − mean; begun with the first value.
    """
    mean, variance, squares = logs[0], 0.0, 1.0
    for value in logs[1:]:
        step = value - mean
        mean += SMOOTHING * step
        variance = (1 - SMOOTHING) * (variance + SMOOTHING * step * step)
        squares = (1 - SMOOTHING) ** 2 * squares + SMOOTHING**2
    return Expectation(mean, sqrt(variance / (1 - squares)))


_METHODS: Mapping[Method, Callable[[Sequence[float]], Expectation]] = {
    Method.ZSCORE: by_median,
    Method.EWMA: by_moving_mean,
}


def _provenance(asked: Sequence[Mapping[str, Any]], scored: int) -> Provenance:
    known = [row for row in asked if row["views"] is not None]
    return Provenance(
        source=known[-1]["counters_source"] if known else None,
        observed_at=max((row["counters_at"] for row in known if row["counters_at"]), default=None),
        coverage=scored / len(asked) if asked else None,
        note="approximate" if any(row["counters_approximate"] for row in known) else None,
    )
