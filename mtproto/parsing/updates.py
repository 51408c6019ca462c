"""Pushed updates and channel differences become frozen records; what does not concern channels is left out."""

from collections.abc import Iterator
from typing import Any

from mtproto.parsing.messages import _int, parse_message, parse_messages
from mtproto.records import (
    AnyUpdate,
    ChannelDifference,
    ChannelTooLong,
    DeletedMessages,
    EditedMessages,
    NewMessages,
)


def parse_updates(tl: Any) -> tuple[AnyUpdate, ...]:
    """Records of an Updates, UpdatesCombined, UpdateShort or a single update, in their order."""
    return tuple(_each(tl))


def _each(tl: Any) -> Iterator[AnyUpdate]:
    if isinstance(inner := getattr(tl, "updates", None), list):
        for update in inner:
            yield from _each(update)
        return
    if (single := getattr(tl, "update", None)) is not None:
        yield from _each(single)
        return
    record = _parse_one(tl)
    if record is not None:
        yield record


def _parse_one(update: Any) -> AnyUpdate | None:
    name = update.__class__.__name__
    pts = _int(getattr(update, "pts", None))
    if name in {"UpdateNewChannelMessage", "UpdateEditChannelMessage"}:
        channel_id = getattr(getattr(update.message, "peer_id", None), "channel_id", None)
        if channel_id is None:
            return None
        kind = NewMessages if name == "UpdateNewChannelMessage" else EditedMessages
        return kind(channel_id, (parse_message(update.message),), pts)
    if name == "UpdateDeleteChannelMessages":
        return DeletedMessages(update.channel_id, tuple(update.messages), pts)
    if name == "UpdateChannelTooLong":
        return ChannelTooLong(update.channel_id, pts)
    return None


def parse_difference(tl: Any, *, channel_tg_id: int) -> ChannelDifference:
    """updates.channelDifference, …Empty or …TooLong. The updates inside carry no pts of their own: take the whole's."""
    name = tl.__class__.__name__
    timeout = _int(getattr(tl, "timeout", None))
    final = bool(getattr(tl, "final", None))
    if name == "ChannelDifferenceTooLong":
        pts = _int(getattr(getattr(tl, "dialog", None), "pts", None))
        # A dialog without pts does not come from Telegram; 1 asks for everything again.
        return ChannelDifference(updates=(), pts=pts or 1, final=final, too_long=True, timeout=timeout)
    updates: list[AnyUpdate] = []
    if new_messages := getattr(tl, "new_messages", None):
        updates.append(NewMessages(channel_tg_id, parse_messages(new_messages)))
    for other in getattr(tl, "other_updates", None) or ():
        updates.extend(_each(other))
    return ChannelDifference(updates=tuple(updates), pts=tl.pts, final=final, too_long=False, timeout=timeout)
