"""Telethon's `to_dict` dumps: the same objects as JSON, told apart by their ``_`` key."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mtproto.parsing.messages import parse_message
from mtproto.records import AnyMessage


class _Dumped:
    """An object read from a dump: what the dump does not tell is None."""

    def __getattr__(self, name: str) -> None:
        return None


_classes: dict[str, type[_Dumped]] = {}


def _class_named(name: str) -> type[_Dumped]:
    known = _classes.get(name)
    if known is None:
        known = type(name, (_Dumped,), {})
        # A dump names a few hundred kinds at most; a hostile one may not fill the memory with classes.
        if len(_classes) < 5000:  # noqa: PLR2004 - explained above
            _classes[name] = known
    return known


def from_dump(value: Any, *, key: str = "") -> Any:
    """An object tree from parsed JSON: dictionaries with ``_`` become objects, ISO dates aware UTC times.

    Keys that are no names are dropped; anything else stays as it is.
    """
    if isinstance(value, Mapping):
        name = value.get("_")
        made = _class_named(name[:80] if isinstance(name, str) and name.isidentifier() else "Dumped")()
        for attribute, item in value.items():
            if isinstance(attribute, str) and attribute != "_" and not attribute.startswith("__"):
                made.__dict__[attribute] = from_dump(item, key=attribute)
        return made
    if isinstance(value, list):
        return [from_dump(item) for item in value]
    if isinstance(value, str):
        return _date(value) if key == "date" or key.endswith("_date") else _encodable(value)
    return value


def parse_dumped_message(dumped: Mapping[str, Any]) -> AnyMessage:
    """One message of a `to_dict` dump as a record. Raises RecordInvalid."""
    return parse_message(from_dump(dumped))


def _date(text: str) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(text)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _encodable(text: str) -> str:
    """JSON may hold half of a surrogate pair, which no column takes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if not text.isascii() else text
