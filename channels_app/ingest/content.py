"""What a message says beside its counters: text, hashes, and whose word is taken. Pure."""

from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from channels_app.ingest.results import RecordRefused
from channels_app.ingest.validation import MAX_MESSAGE_ID, clean
from mtproto.records import ForwardHeader, MessageRecord, Reference, Source

if TYPE_CHECKING:
    from channels_app.ingest.fresh import Fresh

TEXT_HASH_BYTES, CONTENT_HASH_BYTES = 16, 8
EMPTY_TEXT_HASH = blake2b(b"", digest_size=TEXT_HASH_BYTES).digest()
MAX_USERNAME = 32
MAX_BIGINT = 2**63 - 1
_NUL_IN_JSON = b"\\u0000"
_SHORT, _SHORT_KEPT = 80, 1000
_short_hashes: dict[bytes, bytes] = {}

# Whose word on the text is taken over whose: a preview page is rendered, a file may have been trimmed.
_TEXT_RANK: dict[str, int] = {Source.PREVIEW: 0, Source.IMPORT: 1, Source.BOT: 2, Source.MTPROTO: 2, Source.OFFICIAL: 0}
# On everything else Telegram's API for users tells more than its bots are told.
_CONTENT_RANK: dict[str, int] = {
    Source.PREVIEW: 0,
    Source.IMPORT: 1,
    Source.BOT: 2,
    Source.MTPROTO: 3,
    Source.OFFICIAL: 0,
}


class Content(NamedTuple):
    """A record that can be stored, with the hashes that tell a change; and maybe its rows, should it be new."""

    record: MessageRecord
    text_hash: bytes
    content_hash: bytes
    fresh: "Fresh | None" = None


def content_of(record: MessageRecord) -> Content:
    """Hash a record; one with NULs or lone surrogates anywhere is cleaned first.

    Raises RecordRefused for one that cannot be written even so (numbers beyond 64 bits).
    """
    try:
        return _hashed(record)
    except (UnicodeEncodeError, orjson.JSONEncodeError):
        pass
    try:
        return _hashed(clean(record))
    except (UnicodeEncodeError, orjson.JSONEncodeError) as error:
        raise RecordRefused(f"Message {record.message_id}: {error}", message_id=record.message_id) from error


def _hashed(record: MessageRecord) -> Content:
    encoded = record.text.encode()
    rest = _rest(record)
    reactions = record.counters.reactions
    if b"\x00" in encoded or _NUL_IN_JSON in rest or (reactions and _NUL_IN_JSON in orjson.dumps(reactions)):
        cleaned = clean(record)
        # A text that merely spells the escape comes through unchanged: go on with it.
        if cleaned != record:
            return _hashed(cleaned)
    text_hash = blake2b(encoded, digest_size=TEXT_HASH_BYTES).digest() if encoded else EMPTY_TEXT_HASH
    return Content(record, text_hash, _rest_hash(rest))


def _rest(record: MessageRecord) -> bytes:
    # Without counters, and without edit_date: Telegram moves it when reactions change.
    return orjson.dumps(
        (
            record.entities,
            record.references,
            record.hashtags,
            record.media_kind,
            record.grouped_id,
            record.forward,
            record.reply_to,
            record.post_author,
            record.silent,
            record.pinned,
            record.poll,
        )
    )


def _rest_hash(rest: bytes) -> bytes:
    if len(rest) > _SHORT:
        return blake2b(rest, digest_size=CONTENT_HASH_BYTES).digest()
    # A post of text alone has nothing else to tell it from the next.
    found = _short_hashes.get(rest)
    if found is None:
        found = blake2b(rest, digest_size=CONTENT_HASH_BYTES).digest()
        if len(_short_hashes) < _SHORT_KEPT:
            _short_hashes[rest] = found
    return found


def text_rank(source: str) -> int:
    """The weight of a source's word on the text."""
    return _TEXT_RANK[source]


def content_rank(source: str) -> int:
    """The weight of a source's word on everything beside text and counters."""
    return _CONTENT_RANK[source]


def stronger(source: str, held: str) -> str:
    """Whose word a content is after `source` told some of it: the weightier's."""
    return source if content_rank(source) >= content_rank(held) else held


def takes_text(record: MessageRecord, *, source: str, held: str, newer: bool) -> bool:
    """Is this record's text to replace the one held from source `held`? `newer`: it was not seen before that one."""
    if source == Source.IMPORT and not record.text:
        return False
    mine, theirs = text_rank(source), text_rank(held)
    return mine > theirs or (mine == theirs and newer)


def takes_content(record: MessageRecord, *, source: str, held: str, newer: bool) -> bool:
    """The same for everything beside the text."""
    if source == Source.IMPORT and not record.text:
        return False
    mine, theirs = content_rank(source), content_rank(held)
    return mine > theirs or (mine == theirs and newer)


def small_id(value: int | None) -> int | None:
    """A message id that a record points at, or None where it cannot be one."""
    return value if value is not None and 0 < value <= MAX_MESSAGE_ID else None


def entities_json(record: MessageRecord) -> str:
    """[[kind, offset, length, url or null], …]."""
    if not record.entities:
        return "[]"
    return orjson.dumps([(e.kind, e.offset, e.length, e.url) for e in record.entities]).decode()


def poll_json(record: MessageRecord) -> str | None:
    """{question, options: [[text, votes]], total_voters, closed}; None where there is no poll."""
    return None if record.poll is None else orjson.dumps(record.poll).decode()


def storable_references(references: tuple[Reference, ...]) -> list[tuple[str, str | None, str | None, int | None]]:
    """(kind, url, username, message id) of each reference that points somewhere, without doubles."""
    rows = []
    for reference in references:
        username = reference.username
        if username is not None and not 0 < len(username) <= MAX_USERNAME:
            username = None
        if reference.url is None and username is None:
            continue
        rows.append((str(reference.kind), reference.url, username, small_id(reference.message_id)))
    return list(dict.fromkeys(rows))


def forward_columns(forward: ForwardHeader | None) -> tuple[int | None, str | None, int | None, datetime | None]:
    """(channel id, name, message id, date) of a forward header."""
    if forward is None:
        return None, None, None, None
    tg_id = forward.from_tg_id
    if tg_id is not None and not -MAX_BIGINT <= tg_id <= MAX_BIGINT:
        tg_id = None
    return tg_id, forward.from_name, small_id(forward.message_id), forward.date


def content_columns(content: Content) -> dict[str, Any]:
    """Columns of Post that hold content, as JSON values."""
    record = content.record
    tg_id, name, message_id, date = forward_columns(record.forward)
    return {
        "text": record.text,
        "text_hash": content.text_hash.hex(),
        "content_hash": content.content_hash.hex(),
        "entities": [(e.kind, e.offset, e.length, e.url) for e in record.entities],
        "hashtags": record.hashtags,
        "media_kind": record.media_kind,
        "post_author": record.post_author,
        "edited_at": record.edit_date,
        "reply_to_message_id": small_id(record.reply_to),
        "silent": record.silent,
        "pinned": record.pinned,
        "poll": record.poll,
        "is_forward": record.forward is not None,
        "forward_from_tg_id": tg_id,
        "forward_from_name": name,
        "forward_message_id": message_id,
        "forward_date": date,
    }
