"""What ingest reads before it writes: the channel's lock, known posts, album items, snapshots."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection
from psycopg.types.datetime import TimestamptzLoader

from channels_app.ingest.counters import Known, Reading
from channels_app.ingest.results import ChannelGone

# SQL and its parameters.
Statement = tuple[str, Sequence[Any]]


@dataclass(slots=True)
class StoredPost:
    """A row of Post as ingest needs it, and as it will be; without its texts."""

    id: int
    message_id: int
    grouped_id: int | None
    item_ids: list[int]
    published_at: datetime
    text_hash: bytes
    content_hash: bytes
    content_source: str
    text_at: datetime | None
    seen_at: datetime | None
    known: Known
    counters_at: datetime | None
    counters_source: str | None
    baseline: list[int]
    first_seen_at: datetime
    first_source: str
    deleted_at: datetime | None
    next_poll_at: datetime | None


@dataclass(slots=True)
class StoredItem:
    """A row of AlbumItem, as it is or will be."""

    message_id: int
    grouped_id: int
    text: str
    media_kind: str
    known: Known
    counters_at: datetime | None
    content: Any
    seen_at: datetime | None
    deleted_at: datetime | None
    stored: bool = True


_POST_COLUMNS = """p.id, p.message_id, p.grouped_id, p.item_ids, p.published_at, p.text_hash, p.content_hash,
  p.content_source, p.text_at, p.seen_at, p.views, p.forwards, p.replies, p.reactions_total, p.reactions, p.exact_known,
  p.counters_at, p.counters_source, p.baseline_views, p.baseline_forwards, p.baseline_replies, p.baseline_reactions,
  p.first_seen_at, p.first_source, p.deleted_at, p.next_poll_at"""


def fetch(sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of one statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def _fetch_with_times(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The same for rows with many times: the driver reads them in C, Django in Python, which takes longer than all."""
    with connection.cursor() as cursor:
        cursor.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def fetch_each(*statements: Statement) -> list[list[tuple[Any, ...]]]:
    """The rows of several statements that are sent together; each sees what was committed before it began."""
    with connection.cursor() as cursor:
        cursor.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(";".join([sql for sql, _ in statements]), [value for _, given in statements for value in given])
        found = []
        while True:
            found.append(cursor.fetchall() if cursor.description else [])
            if not cursor.nextset():
                return found


def int_array(values: Iterable[int | None]) -> str:
    """Numbers as PostgreSQL writes an array: much quicker than the driver, which looks at each of them."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def moment_array(values: Iterable[datetime | None]) -> str:
    """The same for aware times."""
    return "{" + ",".join(["NULL" if value is None else value.isoformat() for value in values]) + "}"


def word_array(values: Iterable[str | None]) -> str:
    """The same for words of ours, which need no quotes."""
    return "{" + ",".join(["NULL" if value is None else value for value in values]) + "}"


def flag_array(values: Iterable[bool]) -> str:
    """The same for booleans."""
    return "{" + ",".join(["t" if value else "f" for value in values]) + "}"


def json_array(values: Iterable[Any]) -> str:
    """The same for values that travel as JSON; None is null, not JSON's null."""
    return (
        "{" + ",".join(["NULL" if value is None else _quoted(orjson.dumps(value).decode()) for value in values]) + "}"
    )


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def lock_channel(channel_id: int, *, durable: bool = True) -> None:
    """Take the channel for this transaction: two writers of one channel take turns. Raises ChannelGone.

    Without `durable` the commit does not wait for the disk.
    """
    hurrying = () if durable else (("SET LOCAL synchronous_commit = off", ()),)
    _check_there(channel_id, fetch_each(*hurrying, _locking(channel_id))[-1])


def _locking(channel_id: int) -> Statement:
    return "SELECT 1 FROM channels_app_channel WHERE id = %s FOR NO KEY UPDATE", [channel_id]


def _check_there(channel_id: int, locked: list[tuple[Any, ...]]) -> None:
    if not locked:
        raise ChannelGone(f"Channel {channel_id} is not there (any more).")


