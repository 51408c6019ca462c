"""Writing the gathered changes: COPY for new rows, one statement each for the rest."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import orjson
from django.db import connection

from channels_app.ingest import rows
from channels_app.ingest.changes import Changes
from channels_app.ingest.content import content_columns, stronger
from channels_app.ingest.counters import COUNTERS
from channels_app.ingest.store import (
    Statement,
    StoredPost,
    fetch,
    fetch_each,
    flag_array,
    int_array,
    json_array,
    moment_array,
    word_array,
)
from channels_app.moved import Moved, tell_moved
from channels_app.partitions import ensure_months, month_of
from channels_app.reach import FORGET

HOURS_A_DAY = 24
LINES_AT_ONCE = 200


def write(changes: Changes) -> int:
    """Write all; returns the number of revisions. The channel is locked by the caller."""
    moments = {at for _, at in changes.snapshots}
    if changes.new_posts:
        moments.add(changes.observed_at)
    ensure_months({month_of(at) for at in moments})
    _remove_absorbed(changes)
    if changes.new_posts:
        _copy("channels_app_post", rows.POST_COLUMNS, changes.post_rows)
    if changes.snapshot_rows:
        _copy("channels_app_postsnapshot", rows.SNAPSHOT_COLUMNS, changes.snapshot_rows)
    revisions = _write_content(changes)
    _write_posts([post for post in changes.touched.values() if post.id in changes.restated])
    if changes.reference_rows:
        _copy("channels_app_postreference", rows.REFERENCE_COLUMNS, changes.reference_rows)
    _write_items(changes)
    cells = list(_cells(changes))
    # What nearly all calls write goes on one way.
    statements = [
        *_snapshots(changes),
        *_counters([post for post in changes.touched.values() if post.id in changes.counted]),
        *_looked([post for post in changes.touched.values() if post.id not in changes.counted]),
        *cells,
    ]
    if statements:
        answers = fetch_each(*statements)
        if cells:
            _tell(changes, version=answers[-1][0][0])
    return revisions


def _tell(changes: Changes, *, version: int) -> None:
    posts = changes.new_posts or changes.content or changes.deleted or changes.absorbed
    what = [Moved.COUNTERS, Moved.POSTS] if posts else [Moved.COUNTERS]
    tell_moved(changes.channel_id, what, version=version)


def _copy(table: str, columns: str, lines: Iterable[bytes]) -> None:
    left = iter(lines)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        # In pieces: the database takes in one while the next is worked out.
        while piece := b"".join(islice(left, LINES_AT_ONCE)):
            copy.write(piece)


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


_SNAPSHOTS = """
INSERT INTO channels_app_postsnapshot (post_id, observed_at, source, approximate, views, forwards, replies, reactions)
SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::boolean[], %s::bigint[], %s::bigint[],
                     %s::bigint[], %s::jsonb[])
ON CONFLICT (post_id, observed_at) DO UPDATE SET source = excluded.source, approximate = excluded.approximate,
  views = excluded.views, forwards = excluded.forwards, replies = excluded.replies, reactions = excluded.reactions
"""


def _snapshots(changes: Changes) -> Iterator[Statement]:
    if not changes.snapshots:
        return
    readings = list(changes.snapshots.items())
    posts, moments = int_array(key[0] for key, _ in readings), moment_array(key[1] for key, _ in readings)
    yield (
        _SNAPSHOTS,
        [
            posts,
            moments,
            word_array(r.source for _, r in readings),
            flag_array(r.approximate for _, r in readings),
            int_array(r.values[0] for _, r in readings),
            int_array(r.values[1] for _, r in readings),
            int_array(r.values[2] for _, r in readings),
            json_array(r.reactions for _, r in readings),
        ],
    )
    yield FORGET, [posts, moments]


# What most looks change; a look that changes no more than this leaves the row's page and touches no index.
_COUNTERS = """
UPDATE channels_app_post p SET
  views = n.views, forwards = n.forwards, replies = n.replies, reactions_total = n.total, reactions = n.reactions,
  exact_known = n.exact_known, counters_approximate = n.approximate, counters_at = n.counters_at,
  counters_source = n.counters_source, baseline_views = n.b0, baseline_forwards = n.b1, baseline_replies = n.b2,
  baseline_reactions = n.b3, seen_at = n.seen_at, next_poll_at = n.next_poll_at
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::jsonb[], %s::smallint[],
  %s::boolean[], %s::timestamptz[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
  %s::timestamptz[], %s::timestamptz[])
  AS n(id, views, forwards, replies, total, reactions, exact_known, approximate, counters_at, counters_source,
       b0, b1, b2, b3, seen_at, next_poll_at)
