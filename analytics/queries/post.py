"""One post with all that is known of it: one statement, and its readings by another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics.queries.curve import Life
from analytics.queries.posts import permalink
from analytics.queries.question import StatsQuery
from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts
from channels_app.snapshots import dropped_sql, left_points_sql, points_of, readings_of

# Ids in the database have 32 bits; no post has a larger one.
LARGEST_MESSAGE_ID = 2**31 - 1

# The post of that id, else the album that has such an item; both by unique keys.
_NAMED = """
p.channel_id = %(channel)s AND p.id = coalesce(
    (SELECT id FROM channels_app_post WHERE channel_id = %(channel)s AND message_id = %(message)s),
    (SELECT a.id FROM channels_app_albumitem i
     JOIN channels_app_post a ON a.channel_id = i.channel_id AND a.grouped_id = i.grouped_id
     WHERE i.channel_id = %(channel)s AND i.message_id = %(message)s))
"""

_LIFE = f"""
SELECT p.id, p.message_id, p.published_at, p.views, p.counters_at, p.counters_source, p.counters_approximate,
       p.is_forward, p.deleted_at, {dropped_sql("p.id")} AS curve_dropped_at,
       {left_points_sql("p.id", "p.published_at")} AS curve_left
FROM channels_app_post p WHERE {_NAMED}
"""

_DETAIL = f"""
SELECT p.id, p.message_id, p.item_ids, p.published_at, p.text, p.entities::json, p.hashtags, p.media_kind,
       p.post_author, p.edited_at, p.deleted_at, p.reply_to_message_id, p.silent, p.pinned, p.poll::json, p.is_forward,
       p.forward_from_tg_id, p.forward_from_name, p.forward_message_id, p.forward_date, f.username AS forward_username,
       p.views, p.forwards, p.replies, p.reactions_total, p.reactions::json, p.counters_at, p.counters_source,
       p.counters_approximate, p.first_seen_at, p.first_source, c.username, c.tg_id,
       {dropped_sql("p.id")} AS curve_dropped_at, {left_points_sql("p.id", "p.published_at")} AS curve_left,
       (SELECT coalesce(json_agg(json_build_object('text', r.text, 'seen_at', r.seen_at, 'replaced_at', r.replaced_at)
                                 ORDER BY r.replaced_at), '[]')
        FROM channels_app_postrevision r WHERE r.post_id = p.id) AS revisions,
       (SELECT coalesce(json_agg(json_build_object('kind', r.kind, 'url', r.url, 'username', r.username,
                                                   'msg_id', r.target_message_id) ORDER BY r.id), '[]')
        FROM channels_app_postreference r WHERE r.post_id = p.id) AS "references",
       CASE WHEN %(owned)s THEN
         (SELECT coalesce(json_agg(json_build_object(
                'channel_id', s.channel_tg_id, 'username', s.channel_username, 'title', s.channel_title,
                'msg_id', s.message_id, 'date', s.published_at, 'views', s.views, 'first_seen_at', s.first_seen_at,
                'last_seen_at', s.last_seen_at) ORDER BY s.views DESC NULLS LAST, s.channel_tg_id, s.message_id), '[]')
          FROM channels_app_publicforwardseen s WHERE s.post_id = p.id) END AS public_forwards
FROM channels_app_post p
JOIN channels_app_channel c ON c.id = p.channel_id
LEFT JOIN channels_app_channel f ON f.tg_id = p.forward_from_tg_id
WHERE {_NAMED}
"""


@dataclass(frozen=True, slots=True)
class PostLife:
    """A post's identity, and what its curve is made of."""

    id: int
    message_id: int
    life: Life
    source: str | None


@dataclass(frozen=True, slots=True)
class PostDetail:
    """Everything known of a post. `row` has the columns of the post by name; unknown is None.

    Lists hold dictionaries with moments as aware datetimes: `revisions` (text, seen_at, replaced_at), oldest first;
    `references` (kind, url, username, msg_id); `public_forwards` (channel_id, username, title, msg_id, date, views,
    first_seen_at, last_seen_at), most views first: official, None for readers who do not own the channel.
    """

    row: Mapping[str, Any]
    revisions: Sequence[Mapping[str, Any]]
    references: Sequence[Mapping[str, Any]]
    public_forwards: Sequence[Mapping[str, Any]] | None
    permalink: str | None
    life: Life


def post_life(channel_id: int, message_id: int) -> PostLife | None:
    """The curve of the post (or of the album with that item), None if there is no such post: two statements."""
    row = _one(_LIFE, {"channel": channel_id, "message": message_id})
    if row is None:
        return None
    return PostLife(row["id"], row["message_id"], _life_of(row), row["counters_source"])


def post_detail(query: StatsQuery, message_id: int) -> PostDetail | None:
    """The post (or the album with that item) whatever its age, None if there is no such post: two statements."""
    row = _one(_DETAIL, {"channel": query.channel_id, "message": message_id, "owned": query.owned})
    if row is None:
        return None
    forwards = row.pop("public_forwards")
    return PostDetail(
        row,
        revisions=_with_moments(row.pop("revisions"), "seen_at", "replaced_at"),
        references=row.pop("references"),
        public_forwards=None if forwards is None else _with_moments(forwards, "date", "first_seen_at", "last_seen_at"),
        permalink=permalink(row["username"], row["tg_id"], row["message_id"]),
        life=_life_of(row),
    )


def _one(sql: str, parameters: dict[str, Any]) -> dict[str, Any] | None:
    if not 0 < parameters["message"] <= LARGEST_MESSAGE_ID:
        return None
    with read_cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = rows_as_dicts(cursor)
    return rows[0] if rows else None


def _life_of(row: Mapping[str, Any]) -> Life:
    return Life(
        published_at=row["published_at"],
        readings=readings_of([row["id"]], since=row["published_at"])[row["id"]],
        views=row["views"],
        counters_at=row["counters_at"],
        approximate=row["counters_approximate"],
        is_forward=row["is_forward"],
        deleted_at=row["deleted_at"],
        dropped_at=row["curve_dropped_at"],
        left=points_of(row["curve_left"]),
    )


def _with_moments(rows: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    """JSON tells moments as texts."""
    return [
        row | {name: None if row[name] is None else datetime.fromisoformat(row[name]) for name in names} for row in rows
    ]
