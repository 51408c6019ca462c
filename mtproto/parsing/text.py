"""Entities of a text: formatting, references (mentions and links) and hashtags, in one pass."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mtproto.records import Entity, Reference, ReferenceKind

_USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,31}")
_HOSTS = frozenset({"t.me", "www.t.me", "telegram.me", "telegram.dog"})
# First path parts of t.me that are Telegram's own pages, not usernames.
# The usual way to write a link into Telegram, read without taking the address apart.
_USUAL = re.compile(
    r"(?:https?://)?(?:t|telegram)\.me/([A-Za-z][A-Za-z0-9_]{2,31})(?:/([0-9]{1,10}))?/?(?:\?[^/#]*)?", re.IGNORECASE
)
_OWN_PAGES = """
addbots addemoji addlist addstickers addstyle addtheme auction bg boost c call confirmphone contact giftcode
invoice iv joinchat login m msg nft passport proxy s setlanguage share socks stickers
"""
_RESERVED = frozenset(_OWN_PAGES.split())
# A link longer than this is no link that a person follows; the column behind it is bounded too.
_URL_LIMIT = 2048
# Message ids are 32-bit.
_ID_DIGITS = 10
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_KINDS_KEPT = 1000
_WITH_URL = frozenset({"text_url", "custom_emoji"})
_entity_kinds: dict[type, str] = {}
_snake_names: dict[tuple[str, str], str] = {}


def snake_name(class_name: str, prefix: str) -> str:
    """``MessageEntityTextUrl`` → ``text_url``: Telegram's type name without its prefix, in snake case."""
    key = (class_name, prefix)
    name = _snake_names.get(key)
    if name is None:
        name = _snake_names[key] = _CAMEL.sub("_", class_name.removeprefix(prefix)).lower()
    return name


class _Utf16:
    """A text that is cut by UTF-16 code units, as Telegram counts."""

    __slots__ = ("_encoded", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        encoded = None if text.isascii() else text.encode("utf-16-le", "surrogatepass")
        # Without characters beyond the basic plane, code units and Python's characters are the same.
        self._encoded = encoded if encoded is not None and len(encoded) != 2 * len(text) else None

    def cut(self, offset: int, length: int) -> str:
        if offset < 0 or length <= 0:
            return ""
        if self._encoded is None:
            return self._text[offset : offset + length]
        return self._encoded[offset * 2 : (offset + length) * 2].decode("utf-16-le", "replace")


def parse_entities(
    text: str, entities: Iterable[Any]
) -> tuple[tuple[Entity, ...], tuple[Reference, ...], tuple[str, ...]]:
    """Formatting, references and hashtags of `text`; each reference and hashtag once, in the order of the text.

    Offsets and lengths are UTF-16 code units, as Telegram sends them. Custom emoji carry ``tg://emoji?id=…`` as url.
    Entities without integer place are left out.
    """
    units: _Utf16 | None = None
    kept: list[Entity] = []
    # By what they lead to, with a mark of their kind: hashing text is much cheaper than hashing records.
    references: dict[str, Reference] = {}
    hashtags: dict[str, None] = {}
    for raw in entities:
        offset, length = getattr(raw, "offset", None), getattr(raw, "length", None)
        if type(offset) is not int or type(length) is not int:
            continue
        entity_class = raw.__class__
        kind = _entity_kinds.get(entity_class) or _name_kind(entity_class)
        url = _url_of(raw, kind) if kind in _WITH_URL else None
        kept.append(Entity(kind, offset, length, url))
        if kind == "text_url":
            if url:
                references.setdefault(f">{url}", link_reference(url, hidden=True))
        elif kind in {"url", "mention", "hashtag"}:
            units = units or _Utf16(text)
            _note(kind, units.cut(offset, length), references, hashtags)
    return tuple(kept), tuple(references.values()), tuple(hashtags)


def _name_kind(entity_class: type) -> str:
    kind = snake_name(entity_class.__name__, "MessageEntity")
    # Only the classes of Telethon and of dumps come here; the bound is for tests that make classes at will.
    if len(_entity_kinds) < _KINDS_KEPT:
        _entity_kinds[entity_class] = kind
    return kind


def _note(kind: str, words: str, references: dict[str, Reference], hashtags: dict[str, None]) -> None:
    if kind == "hashtag":
        # "#tag@channel" searches inside that channel; the tag is what stands before.
        tag = words.removeprefix("#").partition("@")[0].casefold()
        if tag:
            hashtags[tag] = None
    elif kind == "mention":
        name = words.removeprefix("@")
        if _USERNAME.fullmatch(name):
            name = name.lower()
            references.setdefault(f"@{name}", Reference(ReferenceKind.MENTION, None, name))
    elif words := words.strip():
        references.setdefault(words, link_reference(words, hidden=False))


def _url_of(raw: Any, kind: str) -> str | None:
    if kind == "text_url":
        url = getattr(raw, "url", None)
        return clean(url)[:_URL_LIMIT] if isinstance(url, str) else None
    if kind == "custom_emoji":
        return f"tg://emoji?id={getattr(raw, 'document_id', None)}"
    return None


def link_reference(url: str, *, hidden: bool) -> Reference:
    """A link as a reference. One that leads to a Telegram username says so, and to which post if it names one.

    Readable links into Telegram count as mentions; a link behind other words stays a hidden link.
    """
    url = url[:_URL_LIMIT]
    username, message_id = telegram_target(url)
    if hidden:
        return Reference(ReferenceKind.HIDDEN_LINK, url, username, message_id)
    return Reference(ReferenceKind.MENTION if username else ReferenceKind.LINK, url, username, message_id)


def telegram_target(url: str) -> tuple[str | None, int | None]:
    """Username (lower case) and message id that a link leads to; (None, None) when it leads elsewhere."""
    usual = _USUAL.fullmatch(url)
    if usual is not None and usual[1].lower() not in _RESERVED:
        return usual[1].lower(), int(usual[2]) if usual[2] else None
    lowered = url.lower()
    if "t.me" not in lowered and "telegram." not in lowered and not lowered.startswith("tg:"):
        return None, None
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host = (parts.hostname or "").lower()
    except ValueError:
        return None, None
    if parts.scheme.lower() == "tg":
        return _tg_target(parts.netloc, parts.query)
    return _path_target(host, [part for part in parts.path.split("/") if part])


def _path_target(host: str, path: list[str]) -> tuple[str | None, int | None]:
    if host.endswith(".t.me") and host not in _HOSTS:
        path = [host.removesuffix(".t.me"), *path]
    elif host not in _HOSTS:
        return None, None
    if path and path[0] == "s":
        path = path[1:]
    if not path or path[0].lower() in _RESERVED or not _USERNAME.fullmatch(path[0]):
        return None, None
    # t.me/name/topic/id: the message is the last number.
    return path[0].lower(), _message_id(path[-1]) if len(path) > 1 else None


def _tg_target(action: str, query: str) -> tuple[str | None, int | None]:
    values = parse_qs(query)
    name = values.get("domain", [""])[0]
    if action.lower() != "resolve" or not _USERNAME.fullmatch(name):
        return None, None
    return name.lower(), _message_id(values.get("post", [""])[0])


def _message_id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS else None


def clean(text: str) -> str:
    """The text without NUL, which no column takes; replaced one for one, so that offsets stay right."""
    return text.replace("\x00", "\ufffd") if "\x00" in text else text
