"""What a message carries beside its text: kind of media, and polls."""

from typing import Any

from mtproto.records import MediaKind, PollRecord

_KINDS = {
    "MessageMediaEmpty": MediaKind.NONE,
    "MessageMediaPhoto": MediaKind.PHOTO,
    "MessageMediaWebPage": MediaKind.WEB_PAGE,
    "MessageMediaPoll": MediaKind.POLL,
    "MessageMediaGeo": MediaKind.GEO,
    "MessageMediaGeoLive": MediaKind.GEO,
    "MessageMediaVenue": MediaKind.GEO,
    "MessageMediaContact": MediaKind.CONTACT,
    "MessageMediaStory": MediaKind.STORY,
    "MessageMediaGiveaway": MediaKind.GIVEAWAY,
    "MessageMediaGiveawayResults": MediaKind.GIVEAWAY,
    "MessageMediaInvoice": MediaKind.INVOICE,
    "MessageMediaGame": MediaKind.GAME,
}


def parse_media_kind(media: Any) -> MediaKind:
    """The kind of a message's media; OTHER for kinds we have no word for."""
    if media is None:
        return MediaKind.NONE
    name = media.__class__.__name__
    if name == "MessageMediaDocument":
        return _document_kind(media)
    return _KINDS.get(name, MediaKind.OTHER)


def _document_kind(media: Any) -> MediaKind:
    """A document is told by its attributes; the order matters: a video sticker has a video attribute too."""
    document = getattr(media, "document", None)
    attributes = {a.__class__.__name__: a for a in getattr(document, "attributes", None) or ()}
    video = attributes.get("DocumentAttributeVideo")
    audio = attributes.get("DocumentAttributeAudio")
    mime = getattr(document, "mime_type", None) or ""
    if "DocumentAttributeSticker" in attributes or "DocumentAttributeCustomEmoji" in attributes:
        return MediaKind.STICKER
    if "DocumentAttributeAnimated" in attributes or mime == "image/gif":
        return MediaKind.ANIMATION
    if getattr(media, "round", None) or getattr(video, "round_message", None):
        return MediaKind.ROUND_VIDEO
    if getattr(media, "voice", None) or getattr(audio, "voice", None):
        return MediaKind.VOICE
    # Since layer 186 the media itself says that it is a video, also when the file has gone.
    if video is not None or getattr(media, "video", None):
        return MediaKind.VIDEO
    return MediaKind.AUDIO if audio is not None else MediaKind.DOCUMENT


def parse_poll(media: Any) -> PollRecord | None:
    """The poll of a MessageMediaPoll: votes are None where Telegram hides them."""
    poll = getattr(media, "poll", None)
    if poll is None:
        return None
    results = getattr(media, "results", None)
    votes = {_key(r): _count(getattr(r, "voters", None)) for r in getattr(results, "results", None) or ()}
    answers = getattr(poll, "answers", None) or ()
    return PollRecord(
        question=plain_text(getattr(poll, "question", None)),
        options=tuple((plain_text(getattr(a, "text", None)), votes.get(_key(a))) for a in answers),
        total_voters=_count(getattr(results, "total_voters", None)),
        closed=bool(getattr(poll, "closed", None)),
    )


def plain_text(value: Any) -> str:
    """Text that is a string in older layers and TextWithEntities in newer ones."""
    text = value if isinstance(value, str) else getattr(value, "text", None)
    return text.replace("\x00", "\ufffd") if isinstance(text, str) else ""


def _key(answer: Any) -> bytes:
    """A poll option's bytes; dumps write them as a list of numbers or as text."""
    option = getattr(answer, "option", None)
    if isinstance(option, bytes):
        return option
    return repr(option).encode()


def _count(value: Any) -> int | None:
    return value if type(value) is int else None
