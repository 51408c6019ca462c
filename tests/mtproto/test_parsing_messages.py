"""Telegram's message objects become records: built with Telethon's own types."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from telethon.tl import types

from mtproto.parsing import RecordInvalid, parse_message
from mtproto.records import (
    Counters,
    EmptyRecord,
    ForwardHeader,
    MediaKind,
    MessageRecord,
    PollRecord,
    ServiceRecord,
)

DATE = datetime(2026, 3, 1, 12, tzinfo=UTC)
PEER = types.PeerChannel(1234567)


def message(**values: Any) -> types.Message:
    return types.Message(**{"id": 7, "peer_id": PEER, "date": DATE, "message": "", **values})


def record(**values: Any) -> MessageRecord:
    parsed = parse_message(message(**values))
    assert isinstance(parsed, MessageRecord)
    return parsed


def document(*attributes: Any, mime: str = "application/pdf") -> types.MessageMediaDocument:
    return types.MessageMediaDocument(
        document=types.Document(1, 2, b"", DATE, mime, 10, 2, attributes=list(attributes))
    )


def test_message_without_extras_is_unknown_not_zero() -> None:
    assert record(message="hello") == MessageRecord(message_id=7, date=DATE, text="hello")


def test_counters_are_taken_as_they_are() -> None:
    counters = record(views=10, forwards=-2, replies=types.MessageReplies(replies=3, replies_pts=1)).counters

    assert counters == Counters(views=10, forwards=-2, replies=3)


def test_reactions_of_every_kind_are_counted_by_kind() -> None:
    results = [
        types.ReactionCount(types.ReactionEmoji("👍"), 5),
        types.ReactionCount(types.ReactionEmoji("👍"), 2),
        types.ReactionCount(types.ReactionCustomEmoji(5368324170671202286), 4),
        types.ReactionCount(types.ReactionPaid(), 9),
        types.ReactionCount(types.ReactionEmpty(), 1),
    ]

    counters = record(reactions=types.MessageReactions(results=results)).counters

    assert counters.reactions == {"👍": 7, "custom:5368324170671202286": 4, "paid": 9}


def test_reactions_without_results_are_known_to_be_none() -> None:
    assert record(reactions=types.MessageReactions(results=[])).counters.reactions == {}


def test_forward_from_channel_keeps_channel_and_message() -> None:
    header = types.MessageFwdHeader(DATE, from_id=types.PeerChannel(99), channel_post=5, post_author="Ann")

    assert record(fwd_from=header).forward == ForwardHeader(DATE, 99, None, 5, "Ann")


def test_forward_from_person_keeps_no_id() -> None:
    header = types.MessageFwdHeader(DATE, from_id=types.PeerUser(42), from_name="Somebody")

    assert record(fwd_from=header).forward == ForwardHeader(DATE, None, "Somebody", None, None)


def test_reply_within_channel_names_message_and_elsewhere_does_not() -> None:
    here = types.MessageReplyHeader(reply_to_msg_id=3)
    elsewhere = types.MessageReplyHeader(reply_to_msg_id=3, reply_to_peer_id=types.PeerChannel(8))

    assert record(reply_to=here).reply_to == 3
    assert record(reply_to=elsewhere).reply_to is None
    assert record(reply_to=types.MessageReplyStoryHeader(PEER, 3)).reply_to is None


def test_flags_author_album_and_hidden_edit_are_kept() -> None:
    parsed = record(
        silent=True, pinned=True, post_author="Ann", grouped_id=13, edit_date=DATE, edit_hide=True, message="x"
    )

    assert parsed == MessageRecord(
        7, DATE, "x", silent=True, pinned=True, post_author="Ann", grouped_id=13, edit_date=DATE, edit_hidden=True
    )


@pytest.mark.parametrize(
    ("media", "kind"),
    [
        (None, MediaKind.NONE),
        (types.MessageMediaEmpty(), MediaKind.NONE),
        (types.MessageMediaPhoto(), MediaKind.PHOTO),
        (types.MessageMediaWebPage(webpage=types.WebPageEmpty(1)), MediaKind.WEB_PAGE),
        (types.MessageMediaGeo(types.GeoPointEmpty()), MediaKind.GEO),
        (types.MessageMediaContact("1", "a", "b", "", 1), MediaKind.CONTACT),
        (types.MessageMediaStory(PEER, 1), MediaKind.STORY),
        (types.MessageMediaGiveaway([1], 2, DATE), MediaKind.GIVEAWAY),
        (types.MessageMediaDice(3, "🎲"), MediaKind.OTHER),
        (types.MessageMediaUnsupported(), MediaKind.OTHER),
        (document(), MediaKind.DOCUMENT),
        (document(types.DocumentAttributeVideo(1.0, 1, 1)), MediaKind.VIDEO),
        (document(types.DocumentAttributeVideo(1.0, 1, 1, round_message=True)), MediaKind.ROUND_VIDEO),
        (
            document(types.DocumentAttributeVideo(1.0, 1, 1), types.DocumentAttributeAnimated()),
            MediaKind.ANIMATION,
        ),
        (document(mime="image/gif"), MediaKind.ANIMATION),
        (document(types.DocumentAttributeAudio(3)), MediaKind.AUDIO),
        (document(types.DocumentAttributeAudio(3, voice=True)), MediaKind.VOICE),
        (
            document(
                types.DocumentAttributeVideo(1.0, 1, 1),
                types.DocumentAttributeSticker("😀", types.InputStickerSetEmpty()),
            ),
            MediaKind.STICKER,
        ),
        (types.MessageMediaDocument(voice=True), MediaKind.VOICE),
    ],
)
def test_media_kind_is_told_by_type_and_attributes(media: Any, kind: MediaKind) -> None:
    assert record(media=media).media_kind is kind


def poll_media(question: Any, results: Any) -> types.MessageMediaPoll:
    answers = [types.PollAnswer(types.TextWithEntities(text, []), text.encode()) for text in ("Yes", "No")]
    return types.MessageMediaPoll(types.Poll(1, question, answers, hash=0, closed=True), results)


def test_poll_with_hidden_results_has_unknown_votes() -> None:
    parsed = record(media=poll_media(types.TextWithEntities("Why?", []), types.PollResults(total_voters=12)))

    assert parsed.poll == PollRecord("Why?", (("Yes", None), ("No", None)), 12, closed=True)
    assert parsed.media_kind is MediaKind.POLL


def test_poll_with_plain_question_and_votes_is_read() -> None:
    results = types.PollResults(results=[types.PollAnswerVoters(b"No", voters=3)])

    assert record(media=poll_media("Why?", results)).poll == PollRecord(
        "Why?", (("Yes", None), ("No", 3)), None, closed=True
    )


def test_service_message_names_its_action() -> None:
    service = types.MessageService(8, PEER, date=DATE, action=types.MessageActionChatEditTitle("New"))

    assert parse_message(service) == ServiceRecord(8, DATE, "chat_edit_title")


def test_album_of_number_0_is_none() -> None:
    assert record(grouped_id=0).grouped_id is None


def test_empty_message_is_told_apart() -> None:
    assert parse_message(types.MessageEmpty(9, peer_id=None)) == EmptyRecord(9)


def test_older_layer_without_attributes_is_read() -> None:
    old = type("Message", (SimpleNamespace,), {})(id=1, date=DATE.replace(tzinfo=None), message="x", reply_to_msg_id=5)

    assert parse_message(old) == MessageRecord(1, DATE, "x", reply_to=5)


def test_message_without_id_or_date_is_refused() -> None:
    with pytest.raises(RecordInvalid, match="no integer id"):
        parse_message(message(id=None))
    with pytest.raises(RecordInvalid, match="no date"):
        parse_message(message(date=None))


def test_nul_in_text_is_replaced_one_for_one() -> None:
    assert record(message="a\x00b").text == "a\ufffdb"
