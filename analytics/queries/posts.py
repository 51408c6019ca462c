"""Lists of posts: the latest, the best of a period, and pages of all of them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from analyticbot.core.errors import InvalidInput
from analytics.queries.question import PostOrder, PostRow, StatsQuery
from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts
from analytics.queries.segments import post_conditions, segment_parameters
from channels_app.snapshots import dropped_sql, views_before_sql

MAX_POSTS, MAX_PAGE = 50, 100
# A search reads so many posts at most, newest first; the next page goes on where it ended.
SEARCHED_POSTS = 5000
MAX_WORDS, LONGEST_SEARCH = 8, 100
# Posts are looked at for a month; older than this before the period, none gains views that we would see.
GROWING_FOR = timedelta(days=60)
_APOSTROPHES = "'’ʻʼ‘`"  # Uzbek oʻ and gʻ are typed with any of them

# A percent. What of the three is unknown counts as nothing; unknown when all are, or the views.
_ER = """CASE WHEN num_nonnulls(p.forwards, p.replies, p.reactions_total) > 0 THEN
  round((coalesce(p.forwards, 0)::numeric + coalesce(p.replies, 0) + coalesce(p.reactions_total, 0)) * 100
        / nullif(p.views, 0), 4) END"""
_VIRALITY = "round(p.forwards::numeric / nullif(p.views, 0), 6)"

_SELECT = f"""
SELECT p.id, p.message_id, p.published_at, p.text, p.media_kind, coalesce(array_length(p.item_ids, 1), 1) AS item_count,
       p.is_forward, p.forward_from_name, p.views, p.forwards, p.replies, p.reactions_total AS reactions,
       p.counters_source, p.counters_at, p.counters_approximate, p.edited_at, p.pinned, p.deleted_at,
       {_ER}::float8 AS er_views, {_VIRALITY}::float8 AS virality, c.username, c.tg_id"""
_FROM = "FROM channels_app_post p JOIN channels_app_channel c ON c.id = p.channel_id WHERE p.channel_id = %(channel)s"
_COLUMNS = f"{_SELECT} {_FROM} AND p.deleted_at IS NULL"

_ORDERS = {
    PostOrder.VIEWS: "p.views",
    PostOrder.ER: _ER,
    PostOrder.FORWARDS: "p.forwards",
    PostOrder.REACTIONS: "p.reactions_total",
    PostOrder.REPLIES: "p.replies",
    # No link counts its clicks yet: all are unknown, and the message id decides. (Not plainly NULL: the planner would
    # then walk through all posts of the channel by message id.)
    PostOrder.CTR: "nullif(p.views, p.views)",
}

# What each post had at both ends of the period, by the rule of the hour cells: what it had when it was first seen is no
# gain, unless that was within an hour of publication. A post that was not looked at in the period is unknown. Latest
# counters and baselines answer for most posts; only those that were alive across an end need a reading, and are unknown
# if their curve was dropped.
_BEFORE_PUBLICATION = "p.published_at - interval '1 day'"
_GROWTH = f"""
{_SELECT}, CASE WHEN p.counters_at >= %(first)s
    AND (p.published_at >= %(first)s AND p.counters_at < %(last)s OR {dropped_sql("p.id")} IS NULL) THEN
    CASE WHEN p.counters_at < %(last)s THEN p.views
         ELSE {views_before_sql("p.id", "%(last)s", since=_BEFORE_PUBLICATION)} END
    - coalesce(CASE WHEN p.published_at < %(first)s
               THEN {views_before_sql("p.id", "%(first)s", since=_BEFORE_PUBLICATION)} END, p.baseline_views)
    END AS gained
FROM channels_app_post p JOIN channels_app_channel c ON c.id = p.channel_id
WHERE p.channel_id = %(channel)s AND p.deleted_at IS NULL
  AND p.published_at >= %(growing)s AND p.published_at < %(last)s
  AND (p.published_at >= %(first)s OR p.counters_at >= %(first)s){{segment}}
