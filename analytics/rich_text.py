"""A post's text as Telegram shows it: entities become safe HTML.

Offsets and lengths are UTF-16 code units (https://core.telegram.org/api/entities). Ranges may nest, overlap, or lie
outside of the text when they come from a file; whatever they are, the markup is well formed and says nothing but the
text.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

# Schemes that a reader can follow without harm; everything else stays words.
_FOLLOWED = re.compile(r"(?:https?|tg|mailto|tel):", re.IGNORECASE)
_HOST = re.compile(r"[^\s/@:]+\.[^\s/@:.]{2,}(?:[/:?#]|$)")
_NAME = re.compile(r"@([A-Za-z][A-Za-z0-9_]{2,31})")
_LINKS = frozenset({"text_url", "url", "mention", "email", "phone"})
_TAGS = {
    "bold": ("<strong>", "</strong>"),
    "italic": ("<em>", "</em>"),
    "underline": ("<u>", "</u>"),
    "strike": ("<s>", "</s>"),
    "code": ("<code>", "</code>"),
    "pre": ('<code class="rich__pre">', "</code>"),
    "blockquote": ('<span class="rich__quote">', "</span>"),
}
_SPOILER = "spoiler"
_SHOWN = frozenset({*_TAGS, *_LINKS, _SPOILER})
# Telegram sends a hundred at most; a file may say anything.
_MOST = 1000


@dataclass(frozen=True, slots=True)
class _Mark:
    """A range [start, end) of UTF-16 code units with what opens and closes it."""

    start: int
    end: int
    opening: str
    closing: str


def rich_text(text: str, entities: Iterable[Mapping[str, Any]]) -> SafeString:
    """The text as HTML; `entities`: kind, offset, length, url. Line breaks are kept by the style sheet."""
    units = text.encode("utf-16-le", "surrogatepass")
    marks = sorted(_marks(units, entities), key=lambda mark: (mark.start, -mark.end))
    edges = sorted({0, len(units) // 2, *(mark.start for mark in marks), *(mark.end for mark in marks)})
    parts: list[str] = []
    open_marks: list[_Mark] = []
    waiting = iter(marks)
    following = next(waiting, None)
    for start, end in pairwise(edges):
        _close(parts, open_marks, start)
        while following is not None and following.start <= start:
            parts.append(following.opening)
            open_marks.append(following)
            following = next(waiting, None)
        parts.append(escape(_words(units, start, end)))
    _close(parts, open_marks, len(units) // 2)
    return mark_safe("".join(parts))  # noqa: S308 - tags of ours around escaped text


def _close(parts: list[str], open_marks: list[_Mark], at: int) -> None:
    """End what ends here. Ranges that overlap it are ended with it and begun again, so that tags nest."""
    again: list[_Mark] = []
    while any(mark.end <= at for mark in open_marks):
        mark = open_marks.pop()
        parts.append(mark.closing)
        if mark.end > at:
            again.append(mark)
    for mark in reversed(again):
        parts.append(mark.opening)
        open_marks.append(mark)


def _marks(units: bytes, entities: Iterable[Mapping[str, Any]]) -> list[_Mark]:
    found: list[_Mark] = []
    last = len(units) // 2
    linked: list[tuple[int, int]] = []
    for entity in entities:
        kind, offset, length = entity["kind"], entity["offset"], entity["length"]
        if kind not in _SHOWN or length <= 0 or not 0 <= offset < last or len(found) >= _MOST:
            continue
        start, end = offset, min(offset + length, last)
        if kind in _LINKS:
            address = _address(kind, _words(units, start, end), entity.get("url"))
            # A link within a link is none.
            if address is None or any(start < right and end > left for left, right in linked):
                continue
            linked.append((start, end))
            opening = format_html('<a href="{}" rel="noreferrer nofollow">', address)
            found.append(_Mark(start, end, opening, "</a>"))
        elif kind == _SPOILER:
            found.append(_Mark(start, end, _spoiler(), "</span></details>"))
        else:
            found.append(_Mark(start, end, *_TAGS[kind]))
    return found


def _spoiler() -> str:
    return format_html(
        '<details class="rich__spoiler"><summary>{}</summary><span class="rich__hidden">', _("Hidden text")
    )


def _words(units: bytes, start: int, end: int) -> str:
    # A range that cuts a character in two shows a replacement sign on both sides, as Telegram does.
    return units[start * 2 : end * 2].decode("utf-16-le", "replace")


def _address(kind: str, words: str, url: str | None) -> str | None:
    """Where a link leads; None for what nobody should follow."""
    words = words.strip()
    if kind == "mention":
        name = _NAME.fullmatch(words)
        return f"https://t.me/{name[1]}" if name else None
    if kind == "email":
        return f"mailto:{quote(words, safe='@.+-_')}"
    if kind == "phone":
        return f"tel:{re.sub(r'[^0-9+]', '', words)}"
    address = (url if kind == "text_url" else words) or ""
    address = address.strip()
    if _FOLLOWED.match(address):
        return address
    return f"https://{address}" if _HOST.match(address) else None
