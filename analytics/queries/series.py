"""Series over time: subscribers with joins and leaves, and reach by day of publication."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from analyticbot.core.errors import InvalidInput
from analytics.period import Period, last_days
from analytics.queries.ages import aged_of
from analytics.queries.movement import movement_sql
from analytics.queries.question import Provenance, Series, SeriesPoint, StatsQuery, Window
from analytics.queries.reading import read_cursor
from analytics.queries.rounding import rounded
from analytics.queries.rows import rows_as_dicts
from analytics.queries.segments import NOT_SEGMENTED, post_conditions, segment_parameters
from analytics.queries.subscribers import last_known
from analytics.queries.sums import AGES_HOURS, Aged

_STEP = {Window.HOUR: "hour", Window.DAY: "day", Window.WEEK: "week"}

# Days and weeks are local; hours are of the clock that never jumps.
_STEPS = """
    SELECT t AT TIME ZONE %(zone)s AS first, (t + %(width)s::interval) AT TIME ZONE %(zone)s AS last, t AS local
    FROM generate_series(date_trunc(%(unit)s, %(first)s::timestamptz AT TIME ZONE %(zone)s),
                         (%(last)s::timestamptz - interval '1 microsecond') AT TIME ZONE %(zone)s,
                         %(width)s::interval) t
"""
_HOURS = """
    SELECT t AS first, t + interval '1 hour' AS last, t AT TIME ZONE %(zone)s AS local
    FROM generate_series(date_trunc('hour', %(first)s::timestamptz, %(zone)s),
                         %(last)s::timestamptz - interval '1 microsecond', interval '1 hour') t