ORDER BY gained DESC NULLS LAST, p.message_id LIMIT %(limit)s
"""


class ListOrder(StrEnum):
    """How pages of posts are ordered: newest first, or most first."""

    PUBLISHED = "published"
    VIEWS = "views"
    ER = "er"
    FORWARDS = "forwards"
    REACTIONS = "reactions"
    REPLIES = "replies"


@dataclass(frozen=True, slots=True)
class PostKey:
    """Where a page ended: the value it was ordered by, as text (None: unknown), and the message id.

    For `ListOrder.PUBLISHED` the value is microseconds since 1970.
    """

    value: str | None
    message_id: int


@dataclass(frozen=True, slots=True)
class PostPage:
    """One page; `next` is None on the last. A page of a search may be short, even empty, and yet have a next one."""

    rows: tuple[PostRow, ...]
    next: PostKey | None
    # False where a search by another order than publication left posts older than the newest 5000 out.
    searched_all: bool = True


@dataclass(frozen=True, slots=True)
class PostFilter:
    """What of a channel's posts is listed besides the query's segment."""

    order: ListOrder = ListOrder.PUBLISHED
    everything: bool = False  # not only the query's period
    include_deleted: bool = False
    search: str | None = None


def latest_posts(
    channel_id: int, *, limit: int = 20, before: tuple[datetime, int] | None = None
) -> tuple[PostRow, ...]:
    """The newest posts, by publication; `before` = (published_at, message_id) of the last row of the page before."""
    condition = " AND (p.published_at, p.message_id) < (%(at)s, %(id)s)" if before else ""
    sql = f"{_COLUMNS}{condition} ORDER BY p.published_at DESC, p.message_id DESC LIMIT %(limit)s"
    at, message_id = before or (None, None)
    return _rows(sql, {"channel": channel_id, "limit": min(limit, MAX_POSTS), "at": at, "id": message_id})


def top_posts(query: StatsQuery, *, limit: int = 10, order: PostOrder = PostOrder.VIEWS) -> tuple[PostRow, ...]:
    """The best posts of the period; ties by message id; posts of unknown counter come last.

    They were published in the period; by growth also those up to 60 days older that were looked at in it, for posts go
    on gaining views.
    """
    parameters = {
        "channel": query.channel_id,
        "first": query.period.start,
        "last": query.period.end,
        "limit": min(limit, MAX_POSTS),
    } | segment_parameters(query)
    if order is PostOrder.GROWTH:
        growing = query.period.start - GROWING_FOR
        return _rows(_GROWTH.format(segment=post_conditions(query)), parameters | {"growing": growing})
    sql = (
        f"{_COLUMNS} AND p.published_at >= %(first)s AND p.published_at < %(last)s{post_conditions(query)} "
        f"ORDER BY {_ORDERS[order]} DESC NULLS LAST, p.message_id LIMIT %(limit)s"
    )
    return _rows(sql, parameters)


def list_posts(query: StatsQuery, asked: PostFilter, *, limit: int = 50, after: PostKey | None = None) -> PostPage:
    """A page of the posts published in the period (or of all), by key: one statement.

    By publication: newest first, ties by the larger message id. By a counter: most first, ties by the smaller message
    id, unknown last; a counter that changes between two pages may show a post twice or not at all. InvalidInput for a
    search that cannot be read.
    """
    limit = min(limit, MAX_PAGE)
    parameters = {
        "channel": query.channel_id,
        "first": query.period.start,
        "last": query.period.end,
        "limit": limit + 1,
        "words": search_patterns(asked.search) if asked.search else None,
        "searched": SEARCHED_POSTS,
        **segment_parameters(query),
        **_key_parameters(asked.order, after),
    }
    with read_cursor() as cursor:
        cursor.execute(_list_sql(query, asked, after), parameters)
        found = rows_as_dicts(cursor)
    edge = found[0] if found and asked.search else None
    full = edge is not None and edge["edge_scanned"] >= SEARCHED_POSTS
    hits = [row for row in found if row["id"] is not None]
    keys = [PostKey(row["sort_key"], row["message_id"]) for row in hits]
    following = keys[limit - 1] if len(hits) > limit else None
    if following is None and full and edge is not None and asked.order is ListOrder.PUBLISHED:
        following = PostKey(edge["edge_at"], edge["edge_id"])
    rows = tuple(_row(_without(row, "sort_key", "place", "edge_scanned", "edge_at", "edge_id")) for row in hits[:limit])
    return PostPage(rows, following, searched_all=not full or asked.order is ListOrder.PUBLISHED)


def search_patterns(text: str) -> list[str]:
    """Regular expressions of PostgreSQL, one for each word, all of which a text must match. InvalidInput if none can.

    Letters match in either case by listing both: the database's own folding knows none but English letters in some
    locales. The apostrophes of Uzbek stand for each other.
    """
    words = text.split()
    if not words or len(text) > LONGEST_SEARCH or len(words) > MAX_WORDS or "\x00" in text:
        raise InvalidInput(
            _("`q` must be 1 to %(words)s words of at most %(most)s characters together.")
            % {"words": MAX_WORDS, "most": LONGEST_SEARCH},
            field="q",
        )
    return ["".join(map(_either_case, word)) for word in words]


def permalink(username: str | None, tg_id: int | None, message_id: int) -> str | None:
    """Telegram's own link to a post: by username when public, by id for members of a private channel."""
    if username:
        return f"https://t.me/{username}/{message_id}"
    return f"https://t.me/c/{tg_id}/{message_id}" if tg_id else None


