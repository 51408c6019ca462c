"""Headline numbers of a period and of the equal period before: two statements."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from analytics.period import Period
from analytics.queries.question import Number, Overview, Provenance, StatsQuery
from analytics.queries.rows import rows_as_dicts
from analytics.queries.segments import NOT_SEGMENTED, post_conditions, segment_parameters
from analytics.queries.subscribers import daily_sources, first_known, last_known
from mtproto.records import Source

# Both periods in one pass over the (channel, published_at) index; deleted posts are out.
_POSTS = """
WITH span (which, first, last) AS (VALUES ('current', %(first)s::timestamptz, %(last)s::timestamptz),
                                          ('previous', %(prev)s::timestamptz, %(first)s::timestamptz))
SELECT s.which,
       count(p.id) AS posts,
       count(p.views) AS known_views,
       sum(p.views) AS views,
       count(p.views) FILTER (WHERE NOT p.is_forward) AS own_known,
       count(p.id) FILTER (WHERE NOT p.is_forward) AS own_posts,
       avg(p.views) FILTER (WHERE NOT p.is_forward) AS avg_reach,
       sum(p.forwards) AS forwards, count(p.forwards) AS known_forwards,
       sum(p.replies) AS replies, count(p.replies) AS known_replies,
       sum(p.reactions_total) AS reactions, count(p.reactions_total) AS known_reactions,
       sum(coalesce(p.forwards, 0) + coalesce(p.replies, 0) + coalesce(p.reactions_total, 0))
           FILTER (WHERE p.views IS NOT NULL) AS interactions,
       max(p.counters_at) AS observed_at,
       mode() WITHIN GROUP (ORDER BY p.counters_source) AS source,
       bool_or(p.counters_approximate) AS approximate
FROM span s LEFT JOIN channels_app_post p
  ON p.channel_id = %(channel)s AND p.deleted_at IS NULL AND p.published_at >= s.first AND p.published_at < s.last
  {segment}
GROUP BY s.which
"""

# Subscribers at the end of each period: the last count before it, else the first one after (and it says so).
_CONTEXT = f"""
WITH span (which, first, last) AS (VALUES ('current', %(first)s::timestamptz, %(last)s::timestamptz),
                                          ('previous', %(prev)s::timestamptz, %(first)s::timestamptz))
SELECT s.which, f.count AS followers, f.observed_at AS followers_at, f.source AS followers_source,
       f.approximate AS followers_approximate, f.observed_at >= s.last AS followers_late,
       h.views AS views_gained, h.last_hour,
       y.state, y.reached_start, y.started_at AS watched_from, o.oldest
FROM span s
LEFT JOIN LATERAL (
    SELECT 0 AS rank, * FROM ({last_known(before="s.last")}) b
    UNION ALL
    SELECT 1, * FROM ({first_known(since="s.last")}) a
    ORDER BY rank LIMIT 1
) f ON true
LEFT JOIN LATERAL (
    SELECT sum(views) AS views, max(hour) AS last_hour FROM channels_app_channelhour
    WHERE channel_id = %(channel)s AND hour >= s.first AND hour < s.last
) h ON true
LEFT JOIN channels_app_channelsync y ON y.channel_id = %(channel)s
LEFT JOIN LATERAL (
    SELECT min(published_at) AS oldest FROM channels_app_post WHERE channel_id = %(channel)s
) o ON true
"""

_NOBODY = Provenance(source=None, observed_at=None, coverage=None)
# Numbers of the channel as a whole: of some of its posts they cannot be told.
_NOT_OF_POSTS = {
    name: Number(None, Provenance(None, None, None, NOT_SEGMENTED)) for name in ("followers", "views_gained")
}


def overview(query: StatsQuery) -> Overview:
    """Headline numbers of `query.period` and of the equal period before. Counts, means and percents; None unknown."""
    period, previous = query.period, query.period.previous
    parameters: dict[str, Any] = {
        "channel": query.channel_id,
        "first": period.start,
        "last": period.end,
        "prev": previous.start,
        "daily": daily_sources(query),
    }
    with connection.cursor() as cursor:
        cursor.execute(_POSTS.format(segment=post_conditions(query)), parameters | segment_parameters(query))
        posts = {row["which"]: row for row in rows_as_dicts(cursor)}
        cursor.execute(_CONTEXT, parameters)
        context = {row["which"]: row for row in rows_as_dicts(cursor)}
    current = _numbers(posts["current"], context["current"], period)
    before = _numbers(posts["previous"], context["previous"], previous)
    if query.segment:
        current, before = current | _NOT_OF_POSTS, before | _NOT_OF_POSTS
    return Overview(current=current, previous=before, period=period, previous_period=previous)


def _numbers(posts: Mapping[str, Any], context: Mapping[str, Any], period: Period) -> dict[str, Number]:
    """One period's numbers by metric name."""
    total = posts["posts"]
    # Nothing stored and the beginning not reached: we cannot tell whether anything was published.
    seen = _history_coverage(context, period)
    if total == 0 and seen == 0:
        return {name: Number(None, _NOBODY) for name in _ALL} | _followers(context)
    source, observed_at = posts["source"], posts["observed_at"]
    note = "approximate" if posts["approximate"] else None

    def counted(value: Any, known: int, of: int) -> Number:
        share = known / of if of else seen
        # A sum over no posts is a known nothing; a sum over posts of unknown counters is unknown.
        figure = value if known else (0 if total == 0 else None)
        return Number(figure, Provenance(source, observed_at, share, note))

    avg_reach = counted(_rounded(posts["avg_reach"]), posts["own_known"], posts["own_posts"])
    if not posts["own_known"]:
        avg_reach = Number(None, avg_reach.provenance)
    numbers = {
        "posts": Number(total, Provenance(source or Source.MTPROTO, observed_at, seen)),
        "views": counted(_whole(posts["views"]), posts["known_views"], total),
        "forwards": counted(_whole(posts["forwards"]), posts["known_forwards"], total),
        "replies": counted(_whole(posts["replies"]), posts["known_replies"], total),
        "reactions": counted(_whole(posts["reactions"]), posts["known_reactions"], total),
        "avg_reach": avg_reach,
        "er_views": _er_views(posts, Provenance(source, observed_at, _share(posts["known_views"], total), note)),
        "views_gained": _views_gained(context, period),
    } | _followers(context)
    numbers["err"] = _err(avg_reach, numbers["followers"])
    return numbers