WHERE p.id = n.id
"""


def _counters(posts: list[StoredPost]) -> Iterator[Statement]:
    if not posts:
        return
    yield (
        _COUNTERS,
        [
            int_array(p.id for p in posts),
            *(int_array(p.known.values[i] for p in posts) for i in range(COUNTERS)),
            json_array(p.known.reactions for p in posts),
            int_array(p.known.exact for p in posts),
            flag_array(p.known.approximate for p in posts),
            moment_array(p.counters_at for p in posts),
            word_array(p.counters_source for p in posts),
            *(int_array(p.baseline[i] for p in posts) for i in range(COUNTERS)),
            moment_array(p.seen_at for p in posts),
            moment_array(p.next_poll_at for p in posts),
        ],
    )


_LOOKED = """
UPDATE channels_app_post p SET counters_at = n.counters_at, seen_at = n.seen_at, next_poll_at = n.next_poll_at
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
  AS n(id, counters_at, seen_at, next_poll_at)
WHERE p.id = n.id
"""


def _looked(posts: list[StoredPost]) -> Iterator[Statement]:
    """Posts that were looked at and had not changed."""
    if posts:
        yield (
            _LOOKED,
            [
                int_array(p.id for p in posts),
                moment_array(p.counters_at for p in posts),
                moment_array(p.seen_at for p in posts),
                moment_array(p.next_poll_at for p in posts),
            ],
        )


_POSTS = """
UPDATE channels_app_post p SET message_id = n.message_id, grouped_id = n.grouped_id, item_ids = n.item_ids::int[],
  published_at = n.published_at, first_seen_at = n.first_seen_at, first_source = n.first_source,
  deleted_at = n.deleted_at
FROM jsonb_to_recordset(%s::jsonb) AS n(id bigint, message_id int, grouped_id bigint, item_ids text,
  published_at timestamptz, first_seen_at timestamptz, first_source text, deleted_at timestamptz)
WHERE p.id = n.id
"""


_REFERENCES = """
UPDATE channels_app_postreference r SET published_at = p.published_at FROM channels_app_post p
WHERE r.post_id = p.id AND p.id = ANY(%s) AND r.published_at <> p.published_at
"""


def _write_posts(posts: list[StoredPost]) -> None:
    """What rarely changes: name and items of an album, publication, first sight, deletion."""
    if posts:
        values = [
            {
                "id": p.id,
                "message_id": p.message_id,
                "grouped_id": p.grouped_id,
                "item_ids": int_array(p.item_ids),
                "published_at": p.published_at,
                "first_seen_at": p.first_seen_at,
                "first_source": p.first_source,
                "deleted_at": p.deleted_at,
            }
            for p in posts
        ]
        fetch(_POSTS, [_json(values)])
        fetch(_REFERENCES, [[p.id for p in posts]])


# The text that is replaced becomes a revision; where only blanks differ between a file's and Telegram's, it does not.
_REVISIONS = """
INSERT INTO channels_app_postrevision (post_id, text, text_hash, seen_at, replaced_at)
SELECT p.id, p.text, p.text_hash, coalesce(p.text_at, p.first_seen_at), %s
FROM channels_app_post p JOIN jsonb_to_recordset(%s::jsonb) AS n(id bigint, text text, revision boolean, loose boolean)
  ON n.id = p.id
