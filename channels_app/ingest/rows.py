r"""Rows as PostgreSQL's COPY text format takes them: tab between columns, \N for null, backslash escapes. Pure.

Built by hand because it is four times as fast as letting the driver write each value.
"""

from collections.abc import Iterable
from datetime import datetime

import orjson

from channels_app.ingest.content import (
    Content,
    entities_json,
    forward_columns,
    poll_json,
    small_id,
    storable_references,
)
from channels_app.ingest.counters import Known
from mtproto.records import MessageRecord, Reference

NULL = "\\N"
_NULL = NULL.encode()

POST_COLUMNS = (
    "id, channel_id, message_id, grouped_id, item_ids, published_at, text_hash, content_hash, media_kind, post_author,"
    " edited_at, reply_to_message_id, silent, pinned, poll, is_forward, forward_from_tg_id, forward_from_name,"
    " forward_message_id, forward_date, entities, hashtags, text, views, forwards, replies, reactions, reactions_total,"
    " exact_known, counters_approximate, baseline_views, baseline_forwards, baseline_replies, baseline_reactions,"
    " counters_at, counters_source, next_poll_at, content_source, text_at, seen_at, first_seen_at, first_source"
)
SNAPSHOT_COLUMNS = "post_id, observed_at, source, approximate, views, forwards, replies, reactions"
REFERENCE_COLUMNS = "post_id, channel_id, published_at, kind, url, username, target_message_id"


def escaped(text: str) -> str:
    """A text value; the empty text stays empty."""
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "\n" in text:
        text = text.replace("\n", "\\n")
    if "\r" in text:
        text = text.replace("\r", "\\r")
    if "\t" in text:
        text = text.replace("\t", "\\t")
    return text


def text_or_null(value: str | None) -> str:
    """A text value that may be unknown."""
    return NULL if value is None else escaped(value)


def number(value: int | None) -> str:
    """A number that may be unknown."""
    return NULL if value is None else str(value)


def moment(value: datetime | None) -> str:
    """An aware time that may be unknown."""
    return NULL if value is None else value.isoformat()


def escaped_bytes(text: bytes) -> bytes:
    """The same for a text that is encoded already."""
    if b"\\" in text:
        text = text.replace(b"\\", b"\\\\")
    if b"\n" in text:
        text = text.replace(b"\n", b"\\n")
    if b"\r" in text:
        text = text.replace(b"\r", b"\\r")
    if b"\t" in text:
        text = text.replace(b"\t", b"\\t")
    return text


def text_array(values: Iterable[str]) -> str:
    """An array of texts."""
    quoted = ['"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]
    return escaped("{" + ",".join(quoted) + "}")


def counts(known: Known) -> bytes:
    """Views, forwards, replies and reactions, as they stand in a post and in its snapshot."""
    views, forwards, replies, _ = known.values
    numbers = (
        f"{NULL if views is None else views}\t{NULL if forwards is None else forwards}\t"
        f"{NULL if replies is None else replies}\t"
    ).encode()
    return numbers + (_NULL if known.reactions is None else escaped_bytes(orjson.dumps(known.reactions)))


# What most posts do not have: author, edit, reply, silence, pin, poll, forward.
_PLAIN = f"{NULL}\t{NULL}\t{NULL}\tf\tf\t{NULL}\tf\t{NULL}\t{NULL}\t{NULL}\t{NULL}"


def _seldom(record: MessageRecord) -> str:
    """The columns from author to forward date."""
    r, origin = record, record.forward
    if not (r.silent or r.pinned or r.post_author or origin or r.edit_date or r.reply_to or r.poll):
        return _PLAIN if r.post_author is None else _PLAIN.removeprefix(NULL)
    if origin is None:
        forward = f"f\t{NULL}\t{NULL}\t{NULL}\t{NULL}"
    else:
        tg_id, name, message_id, date = forward_columns(origin)
        forward = f"t\t{number(tg_id)}\t{text_or_null(name)}\t{number(message_id)}\t{moment(date)}"
    poll = NULL if r.poll is None else escaped(poll_json(r) or "null")
    return (
        f"{text_or_null(r.post_author)}\t{moment(r.edit_date)}\t{number(small_id(r.reply_to))}\t"
        f"{'t' if r.silent else 'f'}\t{'t' if r.pinned else 'f'}\t{poll}\t{forward}"
    )


def post_row(
    content: Content, *, item_ids: list[int], total: int | None, counted: bytes, start: str, end: str
) -> bytes:
    """One new post behind its id; `start` is the channel's column, `end` all behind the total of reactions."""
    r = content.record
    first = (
        f"{start}{item_ids[0] if item_ids else r.message_id}\t{NULL if r.grouped_id is None else r.grouped_id}\t"
        f"{_array(item_ids) if item_ids else '{}'}\t{r.date.isoformat()}\t\\\\x{content.text_hash.hex()}\t"
        f"\\\\x{content.content_hash.hex()}\t{r.media_kind}\t{_seldom(r)}\t"
        f"{escaped(entities_json(r)) if r.entities else '[]'}\t{text_array(r.hashtags) if r.hashtags else '{}'}\t"
    )
    last = f"\t{NULL if total is None else total}\t{end}"
    return b"".join((first.encode(), escaped_bytes(r.text.encode()), b"\t", counted, last.encode()))


def _array(numbers: list[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


def reference_rows(references: tuple[Reference, ...], *, channel_id: int, published_at: datetime) -> tuple[bytes, ...]:
    """The references of a post published at that time, each behind its id."""
    start = f"\t{channel_id}\t{published_at.isoformat()}"
    return tuple(
        f"{start}\t{kind}\t{text_or_null(url)}\t{text_or_null(username)}\t{number(target)}\n".encode()
        for kind, url, username, target in storable_references(references)
    )
