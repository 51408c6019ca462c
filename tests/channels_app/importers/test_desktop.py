"""Telegram Desktop exports: what is read, what is chosen, what is refused."""

import io
import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from channels_app.importers.findings import Findings, Note
from channels_app.importers.reading import ReadOptions, open_reading
from channels_app.importers.refusal import ImportRefused
from mtproto.records import Counters, Entity, MediaKind, MessageRecord, PollRecord, Reference, ReferenceKind
from tests.channels_app.importers.exports import desktop_chat, desktop_message
from tests.channels_app.importers.places import NOW


def read(value: Any, **options: Any) -> tuple[list[Any], Findings]:
    opened = open_reading(
        io.BytesIO(json.dumps(value).encode()), name="result.json", options=ReadOptions(now=NOW, **options)
    )
    return list(opened.reading), opened.reading.findings


def read_one(**changes: Any) -> Any:
    (record,), _findings = read(desktop_chat([desktop_message(7, **changes)]))
    return record


def test_message_with_all_that_exports_tell() -> None:
    record = read_one(
        text="ignored where text_entities are",
        text_entities=[
            {"type": "plain", "text": "👍 "},
            {"type": "bold", "text": "жирно"},
            {"type": "plain", "text": " "},
            {"type": "text_link", "text": "тут", "href": "https://t.me/Other/15"},
            {"type": "mention", "text": "@SomeOne"},
            {"type": "hashtag", "text": "#Тег"},
        ],
        edited_unixtime="1704103200",
        author="Редактор",
        reply_to_message_id=3,
        photo="(File not included. Change data exporting settings to download.)",
        forwarded_from="Другой канал",
        reactions=[
            {"type": "emoji", "count": 5, "emoji": "🔥"},
            {"type": "custom_emoji", "count": 2, "document_id": "5368324170671202286"},
            {"type": "paid", "count": 9},
        ],
    )

    assert record.text == "👍 жирно тут@SomeOne#Тег"
    assert record.entities == (
        Entity("bold", 3, 5),
        Entity("text_url", 9, 3, "https://t.me/Other/15"),
        Entity("mention", 12, 8),
        Entity("hashtag", 20, 4),
    )
    assert record.references == (
        Reference(ReferenceKind.HIDDEN_LINK, "https://t.me/Other/15", "other", 15),
        Reference(ReferenceKind.MENTION, username="someone"),
    )
    assert record.hashtags == ("тег",)
    assert record.counters == Counters(reactions={"🔥": 5, "custom:5368324170671202286": 2, "paid": 9})
    assert (record.media_kind, record.reply_to, record.post_author) == (MediaKind.PHOTO, 3, "Редактор")
    assert record.edit_date == datetime(2024, 1, 1, 10, tzinfo=UTC)
    assert record.forward.from_name == "Другой канал"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("просто текст", "просто текст"),
        ("", ""),
        (["a ", {"type": "bold", "text": "b"}, " c"], "a b c"),
        ([], ""),
        ([{"type": "link"}, 5, None, "x"], "x"),
    ],
)
def test_text_of_older_exports(text: Any, wanted: str) -> None:
    assert read_one(text=text, text_entities=None).text == wanted


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"media_type": "sticker", "file": "x"}, MediaKind.STICKER),
        ({"media_type": "video_message"}, MediaKind.ROUND_VIDEO),
        ({"media_type": "voice_message"}, MediaKind.VOICE),
        ({"media_type": "animation"}, MediaKind.ANIMATION),
        ({"media_type": "video_file"}, MediaKind.VIDEO),
        ({"media_type": "audio_file"}, MediaKind.AUDIO),
        ({"file": "files/a.pdf"}, MediaKind.DOCUMENT),
        ({"location_information": {}}, MediaKind.GEO),
        ({"contact_information": {}}, MediaKind.CONTACT),
        ({"poll": {"question": "?", "answers": []}}, MediaKind.POLL),
        ({}, MediaKind.NONE),
    ],
)
def test_media_kind(fields: dict[str, Any], kind: MediaKind) -> None:
    assert read_one(**fields).media_kind is kind