WHERE n.revision AND NOT (n.loose AND regexp_replace(p.text, '\\s+', '', 'g') = regexp_replace(n.text, '\\s+', '', 'g'))
ON CONFLICT DO NOTHING RETURNING 1
"""
_CONTENT = """
UPDATE channels_app_post p SET
  text = CASE WHEN n.take_text THEN n.text ELSE p.text END,
  text_hash = CASE WHEN n.take_text THEN decode(n.text_hash, 'hex') ELSE p.text_hash END,
  text_at = CASE WHEN n.take_text THEN %s ELSE p.text_at END,
  entities = CASE WHEN n.take_text THEN n.entities ELSE p.entities END,
  hashtags = CASE WHEN n.take_text THEN n.hashtags ELSE p.hashtags END,
  edited_at = CASE WHEN n.take_text THEN n.edited_at ELSE p.edited_at END,
  content_source = n.content_source,
  content_hash = CASE WHEN n.rest THEN decode(n.content_hash, 'hex') ELSE p.content_hash END,
  media_kind = CASE WHEN n.rest THEN n.media_kind ELSE p.media_kind END,
  post_author = CASE WHEN n.rest THEN n.post_author ELSE p.post_author END,
  reply_to_message_id = CASE WHEN n.rest THEN n.reply_to_message_id ELSE p.reply_to_message_id END,
  silent = CASE WHEN n.rest THEN n.silent ELSE p.silent END,
  pinned = CASE WHEN n.rest THEN n.pinned ELSE p.pinned END,
  poll = CASE WHEN n.rest THEN n.poll ELSE p.poll END,
  is_forward = CASE WHEN n.rest THEN n.is_forward ELSE p.is_forward END,
  forward_from_tg_id = CASE WHEN n.rest THEN n.forward_from_tg_id ELSE p.forward_from_tg_id END,
  forward_from_name = CASE WHEN n.rest THEN n.forward_from_name ELSE p.forward_from_name END,
  forward_message_id = CASE WHEN n.rest THEN n.forward_message_id ELSE p.forward_message_id END,
  forward_date = CASE WHEN n.rest THEN n.forward_date ELSE p.forward_date END
FROM jsonb_to_recordset(%s::jsonb) AS n(id bigint, take_text boolean, rest boolean,
  content_source text, text text, text_hash text,
  content_hash text, entities jsonb, hashtags text[], media_kind text, post_author text, edited_at timestamptz,
  reply_to_message_id int, silent boolean, pinned boolean, poll jsonb, is_forward boolean, forward_from_tg_id bigint,
  forward_from_name text, forward_message_id int, forward_date timestamptz)
WHERE p.id = n.id
"""


def _write_content(changes: Changes) -> int:
    revisions = 0
    if changes.content:
        edits = [
            {"id": c.post.id, "text": c.content.record.text, "revision": c.revision, "loose": c.loose}
            for c in changes.content
            if c.revision
        ]
        if edits:
            revisions = len(fetch(_REVISIONS, [changes.observed_at, _json(edits)]))
        values = [
            {
                "id": c.post.id,
                "take_text": c.text,
                "rest": c.rest,
                "content_source": stronger(changes.source, c.post.content_source),
                **content_columns(c.content),
            }
            for c in changes.content
        ]
        fetch(_CONTENT, [changes.observed_at, _json(values)])
        _rewrite_references(changes)
    if changes.late_texts:
        revisions += len(
            fetch(
                "INSERT INTO channels_app_postrevision (post_id, text, text_hash, seen_at, replaced_at)"
                " SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bytea[], %s::timestamptz[], %s::timestamptz[])"
                " ON CONFLICT DO NOTHING RETURNING 1",
                [list(column) for column in zip(*changes.late_texts, strict=True)],
            )
        )
    return revisions


def _rewrite_references(changes: Changes) -> None:
    """References follow the text; those of a changed text are written anew."""
    taken = [c for c in changes.content if c.text]
    if not taken:
        return
    fetch("DELETE FROM channels_app_postreference WHERE post_id = ANY(%s)", [[c.post.id for c in taken]])
    for change in taken:
        references, published_at = change.content.record.references, change.post.published_at
        for reference in rows.reference_rows(references, channel_id=changes.channel_id, published_at=published_at):
            changes.reference_rows.append(b"%d" % change.post.id + reference)


_ITEMS = """
INSERT INTO channels_app_albumitem (channel_id, message_id, grouped_id, text, media_kind, views, forwards, replies,
  reactions, exact_known, counters_at, content, seen_at, deleted_at)
