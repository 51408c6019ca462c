"""Numbers of any spans of time of any channels, by metric name: the one computation behind headline and series.

Spans are values (`Span`); all of them are read together, so that a headline, a series of steps and what they are
compared with cost the same few statements: posts, context, readings at ages, days.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from analytics.queries.ages import aged_of
from analytics.queries.fusion import DAY_METRICS, days_of
from analytics.queries.question import Number, Provenance, StatsQuery
from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts
from analytics.queries.segments import NOT_SEGMENTED, post_conditions, segment_parameters
from analytics.queries.subscribers import first_known, last_counted, last_known
from analytics.queries.sums import AGES_HOURS, NOBODY, POST_METRICS, POST_SUMS, Aged, Around, number, post_numbers
from channels_app.snapshots import readings_sql
from mtproto.records import Source

GAINED = ("views", "forwards", "replies", "reactions")
GAINED_METRICS = tuple(f"{name}_gained" for name in GAINED)
FOLLOWER_METRICS = ("followers", "followers_change", "growth_rate")
AGE_METRICS = frozenset({"reach_12h", "reach_24h", "reach_48h", "err24"})
_OF_POSTS = frozenset(POST_METRICS)
# Every name that can be computed for a span.
COMPUTED = (*POST_METRICS, *FOLLOWER_METRICS, *GAINED_METRICS, *DAY_METRICS)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time of a channel (our row id), `end` exclusive.

    `is_step`: subscribers (those at its end) are told only if they were counted within it. `as_of`: counters as they
    stood then.
    """

    channel_id: int
    start: datetime
    end: datetime
    owned: bool = False
    is_step: bool = False
    as_of: datetime | None = None


_SPANS = """span AS (
  SELECT * FROM unnest(%(ns)s::int[], %(channels)s::bigint[], %(firsts)s::timestamptz[], %(lasts)s::timestamptz[],
                       %(owned)s::boolean[], %(as_of)s::timestamptz[]) AS w(n, channel, first, last, owned, as_of)
)"""

# Span by span over the index (channel, published_at); deleted posts are out.
_POSTS = f"""
WITH {_SPANS}
SELECT w.n, x.* FROM span w CROSS JOIN LATERAL (
  SELECT {POST_SUMS} FROM {{posts}} p
  WHERE p.channel_id = w.channel AND p.deleted_at IS NULL AND p.published_at >= w.first AND p.published_at < w.last
  {{segment}}
) x
"""
# The same posts with the counters as they stood at a moment. Each counter is told by its own last reading, an exact one
# before any that is abbreviated, for a reading may tell some counters only.
_LAST = ", ".join(
    f"(array_agg({name} ORDER BY approximate, observed_at DESC) FILTER (WHERE {name} IS NOT NULL))[1] AS {name},"
    f" bool_and(approximate) FILTER (WHERE {name} IS NOT NULL) AS {name}_approximate"
    for name in GAINED
)
_POSTS_THEN = f"""(
  SELECT o.id, o.channel_id, o.published_at, o.deleted_at, o.is_forward, o.text, o.media_kind, o.hashtags,
         o.post_author, r.views, r.forwards, r.replies, r.reactions AS reactions_total, r.observed_at AS counters_at,
         r.source AS counters_source, CASE WHEN r.views IS NULL
           THEN r.forwards_approximate OR r.replies_approximate OR r.reactions_approximate
           ELSE r.views_approximate END AS counters_approximate
  FROM channels_app_post o CROSS JOIN LATERAL (
    SELECT {_LAST}, max(observed_at) AS observed_at, (array_agg(source ORDER BY observed_at DESC))[1] AS source
    FROM ({readings_sql("ARRAY[o.id]", since="o.published_at - interval '1 day'", until="w.as_of")}) readings
  ) r
)"""

