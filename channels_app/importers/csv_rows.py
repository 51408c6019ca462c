"""Tables of messages as CSV: at least `id` and `date`; every column that is missing or blank is unknown.

Comma, semicolon or tab; UTF-8, UTF-16 (with its mark) or Windows-1251; names of columns in any case.
"""

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from channels_app.importers.findings import FileFacts, Findings, Format, Note
from channels_app.importers.formatting import search_text
from channels_app.importers.refusal import BadValue, ImportRefused
from channels_app.importers.source import CHUNK, byte_order_mark
from channels_app.importers.values import (
    MAX_MESSAGE_ID,
    Context,
    abbreviated,
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
from mtproto.records import Counters, ForwardHeader, MediaKind, MessageRecord

# One field; a post has 4096 characters.
MAX_FIELD = 4 * 2**20
_MAX_LINE = 8 * 2**20
# Programs write the unknown in these ways.
_BLANK = frozenset({"", "none", "null", "nan", "na", "n/a", "-", "—"})
_NAMES = {
    "id": "id", "message_id": "id", "msg_id": "id", "messageid": "id",
    "date": "date", "datetime": "date", "published_at": "date", "created_at": "date", "timestamp": "date",
    "text": "text", "message": "text", "content": "text",
    "views": "views", "view_count": "views",
    "forwards": "forwards", "forward_count": "forwards", "shares": "forwards",
    "replies": "replies", "reply_count": "replies", "comments": "replies", "replies_count": "replies",
    "reactions": "reactions",
    "edit_date": "edit_date", "edited": "edit_date", "edited_at": "edit_date",
    "media": "media", "media_kind": "media", "media_type": "media",
    "grouped_id": "grouped_id", "album_id": "grouped_id",
    "post_author": "post_author", "author": "post_author",
    "reply_to": "reply_to", "reply_to_msg_id": "reply_to", "reply_to_message_id": "reply_to",
    "forward_from": "forward_name", "forwarded_from": "forward_name", "fwd_from_name": "forward_name",
    "forward_from_id": "forward_id", "fwd_from_id": "forward_id",
    "pinned": "pinned", "silent": "silent",
}  # fmt: skip
_TRUE = frozenset({"1", "true", "yes", "t"})
_MEDIA = {kind.value: kind for kind in MediaKind} | {
    "messagemediaphoto": MediaKind.PHOTO, "messagemediadocument": MediaKind.DOCUMENT,
    "messagemediawebpage": MediaKind.WEB_PAGE, "messagemediapoll": MediaKind.POLL, "video_file": MediaKind.VIDEO,
    "messagemediageo": MediaKind.GEO, "gif": MediaKind.ANIMATION, "webpage": MediaKind.WEB_PAGE,
}  # fmt: skip
# Windows-1251 puts the small Russian letters here; in UTF-8 these bytes only begin a character.
_SMALL_CYRILLIC = bytes(range(0xE0, 0x100))
_UNDEFINED_1251 = 0x98
_HIGH = bytes(range(0x80, 0x100))


def find_encoding(open_again: Callable[[], BinaryIO]) -> tuple[str, bool]:
    """The encoding of a whole file, and whether it was guessed. Raises ImportRefused when none fits."""
    stream = open_again()
    chunk = stream.read(CHUNK)
    encoding = byte_order_mark(chunk) or "utf-8"
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    offset = 0
    while True:
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            break_at = offset + error.start
            break
        if not chunk:
            return encoding, False
        offset += len(chunk)
        chunk = stream.read(CHUNK)
    if not chunk:
        raise ImportRefused("The file is cut off in the middle of a character.", offset=offset)
    if encoding == "utf-8" and _looks_cyrillic(open_again()):
        return "cp1251", True
    raise ImportRefused(
        f"Byte {break_at + 1} of the file is not {encoding.upper()}. Save the file as UTF-8.", offset=break_at
    )


def _looks_cyrillic(stream: BinaryIO) -> bool:
    """Whether bytes are Windows-1251: most of those beyond ASCII are then small Russian letters."""
    high = small = 0
    while chunk := stream.read(CHUNK):
        if _UNDEFINED_1251 in chunk:
            return False
        high += len(chunk) - len(chunk.translate(None, _HIGH))
        small += len(chunk) - len(chunk.translate(None, _SMALL_CYRILLIC))
    return small * 2 > high


class CsvReading:
    """The rows of a table. `username` is what the file's name says, if it says one."""

    def __init__(
        self, stream: BinaryIO, context: Context, *, encoding: str, guessed: bool, username: str | None
    ) -> None:
        # newline="": line breaks inside quotes stay as they are.
        self._lines = _Lines(io.TextIOWrapper(stream, encoding=encoding, newline=""))
        self._context = context
        self.facts = FileFacts(Format.CSV, username=username)
        if guessed:
            context.findings.notes[Note.ENCODING_GUESSED] += 1
        header = self._lines.first()
        self._delimiter = max(",;\t", key=header.count)
        # The limit is the process's, not the reader's: whoever else reads tables may have moved it.
        csv.field_size_limit(MAX_FIELD)
        # strict: a quote in the wrong place, or none at the end, is an error.
        self._rows = csv.reader(self._lines, delimiter=self._delimiter, strict=True)
        self._columns = self._read_header()
        self._width = len(self._columns)

    @property
    def findings(self) -> Findings:
        """What was come across so far."""
        return self._context.findings

    def _read_header(self) -> list[str | None]:
        names = self._next_row() or []
        columns = [_NAMES.get(name.strip().strip("\ufeff").casefold()) for name in names]
        known = [name for name in columns if name]
        if not {"id", "date"} <= set(known):
            found = ", ".join(shown(name) for name in names[:12]) or "nothing"
            raise ImportRefused(f"The first line must name the columns, id and date at least; found: {found}.", line=1)
        if len(known) != len(set(known)):
            twice = next(name for name in known if known.count(name) > 1)
            raise ImportRefused(f"Two columns tell the {twice}.", line=1)
        self.findings.notes[Note.COLUMNS_IGNORED] += columns.count(None)
        return columns

    def _next_row(self) -> list[str] | None:
        try:
            return next(self._rows, None)
        except csv.Error as error:
            reason = "the file is cut off inside quotes" if "unexpected end" in str(error) else str(error)
            raise ImportRefused(f"Line {self._rows.line_num}: {reason}.", line=self._rows.line_num) from None

    def __iter__(self) -> Iterator[MessageRecord]:
        """Records in the file's order."""
        number = 0
        while (row := self._next_row()) is not None:
            if not row:
                continue
            number += 1
            line = self._rows.line_num
            if len(row) != self._width:
                raise ImportRefused(
                    f"Line {line}: {len(row)} values, but {self._width} columns. "
                    "The file is cut off, or a text with a delimiter is not quoted.",
                    record=number,
                    line=line,
                )
            try:
                record = self._read({name: value for name, value in zip(self._columns, row, strict=True) if name})
            except BadValue as error:
                raise ImportRefused(f"Line {line}: {error}.", record=number, line=line) from None
            self.findings.take(record)
            yield record
        self.findings.notes[Note.NO_FINAL_LINE_BREAK] += not self._lines.ended_with_break
        if "grouped_id" not in self._columns:
            self.findings.notes[Note.ALBUMS_UNKNOWN] = self.findings.messages
        if "media" not in self._columns:
            self.findings.notes[Note.MEDIA_UNKNOWN] = self.findings.messages

    def _read(self, row: dict[str, str]) -> MessageRecord:
        context = self._context
        body = search_text(clean_text(row.get("text", ""), context))
        return MessageRecord(
            message_id=message_id(_known(row.get("id"))),
            date=moment(_known(row.get("date")), context),
            text=body.text,
            counters=self._counters(row),
            references=body.references,
            hashtags=body.hashtags,
            media_kind=_media(_known(row.get("media"))),
            grouped_id=optional_group(_whole(row.get("grouped_id")), context),
            forward=self._forward(row),
            reply_to=optional_id(_whole(row.get("reply_to")), context, limit=MAX_MESSAGE_ID),
            edit_date=optional_moment(_known(row.get("edit_date")), context),
            post_author=clean_text(author, context) if (author := _known(row.get("post_author"))) else None,
            silent=row.get("silent", "").strip().casefold() in _TRUE,
            pinned=row.get("pinned", "").strip().casefold() in _TRUE,
        )

    def _counters(self, row: dict[str, str]) -> Counters:
        approximate = False
        found: dict[str, int | None] = {}
        for name in ("views", "forwards", "replies"):
            found[name], left_out = self._count(name, row.get(name))
            approximate = approximate or left_out
        return Counters(
            found["views"], found["forwards"], found["replies"], self._reactions(row.get("reactions")), approximate
        )

    def _count(self, name: str, cell: str | None) -> tuple[int | None, bool]:
        text = _known(cell)
        if text is None:
            return None, False
        number = _whole(text)
        if isinstance(number, int):
            return counter(number, self._context), False
        short = abbreviated(text)
        if short is None:
            raise BadValue(f"{name} is {shown(text)}, which is no number")
        return counter(short[0], self._context), short[1]

    def _reactions(self, cell: str | None) -> dict[str, int] | None:
        text = _known(cell)
        if text is None:
            return None
        try:
            value: Any = json.loads(text)
        except (ValueError, RecursionError):
            raise BadValue(f'reactions are {shown(text)}, which is no JSON object like {{"👍": 5}}') from None
        if isinstance(value, dict):
            return reaction_counts(
                [(clean_text(kind, self._context)[:40], n) for kind, n in value.items()], self._context
            )
        # A total without kinds has no place in our facts.
        self.findings.notes[Note.REACTION_TOTALS_DROPPED] += 1
        return None

    def _forward(self, row: dict[str, str]) -> ForwardHeader | None:
        name, number = _known(row.get("forward_name")), _known(row.get("forward_id"))
        if name is None and number is None:
            return None
        origin = optional_id(_whole(number), self._context)
        return ForwardHeader(from_tg_id=origin, from_name=clean_text(name, self._context) if name else None)


class _Lines:
    """Lines with their breaks, none longer than `_MAX_LINE`; the first may be looked at beforehand."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._read: Callable[[int], str] = text.readline
        self._held: str | None = None
        self.ended_with_break = True

    def first(self) -> str:
        """The first line, still to be given by the iteration."""
        self._held = next(self, "")
        return self._held

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        held, self._held = self._held, None
        line = self._read(_MAX_LINE) if held is None else held
        if not line:
            raise StopIteration
        self.ended_with_break = line.endswith(("\n", "\r"))
        if len(line) >= _MAX_LINE and not self.ended_with_break:
            raise ImportRefused(f"A line is longer than {_MAX_LINE // 2**20} million characters: this is no CSV.")
        return line


def _known(cell: str | None) -> str | None:
    text = cell.strip() if cell else ""
    return None if text.casefold() in _BLANK else text


def _whole(cell: str | None) -> object:
    """The number in a cell; programs that know no blank integers write ``12.0``. Text that is no number stays text."""
    text = _known(cell)
    if text is None:
        return None
    number = whole(text.removesuffix(".0"))
    return text if number is None else number


def _media(text: str | None) -> MediaKind:
    return MediaKind.NONE if text is None else _MEDIA.get(text.casefold(), MediaKind.OTHER)
