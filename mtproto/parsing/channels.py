"""Chats and users become channel and account records."""

from datetime import datetime
from typing import Any

from mtproto.parsing.messages import _int, _text, _time
from mtproto.records import AccountRecord, ChannelRecord, PeerKind


def parse_channel(chat: Any, full: Any = None) -> ChannelRecord:
    """A Channel, ChannelForbidden, Chat or User as a record; `full` is its ChannelFull when it was asked for.

    Raises ValueError when the object has no id. Without `full`, about, subscribers (mostly), pts and the right to
    statistics are not told.
    """
    tg_id = getattr(chat, "id", None)
    if type(tg_id) is not int:
        raise ValueError(f"{chat.__class__.__name__} has no integer id")
    return ChannelRecord(
        tg_id=tg_id,
        kind=_kind(chat),
        title=_text(getattr(chat, "title", None)) or _person_name(chat),
        # The hash of a "min" object opens nothing by itself.
        access_hash=None if getattr(chat, "min", None) else _int(getattr(chat, "access_hash", None)),
        username=_username(chat),
        about=_text(getattr(full, "about", None)),
        subscribers=_subscribers(chat, full),
        created_at=_created_at(chat),
        is_verified=bool(getattr(chat, "verified", None)),
        is_scam=bool(getattr(chat, "scam", None) or getattr(chat, "fake", None)),
        is_member=_is_member(chat),
        is_admin=bool(getattr(chat, "creator", None)) or getattr(chat, "admin_rights", None) is not None,
        can_view_stats=bool(getattr(full, "can_view_stats", None)),
        stats_dc=_int(getattr(full, "stats_dc", None)),
        linked_chat_tg_id=_int(getattr(full, "linked_chat_id", None)),
        photo_id=_int(getattr(getattr(chat, "photo", None), "photo_id", None)),
        pts=_int(getattr(full, "pts", None)),
        is_full=full is not None,
    )


def parse_user(user: Any) -> AccountRecord:
    """A User as the account that is signed in."""
    return AccountRecord(
        tg_id=user.id,
        phone=_text(getattr(user, "phone", None)),
        username=_username(user),
        first_name=_text(getattr(user, "first_name", None)) or "",
        is_premium=bool(getattr(user, "premium", None)),
    )


def _kind(chat: Any) -> PeerKind:
    name = chat.__class__.__name__
    if name.startswith("User"):
        return PeerKind.BOT if getattr(chat, "bot", None) else PeerKind.USER
    # A gigagroup carries the megagroup flag too; a broadcast channel never does.
    if name.startswith("Channel") and getattr(chat, "broadcast", None) and not getattr(chat, "megagroup", None):
        return PeerKind.CHANNEL
    return PeerKind.GROUP


def _is_member(chat: Any) -> bool:
    name = chat.__class__.__name__
    return name in {"Channel", "Chat"} and not getattr(chat, "left", None)


def _subscribers(chat: Any, full: Any) -> int | None:
    told = _int(getattr(full, "participants_count", None))
    return told if told is not None else _int(getattr(chat, "participants_count", None))


def _created_at(chat: Any) -> datetime | None:
    """Telegram tells members the day they joined in the same field, so only others (and the creator) learn this."""
    if getattr(chat, "left", None) or getattr(chat, "creator", None):
        return _time(getattr(chat, "date", None))
    return None


def _username(chat: Any) -> str | None:
    """The main username, or the first active one of those bought on Fragment; lower case."""
    name = _text(getattr(chat, "username", None))
    if name is None:
        active = (u for u in getattr(chat, "usernames", None) or () if getattr(u, "active", None))
        name = next((_text(getattr(u, "username", None)) for u in active), None)
    return name.lower() if name else None


def _person_name(chat: Any) -> str:
    names = (getattr(chat, "first_name", None), getattr(chat, "last_name", None))
    return " ".join(n for n in names if isinstance(n, str) and n)