def test_poll_whose_votes_are_hidden_tells_none() -> None:
    answers = [{"text": "да", "voters": 0, "chosen": False}, {"text": "нет", "voters": 0, "chosen": False}]

    record = read_one(poll={"question": "?", "closed": False, "total_voters": 12, "answers": answers})

    assert record.poll == PollRecord("?", (("да", None), ("нет", None)), 12, closed=False)


def test_missing_reactions_are_unknown() -> None:
    assert read_one(reactions=None).counters == Counters()


def test_local_dates_are_read_in_the_zone_and_noted() -> None:
    message = desktop_message(1, date="2024-01-01T12:00:00", date_unixtime=None)

    in_zone, noted = read(desktop_chat([message]), zone=ZoneInfo("Asia/Tashkent"))
    in_utc, _noted = read(desktop_chat([message]))

    assert in_zone[0].date == datetime(2024, 1, 1, 7, tzinfo=UTC)
    assert in_utc[0].date == datetime(2024, 1, 1, 12, tzinfo=UTC)
    assert noted.notes[Note.LOCAL_DATES] == 1


def test_service_messages_tell_the_title_and_are_no_posts() -> None:
    service = desktop_message(2, type="service", action="edit_group_title", title="Новое имя")

    records, findings = read(desktop_chat([desktop_message(1), service]))

    assert [type(record) is MessageRecord for record in records] == [True, False]
    assert (findings.messages, findings.service_messages, findings.title) == (1, 1, "Новое имя")


def full_export(*chats: dict[str, Any]) -> dict[str, Any]:
    return {
        "about": "…",
        "personal_information": {"user_id": 1},
        "contacts": {"list": [{"x": 1}]},
        "chats": {"about": "…", "list": list(chats)},
    }


CHANNEL = desktop_chat([desktop_message(1)])
OTHER = desktop_chat([desktop_message(2)], name="Другой", id=77)
PERSON = desktop_chat([desktop_message(3, id=-5)], name="Иван", type="personal_chat", id=5)


def test_full_export_takes_the_only_channel() -> None:
    records, _findings = read(full_export(PERSON, CHANNEL))

    assert [record.message_id for record in records] == [1]


@pytest.mark.parametrize("wanted", ["77", "-1000000000077", "другой"])
def test_full_export_takes_the_chat_that_is_named(wanted: str) -> None:
    records, _findings = read(full_export(PERSON, CHANNEL, OTHER), chat=wanted)

    assert [record.message_id for record in records] == [2]


def test_full_export_lists_the_channels_when_it_is_not_clear() -> None:
    with pytest.raises(ImportRefused) as refused:
        read(full_export(PERSON, CHANNEL, OTHER))

    assert "77  Другой" in str(refused.value)
    assert "1234567  Канал" in str(refused.value)
    assert "Иван" not in str(refused.value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (desktop_chat([], type="private_supergroup"), "not a channel"),
        (full_export(PERSON), "not a channel"),
        ({"hello": 1}, "no Telegram Desktop export"),
        ({}, "no Telegram Desktop export"),
        (desktop_chat([desktop_message(1), 5]), "Message 2 of the export"),
        (desktop_chat([desktop_message(-3)]), "message id -3"),
        (desktop_chat([desktop_message(2**31)]), "message id"),
        (desktop_chat([desktop_message(1, date_unixtime="1")]), "before Telegram"),
        (desktop_chat([desktop_message(1, date_unixtime="9999999999")]), "future"),
        (desktop_chat([desktop_message(1, date_unixtime="soon")]), "not a date"),
    ],
)
def test_refusals_name_the_reason(value: Any, words: str) -> None:
    with pytest.raises(ImportRefused, match=words):
        read(value)


def test_chat_that_is_not_there_is_refused_with_the_list() -> None:
    with pytest.raises(ImportRefused, match=r"no such chat(.|\n)*77  Другой"):
        read(full_export(CHANNEL, OTHER), chat="Третий")


def test_type_and_id_may_follow_the_messages() -> None:
    value = {"messages": [desktop_message(1)], "name": "Канал", "type": "public_channel", "id": 8}

    records, _findings = read(value)

    assert len(records) == 1