# A page's ids lie close together: one range of the index then finds them. Ids further apart than this many times their
# number are looked up one by one. Never `= ANY`: while statistics do not know a new channel, that reads all its rows.
_SPREAD = 4


def _close_together(ids: list[int]) -> bool:
    return max(ids) - min(ids) < _SPREAD * len(ids) + 100


_POSTS_IN_RANGE = (
    f"SELECT {_POST_COLUMNS} FROM channels_app_post p WHERE p.channel_id = %s AND p.message_id BETWEEN %s AND %s"
)


def lock_and_load(
    channel_id: int, message_ids: list[int], grouped_ids: list[int], *, expects_new: bool
) -> tuple[list[StoredPost], dict[int, StoredItem]]:
    """Lock the channel; the posts named by these message ids, and album items (see `load_items`).

    Items are read at once if most messages are expected to be new. Otherwise only of messages that are no post by
    themselves: a poll of single posts needs none. Raises ChannelGone.
    """
    if not message_ids or not _close_together(message_ids):
        lock_channel(channel_id)
        posts = _one_by_one("message_id", "int", channel_id, message_ids) if message_ids else []
    else:
        # What is read after the lock is had is as the writer before us left it.
        ends = [min(message_ids), max(message_ids)]
        statements = [_locking(channel_id), (_POSTS_IN_RANGE, [channel_id, *ends])]
        if expects_new:
            statements.append((_ITEMS_IN_RANGE, [channel_id, *ends, int_array(grouped_ids), channel_id]))
        locked, rows, *items = fetch_each(*statements)
        _check_there(channel_id, locked)
        posts = _wanted(rows, message_ids)
        if items:
            return posts, {row[0]: _stored_item(row) for row in items[0]}
    singles = {post.message_id for post in posts if post.grouped_id is None}
    others = [number for number in message_ids if number not in singles]
    return posts, load_items(channel_id, others, grouped_ids) if others or grouped_ids else {}


def _wanted(rows: list[tuple[Any, ...]], message_ids: list[int]) -> list[StoredPost]:
    wanted = set(message_ids) if rows else ()
    return [_stored_post(row) for row in rows if row[1] in wanted]


def load_albums(channel_id: int, grouped_ids: list[int]) -> list[StoredPost]:
    """The albums with these group ids."""
    return _one_by_one("grouped_id", "bigint", channel_id, grouped_ids) if grouped_ids else []


def _one_by_one(column: str, kind: str, channel_id: int, ids: list[int]) -> list[StoredPost]:
    rows = _fetch_with_times(
        f"SELECT p.* FROM unnest(%s::{kind}[]) n(id) CROSS JOIN LATERAL (SELECT {_POST_COLUMNS}"
        f" FROM channels_app_post p WHERE p.channel_id = %s AND p.{column} = n.id LIMIT 1) p",
        [int_array(ids), channel_id],
    )
    return [_stored_post(row) for row in rows]


def _stored_post(row: tuple[Any, ...]) -> StoredPost:
    known = Known((row[10], row[11], row[12], row[13]), _loaded(row[14]), row[15])
    values = (*row[:5], bytes(row[5]), bytes(row[6]), *row[7:10], known, row[16], row[17], list(row[18:22]), *row[22:])
    return StoredPost(*values)


def _loaded(json: str | None) -> Any:
    return None if json is None else orjson.loads(json)


_ITEM_COLUMNS = (
    "i.message_id, i.grouped_id, i.text, i.media_kind, i.views, i.forwards, i.replies, i.reactions, i.exact_known,"
    " i.counters_at, i.content, i.seen_at, i.deleted_at"
)
_ITEMS = """
WITH found AS ({found}), groups AS (SELECT unnest(%s::bigint[]) AS id UNION SELECT id FROM found)
SELECT i.* FROM groups g CROSS JOIN LATERAL (
  SELECT {columns} FROM channels_app_albumitem i WHERE i.channel_id = %s AND i.grouped_id = g.id OFFSET 0) i
"""
_ITEMS_IN_RANGE = _ITEMS.format(
    columns=_ITEM_COLUMNS,
    found="SELECT DISTINCT grouped_id AS id FROM channels_app_albumitem"
    " WHERE channel_id = %s AND message_id BETWEEN %s AND %s",
)
_ITEMS_ONE_BY_ONE = _ITEMS.format(
    columns=_ITEM_COLUMNS,
    found="SELECT DISTINCT f.grouped_id AS id FROM unnest(%s::int[]) n(id) CROSS JOIN LATERAL (SELECT grouped_id"
    " FROM channels_app_albumitem WHERE channel_id = %s AND message_id = n.id LIMIT 1) f",
)


