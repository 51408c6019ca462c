"""JSON read piece by piece: the outer objects and lists are walked, each record is parsed whole by the C scanner.

Memory holds one record at a time, so a file of any size passes; a record may be `MAX_RECORD` characters long. Nesting
beyond the scanner's limit, a missing end, or anything that is no JSON raises ImportRefused with its place.
"""

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from channels_app.importers.refusal import ImportRefused
from channels_app.importers.source import CHUNK, byte_order_mark

MAX_RECORD = 8 * 2**20
# Objects within objects that are walked without being parsed; exports need three.
_WALKED = 4
# An error closer than this to the end of what was read may be a token that goes on in the next piece.
_TAIL = 64
_SPACE = re.compile(r"[ \t\r\n]*")
_GOES_ON = "Unterminated string"


class JsonStream:
    """Reads one or more JSON values from bytes. Positions are characters from the beginning of the file."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._buffer = ""
        self._at = 0
        self._before = 0
        self._bytes = 0
        self._ended = False
        head = stream.read(CHUNK)
        decoder = codecs.getincrementaldecoder(byte_order_mark(head) or "utf-8")
        self._decoder = decoder(errors="strict")
        # Numbers that JSON does not know (NaN) come from Python programs and mean "unknown".
        scan = vars(json.JSONDecoder(parse_constant=_unknown))["scan_once"]
        self._scan: Callable[[str, int], tuple[object, int]] = scan
        self._feed(head)

    @property
    def position(self) -> int:
        """Characters before the next one."""
        return self._before + self._at

    def peek(self) -> str:
        """The next character that is no space, "" at the end of the file."""
        while True:
            match = _SPACE.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def value(self) -> object:
        """Parse the next value whole."""
        self.peek()
        while True:
            try:
                value, end = self._scan(self._buffer, self._at)
            except StopIteration as stop:
                self._need_more(int(stop.value), "a value was expected")
            except json.JSONDecodeError as error:
                self._need_more(len(self._buffer) if error.msg.startswith(_GOES_ON) else error.pos, error.msg)
            except RecursionError:
                raise self._refusal("The file is nested too deeply") from None
            except ValueError as error:
                raise self._refusal(f"This is not valid JSON ({error})") from None
            else:
                # A number at the very end of what was read may go on.
                if end == len(self._buffer) and not self._ended and self._more():
                    continue
                self._at = end
                return value

    def members(self) -> Iterator[str]:
        """Walk an object: yields each key; the caller takes its value (`value`, `members`, `items` or `skip`)."""
        self._take("{")
        if self.peek() == "}":
            self._at += 1
            return
        while True:
            if self.peek() != '"':
                raise self._wrong("a name in quotes was expected")
            key = self.value()
            self._take(":")
            yield str(key)
            if self._take(",}") == "}":
                return

    def items(self) -> Iterator[int]:
        """Walk a list: yields the number of each item (from 1); the caller takes it as in `members`."""
        self._take("[")
        if self.peek() == "]":
            self._at += 1
            return
        number = 1
        while True:
            yield number
            if self._take(",]") == "]":
                return
            number += 1

    def skip(self, depth: int = 0) -> None:
        """Pass over the next value, however long it is."""
        first = self.peek()
        if first == "{" and depth < _WALKED:
            for _key in self.members():
                self.skip(depth + 1)
        elif first == "[" and depth < _WALKED:
            for _number in self.items():
                self.skip(depth + 1)
        else:
            self.value()

    def finish(self) -> None:
        """Raise ImportRefused unless nothing but space is left."""
        if self.peek():
            raise self._refusal("Something follows the end of the JSON")

    def _take(self, allowed: str) -> str:
        found = self.peek()
        if not found or found not in allowed:
            raise self._wrong(f"one of {' '.join(allowed)} was expected")
        self._at += 1
        return found

    def _wrong(self, expected: str) -> ImportRefused:
        if not self.peek():
            return self._refusal("The file is cut off")
        return self._refusal(f"This is not valid JSON ({expected})")

    def _need_more(self, failed_at: int, reason: str) -> None:
        if failed_at < len(self._buffer) - _TAIL:
            self._at = failed_at
            raise self._refusal(f"This is not valid JSON ({reason})")
        if len(self._buffer) - self._at > MAX_RECORD:
            raise self._refusal(f"One record is longer than {MAX_RECORD // 2**20} million characters")
        if self._more():
            return
        if failed_at < len(self._buffer):
            self._at = failed_at
            raise self._refusal(f"This is not valid JSON ({reason}), or the file is cut off")
        raise self._refusal("The file is cut off")

    def _more(self) -> bool:
        """Read on, as much again as is held, so that a long record is not tried too often. False at the end."""
        if self._ended:
            return False
        self._before += self._at
        self._buffer, self._at = self._buffer[self._at :], 0
        held = len(self._buffer)
        self._feed(self._stream.read(max(min(held, MAX_RECORD - held), 0) + CHUNK))
        return True

    def _feed(self, data: bytes) -> None:
        try:
            self._buffer += self._decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            if not data:
                raise self._refusal("The file is cut off in the middle of a character") from None
            offset = self._bytes + error.start
            raise ImportRefused(
                f"Byte {offset + 1} of the file is not UTF-8. Save the file as UTF-8.", offset=offset
            ) from None
        self._bytes += len(data)
        self._ended = not data

    def _refusal(self, text: str) -> ImportRefused:
        return ImportRefused(f"{text} (at character {self.position + 1}).", offset=self.position)


def _unknown(_name: str) -> None:
    return None