_ALL = ("posts", "views", "forwards", "replies", "reactions", "avg_reach", "er_views", "err", "views_gained")


def _followers(context: Mapping[str, Any]) -> dict[str, Number]:
    if context["followers"] is None:
        return {"followers": Number(None, _NOBODY)}
    notes = [
        word
        for word, holds in (
            ("observed_after_period", context["followers_late"]),
            ("approximate", context["followers_approximate"]),
        )
        if holds
    ]
    provenance = Provenance(context["followers_source"], context["followers_at"], 1.0, " ".join(notes) or None)
    return {"followers": Number(context["followers"], provenance)}


def _views_gained(context: Mapping[str, Any], period: Period) -> Number:
    """What was gained while we watched; unknown for a period that ended before we began."""
    began: datetime | None = context["watched_from"]
    if began is None or began >= period.end:
        return Number(None, _NOBODY)
    share = min(1.0, (period.end - max(began, period.start)) / (period.end - period.start))
    return Number(_whole(context["views_gained"]) or 0, Provenance(Source.MTPROTO, context["last_hour"], share))


def _er_views(posts: Mapping[str, Any], provenance: Provenance) -> Number:
    """(Forwards + reactions + comments) ÷ views × 100; unknown when no views or none of the three is known."""
    known = posts["known_forwards"] or posts["known_replies"] or posts["known_reactions"]
    if not posts["views"] or not known:
        return Number(None, provenance)
    return Number(_rounded(posts["interactions"] / posts["views"] * 100), provenance)


def _err(avg_reach: Number, followers: Number) -> Number:
    """Average reach ÷ subscribers × 100; its provenance is the reach's, with the subscribers' note."""
    note = " ".join(filter(None, (avg_reach.provenance.note, followers.provenance.note))) or None
    provenance = Provenance(
        avg_reach.provenance.source, avg_reach.provenance.observed_at, avg_reach.provenance.coverage, note
    )
    if avg_reach.value is None or not followers.value:
        return Number(None, provenance)
    return Number(_rounded(avg_reach.value / followers.value * 100), provenance)


def _history_coverage(context: Mapping[str, Any], period: Period) -> float:
    """Share 0..1 of the period that lies in the history we hold; 1 when the beginning was reached."""
    if context["reached_start"]:
        return 1.0
    oldest: datetime | None = context["oldest"]
    if oldest is None or oldest >= period.end:
        return 0.0
    return min(1.0, (period.end - max(oldest, period.start)) / (period.end - period.start))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _rounded(value: Any) -> float | None:
    """Four decimals: more than any face shows, and free of the noise of binary fractions."""
    return None if value is None else round(float(value), 4)
