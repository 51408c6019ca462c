"""One message of a preview page as a record."""

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from channels_app.importers.formatting import Formatted
from channels_app.importers.values import EARLIEST, MAX_MESSAGE_ID, abbreviated
from channels_app.preview.text import read_text
from channels_app.preview.tree import Node
from mtproto.records import Counters, ForwardHeader, MediaKind, MessageRecord, PollRecord, ServiceRecord

_POST = re.compile(r"([A-Za-z0-9_]{1,64})/(\d{1,10})")
# The first class that is found decides; a poll may come with a picture, a picture with a link.
_MEDIA = (
    ("tgme_widget_message_poll", MediaKind.POLL),
    ("tgme_widget_message_grouped_wrap", MediaKind.PHOTO),
    ("tgme_widget_message_roundvideo_player", MediaKind.ROUND_VIDEO),
    ("tgme_widget_message_video_player", MediaKind.VIDEO),
    ("tgme_widget_message_voice_player", MediaKind.VOICE),
    ("tgme_widget_message_sticker_wrap", MediaKind.STICKER),
    ("tgme_widget_message_document_wrap", MediaKind.DOCUMENT),
    ("tgme_widget_message_photo_wrap", MediaKind.PHOTO),
    ("tgme_widget_message_location_wrap", MediaKind.GEO),
    ("tgme_widget_message_contact_wrap", MediaKind.CONTACT),
    ("tgme_widget_message_game_wrap", MediaKind.GAME),
    ("tgme_widget_message_invoice_wrap", MediaKind.INVOICE),
    ("tgme_widget_message_link_preview", MediaKind.WEB_PAGE),
    ("message_media_not_supported_wrap", MediaKind.OTHER),
)
_GROUPED = {
    "tgme_widget_message_video_player": MediaKind.VIDEO,
    "tgme_widget_message_document_wrap": MediaKind.DOCUMENT,
}
_ACTIONS = (
    ("pinned", "pin_message"),
    ("channel created", "channel_create"),
    ("photo", "chat_edit_photo"),
    ("name", "chat_edit_title"),
    ("live stream", "group_call"),
    ("video chat", "group_call"),
)


def read_message(node: Node) -> tuple[MessageRecord | ServiceRecord | None, tuple[int, ...]]:
    """The record, and the ids of all items that the node shows (an album has several). None for what is no message."""
    match = _POST.fullmatch(node.get("data-post"))
    date = _date(node)
    if match is None or date is None or not 1 <= int(match[2]) <= MAX_MESSAGE_ID:
        return None, ()
    username, number = match[1].lower(), int(match[2])
    if "service_message" in node.classes:
        return ServiceRecord(number, date, _action(node)), (number,)
    reply = node.first("tgme_widget_message_reply")
    body = _body(node, reply)
    author = node.first("tgme_widget_message_from_author")
    items = _items(node, username, number)
    record = MessageRecord(
        message_id=number,
        date=date,
        text=body.text,
        counters=_counters(node),
        entities=body.entities,
        references=body.references,
        hashtags=body.hashtags,
        media_kind=_media(node),
        forward=_forward(node),
        reply_to=_linked_post(reply.get("href"), username) if reply else None,
        post_author=author.text() or None if author else None,
        poll=_poll(node),
    )
    return record, items


def _date(node: Node) -> datetime | None:
    for found in node.walk():
        if found.tag == "time" and found.get("datetime"):
            try:
                moment = datetime.fromisoformat(found.get("datetime"))
            except ValueError:
                return None
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
            return moment if moment >= EARLIEST else None
    return None


def _action(node: Node) -> str:
    text = " ".join(found.text() for found in node.all("tgme_widget_message_text")).lower()
    return next((action for words, action in _ACTIONS if words in text), "unknown")


def _body(node: Node, reply: Node | None) -> Formatted:
    quoted = set(map(id, reply.walk())) if reply else set()
    for found in node.all("tgme_widget_message_text"):
        if id(found) not in quoted and "js-message_reply_text" not in found.classes:
            return read_text(found)
    return Formatted()


