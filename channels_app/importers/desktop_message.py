"""One message of a Telegram Desktop export as a record."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from channels_app.importers.findings import Note
from channels_app.importers.formatting import Formatted, Piece, join_pieces
from channels_app.importers.refusal import BadValue
from channels_app.importers.values import (
    MAX_MESSAGE_ID,
    Context,
    clean_text,
    counter,
    message_id,
    moment,
    objects,
    optional_id,
    optional_moment,
    optional_text,
    reaction_counts,
    whole,
)
from mtproto.records import Counters, ForwardHeader, MediaKind, MessageRecord, PollRecord, ServiceRecord

_MEDIA_TYPES = {
    "sticker": MediaKind.STICKER,
    "video_message": MediaKind.ROUND_VIDEO,
    "voice_message": MediaKind.VOICE,
    "animation": MediaKind.ANIMATION,
    "video_file": MediaKind.VIDEO,
    "audio_file": MediaKind.AUDIO,
}
# Keys that tell the media where there is no media_type; the first that is there counts.
_MEDIA_KEYS = (
    ("poll", MediaKind.POLL),
    ("photo", MediaKind.PHOTO),
    ("location_information", MediaKind.GEO),
    ("contact_information", MediaKind.CONTACT),
    ("giveaway_information", MediaKind.GIVEAWAY),
    ("giveaway_results", MediaKind.GIVEAWAY),
    ("invoice_information", MediaKind.INVOICE),
    ("game_title", MediaKind.GAME),
    ("story_id", MediaKind.STORY),
    ("file", MediaKind.DOCUMENT),
    ("paid_stars_amount", MediaKind.OTHER),
)
# The export's words where they differ from Telegram's type names.
_KINDS = {"plain": "", "unknown": "", "link": "url", "text_link": "text_url", "strikethrough": "strike"}
_KIND_LIMIT = 40
_URL_LIMIT = 2048


def read_message(value: object, context: Context) -> MessageRecord | ServiceRecord:
    """The record of one message. Raises BadValue when its id or date cannot be."""
    if not isinstance(value, dict):
        raise BadValue("it is not an object")
    number = message_id(value.get("id"))
    date = moment(value.get("date_unixtime") or value.get("date"), context)
    kind = value.get("type")
    if kind == "service":
        action = optional_text(value.get("action"), context) or "unknown"
        if action in {"edit_group_title", "create_channel"} and isinstance(value.get("title"), str):
            context.findings.offer_title(clean_text(value["title"], context), message_id=number)
        return ServiceRecord(number, date, action[:_KIND_LIMIT])
    if kind != "message":
        # Telegram Desktop could not tell what this post holds ("unsupported"); that it was posted is known.
        context.findings.notes[Note.UNSUPPORTED] += 1
        return MessageRecord(number, date, media_kind=MediaKind.OTHER)
    body = read_text(value, context)
    return MessageRecord(
        message_id=number,
        date=date,
        text=body.text,
        counters=Counters(reactions=_reactions(value.get("reactions"), context)),
        entities=body.entities,
        references=body.references,
        hashtags=body.hashtags,
        media_kind=media_kind(value),
        forward=_forward(value, context),
        reply_to=_reply_to(value, context),
        edit_date=_edited(value, context),
        post_author=optional_text(value.get("author"), context),
        poll=_poll(value.get("poll"), context),
    )


def _edited(value: dict[str, Any], context: Context) -> datetime | None:
    edited = value.get("edited_unixtime") or value.get("edited")
    # Old programs wrote the beginning of the epoch, in local time, for "never".
    if isinstance(edited, str) and edited.startswith(("1970-01-01", "1969-12-31")):
        return None
    return optional_moment(edited, context)


def read_text(value: dict[str, Any], context: Context) -> Formatted:
    """The text with its formatting, from `text_entities`, or from `text` in exports older than that."""
    pieces = value.get("text_entities") or value.get("text")
    if isinstance(pieces, str):
        return Formatted(clean_text(pieces, context))
    return join_pieces(_pieces(pieces, context)) if isinstance(pieces, list) else Formatted()


def _pieces(parts: list[Any], context: Context) -> Iterator[Piece]:
    for part in parts:
        if isinstance(part, str):
            yield Piece(clean_text(part, context))
        elif isinstance(part, dict) and isinstance(part.get("text"), str):
            kind = str(part.get("type", ""))[:_KIND_LIMIT]
            kind = _KINDS.get(kind, clean_text(kind, context))
            yield Piece(clean_text(part["text"], context), kind, _url(part, kind, context))


def _url(part: dict[str, Any], kind: str, context: Context) -> str | None:
    if kind == "text_url":
        return (optional_text(part.get("href"), context) or "")[:_URL_LIMIT] or None
    if kind == "custom_emoji" and whole(part.get("document_id")):
        return f"tg://emoji?id={whole(part.get('document_id'))}"
    return None


def media_kind(value: dict[str, Any]) -> MediaKind:
    """What the message carries."""
    kind = value.get("media_type")
    if isinstance(kind, str) and kind:
        return _MEDIA_TYPES.get(kind, MediaKind.OTHER)
    return next((found for key, found in _MEDIA_KEYS if key in value), MediaKind.NONE)


def _reactions(value: object, context: Context) -> dict[str, int] | None:
    """Reactions by kind; None when the export has no list of them (older programs never have)."""
    if not isinstance(value, list):
        return None
    return reaction_counts([(_reaction_kind(item, context), item.get("count")) for item in objects(value)], context)


def _reaction_kind(item: dict[str, Any], context: Context) -> str:
    kind = item.get("type")
    if kind == "paid":
        return "paid"
    if kind == "emoji" and (emoji := optional_text(item.get("emoji"), context)):
        return emoji[:_KIND_LIMIT]
    number = whole(item.get("document_id"))
    if kind == "custom_emoji" and number and number > 0:
        return f"custom:{number}"
    # The export names the picture's file instead of its id, or neither.
    context.findings.notes[Note.CUSTOM_REACTIONS_UNNAMED] += 1
    return "custom:unknown"


def _forward(value: dict[str, Any], context: Context) -> ForwardHeader | None:
    if "forwarded_from" not in value and "saved_from" not in value:
        return None
    # A null name is a deleted account: still a forward.
    name = value.get("forwarded_from") or value.get("saved_from")
    origin = value.get("forwarded_from_id")
    tg_id = origin.removeprefix("channel") if isinstance(origin, str) and origin.startswith("channel") else None
    return ForwardHeader(
        date=optional_moment(value.get("forwarded_date_unixtime"), context),
        from_tg_id=optional_id(tg_id, context),
        from_name=optional_text(name, context),
    )


def _reply_to(value: dict[str, Any], context: Context) -> int | None:
    """The message of the same chat that this one answers."""
    if value.get("reply_to_peer_id") is not None:
        return None
    return optional_id(value.get("reply_to_message_id"), context, limit=MAX_MESSAGE_ID)


def _poll(value: object, context: Context) -> PollRecord | None:
    if not isinstance(value, dict):
        return None
    total = counter(value.get("total_voters"), context)
    options = [
        (optional_text(answer.get("text"), context) or "", counter(answer.get("voters"), context))
        for answer in objects(value.get("answers"))
    ]
    if total and not any(votes for _text, votes in options):
        # Telegram hides the votes from those who have not voted; the program then writes zeros.
        context.findings.notes[Note.POLL_VOTES_UNKNOWN] += 1
        options = [(text, None) for text, _votes in options]
    return PollRecord(
        question=optional_text(value.get("question"), context) or "",
        options=tuple(options),
        total_voters=total,
        closed=value.get("closed") is True,
    )
