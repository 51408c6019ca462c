"""The one door to Telethon's TL layer (untyped, so its names are ``Any`` here), with a few additions.

``LeanMessage`` and ``Raw`` exist for speed: Telethon's ``Message`` sets some seventy attributes per object, and
serialising it for every page would make the server the bottleneck of every measurement.
"""

from __future__ import annotations

import struct
from datetime import datetime
from typing import Any

from telethon.crypto import AES, AuthKey
from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.tl import TLObject, functions, types
from telethon.tl.alltlobjects import LAYER, tlobjects
from telethon.tl.core.gzippacked import GzipPacked

__all__ = [
    "AES",
    "LAYER",
    "AuthKey",
    "BinaryReader",
    "GzipPacked",
    "LeanMessage",
    "LeanService",
    "Raw",
    "TLObject",
    "TypeNotFoundError",
    "encode_result",
    "epoch_of",
    "functions",
    "method_name",
    "parse",
    "tlobjects",
    "types",
    "vector",
]

VECTOR = struct.pack("<I", 0x1CB5C415)
BOOL_TRUE = struct.pack("<I", 0x997275B5)
BOOL_FALSE = struct.pack("<I", 0xBC799737)


class Raw(TLObject):
    """An already serialised object, to be put where an object is expected."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def _bytes(self) -> bytes:
        return self.data


def _lean(base: Any, name: str) -> Any:
    """A class with *base*'s serialiser whose fields default to None on the class: cheap to make."""
    fields = base.__init__.__code__.co_varnames[1 : base.__init__.__code__.co_argcount]
    body: dict[str, Any] = dict.fromkeys(fields)
    body["_bytes"] = base._bytes
    body["__doc__"] = f"{base.__name__} with fields defaulting to None on the class."
    return type(name, (TLObject,), body)


def _generated(cls: Any) -> Any:
    """The generated TL class below Telethon's patched one (whose constructor is expensive)."""
    return next(c for c in cls.__mro__ if c.__module__ == "telethon.tl.types" and c is not cls)


LeanMessage: Any = _lean(_generated(types.Message), "LeanMessage")
LeanService: Any = _lean(_generated(types.MessageService), "LeanService")


def parse(data: bytes) -> Any:
    """Read one TL object (request or type) from *data*; raises ``TypeNotFoundError`` for an unknown one."""
    return BinaryReader(data).tgread_object()


def vector(items: list[bytes]) -> bytes:
    """A boxed vector of already serialised items."""
    return VECTOR + struct.pack("<i", len(items)) + b"".join(items)


def encode_result(value: Any) -> bytes:
    """Bytes of a method's answer: bytes as they are, bool, a list of objects, or an object."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return BOOL_TRUE if value else BOOL_FALSE
    if isinstance(value, list):
        return vector([item._bytes() for item in value])
    data: bytes = value._bytes()
    return data


def method_name(request: Any) -> str:
    """``messages.getHistory`` for a ``GetHistoryRequest`` (``ping`` style for the namespace-less ones)."""
    cls = type(request)
    space = cls.__module__.rpartition(".")[2]
    name = cls.__name__.removesuffix("Request")
    short = name[:1].lower() + name[1:]
    return short if space == "functions" else f"{space}.{short}"


def epoch_of(value: datetime | None) -> int:
    """Unix seconds of a TL date; 0 for an absent one (which the wire shows as 1970-01-01)."""
    return int(value.timestamp()) if value is not None else 0
