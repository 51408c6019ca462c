"""Official figures of each day beside counted ones, and what of the difference we can explain.

Of views, shares and reactions of a day: difference = official − counted = parts + unexplained, where a part is

- `forwarded`: what forwarded posts gained, taken away: they show the original's counter, which others raise too;
- `deleted`: what posts gained that were deleted since, taken away: our cells keep it, Telegram's figure may not;
- `before_watched`: what posts of that day already had when they were first seen, on the same day: in no cell;
- `unwatched`: the same speed for the share of the day in which we did not watch; an estimate.

Posts older than 30 days are looked at no more; what they gained is in no part and stays unexplained. Of days whose
readings are no longer kept `forwarded` and `deleted` are not known, and unexplained with the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from analyticbot.core.errors import InvalidInput
from analytics.metrics import rank_sql
from analytics.period import days_between
from analytics.queries.figures import Span
from analytics.queries.fusion import Days, Told, days_of, whole_days
from analytics.queries.question import StatsQuery
from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts
from channels_app.schedule import OPEN_FOR
from channels_app.snapshots import frozen_sql, readings_sql
from mtproto.records import Source

MAX_DAYS = 800
PARTS = ("forwarded", "deleted", "before_watched", "unwatched")
# What is compared, by the metric that both sides tell and the counter of our posts behind it.
COMPARED = {"views": "day_views", "shares": "day_shares", "reactions": "day_reactions"}
_OF_READINGS = ("forwarded", "deleted")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sides:
    """Both words of a day on one figure; None is unknown. `parts`: signed, of what the difference is made."""

    official: int | None
    counted: int | None
    coverage: float | None = None
    counted_at: datetime | None = None
    parts: Mapping[str, int] = field(default_factory=dict)

    @property
    def difference(self) -> int | None:
        """Official − counted."""
        return None if self.official is None or self.counted is None else self.official - self.counted

    @property
    def unexplained(self) -> int | None:
        """What of the difference no part explains."""
        return None if self.difference is None else self.difference - sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class ReconciledDay:
    """A local day: subscribers at its end, and views, shares and reactions of the day."""

    day: date
    start: datetime
    subscribers: Sides
    gained: Mapping[str, Sides]


# What forwarded and deleted posts gained by day, by the rule of the cells: a step between two readings belongs to the
# hour of the later one; the first reading counts as a gain only within an hour of publication. And baselines of posts
# that were first seen on the day of their publication.
_READ = readings_sql(
    "(SELECT coalesce(array_agg(id), '{}') FROM odd)",
    since="%(first)s::timestamptz - %(open)s::interval - interval '1 day'",
    until="%(last)s",
)
_PARTS = f"""
WITH odd AS (
  SELECT id, published_at, CASE WHEN deleted_at IS NOT NULL THEN 'deleted' ELSE 'forwarded' END AS part
  FROM channels_app_post
  WHERE channel_id = %(channel)s AND (is_forward OR deleted_at IS NOT NULL)
    AND published_at >= %(first)s::timestamptz - %(open)s::interval AND published_at < %(last)s
), told AS (
  SELECT o.part, o.published_at, r.post_id, r.observed_at, c.counter, c.value,
    lag(c.value) OVER (PARTITION BY r.post_id, c.counter ORDER BY r.observed_at) AS before
  FROM ({_READ}) r JOIN odd o ON o.id = r.post_id
  CROSS JOIN LATERAL (VALUES ('views', r.views), ('shares', r.forwards), ('reactions', r.reactions)) c(counter, value)
  WHERE c.value IS NOT NULL AND NOT r.approximate
)
SELECT part, counter, (date_trunc('hour', observed_at, 'UTC') AT TIME ZONE %(zone)s)::date AS day,
  -sum(CASE WHEN before IS NULL AND observed_at - published_at > interval '1 hour' THEN 0
            ELSE value - coalesce(before, 0) END)::bigint AS value
FROM told WHERE observed_at >= %(first)s GROUP BY 1, 2, 3
UNION ALL
SELECT 'before_watched', c.counter, (p.published_at AT TIME ZONE %(zone)s)::date, sum(c.value)::bigint
FROM channels_app_post p CROSS JOIN LATERAL (
  VALUES ('views', p.baseline_views), ('shares', p.baseline_forwards), ('reactions', p.baseline_reactions)
) c(counter, value)
WHERE p.channel_id = %(channel)s AND NOT p.is_forward AND p.deleted_at IS NULL
  AND p.published_at >= %(first)s AND p.published_at < %(last)s
  AND (p.first_seen_at AT TIME ZONE %(zone)s)::date = (p.published_at AT TIME ZONE %(zone)s)::date