def _either_case(letter: str) -> str:
    if letter in _APOSTROPHES:
        return f"[{_APOSTROPHES}]"
    forms = {form for form in (letter, letter.lower(), letter.upper()) if len(form) == 1}
    if len(forms) > 1:
        return f"[{''.join(sorted(forms))}]"
    return f"\\{letter}" if letter.isascii() and re.match(r"\W", letter) else letter


_LIST_KEYS = {
    ListOrder.PUBLISHED: "(extract(epoch FROM p.published_at) * 1000000)::bigint",
    ListOrder.VIEWS: "p.views",
    ListOrder.ER: _ER,
    ListOrder.FORWARDS: "p.forwards",
    ListOrder.REACTIONS: "p.reactions_total",
    ListOrder.REPLIES: "p.replies",
}


def _list_sql(query: StatsQuery, asked: PostFilter, after: PostKey | None) -> str:
    newest_first = "p.published_at DESC, p.message_id DESC"
    key = _LIST_KEYS[asked.order]
    ordered = newest_first if asked.order is ListOrder.PUBLISHED else f"{key} DESC NULLS LAST, p.message_id"
    chosen = "" if asked.everything else " AND p.published_at >= %(first)s AND p.published_at < %(last)s"
    chosen += "" if asked.include_deleted else " AND p.deleted_at IS NULL"
    chosen += post_conditions(query)
    behind = _behind(asked.order, after)
    chosen_page = f"{_FROM}{chosen}{behind}"
    if not asked.search:
        return f"{_SELECT}, {key}::text AS sort_key {chosen_page} ORDER BY {ordered} LIMIT %(limit)s"
    # Cut first: however rare the words and whatever the planner thinks, no more than so many texts are read.
    scanned = behind if asked.order is ListOrder.PUBLISHED else ""
    return f"""
WITH scanned AS MATERIALIZED (
    SELECT p.id, p.published_at, p.message_id, p.text ~ ALL(%(words)s::text[]) AS found FROM channels_app_post p
    WHERE p.channel_id = %(channel)s{chosen}{scanned} ORDER BY {newest_first} LIMIT %(searched)s
), edge AS (
    SELECT count(*) AS edge_scanned, (extract(epoch FROM min(published_at)) * 1000000)::bigint::text AS edge_at,
           (array_agg(message_id ORDER BY published_at, message_id))[1] AS edge_id FROM scanned
), hit AS (
    {_SELECT}, {key}::text AS sort_key, row_number() OVER (ORDER BY {ordered}) AS place
    {chosen_page} AND p.id = ANY(ARRAY(SELECT id FROM scanned WHERE found)) ORDER BY {ordered} LIMIT %(limit)s
)
SELECT hit.*, edge.* FROM edge LEFT JOIN hit ON true ORDER BY hit.place"""


def _behind(order: ListOrder, after: PostKey | None) -> str:
    """The condition that a post comes after the key in this order."""
    if after is None:
        return ""
    if order is ListOrder.PUBLISHED:
        return " AND (p.published_at, p.message_id) < (%(key)s::timestamptz, %(key_id)s)"
    key = _LIST_KEYS[order]
    if after.value is None:
        return f" AND {key} IS NULL AND p.message_id > %(key_id)s"
    return (
        f" AND ({key} < %(key)s::numeric OR {key} IS NULL OR ({key} = %(key)s::numeric AND p.message_id > %(key_id)s))"
    )


def _key_parameters(order: ListOrder, after: PostKey | None) -> dict[str, Any]:
    if after is None:
        return {}
    value: Any = after.value
    if order is ListOrder.PUBLISHED and value is not None:
        value = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(value))
    return {"key": value, "key_id": after.message_id}


def _rows(sql: str, parameters: dict[str, Any]) -> tuple[PostRow, ...]:
    with read_cursor() as cursor:
        cursor.execute(sql, parameters)
        return tuple(map(_row, rows_as_dicts(cursor)))


def _row(row: dict[str, Any]) -> PostRow:
    username, tg_id = row.pop("username"), row.pop("tg_id")
    return PostRow(**row, permalink=permalink(username, tg_id, row["message_id"]))


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
