"""Pictures that are none, that would fill the memory, or that carry something else."""

import io
import struct
import zlib

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from analyticbot.core.errors import InvalidInput
from analytics.reports.brand import checked_logo


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int) -> bytes:
    """A PNG that says it is so large, and holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"\0" * 64)) + _chunk(b"IEND", b"")
    )


def _gif(frames: int) -> bytes:
    file = io.BytesIO()
    pictures = [Image.new("P", (2, 2), number % 255) for number in range(frames)]
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:])
    return file.getvalue()


def _jpeg() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        _png(60_000, 60_000),
        _png(2**31 - 1, 2**31 - 1),
        _png(0, 0),
        _png(300, 300),
        _jpeg()[:-300],
        _gif(500),
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7\n",
        b"<?php system($_GET['x']);",
    ],
    ids=["empty", "gif head", "wide", "widest", "nothing", "cut", "cut jpeg", "frames", "m3u8", "svg", "pdf", "php"],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_logo(io.BytesIO(content))
    assert refused.value.field == "logo"


def test_what_hides_behind_a_picture_goes() -> None:
    kept = checked_logo(io.BytesIO(_jpeg() + b"<script>alert(1)</script>"))

    assert kept.startswith(b"\x89PNG") and b"script" not in kept


@pytest.mark.parametrize(
    "name", ["../../x.png", "/etc/passwd", "x.png\x00.svg", "\u202egnp.exe", "a" * 300 + ".png", "..", ""]
)
def test_names_of_files_lead_nowhere(name: str) -> None:
    try:
        file = SimpleUploadedFile(name, _jpeg())
    except (ValueError, SuspiciousFileOperation):  # Django refuses it itself
        return

    assert "/" not in (file.name or "") and checked_logo(file)
