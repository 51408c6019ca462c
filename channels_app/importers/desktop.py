"""Telegram Desktop's machine-readable export (`result.json`), of one chat or of everything.

Shape, from the program's `export_output_json.cpp`. One chat: {name, type, id, messages: […]}. Everything:
{…, chats: {about, list: [chat, …]}, left_chats: {about, list: […]}}. It tells no views, no forward counts and no
album keys; `date` is the exporting computer's local time, `date_unixtime` (since 2021) the true one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from channels_app.importers.desktop_message import read_message
from channels_app.importers.findings import FileFacts, Findings, Format, Note
from channels_app.importers.json_stream import JsonStream
from channels_app.importers.refusal import BadValue, ImportRefused
from channels_app.importers.values import Context, clean_text, whole
from mtproto.records import MessageRecord, ServiceRecord

_CHANNEL_TYPES = frozenset({"public_channel", "private_channel"})
# Long enough a list to find one's channel in a refusal.
_LISTED = 30
_MARK = 1_000_000_000_000  # -100… before a bare id, as bots write it


@dataclass(slots=True)
class Chat:
    """A chat of the export. `head` fills up while it is walked; `messages` may be walked once."""

    number: int
    stream: JsonStream
    # The file is this chat's alone.
    alone: bool = False
    head: dict[str, Any] = field(default_factory=dict)
    walked: bool = False

    def messages(self) -> Iterator[int]:
        """Walk the messages: the number of each; the caller takes its value from the stream."""
        self.walked = True
        return self.stream.items()

    @property
    def name(self) -> str:
        """Its title, "" when the export names none."""
        name = self.head.get("name")
        return name if isinstance(name, str) else ""

    @property
    def is_channel(self) -> bool:
        """A broadcast channel, public or private."""
        return self.head.get("type") in _CHANNEL_TYPES

    @property
    def tg_id(self) -> int | None:
        """The bare id."""
        number = whole(self.head.get("id"))
        if number is not None and number < -_MARK:
            number = -number - _MARK
        return number if number and 0 < number < _MARK * 10 else None


def walk_chats(stream: JsonStream) -> Iterator[Chat]:
    """Each chat when its messages begin; messages that the caller does not walk are passed over."""
    counter = iter(range(1, 2**31))
    yield from _walk_chat(stream, counter, top=True)


def _walk_chat(stream: JsonStream, counter: Iterator[int], *, top: bool) -> Iterator[Chat]:
    chat = Chat(0, stream, alone=top)
    for key in stream.members():
        if key == "messages" and stream.peek() == "[":
            chat.number = next(counter)
            yield chat
            if not chat.walked:
                stream.skip()
        elif key in {"name", "type", "id"}:
            chat.head[key] = stream.value()
        elif top and key in {"chats", "left_chats"} and stream.peek() == "{":
            yield from _walk_list(stream, counter)
        else:
            stream.skip()


def _walk_list(stream: JsonStream, counter: Iterator[int]) -> Iterator[Chat]:
    for key in stream.members():
        if key == "list" and stream.peek() == "[":
            for _number in stream.items():
                if stream.peek() == "{":
                    yield from _walk_chat(stream, counter, top=False)
                else:
                    stream.skip()
        else:
            stream.skip()


def choose_chat(stream: JsonStream, wanted: str | None) -> Chat:
    """The chat to import: `wanted` (id, or name in any case), else the only channel. Reads as far as it must.

    Raises ImportRefused with the list of channels when it is not clear which is meant.
    """
    chats: list[Chat] = []
    for chat in walk_chats(stream):
        chats.append(chat)
        if chat.alone and {"type", "id"} <= chat.head.keys():
            break
    if not chats:
        raise ImportRefused(
            "This JSON is no Telegram Desktop export: it has no list of messages. "
            "Export the chat with the format set to “Machine-readable JSON”."
        )
    if wanted is not None:
        return _wanted(chats, wanted)
    channels = [chat for chat in chats if chat.is_channel]
    if len(channels) == 1:
        return channels[0]
    if len(chats) == 1:
        kind = str(chats[0].head.get("type", "chat of unknown type")).replace("_", " ")[:40]
        raise ImportRefused(f"“{chats[0].name[:80]}” is a {kind}, not a channel.")
    raise ImportRefused(f"The export holds {len(channels)} channels; choose one by id or name{_listing(channels)}")


def _wanted(chats: list[Chat], wanted: str) -> Chat:
    text = wanted.strip()
    number = whole(text)
    if number is not None and number < -_MARK:
        number = -number - _MARK
    found = [chat for chat in chats if chat.tg_id is not None and chat.tg_id == number]
    found = found or [chat for chat in chats if chat.name.casefold() == text.casefold()]
    channels = [chat for chat in found if chat.is_channel]
    if len(channels) == 1:
        return channels[0]
    if found and not channels:
        raise ImportRefused(f"“{found[0].name[:80]}” is not a channel.")
    reason = f"{len(found)} channels are named so" if found else "The export holds no such chat"
    raise ImportRefused(f"{reason}: “{text[:80]}”{_listing([c for c in chats if c.is_channel])}")


def _listing(channels: list[Chat]) -> str:
    lines = [f"\n  {chat.tg_id}  {chat.name[:80]}" for chat in channels[:_LISTED]]
    more = [f"\n  … and {len(channels) - _LISTED} more"] if len(channels) > _LISTED else []
    return ":" + "".join(lines + more) if lines else "."


class DesktopReading:
    """The messages of one chat of an export."""

    def __init__(self, stream: JsonStream, chat: Chat, context: Context) -> None:
        self._stream = stream
        self._number = chat.number
        self._context = context
        title = clean_text(chat.name, context)[:255] or None
        self.facts = FileFacts(Format.DESKTOP, tg_id=chat.tg_id, title=title)

    @property
    def findings(self) -> Findings:
        """What was come across so far."""
        return self._context.findings

    def __iter__(self) -> Iterator[MessageRecord | ServiceRecord]:
        """Records in the file's order; the rest of the file is read to its end, so that damage there shows."""
        for chat in walk_chats(self._stream):
            if chat.number != self._number:
                continue
            for number in chat.messages():
                try:
                    record = read_message(self._stream.value(), self._context)
                except BadValue as error:
                    raise ImportRefused(f"Message {number} of the export: {error}.", record=number) from None
                self.findings.take(record)
                yield record
        self._stream.finish()
        self.findings.notes[Note.ALBUMS_UNKNOWN] = self.findings.messages
