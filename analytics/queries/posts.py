"""Lists of posts: the latest, and the best of a period."""

from datetime import datetime
from typing import Any

from django.db import connection

from analytics.queries.question import PostOrder, PostRow, StatsQuery
from analytics.queries.rows import rows_as_dicts
from analytics.queries.segments import post_conditions, segment_parameters

MAX_POSTS = 50

_COLUMNS = """
SELECT p.id, p.message_id, p.published_at, p.text, p.media_kind, coalesce(array_length(p.item_ids, 1), 1) AS item_count,
       p.is_forward, p.forward_from_name, p.views, p.forwards, p.replies, p.reactions_total AS reactions,
       p.counters_source, p.counters_at, p.counters_approximate, p.edited_at, c.username, c.tg_id
FROM channels_app_post p JOIN channels_app_channel c ON c.id = p.channel_id
WHERE p.channel_id = %(channel)s AND p.deleted_at IS NULL
"""

_ORDERS = {
    PostOrder.VIEWS: "p.views",
    PostOrder.FORWARDS: "p.forwards",
    PostOrder.REACTIONS: "p.reactions_total",
    PostOrder.REPLIES: "p.replies",
}


def latest_posts(
    channel_id: int, *, limit: int = 20, before: tuple[datetime, int] | None = None
) -> tuple[PostRow, ...]:
    """The newest posts, by publication; `before` = (published_at, message_id) of the last row of the page before."""
    condition = " AND (p.published_at, p.message_id) < (%(at)s, %(id)s)" if before else ""
    sql = f"{_COLUMNS}{condition} ORDER BY p.published_at DESC, p.message_id DESC LIMIT %(limit)s"
    at, message_id = before or (None, None)
    return _rows(sql, {"channel": channel_id, "limit": min(limit, MAX_POSTS), "at": at, "id": message_id})


def top_posts(query: StatsQuery, *, limit: int = 10, order: PostOrder = PostOrder.VIEWS) -> tuple[PostRow, ...]:
    """The best posts published in the period; ties by message id; posts of unknown counter come last."""
    sql = (
        f"{_COLUMNS} AND p.published_at >= %(first)s AND p.published_at < %(last)s{post_conditions(query)} "
        f"ORDER BY {_ORDERS[order]} DESC NULLS LAST, p.message_id LIMIT %(limit)s"
    )
    return _rows(
        sql,
        {
            "channel": query.channel_id,
            "first": query.period.start,
            "last": query.period.end,
            "limit": min(limit, MAX_POSTS),
        }
        | segment_parameters(query),
    )


def permalink(username: str | None, tg_id: int | None, message_id: int) -> str | None:
    """Telegram's own link to a post: by username when public, by id for members of a private channel."""
    if username:
        return f"https://t.me/{username}/{message_id}"
    return f"https://t.me/c/{tg_id}/{message_id}" if tg_id else None


def _rows(sql: str, parameters: dict[str, Any]) -> tuple[PostRow, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = rows_as_dicts(cursor)
    return tuple(
        PostRow(**row, permalink=permalink(username, tg_id, row["message_id"]))
        for row in rows
        for username, tg_id in [(row.pop("username"), row.pop("tg_id"))]
    )
