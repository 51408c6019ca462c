"""The calendar: what was published and gained on each local day. One statement, and one for the gaps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from analyticbot.core.errors import InvalidInput
from analytics.period import last_days
from analytics.queries.movement import movement_sql
from analytics.queries.question import Provenance, StatsQuery
from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts
from analytics.queries.segments import NOT_SEGMENTED, post_conditions, segment_parameters
from mtproto.records import Source

MAX_DAYS = 1100

# Posts by the index on the publication date, cells and daily facts by their keys; each day is a step. An hour belongs
# to the day in which it begins. Days before collecting began have no gains; before the oldest post, if the beginning of
# the channel was not reached, no number of posts either.
_DAYS = """
WITH step AS (
    SELECT t::date AS day, greatest(t AT TIME ZONE %(zone)s, %(first)s::timestamptz) AS first,
           least((t + interval '1 day') AT TIME ZONE %(zone)s, %(last)s::timestamptz) AS last,
           t AT TIME ZONE %(zone)s AS midnight
    FROM generate_series(date_trunc('day', %(first)s::timestamptz AT TIME ZONE %(zone)s),
                         (%(last)s::timestamptz - interval '1 microsecond') AT TIME ZONE %(zone)s,
                         interval '1 day') t
), published AS (
    SELECT (p.published_at AT TIME ZONE %(zone)s)::date AS day, count(*) AS posts, count(p.views) AS known,
           sum(p.views) AS views, avg(p.views) FILTER (WHERE NOT p.is_forward) AS reach,
           max(p.counters_at) AS observed_at, mode() WITHIN GROUP (ORDER BY p.counters_source) AS source,
           bool_or(p.counters_approximate) AS approximate
    FROM channels_app_post p
    WHERE p.channel_id = %(channel)s AND p.deleted_at IS NULL
      AND p.published_at >= %(first)s AND p.published_at < %(last)s {segment}
    GROUP BY 1
), gained AS (
    SELECT (h.hour AT TIME ZONE %(zone)s)::date AS day, sum(h.views) AS views, max(h.hour) AS last_hour
    FROM channels_app_channelhour h
    WHERE h.channel_id = %(channel)s AND h.hour >= %(first)s AND h.hour < %(last)s
    GROUP BY 1
)
SELECT s.day, s.midnight, s.first, s.last, p.posts, p.known, p.views, p.reach, p.observed_at, p.source, p.approximate,
       g.views AS gained, g.last_hour, f.joined, f."left", f.told_at, f.source AS told_by,
       y.reached_start, y.started_at AS watched_from, o.oldest
FROM step s
LEFT JOIN published p USING (day)
LEFT JOIN gained g USING (day)
LEFT JOIN LATERAL ({movement}) f ON s.day >= %(first_day)s::date AND s.day < %(end_day)s::date
LEFT JOIN channels_app_channelsync y ON y.channel_id = %(channel)s
LEFT JOIN LATERAL (
    SELECT published_at AS oldest FROM channels_app_post WHERE channel_id = %(channel)s
    ORDER BY published_at LIMIT 1
) o ON true
ORDER BY s.day
"""
_MOVEMENT = movement_sql(first="s.day", end="s.day + 1", told="%(owned)s")


@dataclass(frozen=True, slots=True)
class Day:
    """One local day, from `midnight`. None is unknown.

    `views` of the posts published that day; `views_gained` by all posts during it; `reach` mean views of own posts;
    `joined` and `left` by the day's best source, for owners, of whole days.
    """

    day: date
    midnight: datetime
    posts: int | None
    views: int | None
    views_gained: int | None
    reach: float | None
    joined: int | None
    left: int | None


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days in order; `gaps` are spans in which counters were not collected."""

    days: tuple[Day, ...]
    gaps: tuple[tuple[datetime, datetime], ...]
    provenance: Mapping[str, Provenance]


