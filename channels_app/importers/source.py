"""Bytes of a file: counted, unpacked when it is gzip, and stopped before they can fill the memory or the disk."""

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable
from typing import BinaryIO

from channels_app.importers.refusal import ImportRefused

GZIP_MAGIC = b"\x1f\x8b"
# Unpacked; the longest exports we know of are a few GB.
MAX_BYTES = 16 * 2**30
# Chat dumps pack 5 to 30 times; a bomb of zeros about 1000 times.
MAX_RATIO = 250
# The ratio says nothing about a small file.
_RATIO_FROM = 16 * 2**20
CHUNK = 2**20

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

Progress = Callable[[int], None]


class CountedFile(io.RawIOBase):
    """The packed side: counts and digests what is read, and tells `on_progress` the position in bytes."""

    def __init__(self, stream: BinaryIO, on_progress: Progress | None = None) -> None:
        super().__init__()
        self._stream = stream
        self._on_progress = on_progress
        self._digest = hashlib.blake2b(digest_size=16)
        self.position = 0

    def readable(self) -> bool:
        """Reading is all it does."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill `buffer`; 0 at the end."""
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self.position += len(data)
        self._digest.update(data)
        if self._on_progress:
            self._on_progress(self.position)
        return len(data)

    @property
    def digest(self) -> str:
        """Digest of all that was read so far."""
        return self._digest.hexdigest()


class OpenedBytes(io.RawIOBase):
    """The unpacked side: what the file holds, gzip undone. Raises ImportRefused on damage and on a bomb."""

    def __init__(self, stream: BinaryIO, on_progress: Progress | None = None) -> None:
        super().__init__()
        stream.seek(0)
        packed = stream.read(2) == GZIP_MAGIC
        stream.seek(0)
        self.counted = CountedFile(stream, on_progress)
        buffered = io.BufferedReader(self.counted, CHUNK)
        self._inner: BinaryIO = gzip.GzipFile(fileobj=buffered, mode="rb") if packed else buffered  # type: ignore[assignment]
        self._packed = packed
        self.unpacked = 0

    def readable(self) -> bool:
        """Reading is all it does."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill `buffer`; 0 at the end."""
        try:
            data = self._inner.read(len(buffer))
        except EOFError:
            raise ImportRefused("The gzip file is cut off.", offset=self.counted.position) from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise ImportRefused(f"The gzip file is damaged: {error}.", offset=self.counted.position) from None
        buffer[: len(data)] = data
        self.unpacked += len(data)
        self._check_size()
        return len(data)

    def _check_size(self) -> None:
        if self.unpacked > MAX_BYTES:
            raise ImportRefused(f"The file holds more than {MAX_BYTES // 2**30} GB.")
        ratio = self.unpacked / max(self.counted.position, 1)
        if self._packed and self.unpacked > _RATIO_FROM and ratio > MAX_RATIO:
            raise ImportRefused(f"The file unpacks to more than {MAX_RATIO} times its size: that is no chat history.")


def open_bytes(stream: BinaryIO, on_progress: Progress | None = None) -> tuple[io.BufferedReader, CountedFile]:
    """Read `stream` (seekable) from its beginning: its unpacked bytes, and the counter of its packed ones."""
    opened = OpenedBytes(stream, on_progress)
    return io.BufferedReader(opened, CHUNK), opened.counted


def byte_order_mark(head: bytes) -> str | None:
    """The encoding that a byte order mark at the beginning declares."""
    return next((encoding for mark, encoding in _BOMS if head.startswith(mark)), None)
