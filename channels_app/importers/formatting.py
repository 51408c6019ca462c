"""Texts with their formatting: pieces of an export put together, and plain texts searched for what they point at."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mtproto.parsing.text import link_reference, telegram_target
from mtproto.records import Entity, Reference, ReferenceKind

_USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,31}")
# Plain text: what Telegram itself would have made clickable, as far as can be told without its entities.
_CLICKABLE = re.compile(
    r"(?P<url>https?://[^\s<>\"«»]{1,2000}|\b(?:t|telegram)\.me/[A-Za-z0-9_+/]{3,200})"
    r"|(?<![\w@/.])@(?P<mention>[A-Za-z][A-Za-z0-9_]{2,31})\b"
    r"|(?<![\w#&/])#(?P<hashtag>\w{1,64})"
)
# Characters that end a sentence or close Markdown rather than belong to a link.
_TRAILING = ".,;:!?…)]}>*_~'\"|"
# Above this length a text is no post of Telegram's (4096 characters); searching it would only cost time.
_SEARCHED = 100_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text with one kind of formatting; kind "" is plain. `url` for links behind words."""

    text: str
    kind: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text with what Telegram marks in it."""

    text: str = ""
    entities: tuple[Entity, ...] = ()
    references: tuple[Reference, ...] = ()
    hashtags: tuple[str, ...] = ()


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, as Telegram counts offsets."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


def join_pieces(pieces: Iterable[Piece]) -> Formatted:
    """Put pieces together; references and hashtags come once each, in the order of the text."""
    texts: list[str] = []
    entities: list[Entity] = []
    references: dict[Reference, None] = {}
    hashtags: dict[str, None] = {}
    offset = 0
    for piece in pieces:
        length = utf16_length(piece.text)
        if piece.kind and length:
            entities.append(Entity(piece.kind, offset, length, piece.url))
            note_marked(piece.kind, piece.text, piece.url, references, hashtags)
        texts.append(piece.text)
        offset += length
    return Formatted("".join(texts), tuple(entities), tuple(references), tuple(hashtags))


def note_marked(
    kind: str, text: str, url: str | None, references: dict[Reference, None], hashtags: dict[str, None]
) -> None:
    """Add what a marked run of text points at."""
    if kind == "text_url" and url:
        references[link_reference(url, hidden=True)] = None
    elif kind == "url" and text.strip():
        references[link_reference(text.strip(), hidden=False)] = None
    elif kind == "mention" and _USERNAME.fullmatch(name := text.removeprefix("@")):
        references[Reference(ReferenceKind.MENTION, username=name.lower())] = None
    elif kind == "hashtag" and (tag := text.removeprefix("#").partition("@")[0].casefold()):
        hashtags[tag] = None


def search_text(text: str) -> Formatted:
    """A text without formatting: links, mentions and hashtags are found in it; there are no entities to keep."""
    references: dict[Reference, None] = {}
    hashtags: dict[str, None] = {}
    for match in _CLICKABLE.finditer(text, 0, _SEARCHED):
        if url := match["url"]:
            note_marked("url", url.rstrip(_TRAILING), None, references, hashtags)
        elif name := match["mention"]:
            note_marked("mention", name, None, references, hashtags)
        elif not match["hashtag"].isdigit():
            note_marked("hashtag", match["hashtag"], None, references, hashtags)
    return Formatted(text, (), tuple(references), tuple(hashtags))


__all__ = ["Formatted", "Piece", "join_pieces", "note_marked", "search_text", "telegram_target", "utf16_length"]