SELECT %s, n.* FROM unnest(%s::int[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[],
  %s::jsonb[], %s::smallint[], %s::timestamptz[], %s::jsonb[], %s::timestamptz[], %s::timestamptz[]) n
ON CONFLICT (channel_id, message_id) DO UPDATE SET grouped_id = excluded.grouped_id, text = excluded.text,
  media_kind = excluded.media_kind, views = excluded.views, forwards = excluded.forwards, replies = excluded.replies,
  reactions = excluded.reactions, exact_known = excluded.exact_known, counters_at = excluded.counters_at,
  content = excluded.content, seen_at = excluded.seen_at, deleted_at = excluded.deleted_at
"""


def _write_items(changes: Changes) -> None:
    if changes.items:
        values = [
            (
                item.message_id,
                item.grouped_id,
                item.text,
                item.media_kind,
                *item.known.values[:3],
                _json(item.known.reactions),
                item.known.exact,
                item.counters_at,
                _json(item.content),
                item.seen_at,
                item.deleted_at,
            )
            for item in changes.items.values()
        ]
        fetch(_ITEMS, [changes.channel_id, *(list(column) for column in zip(*values, strict=True))])
    if changes.items_seen:
        fetch(
            "UPDATE channels_app_albumitem i SET seen_at = %s, counters_at = %s FROM unnest(%s::int[]) n(id)"
            " WHERE i.channel_id = %s AND i.message_id = n.id",
            [changes.observed_at, changes.observed_at, int_array(changes.items_seen), changes.channel_id],
        )


_CELLS = """
WITH n AS (
  SELECT * FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[])
    AS n(hour, posts, views, forwards, replies, reactions, dirty)
), hours AS (
  INSERT INTO channels_app_channelhour AS c (channel_id, hour, posts, views, forwards, replies, reactions, dirty)
  SELECT %s, to_timestamp(hour * 3600), posts, views, forwards, replies, reactions, dirty FROM n
  ON CONFLICT (channel_id, hour) DO UPDATE SET posts = c.posts + excluded.posts, views = c.views + excluded.views,
    forwards = c.forwards + excluded.forwards, replies = c.replies + excluded.replies,
    reactions = c.reactions + excluded.reactions, dirty = c.dirty OR excluded.dirty
), version AS (
  UPDATE channels_app_channel SET version = version + 1 WHERE id = %s RETURNING version
)
INSERT INTO channels_app_channelday AS c (channel_id, day, posts, views, forwards, replies, reactions, dirty)
SELECT %s, date '1970-01-01' + day, posts, views, forwards, replies, reactions, dirty
FROM unnest(%s::int[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[])
  AS n(day, posts, views, forwards, replies, reactions, dirty)
ON CONFLICT (channel_id, day) DO UPDATE SET posts = c.posts + excluded.posts, views = c.views + excluded.views,
  forwards = c.forwards + excluded.forwards, replies = c.replies + excluded.replies,
  reactions = c.reactions + excluded.reactions, dirty = c.dirty OR excluded.dirty
RETURNING (SELECT version FROM version)
"""

_RAISE_VERSION = "UPDATE channels_app_channel SET version = version + 1 WHERE id = %s RETURNING version"


def _cells(changes: Changes) -> Iterator[Statement]:
    """Add to the cells, and raise the channel's version with them or with anything else that a reader can see."""
    hours: list[tuple[Any, ...]] = []
    days: dict[int, list[Any]] = {}
    for hour in sorted(changes.cells):
        cell = changes.cells[hour]
        if not (cell.posts or any(cell.gains) or cell.dirty):
            continue
        hours.append((hour, cell.posts, *cell.gains, cell.dirty))
        day = days.setdefault(hour // HOURS_A_DAY, [0, 0, 0, 0, 0, False])
        for i, value in enumerate((cell.posts, *cell.gains)):
            day[i] += value
        day[5] |= cell.dirty
    if not hours:
        if changes.visible:
            yield _RAISE_VERSION, [changes.channel_id]
        return
    by_day = [(day, *values) for day, values in days.items()]
    channel = changes.channel_id
    yield _CELLS, [*_cell_arrays(hours), channel, channel, channel, *_cell_arrays(by_day)]


def _cell_arrays(cells: list[tuple[Any, ...]]) -> list[str]:
    *numbers, dirty = zip(*cells, strict=True)
    return [*(int_array(column) for column in numbers), flag_array(dirty)]


_OF_POSTS = ("postreference", "postrevision", "postofficialgraph", "publicforwardseen", "postsnapshot", "postreach")


def _remove_absorbed(changes: Changes) -> None:
    """Posts that turned out to be items of an album: the album's post stands for them now."""
    ids = [post.id for post in changes.absorbed]
    if not ids:
        return
    for table in _OF_POSTS:
        fetch(f"DELETE FROM channels_app_{table} WHERE post_id = ANY(%s)", [ids])
    fetch("DELETE FROM channels_app_post WHERE id = ANY(%s)", [ids])
