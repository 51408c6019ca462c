"""Entities, references and hashtags."""

from typing import Any

import pytest
from telethon.tl import types

from mtproto.parsing.text import link_reference, parse_entities, telegram_target
from mtproto.records import Entity, Reference, ReferenceKind


def place(text: str, words: str) -> tuple[int, int]:
    """Offset and length of `words` in `text`, in UTF-16 code units."""
    before = text[: text.index(words)]
    return len(before.encode("utf-16-le")) // 2, len(words.encode("utf-16-le")) // 2


def entity(kind: Any, text: str, words: str, **values: Any) -> Any:
    offset, length = place(text, words)
    return kind(offset, length, **values)


def test_references_and_hashtags_are_cut_by_utf16_units() -> None:
    text = "😀😀 See @Durov and https://t.me/Telegram/123 #Тест #test@durov #ТЕСТ or 👉 example.com/x"
    entities = [
        entity(types.MessageEntityMention, text, "@Durov"),
        entity(types.MessageEntityUrl, text, "https://t.me/Telegram/123"),
        entity(types.MessageEntityHashtag, text, "#Тест"),
        entity(types.MessageEntityHashtag, text, "#test@durov"),
        entity(types.MessageEntityHashtag, text, "#ТЕСТ"),
        entity(types.MessageEntityUrl, text, "example.com/x"),
    ]

    _, references, hashtags = parse_entities(text, entities)

    assert references == (
        Reference(ReferenceKind.MENTION, username="durov"),
        Reference(ReferenceKind.MENTION, "https://t.me/Telegram/123", "telegram", 123),
        Reference(ReferenceKind.LINK, "example.com/x"),
    )
    assert hashtags == ("тест", "test")


def test_hidden_link_keeps_its_target() -> None:
    kept, references, _ = parse_entities("word", [types.MessageEntityTextUrl(0, 4, url="https://t.me/name?start=1")])

    assert kept == (Entity("text_url", 0, 4, "https://t.me/name?start=1"),)
    assert references == (Reference(ReferenceKind.HIDDEN_LINK, "https://t.me/name?start=1", "name"),)


def test_same_link_twice_is_one_reference() -> None:
    entities = [types.MessageEntityTextUrl(0, 1, url="https://a.example")] * 2

    assert len(parse_entities("ab", entities)[1]) == 1


def test_custom_emoji_keeps_its_id() -> None:
    assert parse_entities("x", [types.MessageEntityCustomEmoji(0, 1, document_id=77)])[0] == (
        Entity("custom_emoji", 0, 1, "tg://emoji?id=77"),
    )


def test_person_named_by_id_is_no_reference() -> None:
    kept, references, _ = parse_entities("Ann", [types.MessageEntityMentionName(0, 3, user_id=5)])

    assert (kept, references) == ((Entity("mention_name", 0, 3),), ())


def test_entity_beyond_the_text_refers_to_nothing() -> None:
    entities = [types.MessageEntityMention(50, 5), types.MessageEntityUrl(-3, 2), types.MessageEntityHashtag(0, 0)]

    assert parse_entities("short", entities)[1:] == ((), ())


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("t.me/name", ("name", None)),
        ("https://T.me/Name/42", ("name", 42)),
        ("http://telegram.me/name/42?single", ("name", 42)),
        ("https://t.me/s/name/42", ("name", 42)),
        ("https://t.me/name/7/42", ("name", 42)),
        ("https://name.t.me/42", ("name", 42)),
        ("tg://resolve?domain=Name&post=42", ("name", 42)),
        ("tg://join?invite=abc", (None, None)),
        ("https://t.me/+AbCdEf12345", (None, None)),
        ("https://t.me/joinchat/AbCdEf12345", (None, None)),
        ("https://t.me/c/12345/6", (None, None)),
        ("https://t.me/addstickers/set", (None, None)),
        ("https://t.me/", (None, None)),
        ("https://not-t.me/name", (None, None)),
        ("https://t.me.evil.example/name", (None, None)),
        ("https://[t.me/name", (None, None)),
        ("https://xn--t-7sbb.xn--p1ai/t.me", (None, None)),
        ("https://t.me/name/999999999999999999999", ("name", None)),
    ],
)
def test_target_of_link_is_found_or_left_open(url: str, target: tuple[str | None, int | None]) -> None:
    assert telegram_target(url) == target


def test_endless_url_is_cut() -> None:
    reference = link_reference("https://example.com/" + "x" * 100_000, hidden=True)

    assert reference.url is not None
    assert len(reference.url) == 2048
