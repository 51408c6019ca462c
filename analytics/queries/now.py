"""What happens in a channel now: this hour against the usual same hour, young posts against their band, last events.

Five statements: hours; posts; their readings; subscribers; the ledger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from statistics import median
from typing import Any

from analytics.period import Period
from analytics.queries.between import NEAR
from analytics.queries.curve import percentile
from analytics.queries.expectation import (
    COMPARED_POSTS,
    LEAST_POSTS,
    Basis,
    Counted,
    Readings,
    views_by_age,
    views_of_earlier,
)
from analytics.queries.figures import Span, figures
from analytics.queries.ledger import LedgerEntry, ledger
from analytics.queries.posts import permalink
from analytics.queries.question import Number, Provenance, StatsQuery, title_of
from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts
from mtproto.records import Source

HOURS = 24
# What is usual in an hour is told by the same hour of so many days before, of which so many must have been watched.
USUAL_DAYS, LEAST_DAYS = 28, 7
YOUNG = timedelta(hours=48)
# Views within less than this tell no pace: the first one, seconds after publication, would be thousands per hour.
LEAST_AGE = timedelta(minutes=10)
# Counters of young posts are read each hour at least; older ones tell no pace of now.
STALE_AFTER = timedelta(hours=3)
MOST_POSTS, MOST_EVENTS = 50, 20
LOW, HIGH = 0.1, 0.9
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


class Standing(StrEnum):
    """Where a post's views stand against what earlier posts had at its age."""

    ABOVE = "above"
    WITHIN = "within"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class HourNow:
    """Views that the channel gained in the hour from `start`, and the median of the same hour on the days before.

    `share` 0..1 of the hour was watched so far (of the running hour: of what passed of it); `n` days tell the usual.
    """

    start: datetime
    views: int | None
    share: float
    usual: float | None
    n: int


@dataclass(frozen=True, slots=True)
class YoungPost:
    """A post of the last 48 hours with its latest counters.

    `pace`: views gained in the last hour before they were read (of a younger post: per hour since publication; of one
    read before `LEAST_AGE`, or longer ago than `STALE_AFTER`, unknown).
    `low`, `median`, `high`: tenth, fiftieth and ninetieth percent of what `n` earlier own posts had at its age.
    """

    message_id: int
    published_at: datetime
    title: str
    permalink: str | None
    is_forward: bool
    views: int | None
    forwards: int | None
    replies: int | None
    reactions: int | None
    counters_at: datetime | None
    pace: float | None
    n: int
    low: float | None
    median: float | None
    high: float | None

    @property
    def standing(self) -> Standing | None:
        """Against the band; None where either is unknown."""
        if self.views is None or self.low is None or self.high is None:
            return None
        if self.views > self.high:
            return Standing.ABOVE
        return Standing.BELOW if self.views < self.low else Standing.WITHIN


@dataclass(frozen=True, slots=True)
class Now:
    """The last 24 hours, the hour that runs last; posts and events newest first; subscribers since local midnight."""

    hours: tuple[HourNow, ...]
    midnight: datetime
    followers: Number
    followers_change: Number
    posts: tuple[YoungPost, ...]
    events: tuple[LedgerEntry, ...]
    gained: Provenance
    counted: Provenance
    gaps: tuple[tuple[datetime, datetime], ...]


def now_of(query: StatsQuery) -> Now:
    """All of it at `query.now`; the query's period only gives the zone."""
    at, zone = query.now, query.period.zone
    hours, gained, gaps = _hours(query)
    posts, counted = _posts(query)
    midnight = datetime.combine(at.astimezone(zone).date(), time.min, zone).astimezone(UTC)
    end = max(at, midnight + timedelta(microseconds=1))
    spans = [
        Span(query.channel_id, midnight - _DAY, midnight, query.owned, is_step=True),
        Span(query.channel_id, midnight, end, query.owned),
    ]
    before, today = figures(query, spans, ("followers", "followers_change"))
    change = today["followers_change"]
    if before["followers"].value is None:
        # Counts are written each day: an older one tells the change of all the days since.
        change = Number(None, Provenance(None, None, None))
    lately = Period(at - HOURS * _HOUR, at + timedelta(microseconds=1), zone)
    events, _more = ledger(replace(query, period=lately), limit=MOST_EVENTS)
    return Now(hours, midnight, today["followers"], change, posts, events, gained, counted, gaps)