def _counters(node: Node) -> Counters:
    views = _number(node.first("tgme_widget_message_views"))
    reactions, abbreviated_reactions = _reactions(node)
    approximate = abbreviated_reactions or bool(views and views[1])
    return Counters(views=views[0] if views else None, reactions=reactions, approximate=approximate)


def _number(node: Node | None) -> tuple[int, bool] | None:
    return abbreviated(node.text()) if node else None


def _reactions(node: Node) -> tuple[dict[str, int] | None, bool]:
    """Reactions by kind, and whether one was abbreviated. None when the page shows none: they may be hidden."""
    counts: dict[str, int] = {}
    approximate = False
    for found in node.all("tgme_reaction"):
        emoji = found.first("emoji")
        custom = next((n.get("emoji-id") for n in found.walk() if n.tag == "tg-emoji" and n.get("emoji-id")), None)
        count = abbreviated(found.text().removeprefix(emoji.text() if emoji else ""))
        if count is None:
            continue
        if "tgme_reaction_paid" in found.classes:
            kind = "paid"
        else:
            kind = f"custom:{custom[:24]}" if custom else (emoji.text()[:16] if emoji else "custom:unknown")
        counts[kind] = counts.get(kind, 0) + count[0]
        approximate = approximate or count[1]
    return (counts or None), approximate


def _media(node: Node) -> MediaKind:
    wanted = dict(_MEDIA)
    present = {name for found in node.walk() for name in found.classes if name in wanted}
    kind = next((kind for name, kind in _MEDIA if name in present), MediaKind.NONE)
    if "tgme_widget_message_grouped_wrap" in present and kind is MediaKind.PHOTO:
        item = node.first("grouped_media_wrap")
        return next((_GROUPED[name] for name in (item.classes if item else ()) if name in _GROUPED), kind)
    if kind is MediaKind.DOCUMENT:
        icon = node.first("tgme_widget_message_document_icon")
        return MediaKind.AUDIO if icon and "audio" in icon.classes else kind
    return kind


def _items(node: Node, username: str, number: int) -> tuple[int, ...]:
    """Ids of an album's items: each links to itself."""
    links = (found.get("href") for found in node.all("grouped_media_wrap"))
    ids = {linked for href in links if (linked := _linked_post(href, username))}
    return tuple(sorted(ids | {number}))


def _linked_post(href: str, username: str) -> int | None:
    """The id of a post of this channel that a link leads to."""
    try:
        path = [part for part in urlsplit(href).path.split("/") if part]
    except ValueError:
        return None
    if len(path) < 2 or path[-2].lower() != username:  # noqa: PLR2004 - username and id
        return None
    text = path[-1]
    found = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0  # noqa: PLR2004 - digits of 2³¹
    return found if 1 <= found <= MAX_MESSAGE_ID else None


def _forward(node: Node) -> ForwardHeader | None:
    name = node.first("tgme_widget_message_forwarded_from_name")
    if name is None:
        return ForwardHeader() if node.first("tgme_widget_message_forwarded_from") else None
    try:
        path = [part for part in urlsplit(name.get("href")).path.split("/") if part]
    except ValueError:
        path = []
    origin = _linked_post(name.get("href"), path[-2].lower()) if len(path) > 1 else None
    return ForwardHeader(from_name=name.text() or None, message_id=origin)


def _poll(node: Node) -> PollRecord | None:
    poll = node.first("tgme_widget_message_poll")
    if poll is None:
        return None
    question, kind = poll.first("tgme_widget_message_poll_question"), poll.first("tgme_widget_message_poll_type")
    voters = _number(node.first("tgme_widget_message_voters"))
    return PollRecord(
        question=question.text() if question else "",
        # The page tells percentages only.
        options=tuple((option.text(), None) for option in poll.all("tgme_widget_message_poll_option_text")),
        total_voters=voters[0] if voters else None,
        closed=bool(kind and "final" in kind.text().lower()),
    )
