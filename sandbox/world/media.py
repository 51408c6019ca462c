"""Attachments that look real and hold nothing: photos, documents, polls, previews."""

from __future__ import annotations

import hashlib
from typing import Any

from sandbox.tl import types

KINDS = ("photo", "video", "document", "voice", "audio", "gif", "round", "sticker", "poll", "webpage")
_MIME = {
    "video": "video/mp4",
    "gif": "video/mp4",
    "round": "video/mp4",
    "document": "application/pdf",
    "voice": "audio/ogg",
    "audio": "audio/mpeg",
    "sticker": "image/webp",
}


def _number(*parts: object) -> int:
    digest = hashlib.sha256(":".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "little", signed=True)


def make_media(kind: str, key: str, *, date: int, poll: dict[str, Any] | None = None, url: str = "") -> Any:
    """The TL media of a kind; *key* makes its ids stable. Raises ``ValueError`` for an unknown kind."""
    if kind == "photo":
        return types.MessageMediaPhoto(photo=_photo(key, date))
    if kind == "poll":
        return _poll(key, poll or {})
    if kind == "webpage":
        address = url or "https://example.com/"
        page = types.WebPage(
            id=_number(key, "page"),
            url=address,
            display_url=address.removeprefix("https://"),
            hash=0,
            type="article",
            site_name="Example",
            title="Example",
        )
        return types.MessageMediaWebPage(webpage=page)
    if kind in _MIME:
        return types.MessageMediaDocument(
            document=_document(kind, key, date),
            video=kind == "video",
            round=kind == "round",
            voice=kind == "voice",
        )
    raise ValueError(f"unknown media {kind!r}; known: {', '.join(KINDS)}")


def _photo(key: str, date: int) -> Any:
    sizes = [
        types.PhotoSize(type="m", w=320, h=213, size=16_000),
        types.PhotoSize(type="x", w=800, h=533, size=80_000),
        types.PhotoSizeProgressive(type="y", w=1280, h=853, sizes=[17_000, 56_000, 92_000, 156_000]),
    ]
    return types.Photo(
        id=_number(key, "photo"),
        access_hash=_number(key, "hash"),
        file_reference=b"\x02sandbox",
        date=date,
        sizes=sizes,
        dc_id=2,
    )


def _document(kind: str, key: str, date: int) -> Any:
    attributes: list[Any] = []
    if kind in ("video", "gif", "round"):
        attributes.append(types.DocumentAttributeVideo(duration=17.0, w=640, h=640, round_message=kind == "round"))
    if kind == "gif":
        attributes.append(types.DocumentAttributeAnimated())
    if kind in ("voice", "audio"):
        attributes.append(types.DocumentAttributeAudio(duration=31, voice=kind == "voice"))
    if kind == "sticker":
        attributes.append(types.DocumentAttributeSticker(alt="👍", stickerset=types.InputStickerSetEmpty()))
    if kind in ("document", "audio"):
        attributes.append(types.DocumentAttributeFilename(file_name=f"{kind}.{_MIME[kind].rpartition('/')[2]}"))
    return types.Document(
        id=_number(key, kind),
        access_hash=_number(key, "hash"),
        file_reference=b"\x02sandbox",
        date=date,
        mime_type=_MIME[kind],
        size=1_234_567,
        dc_id=2,
        attributes=attributes,
    )


def _poll(key: str, poll: dict[str, Any]) -> Any:
    """*poll*: question, answers (texts), voters (numbers, as many as answers), quiz, multiple, closed."""
    answers = [str(a) for a in poll.get("answers") or ["Ha", "Yo‘q"]]
    voters = [int(v) for v in poll.get("voters") or []]
    options = [str(i).encode() for i in range(len(answers))]
    results = [
        types.PollAnswerVoters(option=option, voters=count, recent_voters=[])
        for option, count in zip(options, voters, strict=False)
    ]
    return types.MessageMediaPoll(
        poll=types.Poll(
            id=_number(key, "poll"),
            question=types.TextWithEntities(text=str(poll.get("question", "?")), entities=[]),
            answers=[
                types.PollAnswer(text=types.TextWithEntities(text=text, entities=[]), option=option)
                for text, option in zip(answers, options, strict=True)
            ],
            hash=0,
            quiz=bool(poll.get("quiz")),
            multiple_choice=bool(poll.get("multiple")),
            closed=bool(poll.get("closed")),
        ),
        results=types.PollResults(results=results or None, total_voters=sum(voters)),
    )
