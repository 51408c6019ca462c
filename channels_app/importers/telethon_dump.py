"""Telethon dumps: a list, or lines, of `to_dict` messages of any layer, as JSON."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from channels_app.importers.findings import FileFacts, Findings, Format, Note
from channels_app.importers.json_stream import JsonStream
from channels_app.importers.refusal import BadValue, ImportRefused
from channels_app.importers.values import (
    MAX_MESSAGE_ID,
    Context,
    clean_text,
    counter,
    message_id,
    moment,
    optional_group,
    optional_id,
    optional_moment,
    reaction_counts,
    shown,
    whole,
)
from mtproto.parsing import parse_dumped_message
from mtproto.records import Counters, EmptyRecord, Entity, ForwardHeader, MessageRecord, PollRecord, ServiceRecord

# What a record is made of; the rest (photo sizes, file references, reply markup) is most of a dump's bulk.
_KEYS = (
    "_", "message", "entities", "fwd_from", "reply_to", "reply_to_msg_id", "views", "forwards", "replies", "edit_date",
    "edit_hide", "post_author", "grouped_id", "reactions", "silent", "pinned",
)  # fmt: skip
_MEDIA_KEYS = ("_", "poll", "results", "round", "voice", "video")
_DOCUMENT_KEYS = ("_", "attributes", "mime_type")
_MESSAGES = frozenset({"Message", "MessageService", "MessageEmpty"})
_TITLED = frozenset({"MessageActionChannelCreate", "MessageActionChatEditTitle"})


class TelethonReading:
    """The messages of a dump. The channel's id stands in every message; all must agree."""

    def __init__(self, stream: JsonStream, context: Context, *, tg_id: int | None) -> None:
        self._stream = stream
        self._context = context
        self.facts = FileFacts(Format.TELETHON, tg_id=tg_id)
        self._posts = self._group_messages = 0

    @property
    def findings(self) -> Findings:
        """What was come across so far."""
        return self._context.findings

    def __iter__(self) -> Iterator[MessageRecord | ServiceRecord]:
        """Records in the file's order. MessageEmpty is passed over: a dump does not say when it was seen."""
        for number in _numbered(self._stream):
            try:
                record = self._read(self._stream.value())
            except BadValue as error:
                raise ImportRefused(f"Message {number} of the dump: {error}.", record=number) from None
            except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
                # Its parts are not of the kinds that Telegram's are.
                raise ImportRefused(f"Message {number} of the dump cannot be read: {error}.", record=number) from None
            if record is None:
                self.findings.notes[Note.EMPTY_SKIPPED] += 1
                continue
            self.findings.take(record)
            yield record
        self._stream.finish()
        if self._group_messages and not self._posts:
            raise ImportRefused("These are messages of a group, not posts of a channel.")

    def _read(self, value: object) -> MessageRecord | ServiceRecord | None:
        kind = kind_of(value)
        if not isinstance(value, dict) or kind is None:
            raise BadValue("it is no Telethon message (an object whose “_” is Message or MessageService)")
        number = message_id(value.get("id"))
        if kind == "MessageEmpty":
            return None
        self._check_channel(value)
        slim = {key: value[key] for key in _KEYS if key in value}
        slim |= {"id": number, "date": moment(value.get("date"), self._context).isoformat()}
        if isinstance(edited := value.get("edit_date"), int):
            slim["edit_date"] = moment(edited, self._context).isoformat()
        if kind == "MessageService":
            slim["action"] = self._action(value.get("action"), number)
        else:
            slim["media"] = _slim_media(value.get("media"))
            self._posts += value.get("post") is not False
            self._group_messages += value.get("post") is False
        record = parse_dumped_message(slim)
        if isinstance(record, EmptyRecord):
            return None
        return sound(record, self._context) if isinstance(record, MessageRecord) else record

    def _action(self, action: object, number: int) -> dict[str, str]:
        found = action if isinstance(action, dict) else {}
        name = str(found.get("_", "MessageActionUnknown"))
        if name in _TITLED and isinstance(found.get("title"), str):
            self.findings.offer_title(clean_text(found["title"], self._context), message_id=number)
        return {"_": name}

    def _check_channel(self, value: dict[str, Any]) -> None:
        found = channel_of(value)
        if found is not None and found != self.facts.tg_id:
            before = self.facts.tg_id or "none that they name"
            raise BadValue(f"it belongs to channel {found}, the messages before it to {before}")