GROUP BY 2, 3
UNION ALL
SELECT 'frozen', '', (f.before AT TIME ZONE %(zone)s)::date, 0
FROM (SELECT {frozen_sql("%(channel)s")} AS before) f WHERE f.before IS NOT NULL
"""
# Our own last count of each day: never official, never rounded.
_COUNTS = f"""
SELECT DISTINCT ON (day) (c.observed_at AT TIME ZONE %(zone)s)::date AS day, c.count, c.observed_at
FROM channels_app_subscribersample c
WHERE c.channel_id = %(channel)s AND NOT c.approximate AND c.source <> 'official'
  AND c.observed_at >= %(first)s AND c.observed_at < %(last)s
ORDER BY day, {rank_sql("followers", "c.source")}, c.observed_at DESC
"""


def reconciliation(query: StatsQuery) -> tuple[ReconciledDay, ...]:
    """Every whole local day of the period that has begun: four statements.

    Official sides are known to owners only. InvalidInput for more than MAX_DAYS days.
    """
    if (query.period.end - query.period.start) / _DAY > MAX_DAYS + 1:
        raise InvalidInput(
            _("The period has more than %(days)s days: choose a shorter one.") % {"days": MAX_DAYS}, field="from"
        )
    span = Span(query.channel_id, query.period.start, query.period.end, query.owned)
    days = days_of(query, [span])
    parts, counts = _read(query)
    return tuple(_day(day, span, days, parts, counts) for day in whole_days(span, query.period.zone, now=query.now))


@dataclass(frozen=True, slots=True)
class Explained:
    """Parts by day and figure. Up to the day `frozen` those made of readings are not known; None: of all days."""

    by_day: Mapping[tuple[date, str], Mapping[str, int]]
    frozen: date | None

    def of(self, day: date, figure: str) -> dict[str, int]:
        """The parts of a figure of a day."""
        unread = () if self.frozen is None or day > self.frozen else _OF_READINGS
        known = {part: 0 for part in PARTS if part not in unread}
        told = self.by_day.get((day, figure), {})
        return known | {part: value for part, value in told.items() if part in known}


def _read(query: StatsQuery) -> tuple[Explained, dict[date, Mapping[str, Any]]]:
    """Parts by day and figure, and our own counts of subscribers by day."""
    parameters: dict[str, Any] = {
        "channel": query.channel_id,
        "first": query.period.start,
        "last": query.period.end,
        "zone": str(query.period.zone),
        "open": f"{OPEN_FOR.days} days",
    }
    parts: dict[tuple[date, str], dict[str, int]] = {}
    frozen: date | None = None
    with read_cursor() as cursor:
        cursor.execute(_PARTS, parameters)
        for row in rows_as_dicts(cursor):
            if row["part"] == "frozen":
                frozen = row["day"]
                continue
            parts.setdefault((row["day"], row["counter"]), {})[row["part"]] = int(row["value"])
        cursor.execute(_COUNTS, parameters)
        counts: dict[date, Mapping[str, Any]] = {row["day"]: row for row in rows_as_dicts(cursor)}
    return Explained(parts, frozen), counts


def _day(
    day: date,
    span: Span,
    days: Days,
    parts: Explained,
    counts: Mapping[date, Mapping[str, Any]],
) -> ReconciledDay:
    count = counts.get(day, {})
    official = days.official(span, day).get("subscribers")
    gained = {}
    for figure, metric in COMPARED.items():
        told = {one.source: one for one in days.told(metric, span, day)}
        gained[figure] = _sides(told, parts.of(day, figure))
    return ReconciledDay(
        day,
        days_between(day, day + _DAY, days.zone).start,
        Sides(official, count.get("count"), counted_at=count.get("observed_at")),
        gained,
    )


def _sides(told: Mapping[str, Told], parts: Mapping[str, int]) -> Sides:
    official, counted = told.get(Source.OFFICIAL), told.get(Source.MTPROTO)
    if counted is None:
        return Sides(official.value if official else None, None, coverage=0.0)
    share = counted.coverage
    estimate = round(counted.value * (1 - share) / share) if 0 < share < 1 else 0
    explained = {**parts, "unwatched": estimate}
    return Sides(official.value if official else None, counted.value, share, counted.observed_at, explained)
