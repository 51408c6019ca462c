"""A saved or fetched preview page becomes records. Pure.

Counters are abbreviated ("37.2K") and then marked approximate; forwards and replies are not told at all. An album is
one node under its first item's id.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from channels_app.importers.values import EARLIEST, MAX_MESSAGE_ID, abbreviated
from channels_app.preview.message import read_message
from channels_app.preview.text import read_text
from channels_app.preview.tree import Node, TooDeep, parse_tree
from mtproto.records import MessageRecord, ServiceRecord

_SUBSCRIBED = frozenset({"subscriber", "subscribers", "member", "members"})
_EXTRA = re.compile(r"([\d\s\u00a0]+)\s(subscribers?|members?)")
_MARK = 1_000_000_000_000


class Unavailable(StrEnum):
    """Why a page tells no posts."""

    PREVIEW_OFF = "preview_off"  # a channel that shows itself only in the app (or whose page leads there)
    NOT_FOUND = "not_found"  # nobody has this name, or only people can be written to under it
    NOT_A_CHANNEL = "not_a_channel"  # a group, a bot or a person
    UNREADABLE = "unreadable"  # no page of Telegram's that we know


class PreviewUnavailable(Exception):
    """The page shows no posts. `channel` holds what it tells about the channel nevertheless."""

    def __init__(self, reason: Unavailable, message: str, *, channel: "PreviewChannel | None" = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.channel = channel


@dataclass(frozen=True, slots=True)
class PreviewChannel:
    """A channel's facts as its page shows them. None: not shown."""

    username: str | None
    title: str
    about: str | None = None
    subscribers: int | None = None
    subscribers_approximate: bool = False
    is_verified: bool = False
    tg_id: int | None = None


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """A page: posts in its order, and the id before which the next older page begins (None: this is the oldest).

    `albums`: the ids of all items that are shown, by the id of the post. `channel` is None for a piece of a page.
    """

    channel: PreviewChannel | None
    messages: tuple[MessageRecord | ServiceRecord, ...]
    before: int | None
    albums: Mapping[int, tuple[int, ...]]
    served_at: datetime | None = None


def parse_page(html: str) -> PreviewPage:
    """Read a page or a piece of one. Raises PreviewUnavailable."""
    try:
        root = parse_tree(html)
    except (TooDeep, AssertionError):
        raise PreviewUnavailable(Unavailable.UNREADABLE, "This is no page of Telegram's.") from None
    nodes = [node for node in root.all("tgme_widget_message") if node.get("data-post")]
    if not nodes and root.first("tgme_channel_info") is None:
        raise _unavailable(root)
    messages: dict[int, MessageRecord | ServiceRecord] = {}
    albums: dict[int, tuple[int, ...]] = {}
    for node in nodes:
        record, items = read_message(node)
        if record is not None:
            messages[record.message_id] = record
            if len(items) > 1:
                albums[record.message_id] = items
    tg_id, served_at = _view(nodes)
    return PreviewPage(
        channel=_channel(root, tg_id),
        messages=tuple(messages.values()),
        before=_before(root),
        albums=albums,
        served_at=served_at,
    )


def _channel(root: Node, tg_id: int | None) -> PreviewChannel | None:
    info = root.first("tgme_channel_info")
    if info is None:
        return None
    title = info.first("tgme_channel_info_header_title")
    name = info.first("tgme_channel_info_header_username")
    about = info.first("tgme_channel_info_description")
    subscribers = _subscribers(info)
    return PreviewChannel(
        username=name.text().removeprefix("@").lower() or None if name else None,
        title=title.text()[:255] if title else "",
        about=read_text(about).text or None if about else None,
        subscribers=subscribers[0] if subscribers else None,
        subscribers_approximate=bool(subscribers and subscribers[1]),
        is_verified=info.first("verified-icon") is not None,
        tg_id=tg_id,
    )


def _subscribers(info: Node) -> tuple[int, bool] | None:
    for counter in info.all("tgme_channel_info_counter"):
        value, kind = counter.first("counter_value"), counter.first("counter_type")
        if value and kind and kind.text() in _SUBSCRIBED:
            return abbreviated(value.text())
    return None


def _before(root: Node) -> int | None:
    more = next((node for node in root.all("tme_messages_more") if node.get("data-before")), None)
    text = more.get("data-before") if more else ""
    return int(text) if text.isascii() and text.isdigit() and 1 < int(text[:12]) <= MAX_MESSAGE_ID else None


def _view(nodes: list[Node]) -> tuple[int | None, datetime | None]:
    """The channel's bare id and the moment the page was served, from the token that counts a post's views."""
    token = next((node.get("data-view") for node in nodes if node.get("data-view")), "")
    try:
        values = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        number, seconds = -int(values["c"]), int(values["t"])
        served_at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, KeyError, TypeError, OverflowError, OSError, binascii.Error, RecursionError):
        return None, None
    if number > _MARK:
        number -= _MARK
    return (number if 0 < number < _MARK else None), (served_at if served_at >= EARLIEST else None)


def _unavailable(root: Node) -> PreviewUnavailable:
    """Why a page of the other kind (“View in Telegram”) shows no posts."""
    if root.first("tgme_page") is None:
        return PreviewUnavailable(Unavailable.UNREADABLE, "This is no page of Telegram's.")
    title, extra = root.first("tgme_page_title"), root.first("tgme_page_extra")
    about = root.first("tgme_page_description")
    told = extra.text() if extra else ""
    if title is None or not told:
        return PreviewUnavailable(Unavailable.NOT_FOUND, "Telegram knows no channel of this name.")
    match = _EXTRA.fullmatch(told)
    if match is None:
        return PreviewUnavailable(Unavailable.NOT_A_CHANNEL, "This name belongs to a group, a bot or a person.")
    count = abbreviated(match[1])
    channel = PreviewChannel(
        username=None,
        title=title.text()[:255],
        about=read_text(about).text or None if about else None,
        subscribers=count[0] if count else None,
    )
    return PreviewUnavailable(
        Unavailable.PREVIEW_OFF, "The channel shows its posts only in Telegram's own apps.", channel=channel
    )


__all__ = ["PreviewChannel", "PreviewPage", "PreviewUnavailable", "Unavailable", "parse_page"]