def kind_of(value: object) -> str | None:
    """Message, MessageService or MessageEmpty; None for anything else."""
    kind = value.get("_") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) and kind in _MESSAGES else None


def channel_of(value: dict[str, Any]) -> int | None:
    """The bare id of the channel that a message stands in; None when it does not say. Raises BadValue for a chat."""
    peer = value.get("peer_id") or value.get("to_id")
    if not isinstance(peer, dict):
        return None
    number = whole(peer.get("channel_id"))
    if number is None or number <= 0:
        raise BadValue(f"it stands in a {shown(peer.get('_') or 'chat')}, not in a channel")
    return number


def first_channel(stream: JsonStream) -> int | None:
    """The channel of the first message that names one, within the first thousand."""
    for number in _numbered(stream):
        value = stream.value()
        if kind_of(value) is None:
            raise ImportRefused(
                f"Item {number} is no Telethon message: an object whose “_” is Message or MessageService.",
                record=number,
            )
        try:
            found = channel_of(value) if isinstance(value, dict) else None
        except BadValue as error:
            raise ImportRefused(f"Message {number} of the dump: {error}.", record=number) from None
        if found or number >= 1000:  # noqa: PLR2004 - a dump says it in each message, or in none
            return found
    return None


def _numbered(stream: JsonStream) -> Iterator[int]:
    """Walk a list, or values one after another (JSON lines)."""
    if stream.peek() == "[":
        yield from stream.items()
        return
    number = 0
    while stream.peek():
        number += 1
        yield number


def _slim_media(media: object) -> dict[str, Any] | None:
    if not isinstance(media, dict):
        return None
    slim = {key: media[key] for key in _MEDIA_KEYS if key in media}
    document = media.get("document")
    if isinstance(document, dict):
        slim["document"] = {key: document[key] for key in _DOCUMENT_KEYS if key in document}
    return slim


def sound(record: MessageRecord, context: Context) -> MessageRecord:
    """The record with impossible counters and details made unknown, and noted."""
    changed: dict[str, Any] = {}
    counters = Counters(
        views=counter(record.counters.views, context),
        forwards=counter(record.counters.forwards, context),
        replies=counter(record.counters.replies, context),
        reactions=_reactions(record.counters, context),
    )
    if counters != record.counters:
        changed["counters"] = counters
    if (group := optional_group(record.grouped_id, context)) != record.grouped_id:
        changed["grouped_id"] = group
    if (reply := optional_id(record.reply_to, context, limit=MAX_MESSAGE_ID)) != record.reply_to:
        changed["reply_to"] = reply
    if (edited := _moment(record.edit_date, context)) != record.edit_date:
        changed["edit_date"] = edited
    if record.forward and (forward := _forward(record.forward, context)) != record.forward:
        changed["forward"] = forward
    if record.entities and (entities := tuple(e for e in record.entities if _placed(e))) != record.entities:
        context.findings.notes[Note.DETAILS_IMPOSSIBLE] += 1
        changed["entities"] = entities
    if record.poll and (poll := _poll(record.poll, context)) != record.poll:
        changed["poll"] = poll
    return replace(record, **changed) if changed else record


def _placed(entity: Entity) -> bool:
    return 0 <= entity.offset <= MAX_MESSAGE_ID and 0 <= entity.length <= MAX_MESSAGE_ID


def _poll(poll: PollRecord, context: Context) -> PollRecord:
    options = tuple((text, counter(votes, context)) for text, votes in poll.options)
    return replace(poll, options=options, total_voters=counter(poll.total_voters, context))


def _reactions(counters: Counters, context: Context) -> dict[str, int] | None:
    return None if counters.reactions is None else reaction_counts(list(counters.reactions.items()), context)


def _forward(forward: ForwardHeader, context: Context) -> ForwardHeader:
    return replace(
        forward,
        date=_moment(forward.date, context),
        from_tg_id=optional_id(forward.from_tg_id, context),
        message_id=optional_id(forward.message_id, context, limit=MAX_MESSAGE_ID),
    )


def _moment(value: Any, context: Context) -> Any:
    return optional_moment(value.isoformat(), context) if value else None
