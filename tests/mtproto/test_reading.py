"""The quick reader of answers against Telethon's own: the same records from the same bytes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from telethon.extensions import BinaryReader
from telethon.tl import types
from telethon.tl.alltlobjects import tlobjects

from mtproto.parsing import parse_messages
from mtproto.telethon_adapter.faults import CAUGHT
from mtproto.telethon_adapter.reading import _READERS, MESSAGE, read_answer

WHEN = datetime(2025, 5, 5, 12, 30, 15, tzinfo=UTC)
PLAIN = [kind for number, kind in tlobjects.items() if number in _READERS and "Entity" in kind.__name__]


def _message(**told: Any) -> types.Message:
    return types.Message(**{"id": 7, "peer_id": types.PeerChannel(5), "date": WHEN, "message": "Привет", **told})


def _reactions(**told: Any) -> types.MessageReactions:
    kinds = [types.ReactionEmoji("👍"), types.ReactionCustomEmoji(2**60), types.ReactionPaid()]
    return types.MessageReactions(
        [types.ReactionCount(kind, 5 + n, n or None) for n, kind in enumerate(kinds)],
        recent_reactions=[types.MessagePeerReaction(types.PeerUser(1), WHEN, kinds[0])],
        top_reactors=[types.MessageReactor(3, peer_id=types.PeerUser(1))],
        **told,
    )


MESSAGES = {
    "bare": _message(),
    "empty text": _message(message=""),
    "long text": _message(message="щ" * 4096),
    "flags": _message(silent=True, pinned=True, edit_hide=True, post=True, noforwards=True, offline=True),
    "author of another kind": _message(from_id=types.PeerUser(2**40), peer_id=types.PeerUser(9), from_rank="x"),
    "before the text": _message(
        from_boosts_applied=3,
        saved_peer_id=types.PeerChannel(1),
        fwd_from=types.MessageFwdHeader(WHEN, from_id=types.PeerChannel(8), channel_post=4, post_author="A"),
        via_bot_id=1,
        via_business_bot_id=2,
        guestchat_via_from=types.PeerUser(1),
        reply_to=types.MessageReplyHeader(reply_to_msg_id=3),
    ),
    "media": _message(media=types.MessageMediaGeo(types.GeoPoint(1.0, 2.0, 3))),
    "no media": _message(media=types.MessageMediaEmpty()),
    "buttons": _message(reply_markup=types.ReplyInlineMarkup([types.KeyboardButtonRow([])]), views=1, forwards=0),
    "counters": _message(views=10, forwards=2, replies=types.MessageReplies(4, 5, comments=True, channel_id=6)),
    "reactions": _message(reactions=_reactions()),
    "edited": _message(edit_date=WHEN, post_author="Анна", grouped_id=2**62, views=1, forwards=1),
    "behind all": _message(
        restriction_reason=[types.RestrictionReason("all", "terms", "no")],
        ttl_period=9,
        quick_reply_shortcut_id=1,
        effect=2,
        factcheck=types.FactCheck(1, need_check=True),
        report_delivery_until_date=WHEN,
        paid_message_stars=5,
        suggested_post=types.SuggestedPost(accepted=True),
        schedule_repeat_period=60,
        summary_from_language="en",
        reactions=_reactions(min=True),
    ),
    "service": types.MessageService(8, types.PeerChannel(5), WHEN, action=types.MessageActionPinMessage()),
    "nothing": types.MessageEmpty(9, None),
}


def _answer(*messages: Any) -> bytes:
    # The message behind it shows whether all of the one before was read.
    after = _message(id=1, message="after")
    return bytes(types.messages.ChannelMessages(1, 2, [*messages, after], topics=[], chats=[], users=[]))


def _records(answer: Any) -> Any:
    return answer.count, parse_messages(answer.messages)


@pytest.mark.parametrize("name", MESSAGES)
def test_message_reads_as_telethon_reads_it(name: str) -> None:
    answer = _answer(MESSAGES[name])

    assert _records(read_answer(BinaryReader(answer))) == _records(BinaryReader(answer).tgread_object())


@pytest.mark.parametrize("kind", PLAIN, ids=lambda kind: kind.__name__)
def test_entity_reads_as_telethon_reads_it(kind: Any) -> None:
    url = ["https://example.org/ы"] if kind is types.MessageEntityTextUrl else []
    answer = _answer(_message(entities=[kind(1, 4, *url), types.MessageEntityCustomEmoji(0, 1, 77)]))

    assert _records(read_answer(BinaryReader(answer))) == _records(BinaryReader(answer).tgread_object())


def test_message_of_this_layer_is_read_quickly() -> None:
    # Fails with a Telethon of another layer: `reading` then wants a look, and leaves messages to Telethon until then.
    assert types.Message.CONSTRUCTOR_ID == MESSAGE
    assert _READERS.keys() <= tlobjects.keys()


def test_answer_cut_short_fails_as_answers_do() -> None:
    answer = _answer(*MESSAGES.values())

    for length in range(0, len(answer) - 8, 3):
        with pytest.raises(CAUGHT):
            parse_messages(read_answer(BinaryReader(answer[:length])).messages)
