"""Reading answers full of messages: Telethon's reader, but quick where a page of history spends its time.

Telethon reads a message field by field through several calls each, and makes an object of fifty fields of it. Here the
usual parts are read in one step, and of a message only what `mtproto.parsing` looks at is kept. Each part is known by
the constructor number of the layer that the installed Telethon speaks, and read in the order of that layer's schema;
everything else is left to Telethon.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from struct import Struct
from typing import Any

from telethon.extensions import BinaryReader
from telethon.tl import types
from telethon.tl.alltlobjects import tlobjects

# The message constructor whose fields `_message` reads; a Telethon of another layer has another and is left alone.
MESSAGE = 0x7600B9D3
_PEER_CHANNEL = types.PeerChannel.CONSTRUCTOR_ID
_EMOJI = types.ReactionEmoji.CONSTRUCTOR_ID
_LONG_STRING = 254
_INT, _THREE_INTS, _LONG = Struct("<i"), Struct("<iii"), Struct("<q")
_TWO_INTS, _UNSIGNED = Struct("<ii"), Struct("<I")
_from_timestamp = datetime.fromtimestamp


class Message:
    """A message as far as it is parsed. Named as Telegram's type: that is what parsing goes by."""

    # What a message that does not tell it has.
    fwd_from = reply_to = media = entities = views = forwards = replies = edit_date = post_author = grouped_id = None
    reactions: Any = None

    def __init__(self, message_id: int, date: datetime, text: str) -> None:
        self.id = message_id
        self.date = date
        self.message = text


class Reader(BinaryReader):
    """Telethon's reader with quicker ways."""

    stream: bytes
    position: int

    def read_int(self, signed: bool = True) -> int:  # noqa: FBT001, FBT002 - Telethon's signature
        """Four bytes."""
        value: int = (_INT if signed else _UNSIGNED).unpack_from(self.stream, self.position)[0]
        self.position += 4
        return value

    def read_long(self, signed: bool = True) -> int:  # noqa: FBT001, FBT002 - Telethon's signature
        """Eight bytes."""
        if not signed:
            return int(super().read_long(signed))
        value: int = _LONG.unpack_from(self.stream, self.position)[0]
        self.position += 8
        return value

    def tgread_bytes(self) -> bytes:
        """Bytes behind their length, filled up to four."""
        stream, at = self.stream, self.position
        length = stream[at]
        if length < _LONG_STRING:
            start = at + 1
        else:
            length = int.from_bytes(stream[at + 1 : at + 4], "little")
            start = at + 4
        end = start + length
        data: bytes = stream[start:end]
        if len(data) != length:
            raise BufferError(f"No more data left to read (need {length}, got {len(data)})")
        self.position = end + (at - end) % 4
        return data

    def tgread_string(self) -> str:
        """Text."""
        return self.tgread_bytes().decode("utf-8", "replace")

    def tgread_date(self) -> datetime:
        """Unix time."""
        return _from_timestamp(self.read_int(), UTC)

    def tgread_object(self) -> Any:
        """An object, by its constructor number."""
        number = _UNSIGNED.unpack_from(self.stream, self.position)[0]
        read = _READERS.get(number)
        if read is not None:
            self.position += 4
            return read(self)
        known = tlobjects.get(number)
        if known is None:
            return super().tgread_object()
        self.position += 4
        return known.from_reader(self)

    def objects(self) -> list[Any]:
        """A vector of objects."""
        count = _TWO_INTS.unpack_from(self.stream, self.position)[1]
        self.position += 8
        read = self.tgread_object
        return [read() for _ in range(count)]


def read_answer(reader: BinaryReader) -> Any:
    """The result of a request whose answer is full of messages; errors as Telethon's reader raises them."""
    quick = Reader(reader.get_bytes())
    quick.position = reader.tell_position()
    try:
        return quick.tgread_object()
    except IndexError as error:
        raise BufferError("No more data left to read") from error


def _entity(kind: type) -> Callable[[Reader], Any]:
    def read(reader: Reader) -> Any:
        offset, length = _TWO_INTS.unpack_from(reader.stream, reader.position)
        reader.position += 8
        return kind(offset, length)

    return read


def _text_url(reader: Reader) -> Any:
    offset, length = _TWO_INTS.unpack_from(reader.stream, reader.position)
    reader.position += 8
    return types.MessageEntityTextUrl(offset, length, reader.tgread_string())


def _reaction_count(reader: Reader) -> Any:
    flags = reader.read_int()
    order = reader.read_int() if flags & 1 else None
    # Nearly all are plain emoji.
    if _UNSIGNED.unpack_from(reader.stream, reader.position)[0] == _EMOJI:
        reader.position += 4
        reaction = types.ReactionEmoji(reader.tgread_bytes().decode("utf-8", "replace"))
    else:
        reaction = reader.tgread_object()
    return types.ReactionCount(reaction, reader.read_int(), order)