"""

# Subscribers at the end of each step in which they were counted, and the joins and leaves of its days that lie wholly
# in the period (owners only).
_GROWTH = f"""
SELECT s.first AS t, k.count AS y, k.source, k.observed_at, k.approximate, f.joined, f.left, f.net
FROM (%(steps)s) s
LEFT JOIN LATERAL (
    {last_known(before="least(s.last, %(last)s::timestamptz)")}
) k ON k.counted_at >= greatest(s.first, %(first)s::timestamptz)
LEFT JOIN LATERAL (
    {
    movement_sql(
        first="greatest(s.local::date, %(first_day)s::date)",
        end="least((s.local + %(width)s::interval)::date, %(end_day)s::date)",
        told="%(joins)s",
    )
}
) f ON true
ORDER BY s.first
"""

_REACH = """
WITH step AS (
    SELECT t AS local, t AT TIME ZONE %(zone)s AS first
    FROM generate_series(date_trunc(%(unit)s, %(first)s::timestamptz AT TIME ZONE %(zone)s),
                         (%(last)s::timestamptz - interval '1 microsecond') AT TIME ZONE %(zone)s,
                         %(width)s::interval) t
), daily AS (
    SELECT date_trunc(%(unit)s, p.published_at AT TIME ZONE %(zone)s) AS local, avg(p.views) AS y, count(*) AS posts,
           count(p.views) AS known, max(p.counters_at) AS observed_at,
           mode() WITHIN GROUP (ORDER BY p.counters_source) AS source
    FROM channels_app_post p
    WHERE p.channel_id = %(channel)s AND p.deleted_at IS NULL AND NOT p.is_forward
      AND p.published_at >= %(first)s AND p.published_at < %(last)s {segment}
    GROUP BY 1
)
SELECT s.first AS t, d.y, coalesce(d.posts, 0) AS posts, coalesce(d.known, 0) AS known, d.observed_at, d.source
FROM step s LEFT JOIN daily d USING (local) ORDER BY s.first
"""

_WIDTH = {Window.HOUR: "1 hour", Window.DAY: "1 day", Window.WEEK: "1 week"}
_SPAN = {Window.HOUR: timedelta(hours=1), Window.DAY: timedelta(days=1), Window.WEEK: timedelta(weeks=1)}
# More steps than this are not a chart but an export.
MAX_STEPS = 20_000


def growth(query: StatsQuery, *, window: Window = Window.DAY) -> Series:
    """Subscribers at the end of each step; `extra`: joined, left, net (for owners only), None unknown.

    Subscribers are of no segment: where the query has one, every step is unknown.
    """
    first_day, end_day = query.period.whole_days
    rows = _run(
        _GROWTH.replace("%(steps)s", _HOURS if window is Window.HOUR else _STEPS),
        query,
        window,
        joins=query.owned and window is not Window.HOUR,
        owned=query.owned,
        first_day=first_day,
        end_day=end_day,
    )
    points = tuple(
        SeriesPoint(
            row["t"],
            row["y"],
            {
                "joined": _whole(row["joined"]),
                "left": _whole(row["left"]),
                "net": _whole(row["net"]),
            },
            row["source"],
        )
        for row in rows
    )
    if query.segment:
        return _of_no_segment(points)
    known = [row for row in rows if row["y"] is not None]
    provenance = Provenance(
        source=known[-1]["source"] if known else None,
        observed_at=max((row["observed_at"] for row in known), default=None),
        coverage=_elapsed_share(rows, known, now=query.now),
        note="approximate" if any(row["approximate"] for row in known) else None,
    )
    return Series(points, gaps_of(query, "subscribers"), provenance)


def _of_no_segment(points: tuple[SeriesPoint, ...]) -> Series:
    unknown = tuple(SeriesPoint(point.t, None, dict.fromkeys(point.extra)) for point in points)
    return Series(unknown, (), Provenance(None, None, None, NOT_SEGMENTED))


def reach(query: StatsQuery, *, window: Window = Window.DAY) -> Series:
    """Mean views of the own posts published in each local day (or step); None in those without a known counter."""
    rows = _run(_REACH.format(segment=post_conditions(query)), query, window)
    points = tuple(SeriesPoint(row["t"], rounded(row["y"]), {"posts": row["posts"]}) for row in rows)
    posts, known = sum(row["posts"] for row in rows), sum(row["known"] for row in rows)
    provenance = Provenance(
        source=next((row["source"] for row in reversed(rows) if row["source"]), None),
        observed_at=max((row["observed_at"] for row in rows if row["observed_at"]), default=None),
        coverage=known / posts if posts else None,
    )
    return Series(points, gaps_of(query, "updates"), provenance)


def reach_at_age(query: StatsQuery) -> dict[int, Aged]:
    """Mean views of the own posts of the period at 12, 24 and 48 hours of age, interpolated between readings."""
    span = """span AS (
      SELECT 0 AS n, %(channel)s AS channel, %(first)s::timestamptz AS first, %(last)s::timestamptz AS last
    )"""
    parameters = {"channel": query.channel_id, "first": query.period.start, "last": query.period.end}
    found = aged_of(query, span, parameters)
    nothing = Aged(None, 0, 0, None, None, None)
    return {hours: found.get((0, hours), nothing) for hours in AGES_HOURS}


def _run(sql: str, query: StatsQuery, window: Window, **more: Any) -> list[dict[str, Any]]:
    """Rows of a series' statement. InvalidInput when the period has more steps than a chart can hold."""
    period = query.period
    end = min(period.end, last_days(1, now=query.now, zone=period.zone).end)
    if (end - period.start) / _SPAN[window] > MAX_STEPS:
        raise InvalidInput(
            _("The period has more than %(steps)s steps: choose a shorter one or wider steps.") % {"steps": MAX_STEPS},
            field="from",
        )
    parameters = {
        "channel": query.channel_id,
        "first": period.start,
        "last": end,
        "zone": str(period.zone),
        "unit": _STEP[window],
        "width": _WIDTH[window],
        **segment_parameters(query),
        **more,
    }
    with read_cursor() as cursor:
        cursor.execute(sql, parameters)
        return rows_as_dicts(cursor)


def gaps_of(query: StatsQuery, *kinds: str) -> tuple[tuple[datetime, datetime], ...]:
    """Spans of the period in which facts of these kinds were not collected, by their beginning."""
    period: Period = query.period
    with read_cursor() as cursor:
        cursor.execute(
            "SELECT greatest(started_at, %s), least(coalesce(ended_at, now()), %s) FROM channels_app_collectiongap"
            " WHERE channel_id = %s AND kind = ANY(%s) AND started_at < %s AND coalesce(ended_at, now()) > %s"
            " ORDER BY 1",
            [period.start, period.end, query.channel_id, list(kinds), period.end, period.start],
        )
        return tuple((start, end) for start, end in cursor.fetchall() if start < end)


def _elapsed_share(rows: list[dict[str, Any]], known: list[dict[str, Any]], *, now: datetime) -> float | None:
    """Share of the steps that have begun by now for which a value is known."""
    begun = sum(row["t"] <= now for row in rows)
    return len(known) / begun if begun else None


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
