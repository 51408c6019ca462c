"""Messages of a channel become frozen records. This runs for every message of every page: keep it lean."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from mtproto.parsing.media import parse_media_kind, parse_poll
from mtproto.parsing.text import clean, parse_entities, snake_name
from mtproto.records import (
    AnyMessage,
    Counters,
    EmptyRecord,
    ForwardHeader,
    MediaKind,
    MessageRecord,
    ServiceRecord,
)


class RecordInvalid(ValueError):
    """The object lacks what every message has (an integer id, a date); the message says which."""


def parse_messages(tl_messages: Iterable[Any]) -> tuple[AnyMessage, ...]:
    """Records of several messages, in their order."""
    return tuple(parse_message(message) for message in tl_messages)


def parse_message(tl: Any) -> AnyMessage:
    """A Message, MessageService or MessageEmpty of any TL layer as a record. Raises RecordInvalid.

    Counters are taken as they are if they are integers (Telegram's may fall, even below zero in odd data);
    everything else there is unknown. Times are aware UTC.
    """
    name = tl.__class__.__name__
    message_id = getattr(tl, "id", None)
    if type(message_id) is not int:
        raise RecordInvalid(f"{name} has no integer id: {message_id!r:.40}")
    if name == "MessageEmpty":
        return EmptyRecord(message_id)
    date = _time(getattr(tl, "date", None))
    if date is None:
        raise RecordInvalid(f"{name} {message_id} has no date")
    if name == "MessageService":
        action = getattr(tl, "action", None)
        return ServiceRecord(message_id, date, snake_name(action.__class__.__name__, "MessageAction"))
    return _content(tl, message_id, date)


def _content(tl: Any, message_id: int, date: datetime) -> MessageRecord:
    text = getattr(tl, "message", None)
    text = clean(text) if isinstance(text, str) else ""
    raw_entities = getattr(tl, "entities", None)
    entities, references, hashtags = parse_entities(text, raw_entities) if raw_entities else ((), (), ())
    media = getattr(tl, "media", None)
    kind = MediaKind.NONE if media is None else parse_media_kind(media)
    forward = getattr(tl, "fwd_from", None)
    edit_date = getattr(tl, "edit_date", None)
    return MessageRecord(
        message_id,
        date,
        text,
        parse_counters(tl),
        entities,
        references,
        hashtags,
        kind,
        # Some servers write 0 for "in no album".
        _int(getattr(tl, "grouped_id", None)) or None,
        None if forward is None else _forward(forward),
        _reply_to(tl),
        None if edit_date is None else _time(edit_date),
        _text(getattr(tl, "post_author", None)),
        getattr(tl, "silent", None) is True,
        getattr(tl, "pinned", None) is True,
        parse_poll(media) if kind is MediaKind.POLL else None,
        getattr(tl, "edit_hide", None) is True,
    )


def parse_counters(tl: Any) -> Counters:
    """Views, forwards, replies and reactions of a message, as far as they are told."""
    replies = getattr(tl, "replies", None)
    reactions = getattr(tl, "reactions", None)
    return Counters(
        _int(getattr(tl, "views", None)),
        _int(getattr(tl, "forwards", None)),
        None if replies is None else _int(getattr(replies, "replies", None)),
        None if reactions is None else _reactions(reactions),
    )


def _reactions(reactions: Any) -> dict[str, int] | None:
    """Counts by kind: emoji, ``custom:<id>`` or ``paid``. None when the list itself is missing."""
    results = getattr(reactions, "results", None)
    if results is None:
        return None
    counts: dict[str, int] = {}
    for result in results:
        reaction = getattr(result, "reaction", None)
        count = getattr(result, "count", None)
        # Nearly all are plain emoji; a function call each would be half of this loop's time.
        kind = getattr(reaction, "emoticon", None)
        if type(kind) is not str or not kind or "\x00" in kind:
            kind = _reaction_kind(reaction)
        if kind is not None and type(count) is int:
            counts[kind] = counts.get(kind, 0) + count
    return counts


def _reaction_kind(reaction: Any) -> str | None:
    if not isinstance(reaction, str):
        emoticon = getattr(reaction, "emoticon", None)
        reaction = emoticon if isinstance(emoticon, str) else reaction
    if isinstance(reaction, str):  # the plain text of layers before 145 too
        return clean(reaction) or None
    name = reaction.__class__.__name__
    if name == "ReactionCustomEmoji":
        return f"custom:{getattr(reaction, 'document_id', None)}"
    return "paid" if name == "ReactionPaid" else None


def _forward(header: Any) -> ForwardHeader:
    """Where a forward came from. People behind it are not kept, only channels and the name Telegram shows."""
    origin = getattr(header, "from_id", None)
    channel_id = getattr(origin, "channel_id", None)
    if channel_id is None:
        channel_id = getattr(header, "channel_id", None)  # layers before 112
    return ForwardHeader(
        date=_time(getattr(header, "date", None)),
        from_tg_id=_int(channel_id),
        from_name=_text(getattr(header, "from_name", None)),
        message_id=_int(getattr(header, "channel_post", None)),
        post_author=_text(getattr(header, "post_author", None)),
    )


def _reply_to(tl: Any) -> int | None:
    """The id of the message of the same channel that this one answers."""
    header = getattr(tl, "reply_to", None)
    if header is None:
        return _int(tl.__dict__.get("reply_to_msg_id"))  # layers before 119
    if getattr(header, "reply_to_peer_id", None) is not None:
        return None
    return _int(getattr(header, "reply_to_msg_id", None))


def _int(value: Any) -> int | None:
    return value if type(value) is int else None


def _text(value: Any) -> str | None:
    return clean(value) if isinstance(value, str) and value else None


def _time(value: Any) -> datetime | None:
    """Aware UTC; a naive time is UTC already, as Telegram knows no other."""
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo is UTC else _to_utc(value)


def _to_utc(value: datetime) -> datetime | None:
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:  # a time at the edge of the calendar
        return None