def _reactions(reader: Reader) -> Any:
    flags = reader.read_int()
    reactions = types.MessageReactions(reader.objects())
    if flags & 2:
        reactions.recent_reactions = reader.objects()
    if flags & 0x10:
        reactions.top_reactors = reader.objects()
    return reactions


def _reaction_emoji(reader: Reader) -> Any:
    return types.ReactionEmoji(reader.tgread_string())


def _message(reader: Reader) -> Any:
    stream = reader.stream
    flags, flags2, message_id = _THREE_INTS.unpack_from(stream, reader.position)
    reader.position += 12
    if flags & 0x100:
        reader.tgread_object()  # from_id
    if flags & 0x20000000:
        reader.position += 4  # from_boosts_applied
    if flags2 & 0x1000:
        reader.tgread_bytes()  # from_rank
    if _UNSIGNED.unpack_from(stream, reader.position)[0] == _PEER_CHANNEL:
        reader.position += 12
    else:
        reader.tgread_object()
    if flags & 0x10000000:
        reader.tgread_object()  # saved_peer_id
    forward = reader.tgread_object() if flags & 4 else None
    if flags & 0x800:
        reader.position += 8  # via_bot_id
    if flags2 & 1:
        reader.position += 8  # via_business_bot_id
    if flags2 & 0x80000:
        reader.tgread_object()  # guestchat_via_from
    reply_to = reader.tgread_object() if flags & 8 else None
    message: Any = Message(message_id, reader.tgread_date(), reader.tgread_string())
    if forward is not None:
        message.fwd_from = forward
    if reply_to is not None:
        message.reply_to = reply_to
    _rest(reader, message, flags)
    if flags & 0x42400000 or flags2 & 0x2CEC:
        _passed_over(reader, flags, flags2)
    return message


def _rest(reader: Reader, message: Any, flags: int) -> None:
    """What follows the text and is kept."""
    message.silent = bool(flags & 0x2000)
    message.pinned = bool(flags & 0x1000000)
    message.edit_hide = bool(flags & 0x200000)
    if flags & 0x200:
        message.media = reader.tgread_object()
    if flags & 0x40:
        reader.tgread_object()  # reply_markup
    if flags & 0x80:
        message.entities = reader.objects()
    if flags & 0x400:
        message.views, message.forwards = _TWO_INTS.unpack_from(reader.stream, reader.position)
        reader.position += 8
    if flags & 0x800000:
        message.replies = reader.tgread_object()
    if flags & 0x8000:
        message.edit_date = reader.tgread_date()
    if flags & 0x10000:
        message.post_author = reader.tgread_string()
    if flags & 0x20000:
        message.grouped_id = reader.read_long()
    if flags & 0x100000:
        message.reactions = reader.tgread_object()


def _passed_over(reader: Reader, flags: int, flags2: int) -> None:
    """What stands at the end and is not kept."""
    if flags & 0x400000:
        reader.objects()  # restriction_reason
    for present, size in ((flags & 0x2000000, 4), (flags & 0x40000000, 4), (flags2 & 4, 8)):
        reader.position += size if present else 0  # ttl_period, quick_reply_shortcut_id, effect
    if flags2 & 8:
        reader.tgread_object()  # factcheck
    for present, size in ((flags2 & 0x20, 4), (flags2 & 0x40, 8)):
        reader.position += size if present else 0  # report_delivery_until_date, paid_message_stars
    if flags2 & 0x80:
        reader.tgread_object()  # suggested_post
    if flags2 & 0x400:
        reader.position += 4  # schedule_repeat_period
    if flags2 & 0x800:
        reader.tgread_bytes()  # summary_from_language
    if flags2 & 0x2000:
        reader.tgread_object()  # rich_message


_PLAIN_ENTITIES = """
Unknown Mention Hashtag BotCommand Url Email Bold Italic Code Phone Cashtag Underline Strike BankCard Spoiler
"""
_READERS: dict[int, Callable[[Reader], Any]] = {
    **{
        kind.CONSTRUCTOR_ID: _entity(kind)
        for kind in (getattr(types, f"MessageEntity{name}") for name in _PLAIN_ENTITIES.split())
    },
    types.MessageEntityTextUrl.CONSTRUCTOR_ID: _text_url,
    types.MessageReactions.CONSTRUCTOR_ID: _reactions,
    types.ReactionCount.CONSTRUCTOR_ID: _reaction_count,
    types.ReactionEmoji.CONSTRUCTOR_ID: _reaction_emoji,
    MESSAGE: _message,
}