# Subscribers: the last count before the end, else the first one after (and it says so); those at the beginning. What
# holds at a moment is what held when subscribers were last counted before it: worked out once for each such count, for
# a series has many more moments than counts. What is of the channel is read once.
_CONTEXT = f"""
WITH {_SPANS}, edge AS MATERIALIZED (
  SELECT e.*, greatest({last_counted(before="e.at", channel="e.channel", owned="e.owned")}) AS counted_at
  FROM (
    SELECT DISTINCT w.channel, w.owned, m.at FROM span w CROSS JOIN LATERAL (VALUES (w.first), (w.last)) m(at)
  ) e
), known AS MATERIALIZED (
  SELECT d.channel, d.owned, d.counted_at AS moment, k.* FROM (
    SELECT DISTINCT channel, owned, counted_at FROM edge WHERE counted_at IS NOT NULL
  ) d CROSS JOIN LATERAL (
    {last_known(before="(d.counted_at + interval '1 microsecond')", channel="d.channel", owned="d.owned")}
  ) k
), held AS MATERIALIZED (
  SELECT e.at, k.* FROM edge e JOIN known k ON (k.channel, k.owned, k.moment) = (e.channel, e.owned, e.counted_at)
), home AS MATERIALIZED (
  SELECT c.channel, y.reached_start, y.started_at,
         (SELECT min(published_at) FROM channels_app_post p WHERE p.channel_id = c.channel) AS oldest,
         (SELECT range_agg(tstzrange(g.started_at, coalesce(g.ended_at, %(now)s))) FROM channels_app_collectiongap g
          WHERE g.channel_id = c.channel AND g.kind = 'counters' AND g.started_at <= %(now)s) AS gaps
  FROM (SELECT DISTINCT channel FROM span) c LEFT JOIN channels_app_channelsync y ON y.channel_id = c.channel
)
SELECT w.n, coalesce(f.count, a.count) AS followers, coalesce(f.observed_at, a.observed_at) AS followers_at,
       coalesce(f.source, a.source) AS followers_source,
       coalesce(f.approximate, a.approximate) AS followers_approximate,
       f.count IS NULL AS followers_late, coalesce(f.counted_at, a.counted_at) AS counted_at,
       b.count AS followers_before,
       h.views AS views_gained, h.forwards AS forwards_gained, h.replies AS replies_gained,
       h.reactions AS reactions_gained, h.last_hour, y.reached_start, y.started_at AS watched_from, y.oldest,
       CASE WHEN y.gaps IS NULL THEN interval '0' ELSE (
         SELECT coalesce(sum(upper(unread) - lower(unread)), interval '0') FROM unnest(y.gaps * tstzmultirange(
           tstzrange(greatest(w.first, y.started_at), greatest(w.last, w.first, y.started_at)))) unread
       ) END AS unwatched
FROM span w
LEFT JOIN held f ON (f.channel, f.owned, f.at) = (w.channel, w.owned, w.last)
LEFT JOIN held b ON (b.channel, b.owned, b.at) = (w.channel, w.owned, w.first)
LEFT JOIN LATERAL (
    SELECT * FROM ({first_known(since="w.last", channel="w.channel", owned="w.owned")}) n WHERE f.count IS NULL
) a ON true
LEFT JOIN LATERAL (
    SELECT sum(views) AS views, sum(forwards) AS forwards, sum(replies) AS replies, sum(reactions) AS reactions,
           max(hour) AS last_hour
    FROM channels_app_channelhour WHERE channel_id = w.channel AND hour >= w.first AND hour < w.last
) h ON true
JOIN home y ON y.channel = w.channel
"""


