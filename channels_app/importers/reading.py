"""Which reader a file needs: told by its content, never by its name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import BinaryIO, Protocol

from channels_app.importers.csv_rows import CsvReading, find_encoding
from channels_app.importers.desktop import DesktopReading, choose_chat
from channels_app.importers.findings import FileFacts, Findings
from channels_app.importers.json_stream import JsonStream
from channels_app.importers.refusal import ImportRefused
from channels_app.importers.source import CountedFile, Progress, byte_order_mark, open_bytes
from channels_app.importers.telethon_dump import TelethonReading, first_channel, kind_of
from channels_app.importers.values import Context
from mtproto.records import MessageRecord, ServiceRecord

_HEAD = 64 * 1024
_USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,31}")
# Files that people take for the right one, by their first bytes.
_OTHERS = (
    (b"PK\x03\x04", "This is a ZIP archive. Unpack it and give the file inside."),
    (b"7z\xbc\xaf", "This is a 7z archive. Unpack it and give the file inside."),
    (b"SQLite format 3", "This is an SQLite database (a Telethon session?), not messages."),
    (b"%PDF", "This is a PDF."),
)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read: the moment of reading, the chat to take from an export, the zone of dates without one."""

    now: datetime
    chat: str | None = None
    zone: tzinfo | None = None


class Reading(Protocol):
    """One pass over a file's messages."""

    facts: FileFacts

    @property
    def findings(self) -> Findings:
        """What was come across so far; complete after the last record."""

    def __iter__(self) -> Iterator[MessageRecord | ServiceRecord]:
        """Records in the file's order. Raises ImportRefused at the first thing that cannot be taken."""


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file being read, and the counter of its bytes."""

    reading: Reading
    counted: CountedFile


def open_reading(
    stream: BinaryIO, *, name: str, options: ReadOptions, on_progress: Progress | None = None
) -> OpenedFile:
    """Open `stream` (binary, seekable) from its beginning. `name` is the file's own name, for a CSV's channel.

    `on_progress` is told the position in bytes of the file as it is on disk. Raises ImportRefused when the content
    is none of the three forms, or when it is not clear which chat of an export is meant.
    """
    context = Context(options.now, options.zone or UTC, Findings())
    form = _form(stream)
    if form == "csv":
        encoding, guessed = find_encoding(lambda: open_bytes(stream)[0])
        opened, counted = open_bytes(stream, on_progress)
        username = username_in_name(name)
        reading = CsvReading(opened, context, encoding=encoding, guessed=guessed, username=username)
        return OpenedFile(reading, counted)
    if form == "desktop":
        chat = choose_chat(JsonStream(open_bytes(stream)[0]), options.chat)
        opened, counted = open_bytes(stream, on_progress)
        return OpenedFile(DesktopReading(JsonStream(opened), chat, context), counted)
    # Telethon knows no time but UTC.
    utc = Context(options.now, UTC, Findings())
    tg_id = first_channel(JsonStream(open_bytes(stream)[0]))
    opened, counted = open_bytes(stream, on_progress)
    return OpenedFile(TelethonReading(JsonStream(opened), utc, tg_id=tg_id), counted)


def username_in_name(name: str) -> str | None:
    """The file's name up to the first dot, when it can be a username (lower case)."""
    stem = name.partition(".")[0]
    return stem.lower() if _USERNAME.fullmatch(stem) else None


def _form(stream: BinaryIO) -> str:
    head = open_bytes(stream)[0].read(_HEAD)
    if not head.strip():
        raise ImportRefused("The file is empty.")
    for magic, text in _OTHERS:
        if head.startswith(magic):
            raise ImportRefused(text)
    mark = byte_order_mark(head)
    text = head.decode(mark, "ignore") if mark else head.decode("latin-1")
    if "\x00" in text and not mark:
        raise ImportRefused("This is not a text file (or UTF-16 without its mark). Save it as UTF-8.")
    first = text.lstrip("\ufeff \t\r\n")[:1]
    if first == "<":
        raise ImportRefused("This is HTML. Export the chat again with the format set to “Machine-readable JSON”.")
    if first == "[":
        return "telethon"
    if first == "{":
        return "telethon" if _first_is_message(stream) else "desktop"
    return "csv"


def _first_is_message(stream: BinaryIO) -> bool:
    """Whether the file begins with a Telethon message as one JSON object (JSON lines)."""
    walk = JsonStream(open_bytes(stream)[0])
    # The key stands first, or among the few before the bulk; an export has none of them.
    for number, key in enumerate(walk.members()):
        if key == "_":
            return kind_of({"_": walk.value()}) is not None
        if key in {"messages", "chats", "left_chats"} or number > 60:  # noqa: PLR2004 - a message has fewer keys
            return False
        walk.skip()
    return False
