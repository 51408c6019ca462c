"""Message entities from plain marks: hidden links, mentions, hashtags, addresses, bold. Offsets are UTF-16 units."""

from __future__ import annotations

import re
from typing import Any

from sandbox.tl import types

_PLAIN = [
    (re.compile(r"https?://[^\s)]+"), types.MessageEntityUrl),
    (re.compile(r"(?<!\w)@[A-Za-z]\w{3,}"), types.MessageEntityMention),
    (re.compile(r"(?<!\w)#\w+"), types.MessageEntityHashtag),
]
_MARKED = re.compile(r"\[([^\]]+)\]\((https?://[^)\s]+)\)|\*\*([^*]+)\*\*")


def utf16(text: str) -> int:
    """Length in UTF-16 code units, which is how Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def marked_text(source: str) -> tuple[str, list[Any]]:
    """Text without ``[label](url)`` and ``**bold**`` marks, and its entities in order."""
    out, entities, position = "", [], 0
    for match in _MARKED.finditer(source):
        out += source[position : match.start()]
        label = match[1] or match[3]
        start, length = utf16(out), utf16(label)
        if match[2]:
            entities.append(types.MessageEntityTextUrl(offset=start, length=length, url=match[2]))
        else:
            entities.append(types.MessageEntityBold(offset=start, length=length))
        out += label
        position = match.end()
    out += source[position:]
    for pattern, cls in _PLAIN:
        entities += [cls(offset=utf16(out[: match.start()]), length=utf16(match[0])) for match in pattern.finditer(out)]
    return out, sorted(entities, key=lambda e: (e.offset, -e.length))
