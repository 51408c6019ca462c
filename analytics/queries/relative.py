"""Reach of posts relative to the channel's own: growth of the channel and age of the post taken out.

A post's measure is its views at 24 hours of age where they can be interpolated, else its latest counter if that was
read at 72 hours or later (four fifths of a week's views have come by then); younger posts without either are left out.
Its baseline is the median of the same measure over the 31 posts nearest in order of publication that have it, itself
among them. The post's relative reach is ln((1 + measure) ÷ (1 + baseline)), less the median of these over all posts, so
that half of them lie below 0: 0 is as usual, ln 2 is twice the usual.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import expm1, log1p
from statistics import median
from typing import Any

from analytics.period import Period
from analytics.queries.expectation import Counted, Readings, views_by_age
from analytics.queries.question import Provenance, StatsQuery
from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts
from analytics.queries.segments import post_conditions, segment_parameters
from analytics.queries.spans import SPAN, Ending, Span

# The latest of a span; more would take longer and tell of another audience.
MAX_POSTS = 2000
NEIGHBOURS = 31
# With fewer posts of a measure there is no baseline.
LEAST_BASELINE = 10
EQUAL_AGE = timedelta(hours=24)
GATHERED = timedelta(hours=72)
# Readings on both sides of 24 hours lie between these ages, if they are near enough.
_YOUNGEST, _OLDEST = timedelta(hours=12), timedelta(hours=30)


class Measure(StrEnum):
    """What a post's reach was measured by."""

    EQUAL_AGE = "24h"
    LIFETIME = "lifetime"


@dataclass(frozen=True, slots=True)
class RelativePost:
    """A post of the span. `reach` is the logarithm of its ratio to the baseline; None where it cannot be told."""

    message_id: int
    published_at: datetime
    is_forward: bool
    views: int | None
    interactions: int | None
    reach: float | None
    measure: Measure | None
    # What else the statement was asked for.
    more: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RelativePosts:
    """Posts of `period` in order of publication; `provenance` is that of their relative reach."""

    posts: tuple[RelativePost, ...]
    period: Period
    ending: Ending
    provenance: Provenance

    @property
    def compared(self) -> int:
        """Number of posts whose relative reach is known."""
        return sum(post.reach is not None for post in self.posts)

    def measured_by(self, measure: Measure) -> int:
        """Number of posts of known relative reach by that measure."""
        return sum(post.measure is measure for post in self.posts)


_POSTS = """
WITH {span}
SELECT s.last, p.*
FROM span s LEFT JOIN LATERAL (
    SELECT p.id, p.message_id, p.published_at, p.is_forward, p.views, p.counters_at, p.counters_source,
           p.counters_approximate,
           CASE WHEN p.forwards IS NOT NULL OR p.replies IS NOT NULL OR p.reactions_total IS NOT NULL THEN
               coalesce(p.forwards, 0) + coalesce(p.replies, 0) + coalesce(p.reactions_total, 0) END AS interactions,
           {more}
    FROM channels_app_post p
    WHERE p.channel_id = %(channel)s AND p.published_at >= s.first AND p.published_at < s.last
      AND p.deleted_at IS NULL {segment}
    ORDER BY p.published_at DESC, p.message_id DESC LIMIT %(most)s
) p ON true
ORDER BY p.published_at, p.message_id
"""
_KNOWN = frozenset(
    (
        *("last", "id", "message_id", "published_at", "is_forward", "views", "interactions"),
        *("counters_at", "counters_source", "counters_approximate"),
    )
)


def relative_reach(query: StatsQuery, span: Span, *, more: str = "NULL AS nothing") -> RelativePosts:
    """The latest `MAX_POSTS` posts of a span with their reach relative to their neighbours: two statements.

    `more`: further SQL columns of the posts (alias p), for `RelativePost.more`. Forwarded posts show the original's
    counter and have no relative reach. A segment narrows the posts, and so the neighbours.
    """
    with read_cursor() as cursor:
        cursor.execute(
            _POSTS.format(span=SPAN, segment=post_conditions(query), more=more),
            {"channel": query.channel_id, "most": MAX_POSTS, **span.parameters, **segment_parameters(query)},
        )
        rows = rows_as_dicts(cursor)
    period, ending = span.settled(query, rows[0]["last"])
    rows = [row for row in rows if row["id"] is not None]
    own = [row for row in rows if not row["is_forward"]]
    measures = _measures(own)
    reach = _against_neighbours(own, measures)
    posts = tuple(
        RelativePost(
            message_id=row["message_id"],
            published_at=row["published_at"],
            is_forward=row["is_forward"],
            views=row["views"],
            interactions=row["interactions"],
            reach=reach.get(row["id"]),
            measure=measures[row["id"]][0] if row["id"] in reach else None,
            more={name: value for name, value in row.items() if name not in _KNOWN},
        )
        for row in rows
    )
    return RelativePosts(posts, period, ending, _provenance(own, compared=len(reach)))


def percent(reach: float) -> float:
    """A relative reach in percent above (below: negative) the usual."""
    return expm1(reach) * 100


def _measures(own: Sequence[Mapping[str, Any]]) -> dict[int, tuple[Measure, float]]:
    """The measure of each post that has one, by row id."""
    counted = [Counted(row["id"], row["published_at"], row["views"], row["counters_at"]) for row in own]
    readings = views_by_age(counted, youngest=_YOUNGEST, oldest=_OLDEST)
    found = ((post.id, _measure(post, readings[post.id])) for post in counted)
    return {post_id: measure for post_id, measure in found if measure is not None}


def _measure(post: Counted, readings: Readings) -> tuple[Measure, float] | None:
    at_equal_age = readings.at(EQUAL_AGE.total_seconds())
    if at_equal_age is not None:
        return Measure.EQUAL_AGE, at_equal_age
    if post.age is not None and post.views is not None and post.age >= GATHERED.total_seconds():
        return Measure.LIFETIME, float(post.views)
    return None


def _against_neighbours(
    own: Sequence[Mapping[str, Any]], measures: Mapping[int, tuple[Measure, float]]
) -> dict[int, float]:
    """Relative reach by row id; each measure among its own."""
    found: dict[int, float] = {}
    for kind in Measure:
        ids = [row["id"] for row in own if row["id"] in measures and measures[row["id"]][0] is kind]
        logs = [log1p(measures[post_id][1]) for post_id in ids]
        if len(ids) < LEAST_BASELINE:
            continue
        for index, post_id in enumerate(ids):
            first = max(0, min(index - NEIGHBOURS // 2, len(ids) - NEIGHBOURS))
            found[post_id] = logs[index] - median(logs[first : first + NEIGHBOURS])
    usual = median(found.values()) if found else 0.0
    return {post_id: reach - usual for post_id, reach in found.items()}


def _provenance(own: Sequence[Mapping[str, Any]], *, compared: int) -> Provenance:
    known = [row for row in own if row["views"] is not None]
    return Provenance(
        source=known[-1]["counters_source"] if known else None,
        observed_at=max((row["counters_at"] for row in known if row["counters_at"]), default=None),
        coverage=compared / len(own) if own else None,
        note="approximate" if any(row["counters_approximate"] for row in known) else None,
    )