# Cells without a row are hours without a gain. What was not watched is told by the ledger of the collector.
_HOURS = """
SELECT y.started_at,
  (SELECT coalesce(json_agg(json_build_array(extract(epoch FROM h.hour)::bigint, h.views)), '[]')
   FROM channels_app_channelhour h
   WHERE h.channel_id = c.id AND h.hour >= %(first)s AND h.hour < %(last)s) AS cells,
  (SELECT coalesce(json_agg(json_build_array(extract(epoch FROM lower(g)), extract(epoch FROM upper(g)))), '[]')
   FROM (SELECT unnest(range_agg(tstzrange(started_at, coalesce(ended_at, %(now)s)))) AS g
         FROM channels_app_collectiongap
         WHERE channel_id = c.id AND kind = 'counters' AND started_at < %(last)s AND started_at <= %(now)s
           AND (ended_at IS NULL OR ended_at > %(first)s)) spans) AS gaps
FROM channels_app_channel c LEFT JOIN channels_app_channelsync y ON y.channel_id = c.id WHERE c.id = %(channel)s
"""


def _hours(query: StatsQuery) -> tuple[tuple[HourNow, ...], Provenance, tuple[tuple[datetime, datetime], ...]]:
    running = query.now.replace(minute=0, second=0, microsecond=0)
    first = running - (HOURS - 1) * _HOUR
    with read_cursor() as cursor:
        cursor.execute(
            _HOURS,
            {
                "channel": query.channel_id,
                "first": first - (USUAL_DAYS + 1) * _DAY,
                "last": running + _HOUR,
                "now": query.now,
            },
        )
        (row,) = rows_as_dicts(cursor) or [{"started_at": None, "cells": [], "gaps": []}]
    cells = {datetime.fromtimestamp(second, UTC): views for second, views in row["cells"]}
    gaps = [tuple(datetime.fromtimestamp(float(edge), UTC) for edge in gap) for gap in row["gaps"]]
    watched = _Watched(row["started_at"], [(gap[0], gap[1]) for gap in gaps], query.now)
    found = []
    for number in range(HOURS):
        start = first + number * _HOUR
        share = watched.share(start)
        usual = _usual(start, cells, watched, query)
        views = cells.get(start, 0) if share else None
        typical = median(usual) if len(usual) >= LEAST_DAYS else None
        found.append(HourNow(start, views, share, typical, len(usual)))
    known = [one for one in found if one.views is not None]
    newest = max((hour for hour in cells if hour >= first), default=None)
    provenance = Provenance(
        Source.MTPROTO if known else None, newest, sum(one.share for one in found) / HOURS if known else None
    )
    shown = tuple((max(start, first), end) for start, end in watched.gaps if end > first)
    return tuple(found), provenance, shown


@dataclass(frozen=True, slots=True)
class _Watched:
    """Since when counters are read, and when they were not."""

    since: datetime | None
    gaps: Sequence[tuple[datetime, datetime]]
    now: datetime

    def share(self, start: datetime) -> float:
        """How much 0..1 of the hour, as far as it has passed, was watched."""
        end = min(start + _HOUR, self.now)
        if self.since is None or self.since >= end or end <= start:
            return 0.0
        begin = max(start, self.since)
        lost = sum((max(min(end, to) - max(begin, at), timedelta(0)) for at, to in self.gaps), timedelta(0))
        return max(0.0, (end - begin - lost) / (end - start))


def _usual(start: datetime, cells: Mapping[datetime, int], watched: _Watched, query: StatsQuery) -> list[int]:
    """Views of the same hour by the clock on the wall on the days before, of those that were watched as a whole."""
    local = start.astimezone(query.period.zone)
    same = ((local - number * _DAY).astimezone(UTC) for number in range(1, USUAL_DAYS + 1))
    return [cells.get(hour, 0) for hour in same if watched.share(hour) == 1]


