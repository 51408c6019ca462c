"""TL objects from dictionaries of any layer: known fields are converted, unknown ones ignored, missing ones filled."""

from __future__ import annotations

import base64
import binascii
import inspect
import re
import struct
from functools import lru_cache
from typing import Any

from sandbox.loader_values import moment
from sandbox.tl import TLObject, types

_BROKEN = (struct.error, TypeError, ValueError, AttributeError, AssertionError, OverflowError)
_RENAMED_PEERS = {"from_id": "PeerUser", "channel_id": "PeerChannel"}


@lru_cache(maxsize=4096)
def _signature(name: str) -> tuple[Any, dict[str, tuple[str, bool]]] | None:
    """The class of a constructor name and its fields: annotation text and whether the field is required."""
    cls = getattr(types, name, None)
    if not inspect.isclass(cls) or not issubclass(cls, TLObject):
        return None
    fields = {}
    for field, parameter in inspect.signature(cls.__init__).parameters.items():
        if field == "self" or parameter.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
            continue
        annotation = str(parameter.annotation).replace("'", "")
        fields[field] = (annotation, parameter.default is inspect.Parameter.empty)
    return cls, fields


def build(data: Any) -> Any:
    """A TL object for a dictionary with ``_``; None when the constructor is unknown or cannot be filled."""
    if not isinstance(data, dict) or not isinstance(data.get("_"), str):
        return None
    found = _signature(data["_"])
    if found is None:
        return None
    cls, fields = found
    arguments: dict[str, Any] = {}
    for name, (annotation, required) in fields.items():
        value = _convert(_adapted(data, name), annotation)
        if value is None and required:
            value = _default(annotation)
        arguments[name] = value
    try:
        value = cls(**arguments)
        return value if serialisable(value) is not None else _paired(cls, fields, arguments)
    except _BROKEN:
        return None


def _paired(cls: Any, fields: dict[str, tuple[str, bool]], arguments: dict[str, Any]) -> Any:
    """The object with the partners of its fields filled in: some fields share one flag and must come together."""
    value = cls(**arguments)
    try:
        value._bytes()
    except AssertionError as error:
        for name in str(error).partition(" parameters")[0].split(", "):
            if name in fields and arguments.get(name) in (None, False):
                arguments[name] = _default(fields[name][0])
        return cls(**arguments)
    return value


def build_list(data: Any) -> list[Any]:
    """The objects of a list that can be built and sent."""
    if not isinstance(data, list):
        return []
    return [o for item in data if (o := serialisable(build(item))) is not None]


def serialisable(value: Any) -> Any:
    """*value* if it can be sent, else None."""
    if value is None:
        return None
    try:
        value._bytes()
    except _BROKEN:
        return None
    return value


def _adapted(data: dict[str, Any], name: str) -> Any:
    """A field's value with what older layers called or shaped differently."""
    value = data.get(name)
    kind = data["_"]
    if kind == "MessageFwdHeader" and name == "from_id" and not isinstance(value, dict):
        if isinstance(data.get("channel_id"), int):
            return {"_": "PeerChannel", "channel_id": data["channel_id"]}
        if isinstance(value, int) and value:
            return {"_": "PeerUser", "user_id": value}
    if kind in ("Poll", "PollAnswer") and name in ("question", "text") and isinstance(value, str):
        return {"_": "TextWithEntities", "text": value, "entities": []}
    if kind == "ReactionCount" and name == "reaction" and isinstance(value, str):
        return {"_": "ReactionEmoji", "emoticon": value}
    return value


def _convert(value: Any, annotation: str) -> Any:
    if value is None:
        return None
    if "List[" in annotation:
        if not isinstance(value, list):
            return None
        inner = re.sub(r"^.*?List\[(.*?)\].*$", r"\1", annotation)
        converted = [_convert(item, inner) for item in value]
        return [item for item in converted if item is not None]
    if "datetime" in annotation:
        return moment(value)
    if re.search(r"\bbytes\b", annotation):
        return _bytes(value)
    if re.search(r"\bbool\b", annotation):
        return value if isinstance(value, bool) else None
    if re.search(r"\bint\b", annotation):
        return value if isinstance(value, int) and not isinstance(value, bool) else None
    if re.search(r"\bfloat\b", annotation):
        return float(value) if isinstance(value, int | float) else None
    if re.search(r"\bstr\b", annotation):
        return value if isinstance(value, str) else None
    return build(value)


def _bytes(value: Any) -> bytes | None:
    """Bytes from a list of numbers, base64, a Python literal, or plain text."""
    if isinstance(value, list):
        try:
            return bytes(value)
        except (TypeError, ValueError):
            return None
    if not isinstance(value, str):
        return None
    if value[:2] in ("b'", 'b"'):
        return value[2:-1].encode("latin-1", "replace")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return value.encode()


def _default(annotation: str) -> Any:
    """The empty value of a required field; None for an object, which then makes the whole unserialisable."""
    if "List[" in annotation:
        return []
    for pattern, value in (
        (r"datetime|\bint\b", 0),
        (r"\bbytes\b", b""),
        (r"\bbool\b", False),
        (r"\bfloat\b", 0.0),
        (r"\bstr\b", ""),
    ):
        if re.search(pattern, annotation):
            return value
    return None