def load_items(channel_id: int, message_ids: list[int], grouped_ids: list[int]) -> dict[int, StoredItem]:
    """Album items with these ids or of these albums, and the other items of the albums so found; by message id."""
    groups = int_array(grouped_ids)
    if message_ids and _close_together(message_ids):
        rows = _fetch_with_times(_ITEMS_IN_RANGE, [channel_id, min(message_ids), max(message_ids), groups, channel_id])
    else:
        rows = _fetch_with_times(_ITEMS_ONE_BY_ONE, [int_array(message_ids), channel_id, groups, channel_id])
    return {row[0]: _stored_item(row) for row in rows}


def _stored_item(row: tuple[Any, ...]) -> StoredItem:
    reactions = _loaded(row[7])
    total = None if reactions is None else sum(reactions.values())
    known = Known((row[4], row[5], row[6], total), reactions, row[8])
    values = (*row[:4], known, row[9], _loaded(row[10]), row[11], row[12])
    return StoredItem(*values)


_PACKED = "SELECT post_id FROM channels_app_packedcurve WHERE post_id = ANY(%s)"
_READING = "observed_at, views, forwards, replies, reactions, approximate, source"
# Both read the same; of posts that are not packed, four times as fast.
_SINGLE_READINGS = f"""
SELECT post_id, {_READING} FROM channels_app_postsnapshot WHERE post_id = ANY(%s) ORDER BY post_id, observed_at
"""
_PACKED_READINGS = f"""
SELECT id, {_READING} FROM unnest(%s::bigint[]) id CROSS JOIN LATERAL channels_app_readings(id)
ORDER BY id, observed_at
"""


def load_readings(post_ids: Iterable[int]) -> dict[int, list[Reading]]:
    """All readings of these posts, packed or not, by post, in order of time.

    Whoever corrects one unpacks its post first (`channels_app.packing.unpack_posts`).
    """
    found: dict[int, list[Reading]] = {post_id: [] for post_id in post_ids}
    packed = {row[0] for row in fetch(_PACKED, [list(found)])}
    rows = _fetch_with_times(_SINGLE_READINGS, [list(found.keys() - packed)])
    if packed:
        rows += _fetch_with_times(_PACKED_READINGS, [list(packed)])
    for row in rows:
        reactions = _loaded(row[5])
        total = None if reactions is None else sum(reactions.values())
        found[row[0]].append(Reading(row[1], (row[2], row[3], row[4], total), reactions, row[6], row[7]))
    return found


def new_post_ids(count: int) -> Iterator[int]:
    """Fresh primary keys for posts: rows and their snapshots are then copied in without asking back."""
    rows = _fetch_with_times(
        "SELECT nextval('channels_app_post_id_seq') FROM generate_series(1, %s)" if count else "SELECT WHERE %s > 0",
        [count],
    )
    return iter([row[0] for row in rows])


def load_as_item(post: StoredPost, *, grouped_id: int) -> StoredItem:
    """A post stored as a single message, as the album item that it turned out to be."""
    text, media_kind, entities, hashtags = fetch(
        "SELECT text, media_kind, entities, hashtags FROM channels_app_post WHERE id = %s", [post.id]
    )[0]
    references = fetch(
        "SELECT kind, url, username, target_message_id FROM channels_app_postreference WHERE post_id = %s ORDER BY id",
        [post.id],
    )
    content = {"entities": _loaded(entities), "references": references, "hashtags": hashtags} if text else None
    return StoredItem(
        post.message_id,
        grouped_id,
        text,
        media_kind,
        post.known,
        post.counters_at,
        content,
        post.seen_at,
        post.deleted_at,
        stored=False,
    )