def figures(query: StatsQuery, spans: Sequence[Span], metrics: Iterable[str] = COMPUTED) -> list[dict[str, Number]]:
    """Numbers of each span in the order given: those of `metrics` at least.

    One statement, and another where posts are behind the metrics; readings at ages are a third, days two more.

    The query says the segment, the zone that cuts days, and now; its channel and period are those of the spans.
    """
    wanted = set(metrics)
    parameters = _parameters(spans) | segment_parameters(query) | {"now": query.now}
    then = any(span.as_of for span in spans)
    posts_sql = _POSTS.format(posts=_POSTS_THEN if then else "channels_app_post", segment=post_conditions(query))
    posts: dict[int, Mapping[str, Any]] = {}
    with read_cursor() as cursor:
        if wanted & _OF_POSTS:
            cursor.execute(posts_sql, parameters)
            posts = {row["n"]: row for row in rows_as_dicts(cursor)}
        cursor.execute(_CONTEXT, parameters)
        context = {row["n"]: row for row in rows_as_dicts(cursor)}
    ages = aged_of(query, _SPANS, parameters) if wanted & AGE_METRICS else {}
    days = days_of(query, spans) if wanted & set(DAY_METRICS) and not query.segment else None
    named = frozenset(wanted & set(DAY_METRICS))
    asked = _Asked(frozenset(wanted), query.now, segmented=bool(query.segment))
    return [
        _numbers(asked, span, posts.get(n), context[n], _ages_of(ages, n), days.numbers(span, named) if days else None)
        for n, span in enumerate(spans)
    ]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is the same for all spans: a year has hundreds of them, so that only what is wanted is worked out."""

    wanted: frozenset[str]
    now: datetime
    segmented: bool


def _ages_of(ages: Mapping[tuple[int, int], Aged], n: int) -> dict[int, Aged]:
    return {hours: ages[n, hours] for hours in AGES_HOURS if (n, hours) in ages} if ages else {}


def _parameters(spans: Sequence[Span]) -> dict[str, Any]:
    return {
        "ns": _array(range(len(spans))),
        "channels": _array(span.channel_id for span in spans),
        "firsts": _array(span.start.isoformat() for span in spans),
        "lasts": _array(span.end.isoformat() for span in spans),
        "owned": _array(span.owned for span in spans),
        "as_of": _array(span.as_of.isoformat() if span.as_of else "NULL" for span in spans),
    }


def _array(values: Iterable[Any]) -> str:
    """As PostgreSQL writes arrays: the driver would look at each element, and a series may have thousands of spans."""
    return "{" + ",".join(map(str, values)) + "}"


def _numbers(
    asked: _Asked,
    span: Span,
    posts: Mapping[str, Any] | None,
    context: Mapping[str, Any],
    ages: Any,
    days: Mapping[str, Number] | None,
) -> dict[str, Number]:
    """One span's numbers by metric name; without `posts` none of theirs."""
    subscribers = _followers(context)
    passed = (min(span.end, max(asked.now, span.start)) - span.start) / timedelta(days=1)
    around = Around(_history_coverage(context, span), passed, subscribers["followers"], ages)
    numbers = post_numbers(posts, around, asked.wanted) if posts is not None else {}
    if asked.segmented:
        whole = (*FOLLOWER_METRICS, *GAINED_METRICS, *DAY_METRICS)
        return numbers | dict.fromkeys(whole, Number(None, Provenance(None, None, None, NOT_SEGMENTED)))
    if not (context["counted_at"] and span.start <= context["counted_at"] < span.end):
        # Nobody counted in it: the same old count at both ends is no change that was seen.
        unseen = FOLLOWER_METRICS if span.is_step else FOLLOWER_METRICS[1:]
        subscribers |= dict.fromkeys(unseen, Number(None, NOBODY))
    numbers |= subscribers | {
        name: _gained(name, context, span, now=asked.now) for name in GAINED_METRICS if name in asked.wanted
    }
    return numbers | dict(days or {})


def _followers(context: Mapping[str, Any]) -> dict[str, Number]:
    if context["followers"] is None:
        return dict.fromkeys(FOLLOWER_METRICS, Number(None, NOBODY))
    late, before = context["followers_late"], context["followers_before"]
    notes = [
        word
        for word, holds in (("observed_after_period", late), ("approximate", context["followers_approximate"]))
        if holds
    ]
    told = Provenance(context["followers_source"], context["followers_at"], 1.0, " ".join(notes) or None)
    change = None if late or before is None else context["followers"] - before
    rate = change / before * 100 if change is not None and before else None
    return {
        "followers": Number(context["followers"], told),
        "followers_change": number("followers_change", change, told),
        "growth_rate": number("growth_rate", rate, told),
    }


def _gained(name: str, context: Mapping[str, Any], span: Span, *, now: datetime) -> Number:
    """What was gained while we watched; unknown for a span that ended before we began, or has not begun."""
    began: datetime | None = context["watched_from"]
    if began is None or began >= span.end or span.start > now:
        return Number(None, NOBODY)
    seen = span.end - max(began, span.start) - context["unwatched"]
    share = min(1.0, max(0.0, seen / (span.end - span.start)))
    return Number(int(context[name] or 0), Provenance(Source.MTPROTO, context["last_hour"], share))


def _history_coverage(context: Mapping[str, Any], span: Span) -> float:
    """Share 0..1 of the span that lies in the history we hold; 1 when the beginning was reached."""
    if context["reached_start"]:
        return 1.0
    oldest: datetime | None = context["oldest"]
    if oldest is None or oldest >= span.end:
        return 0.0
    return min(1.0, (span.end - max(oldest, span.start)) / (span.end - span.start))
