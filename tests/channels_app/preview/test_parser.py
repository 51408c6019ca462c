"""Preview pages: saved ones against what was counted on them beforehand, and made ones for every kind of post."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.preview.parser import PreviewPage, PreviewUnavailable, Unavailable, parse_page
from mtproto.records import (
    Counters,
    Entity,
    ForwardHeader,
    MediaKind,
    MessageRecord,
    PollRecord,
    Reference,
    ReferenceKind,
    ServiceRecord,
)
from tests.channels_app.preview.pages import CONTACT, TEXT, page, post

SAVED = Path(__file__).resolve().parents[4] / "shared" / "data" / "d_tme_html"
needs_data = pytest.mark.skipif(not SAVED.exists(), reason="../shared/data is not here")


def saved(name: str) -> PreviewPage:
    (path,) = SAVED.glob(f"*/{name}.html")
    return parse_page(path.read_text(encoding="utf-8"))


def only(html: str) -> MessageRecord:
    (record,) = parse_page(page([html])).messages
    assert isinstance(record, MessageRecord)
    return record


# Name, number of posts, first and last id, sum of views, first and last date, forwarded posts, kind of the first.
COUNTED = [
    ("full", 12, 70989, 71008, 337_600, "2023-02-28T07:47:53", "2023-02-28T13:14:03", 5, "photo"),
    ("nexta", 18, 13358, 13377, 6_584_900, "2021-02-19T17:39:40", "2021-02-23T08:43:54", 1, "web_page"),
    ("text", 1, 70991, 70991, 33_400, "2023-02-28T08:48:01", "2023-02-28T08:48:01", 0, "none"),
    ("poll", 1, 488, 488, 1_100, "2023-02-27T16:21:02", "2023-02-27T16:21:02", 0, "poll"),
    ("voice", 1, 939, 939, 746, "2018-04-24T15:28:46", "2018-04-24T15:28:46", 1, "voice"),
    ("sticker", 1, 5, 5, 1, "2023-03-01T08:01:50", "2023-03-01T08:01:50", 0, "sticker"),
    ("media_file", 1, 16936, 16936, 171_900, "2022-08-03T19:31:10", "2022-08-03T19:31:10", 1, "document"),
    ("media_photo_and_video", 1, 46908, 46908, 59_500, "2023-02-28T06:48:36", "2023-02-28T06:48:36", 0, "video"),
    ("media_round_video", 1, 3495, 3495, 54_200, "2023-03-01T09:35:31", "2023-03-01T09:35:31", 0, "round_video"),
    ("link_preview", 1, 22360, 22360, 226_200, "2023-02-27T07:33:14", "2023-02-27T07:33:14", 0, "web_page"),
    ("link_preview_video", 1, 11226, 11226, 69_400, "2023-03-01T07:37:02", "2023-03-01T07:37:02", 0, "web_page"),
    ("link_preview_text_only", 1, 22368, 22368, 246_800, "2023-02-27T15:08:05", "2023-02-27T15:08:05", 0, "web_page"),
]  # fmt: skip


@needs_data
@pytest.mark.parametrize("counted", COUNTED, ids=lambda counted: counted[0])
def test_saved_page_equals_what_was_counted_on_it(counted: tuple[Any, ...]) -> None:
    messages = [
        m
        for m in saved(counted[0] if counted[1] > 1 else f"message_{counted[0]}").messages
        if isinstance(m, MessageRecord)
    ]

    assert (
        len(messages),
        messages[0].message_id,
        messages[-1].message_id,
        sum(m.counters.views or 0 for m in messages),
        messages[0].date.isoformat()[:19],
        messages[-1].date.isoformat()[:19],
        sum(m.forward is not None for m in messages),
        messages[0].media_kind.value,
    ) == counted[1:]
    assert all(m.counters.approximate == (m.counters.views not in {746, 1}) for m in messages)


@needs_data
def test_saved_channels_tell_their_facts() -> None:
    older, newer = saved("nexta").channel, saved("full").channel

    assert older is not None
    assert newer is not None
    assert (older.username, older.title, older.subscribers, older.tg_id) == (
        "nexta_live",
        "NEXTA Live",
        1_480_000,
        1413275904,
    )
    assert (newer.username, newer.subscribers, newer.subscribers_approximate) == ("topwar_official", 109_000, True)
    assert (older.about or "").startswith("Крупнейший русскоязычный канал\n\nНаписать нам: @nextamail_bot\n")


@needs_data
def test_saved_pages_tell_albums_and_the_way_on() -> None:
    found = saved("nexta")

    assert (found.before, dict(found.albums)) == (13358, {13373: (13373, 13374, 13375)})
    assert found.served_at == datetime(2021, 2, 23, 9, 54, 24, tzinfo=UTC)


@needs_data
@pytest.mark.parametrize(
    ("name", "reason", "subscribers"),
    [("channel", Unavailable.PREVIEW_OFF, 1_474_933), ("invalid_channel", Unavailable.NOT_FOUND, None)],
)
def test_saved_pages_without_posts_say_why(name: str, reason: Unavailable, subscribers: int | None) -> None:
    with pytest.raises(PreviewUnavailable) as raised:
        saved(name)

    assert raised.value.reason is reason
    assert (raised.value.channel.subscribers if raised.value.channel else None) == subscribers


def test_text_with_formatting() -> None:
    html = TEXT.format(
        '<i class="emoji" style="x"><b>🔥</b></i> <b>жирно<br/><i>оба</i></b> &amp; '
        '<a href="https://t.me/Other/7">тут</a> '
        '<a href="https://t.me/Some_One">@Some_One</a> <a href="?q=%23tag">#Тег</a> '
        '<a href="https://example.com/">example.com</a> '
        '<tg-emoji emoji-id="77"><i class="emoji"><b>👍</b></i></tg-emoji>'
    )

    record = only(post(7, html))

    assert record.text == "🔥 жирно\nоба & тут @Some_One #Тег example.com 👍"
    assert record.entities == (
        Entity("bold", 3, 9),
        Entity("italic", 9, 3),
        Entity("text_url", 15, 3, "https://t.me/Other/7"),
        Entity("mention", 19, 9),
        Entity("hashtag", 29, 4),
        Entity("url", 34, 11),
        Entity("custom_emoji", 46, 2, "tg://emoji?id=77"),
    )
    assert record.references == (
        Reference(ReferenceKind.HIDDEN_LINK, "https://t.me/Other/7", "other", 7),
        Reference(ReferenceKind.MENTION, username="some_one"),
        Reference(ReferenceKind.LINK, "example.com"),
    )
    assert record.hashtags == ("тег",)


def test_answer_quotes_are_no_text() -> None:
    reply = (
        '<a class="tgme_widget_message_reply" href="https://t.me/some_channel/4">'
        '<div class="tgme_widget_message_text js-message_reply_text">quoted</div></a>'
    )

    record = only(post(9, reply + TEXT.format("own words")))

    assert (record.reply_to, record.text) == (4, "own words")


def test_reactions_of_every_kind() -> None:
    reactions = (
        '<div class="tgme_widget_message_reactions js-message_reactions">'
        '<span class="tgme_reaction tgme_reaction_paid"><i class="icon"></i>12</span>'
        '<span class="tgme_reaction"><i class="emoji"><b>👍</b></i>1.5K</span>'
        '<span class="tgme_reaction"><tg-emoji emoji-id="88"><i class="emoji"><b>😎</b></i></tg-emoji>3</span></div>'
    )

    record = only(post(9, views="746", reactions=reactions))

    assert record.counters == Counters(views=746, reactions={"paid": 12, "👍": 1500, "custom:88": 3}, approximate=True)


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        ("746", Counters(views=746)),
        ("37.2K", Counters(views=37_200, approximate=True)),
        ("1.13M", Counters(views=1_130_000, approximate=True)),
        ("1 474 933", Counters(views=1_474_933)),
        ("", Counters()),
        ("lots", Counters()),
    ],
)
def test_counts_as_written(shown: str, wanted: Counters) -> None:
    assert only(post(1, views=shown)).counters == wanted


def test_poll_tells_voters_but_no_votes() -> None:
    option = (
        '<div class="tgme_widget_message_poll_option"><div class="tgme_widget_message_poll_option_percent">50%</div>\
<div class="tgme_widget_message_poll_option_text">{}</div></div>'
    )
    poll = (
        '<div class="tgme_widget_message_poll"><div class="tgme_widget_message_poll_question">Q?</div>'
        '<div class="tgme_widget_message_poll_type">Final Results</div>'
        f"{option.format('A')}{option.format('B')}</div>"
    )

    record = only(post(1, poll, author='<span class="tgme_widget_message_voters">222</span>'))

    assert record.poll == PollRecord("Q?", (("A", None), ("B", None)), 222, closed=True)
    assert record.media_kind is MediaKind.POLL


def test_forwards_and_authors() -> None:
    forwarded = (
        '<div class="tgme_widget_message_forwarded_from">Forwarded from <a class='
        '"tgme_widget_message_forwarded_from_name" href="https://t.me/luxta_tv/2320">LUXTA</a></div>'
    )
    author = '<span class="tgme_widget_message_from_author" dir="auto">Анна</span>, '

    record = only(post(1, forwarded, author=author))

    assert (record.forward, record.post_author) == (ForwardHeader(from_name="LUXTA", message_id=2320), "Анна")


def test_service_messages_are_no_posts() -> None:
    found = parse_page(page([post(1, TEXT.format("Channel created"), kind="service_message", views="")]))

    assert found.messages == (ServiceRecord(1, datetime(2025, 2, 1, 7, tzinfo=UTC), "channel_create"),)


def test_page_without_posts_is_an_empty_channel() -> None:
    found = parse_page(page([]))

    assert (found.messages, found.before) == ((), None)
    assert found.channel is not None
    assert (found.channel.title, found.channel.about) == ("Some & Channel", "About\nus")


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("", Unavailable.UNREADABLE),
        ("<html>busy</html>", Unavailable.UNREADABLE),
        ("<div>" * 100_000, Unavailable.UNREADABLE),
        (CONTACT.format(title="", extra=""), Unavailable.NOT_FOUND),
        (
            CONTACT.format(
                title='<div class="tgme_page_title">G</div>',
                extra='<div class="tgme_page_extra">1 200 members, 30 online</div>',
            ),
            Unavailable.NOT_A_CHANNEL,
        ),
        (
            CONTACT.format(
                title='<div class="tgme_page_title">C</div>', extra='<div class="tgme_page_extra">1 subscriber</div>'
            ),
            Unavailable.PREVIEW_OFF,
        ),
    ],
)
def test_pages_without_posts_say_why(html: str, reason: Unavailable) -> None:
    with pytest.raises(PreviewUnavailable) as raised:
        parse_page(html)

    assert raised.value.reason is reason


WHOLE = page([post(n, TEXT.format(f"<b>post</b> {n}")) for n in range(1, 4)], before=1)


@settings(max_examples=200, derandomize=True)
@given(start=st.integers(0, len(WHOLE)), length=st.integers(0, 200), put=st.text(max_size=30))
def test_bent_pages_are_read_or_unavailable(start: int, length: int, put: str) -> None:
    try:
        found = parse_page(WHOLE[:start] + put + WHOLE[start + length :])
    except PreviewUnavailable:
        return
    assert len(found.messages) <= 3