def calendar(query: StatsQuery) -> Calendar:
    """Local days of the period up to today. A segment narrows posts; gains and joins are then unknown.

    InvalidInput for more than `MAX_DAYS` days.
    """
    period = query.period
    end = min(period.end, last_days(1, now=query.now, zone=period.zone).end)
    if (end - period.start).days > MAX_DAYS:
        raise InvalidInput(
            _("The period has more than %(days)s days: choose a shorter one.") % {"days": MAX_DAYS}, field="from"
        )
    first_day, end_day = period.whole_days
    parameters = {
        "channel": query.channel_id,
        "first": period.start,
        "last": end,
        "zone": str(period.zone),
        "owned": query.owned and not query.segment,
        "first_day": first_day,
        "end_day": end_day,
        **segment_parameters(query),
    }
    with read_cursor() as cursor:
        cursor.execute(_DAYS.format(segment=post_conditions(query), movement=_MOVEMENT), parameters)
        rows = rows_as_dicts(cursor)
        cursor.execute(_GAPS, [period.start, end, query.channel_id, end, period.start])
        gaps = tuple((start, stop) for start, stop in cursor.fetchall() if start < stop)
    return Calendar(tuple(_day(row, query) for row in rows), gaps, _provenance(rows, query))


_GAPS = """
SELECT greatest(started_at, %s), least(coalesce(ended_at, now()), %s) FROM channels_app_collectiongap
WHERE channel_id = %s AND kind = 'counters' AND started_at < %s AND coalesce(ended_at, now()) > %s ORDER BY 1
"""


def _day(row: Mapping[str, Any], query: StatsQuery) -> Day:
    posts = row["posts"] or (0 if _is_held(row) else None)
    return Day(
        day=row["day"],
        midnight=row["midnight"],
        posts=posts,
        # No posts have no views: that is known. Posts of unknown counters have unknown views.
        views=int(row["views"]) if row["known"] else 0 if posts == 0 else None,
        views_gained=_gained(row, query),
        reach=None if row["reach"] is None else float(row["reach"]),
        joined=_whole(row["joined"]),
        left=_whole(row["left"]),
    )


def _is_held(row: Mapping[str, Any]) -> bool:
    """Whether the history that we hold covers some of the day."""
    return bool(row["reached_start"]) or (row["oldest"] is not None and row["oldest"] < row["last"])


def _gained(row: Mapping[str, Any], query: StatsQuery) -> int | None:
    """Gains of a day of which some was watched; unknown before that, and for what is still to come."""
    began = row["watched_from"]
    if query.segment or began is None or began >= row["last"] or row["first"] > query.now:
        return None
    return _whole(row["gained"]) or 0


def _provenance(rows: list[dict[str, Any]], query: StatsQuery) -> dict[str, Provenance]:
    posts, known = (sum(row[name] or 0 for row in rows) for name in ("posts", "known"))
    published = Provenance(
        source=next((row["source"] for row in reversed(rows) if row["source"]), None),
        observed_at=max((row["observed_at"] for row in rows if row["observed_at"]), default=None),
        coverage=known / posts if posts else None,
        note="approximate" if any(row["approximate"] for row in rows) else None,
    )
    found = {"posts": published, "views": published, "reach": published}
    if query.segment:
        none = Provenance(None, None, None, NOT_SEGMENTED)
        return found | {"views_gained": none, "joined": none, "left": none}
    gained = [row for row in rows if _gained(row, query) is not None]
    told = [row for row in rows if row["told_by"]]
    movement = Provenance(
        told[-1]["told_by"] if told else None,
        max((row["told_at"] for row in told), default=None),
        len(told) / len(rows) if told else None,
    )
    last_hour = max((row["last_hour"] for row in gained if row["last_hour"]), default=None)
    watched = Provenance(Source.MTPROTO if gained else None, last_hour, len(gained) / len(rows) if rows else None)
    return found | {"views_gained": watched, "joined": movement, "left": movement}


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