_COLUMNS = """
    SELECT p.id, p.message_id, p.published_at, left(p.text, 400) AS text, p.is_forward, p.views, p.forwards, p.replies,
           p.reactions_total AS reactions, p.counters_at, p.counters_source, p.counters_approximate
    FROM channels_app_post p WHERE p.channel_id = %(channel)s AND p.deleted_at IS NULL
"""
_POSTS = f"""
SELECT p.*, p.published_at >= %(first)s AS young, c.username, c.tg_id FROM channels_app_channel c CROSS JOIN (
  ({_COLUMNS} AND p.published_at >= %(first)s AND p.published_at <= %(now)s
   ORDER BY p.published_at DESC, p.message_id DESC LIMIT %(most)s)
  UNION ALL
  ({_COLUMNS} AND p.published_at < %(first)s AND NOT p.is_forward
   ORDER BY p.published_at DESC, p.message_id DESC LIMIT %(compared)s)
) p WHERE c.id = %(channel)s ORDER BY p.published_at, p.message_id
"""


def _posts(query: StatsQuery) -> tuple[tuple[YoungPost, ...], Provenance]:
    """Newest first, each against the up to `COMPARED_POSTS` own posts before it."""
    with read_cursor() as cursor:
        cursor.execute(
            _POSTS,
            {
                "channel": query.channel_id,
                "first": query.now - YOUNG,
                "now": query.now,
                "most": MOST_POSTS,
                "compared": COMPARED_POSTS,
            },
        )
        rows = rows_as_dicts(cursor)
    counted = [Counted(row["id"], row["published_at"], row["views"], row["counters_at"]) for row in rows]
    readings = views_by_age(counted, oldest=YOUNG * (1 + NEAR))
    found: list[YoungPost] = []
    own: list[Readings] = []
    for row, one in zip(rows, counted, strict=True):
        if row["young"]:
            earlier = [] if row["is_forward"] else own[-COMPARED_POSTS:]
            found.append(_young(row, one, readings[one.id], earlier, now=query.now))
        if not row["is_forward"]:
            own.append(readings[one.id])
    known = [row for row in rows if row["young"] and row["views"] is not None]
    provenance = Provenance(
        source=known[-1]["counters_source"] if known else None,
        observed_at=max((row["counters_at"] for row in known if row["counters_at"]), default=None),
        coverage=len(known) / len(found) if found else None,
        note="approximate" if any(row["counters_approximate"] for row in known) else None,
    )
    return tuple(reversed(found)), provenance


def _young(
    row: Mapping[str, Any], one: Counted, readings: Readings, earlier: Sequence[Readings], *, now: datetime
) -> YoungPost:
    values, basis = views_of_earlier(earlier, one.age) if one.age else ([], Basis.SAME_AGE)
    # What earlier posts had later tells no band: too high is no help here.
    told = sorted(values) if basis is not Basis.LATER and len(values) >= LEAST_POSTS else []
    low, middle, high = (percentile(told, share) if told else None for share in (LOW, 0.5, HIGH))
    return YoungPost(
        message_id=row["message_id"],
        published_at=row["published_at"],
        title=title_of(row["text"]),
        permalink=permalink(row["username"], row["tg_id"], row["message_id"]),
        is_forward=row["is_forward"],
        views=row["views"],
        forwards=row["forwards"],
        replies=row["replies"],
        reactions=row["reactions"],
        counters_at=row["counters_at"],
        # An abbreviated counter less an exact one is noise.
        pace=None if row["is_forward"] or row["counters_approximate"] else _pace(one, readings, now=now),
        n=len(told),
        low=low,
        median=middle,
        high=high,
    )


def _pace(one: Counted, readings: Readings, *, now: datetime) -> float | None:
    hour = _HOUR.total_seconds()
    if one.counters_at is None or now - one.counters_at > STALE_AFTER:
        return None
    if one.age is None or one.views is None or one.age < LEAST_AGE.total_seconds():
        return None
    if one.age <= hour:
        return one.views / (one.age / hour)
    before = readings.at(one.age - hour)
    return None if before is None else one.views - before
