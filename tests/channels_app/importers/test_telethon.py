"""Telethon dumps of old and new layers."""

import gzip
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from channels_app.importers.findings import Findings, Note
from channels_app.importers.reading import ReadOptions, open_reading
from channels_app.importers.refusal import ImportRefused
from mtproto.records import Counters, MediaKind, PollRecord
from tests.channels_app.importers.places import DUMPS, NOW, cases, dumped


def dump_message(number: int, **changes: Any) -> dict[str, Any]:
    message = {
        "_": "Message",
        "id": number,
        "peer_id": {"_": "PeerChannel", "channel_id": 1234},
        "date": "2024-01-01T10:00:00+00:00",
        "message": f"post {number}",
        "post": True,
        "views": 10,
        "forwards": 1,
    }
    return message | changes


def read(data: bytes) -> tuple[list[Any], Findings, int | None]:
    opened = open_reading(io.BytesIO(data), name="dump.json", options=ReadOptions(now=NOW))
    return list(opened.reading), opened.reading.findings, opened.reading.facts.tg_id


def as_list(*messages: Any) -> bytes:
    return json.dumps(messages).encode()


def test_list_and_lines_and_gzip_read_the_same() -> None:
    messages = [dump_message(2), dump_message(1)]
    lines = "\n".join(map(json.dumps, messages)).encode()

    answers = [read(data)[0] for data in (as_list(*messages), lines, gzip.compress(lines))]

    assert [[record.message_id for record in records] for records in answers] == [[2, 1]] * 3


def test_old_layers() -> None:
    old = dump_message(1, to_id={"_": "PeerChannel", "channel_id": 1234}, reply_to_msg_id=9)
    del old["peer_id"], old["forwards"]
    reacted = dump_message(
        2, reactions={"_": "MessageReactions", "results": [{"_": "ReactionCount", "reaction": "👍", "count": 4}]}
    )

    (first, second), _findings, tg_id = read(as_list(old, reacted))

    assert (tg_id, first.reply_to, first.counters) == (1234, 9, Counters(views=10))
    assert second.counters.reactions == {"👍": 4}


def test_new_layers() -> None:
    results = [
        {"_": "ReactionCount", "reaction": {"_": "ReactionEmoji", "emoticon": "❤"}, "count": 4},
        {"_": "ReactionCount", "reaction": {"_": "ReactionCustomEmoji", "document_id": 77}, "count": 3},
        {"_": "ReactionCount", "reaction": {"_": "ReactionPaid"}, "count": 2},
    ]
    poll = {
        "_": "MessageMediaPoll",
        "poll": {
            "_": "Poll",
            "question": {"_": "TextWithEntities", "text": "Q"},
            "answers": [{"_": "PollAnswer", "text": {"_": "TextWithEntities", "text": "A"}, "option": "b'0'"}],
        },
        "results": {"_": "PollResults", "results": [], "total_voters": 5},
    }

    (record,), _findings, _tg_id = read(
        as_list(dump_message(1, reactions={"_": "MessageReactions", "results": results}, media=poll, date=1704103200))
    )

    assert record.counters.reactions == {"❤": 4, "custom:77": 3, "paid": 2}
    assert record.poll == PollRecord("Q", (("A", None),), 5, closed=False)
    assert (record.media_kind, record.date) == (MediaKind.POLL, datetime(2024, 1, 1, 10, tzinfo=UTC))


def test_impossible_numbers_become_unknown_and_are_noted() -> None:
    message = dump_message(
        1,
        views=-4,
        grouped_id=2**70,
        reply_to={"_": "MessageReplyHeader", "reply_to_msg_id": 2**40},
        entities=[{"_": "MessageEntityBold", "offset": 2**80, "length": 1}],
        media={"_": "MessageMediaPoll", "poll": {"_": "Poll"}, "results": {"_": "PollResults", "total_voters": 2**90}},
        fwd_from={"_": "MessageFwdHeader", "from_id": {"_": "PeerChannel", "channel_id": -1}, "channel_post": 2**50},
    )

    (record,), findings, _tg_id = read(as_list(message))

    assert record.counters == Counters(forwards=1)
    assert (record.grouped_id, record.reply_to, record.entities) == (None, None, ())
    assert (record.poll.total_voters, record.forward.from_tg_id, record.forward.message_id) == (None, None, None)
    assert findings.notes[Note.COUNTERS_IMPOSSIBLE] == 2
    assert findings.notes[Note.DETAILS_IMPOSSIBLE] == 5


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (as_list({"message_id": 1, "text": "x"}), "Item 1 is no Telethon message"),
        (as_list(dump_message(1), 7), "Message 2 of the dump"),
        (as_list(dump_message(1), dump_message(2, peer_id={"_": "PeerChannel", "channel_id": 9})), "channel 9"),
        (as_list(dump_message(1, peer_id={"_": "PeerUser", "user_id": 9})), "not in a channel"),
        (as_list(dump_message(1, post=False)), "messages of a group"),
        (as_list(dump_message(0)), "message id 0"),
        (as_list(dump_message(1, date=None)), "not a date"),
        (as_list(dump_message(1, entities=5)), "cannot be read"),
        (as_list(dump_message(1))[:-1], "cut off"),
        (as_list(dump_message(1))[:-40], "cut off"),
        (as_list(dump_message(1)) + b"x", "follows the end"),
        (b"[" * 200_000, "nested too deeply|cut off"),
        (b'[{"_": "Message", "x": ' + b"[" * 100_000, "nested too deeply"),
        (b'[{"_": "Message", "x": "' + b"a" * 9 * 2**20 + b'"}]', "longer than 8 million"),
        (b'[{"_": "Message", "id": ' + b"9" * 5000 + b"}]", "not valid JSON"),
        (json.dumps([dump_message(1, message="я")], ensure_ascii=False).encode("cp1251"), "not UTF-8"),
        (b'[{"_": "Message" "id": 1}]', "not valid JSON"),
    ],
)
def test_refusals_name_the_reason(data: bytes, words: str) -> None:
    with pytest.raises(ImportRefused, match=words):
        read(data)


@pytest.mark.parametrize("path", cases(DUMPS, missing="real dumps"))
def test_real_dumps_details_equal_plain_python(path: Any) -> None:
    raw = dumped(path)

    records, _findings, _tg_id = read(path.read_bytes())

    messages = [record for record in records if hasattr(record, "counters")]
    replies = [m["replies"]["replies"] for m in raw if m.get("replies")]
    assert [m.message_id for m in messages] == [m["id"] for m in raw]
    assert [m.text for m in messages] == [m["message"] or "" for m in raw]
    assert sum(m.edit_date is not None for m in messages) == sum(bool(m.get("edit_date")) for m in raw)
    assert sum(m.forward is not None for m in messages) == sum(bool(m.get("fwd_from")) for m in raw)
    assert [m.counters.replies for m in messages if m.counters.replies is not None] == replies
    assert [m.grouped_id for m in messages] == [m.get("grouped_id") for m in raw]
