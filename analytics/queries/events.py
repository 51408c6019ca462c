"""What happened to a channel in a period, as far as it was observed: one statement, two more for posts that ran ahead.

Nothing is guessed: a mention is a post we hold, a gap is the collector's own ledger, a renaming was seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from analytics.queries.mentions import HITS_IN, targets, visible
from analytics.queries.posts import permalink
from analytics.queries.question import StatsQuery
from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts
from analytics.queries.spans import Span
from analytics.queries.trending import TrendingPost, trending

# Who mentions is told of when they have at least this share of the channel's own subscribers, and so many themselves.
BIG_SHARE, BIG_LEAST = 0.25, 1_000
# Of mentions the largest channels, of the others the newest, of posts that ran ahead the farthest.
MOST = 10
MOST_AHEAD = 5
# A minute without the collector changes no curve.
LEAST_GAP = timedelta(hours=1)
# Beyond this the expectation would be that of another year's channel.
AHEAD_WITHIN = timedelta(days=93)


class EventKind(StrEnum):
    """What happened."""

    MENTION = "mention"
    FORWARD = "forward"
    AHEAD = "ahead"
    GAP = "gap"
    IMPORT = "import"
    TITLE = "title"
    USERNAME = "username"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened at a moment, or from `at` to `until`. What does not belong to its kind is None.

    Mentions and forwards: `name`, `title`, `subscribers` of the other channel, `count` of its posts in the period,
    `message_id` and `permalink` of the first. Posts ahead: `message_id`, `title`, `score`. Imports: `name` of the file,
    `count` of messages. Renamings: `old` and `new`.
    """

    kind: EventKind
    at: datetime
    until: datetime | None = None
    name: str | None = None
    title: str | None = None
    subscribers: int | None = None
    count: int | None = None
    message_id: int | None = None
    permalink: str | None = None
    old: str | None = None
    new: str | None = None
    score: float | None = None


_EVENTS = f"""
WITH {targets("c.id = %(channel)s")}, hit AS ({HITS_IN}), own AS (
    SELECT greatest(coalesce(subscribers, 0) * %(share)s, %(least)s) AS big FROM channels_app_channel
    WHERE id = %(channel)s
), pointed AS (
    SELECT h.kind, h.src, min(h.published_at) AS at, count(DISTINCT h.post_id) AS count,
           (array_agg(h.message_id ORDER BY h.published_at, h.message_id))[1] AS message_id
    FROM hit h GROUP BY h.kind, h.src
)
(SELECT p.kind, p.at, NULL::timestamptz AS until, s.username AS name, s.title, s.subscribers, p.count, p.message_id,
        s.tg_id, NULL::text AS old, NULL::text AS new
 FROM pointed p JOIN channels_app_channel s ON s.id = p.src CROSS JOIN own
 WHERE s.subscribers >= own.big AND {visible("s")}
 ORDER BY s.subscribers DESC, p.at, p.kind LIMIT %(most)s)
UNION ALL
(SELECT 'gap', lower(span), upper(span), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
 FROM (SELECT unnest(range_agg(tstzrange(started_at, coalesce(ended_at, %(now)s)))) AS span
       FROM channels_app_collectiongap
       WHERE channel_id = %(channel)s AND started_at < %(last)s AND started_at < %(now)s
         AND (ended_at IS NULL OR ended_at > %(first)s)) g
 WHERE upper(span) - lower(span) >= %(least_gap)s ORDER BY 2 DESC LIMIT %(most)s)
UNION ALL
(SELECT 'import', finished_at, NULL, original_name, NULL, NULL, messages, NULL, NULL, NULL, NULL
 FROM channels_app_importfile
 WHERE channel_id = %(channel)s AND workspace_id = %(workspace)s AND refused = ''
   AND finished_at >= %(first)s AND finished_at < %(last)s
 ORDER BY finished_at DESC LIMIT %(most)s)
UNION ALL
(SELECT field, observed_at, NULL, NULL, NULL, NULL, NULL, NULL, NULL, old, new
 FROM channels_app_channelfactchange
 WHERE channel_id = %(channel)s AND field IN ('title', 'username') AND coalesce(old, '') <> ''
   AND observed_at >= %(first)s AND observed_at < %(last)s
 ORDER BY observed_at DESC LIMIT %(most)s)
"""


def events(query: StatsQuery, *, workspace_id: int) -> tuple[Event, ...]:
    """What happened in the period, in order of time; of a gap that reaches beyond it the whole span."""
    parameters = {
        "channel": query.channel_id,
        "workspace": workspace_id,
        "first": query.period.start,
        "last": query.period.end,
        "now": query.now,
        "share": BIG_SHARE,
        "least": BIG_LEAST,
        "least_gap": LEAST_GAP,
        "most": MOST,
    }
    with read_cursor() as cursor:
        cursor.execute(_EVENTS, parameters)
        found = [_event(row) for row in rows_as_dicts(cursor)]
    return tuple(sorted([*found, *_ahead(query)], key=lambda event: (event.at, event.kind)))


def _event(row: Mapping[str, Any]) -> Event:
    row = dict(row)
    tg_id = row.pop("tg_id")
    link = permalink(row["name"], tg_id, row["message_id"]) if row["message_id"] else None
    if tg_id and not row["name"]:
        row["name"] = str(tg_id)
    return Event(**{**row, "kind": EventKind(row["kind"])}, permalink=link)


def _ahead(query: StatsQuery) -> list[Event]:
    """Posts of the period's last three months that ran ahead of their expectation, by the median."""
    end = min(query.period.end, query.now)
    width = min(end - query.period.start, AHEAD_WITHIN)
    if width <= timedelta(0):
        return []
    found = trending(query, Span(width, end, fixed=True), limit=MOST_AHEAD)
    return [_post(row) for row in found.rows]


def _post(row: TrendingPost) -> Event:
    return Event(
        EventKind.AHEAD,
        row.published_at,
        title=row.title,
        message_id=row.message_id,
        permalink=row.permalink,
        score=row.score,
    )
