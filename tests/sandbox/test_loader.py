"""Files of every kind: real dumps, odd tables, and rows that make no sense."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.loader import load_file, load_folder
from sandbox.loader_csv import read_csv
from sandbox.loader_dump import read_dump
from sandbox.loader_values import moment, whole
from sandbox.tl import parse, types
from sandbox.world.channels import Channel, stable_id
from sandbox.world.clock import Clock, from_iso
from tests.sandbox.conftest import message

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def load(folder: Path, name: str, content: bytes | str) -> Channel:
    """One channel from a file with this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return load_file(path, Clock())


def served(channel: Channel, post_id: int) -> Any:
    """The post as a client reads it."""
    return parse(channel.message(channel.posts[post_id]))


@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_csv_of_any_separator_and_encoding(tmp_path: Path, separator: str, encoding: str) -> None:
    rows = [
        ["id", "date", "text", "views", "forwards", "replies", "extra"],
        ["2", "2026-01-02 10:00:00", "привет", "1 234", "", "", "x"],
        ["1", "2026-01-01T10:00:00+05:00", '"а, б; в"', "10.0", "3", "0", "x"],
    ]
    text = "\r\n".join(separator.join(r) for r in rows)

    channel = load(tmp_path, "odd.name.csv", text.encode(encoding))

    assert channel.username == "odd"
    assert channel.ids == [1, 2]
    assert (served(channel, 2).message, served(channel, 2).views, served(channel, 2).replies) == ("привет", 1234, None)
    assert served(channel, 1).replies.replies == 0
    assert channel.posts[1].date == from_iso("2026-01-01T05:00:00Z")


def test_csv_rows_that_make_no_sense_are_counted(tmp_path: Path) -> None:
    text = (
        "id,date,text,views,forwards,replies\n"
        "1,2026-01-01,first,5,0,\n"
        "x,2026-01-01,no id,5,0,\n"
        "3,yesterday,no date,5,0,\n"
        "-4,2026-01-01,bad id,5,0,\n"
        "99999999999,2026-01-01,huge id,5,0,\n"
        "5,2026-01-01,bad numbers,many,-1,nan\n"
        "6\n"
        "\n"
        '1,2026-01-02,"last\nwins",7,0,\n'
    )

    channel = load(tmp_path, "c.csv", text)

    assert channel.skipped == 5
    assert channel.ids == [1, 5]
    assert (served(channel, 1).message, served(channel, 1).views) == ("last\nwins", 7)
    assert (served(channel, 5).views, served(channel, 5).replies) == (None, None)


def test_csv_without_header_is_refused() -> None:
    with pytest.raises(ValueError, match="no header"):
        read_csv("1,2026-01-01,text\n")


def test_very_long_text_is_served(tmp_path: Path) -> None:
    channel = load(tmp_path, "c.csv", 'id,date,text\n1,2026-01-01,"' + "я" * 1_000_000 + '"\n')

    assert len(served(channel, 1).message) == 1_000_000


def test_dump_of_an_old_layer(tmp_path: Path) -> None:
    peer = {"_": "PeerChannel", "channel_id": 555}
    rows = [
        {
            "_": "Message", "id": 3, "to_id": peer, "date": "2019-09-22T12:10:51+00:00", "message": "b", "views": 9,
            "reply_to_msg_id": 1, "fwd_from": {"_": "MessageFwdHeader", "date": "2019-01-01T00:00:00", "channel_id": 77,
                                               "channel_post": 5},
            "reactions": {"_": "MessageReactions", "results": [{"_": "ReactionCount", "reaction": "👍", "count": 4}]},
        },
        {"_": "MessageService", "id": 1, "to_id": peer, "date": "2019-09-10T14:18:11",
         "action": {"_": "MessageActionChannelCreate", "title": "t"}},
    ]  # fmt: skip

    channel = load(tmp_path, "old.json", json.dumps(rows))
    post = served(channel, 3)

    assert channel.id == 555
    assert (post.views, post.forwards, post.replies) == (9, 0, None)
    assert post.reply_to.reply_to_msg_id == 1
    assert (post.fwd_from.from_id.channel_id, post.fwd_from.channel_post) == (77, 5)
    assert post.reactions.results[0].reaction == types.ReactionEmoji("👍")
    assert isinstance(served(channel, 1).action, types.MessageActionChannelCreate)


@pytest.mark.parametrize(
    "fields",
    [
        {"media": {"_": "MessageMediaHologram", "depth": 3}},
        {"media": {"_": "MessageMediaPhoto", "photo": {"_": "Photo", "id": "nonsense"}}},
        {"entities": [{"_": "MessageEntityBold", "offset": "x"}, {"_": "Nothing"}, 5]},
        {"reactions": {"results": [{"count": "many"}, None]}},
        {"fwd_from": "somebody"},
        {"grouped_id": 2**70},
        {"views": "12", "forwards": None},
        {"views": 2**40},
        {"post_author": 5, "edit_date": "never"},
        {"reply_markup": {"_": "ReplyInlineMarkup", "rows": [1, 2]}},
        {"replies": {"_": "MessageReplies", "replies": 3, "comments": True}},
        {"media": {"_": "MessageMediaPoll", "poll": {"_": "Poll", "id": 1, "question": "q", "answers": [
            {"_": "PollAnswer", "text": "a", "option": [48]}]}, "results": {"_": "PollResults", "results": [
                {"_": "PollAnswerVoters", "option": "MA==", "voters": 3}], "total_voters": 3}}},
    ],
    ids=lambda f: next(iter(f)),
)  # fmt: skip
def test_odd_field_never_loses_the_message(tmp_path: Path, fields: dict[str, Any]) -> None:
    channel = load(tmp_path, "c.json", json.dumps([message(1) | fields, message(2)]))

    assert channel.ids == [1, 2] and channel.skipped == 0
    assert served(channel, 1).message == "post 1"
    assert served(channel, 2).views == 1002


def test_poll_and_hidden_link_survive(tmp_path: Path) -> None:
    answer = {"_": "PollAnswer", "text": "a", "option": "MA=="}
    poll = {
        "_": "MessageMediaPoll",
        "poll": {"_": "Poll", "id": 9, "question": "q?", "answers": [answer]},
        "results": {"_": "PollResults", "results": [], "total_voters": 314},
    }
    link = {"_": "MessageEntityTextUrl", "offset": 0, "length": 4, "url": "https://example.com"}

    channel = load(tmp_path, "c.json", json.dumps([message(1, media=poll, entities=[link])]))
    post = served(channel, 1)

    assert (post.media.poll.question.text, post.media.poll.answers[0].option) == ("q?", b"0")
    assert post.media.results.total_voters == 314
    assert post.entities == [types.MessageEntityTextUrl(0, 4, "https://example.com")]


def test_folder_with_bad_files_and_meta(tmp_path: Path) -> None:
    (tmp_path / "good.json.gz").write_bytes(gzip.compress(json.dumps([message(1)]).encode()))
    (tmp_path / "good.meta.json").write_text('{"title": "Good", "subscribers": 42, "private": true}')
    (tmp_path / "lines.json").write_text("\n".join(json.dumps(message(i)) for i in (1, 2)) + "\n{oops")
    (tmp_path / "cut.json.gz").write_bytes(gzip.compress(b"[" * 1000)[:20])
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "notes.txt").write_text("not a channel")

    loaded = load_folder(tmp_path, Clock())

    assert [(c.username, c.title, c.subscribers()) for c in loaded.channels] == [
        ("good", "Good", 42), ("lines", "lines", 10_015)
    ]  # fmt: skip
    assert loaded.channels[1].skipped == 1
    assert sorted(loaded.failed) == ["cut.json.gz", "empty.csv"]


def test_static_counters_hold_until_the_clock_moves(tmp_path: Path) -> None:
    rows = [message(i, date=f"2026-01-{i:02d}T00:00:00Z", views=100 * i) for i in range(1, 11)]
    channel = load(tmp_path, "c.json", json.dumps(rows))
    before = [served(channel, i).views for i in channel.ids]

    channel.clock.advance(86_400)
    after = [served(channel, i).views for i in channel.ids]

    assert before == [100 * i for i in range(1, 11)]
    assert after[-1] > before[-1] * 1.5
    assert after[0] - before[0] < 0.1 * before[0]


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["_", "id", "date", "message", "views", "media", "entities", "reactions", "results", "replies",
                         "peer_id", "channel_id", "action", "fwd_from", "count", "reaction"]), inner, max_size=6),
    max_leaves=20,
))  # fmt: skip
@example({"reactions": {"results": True}})
def test_any_json_is_a_post_or_is_skipped(value: Any) -> None:
    row = message(1) | value if isinstance(value, dict) else value

    posts, skipped = read_dump([row])

    assert len(posts) + skipped == 1
    for post in posts.values():
        parse(post.message_bytes(1, 0.0))


@given(st.text(max_size=40))
def test_numbers_and_moments_are_read_or_unknown(text: str) -> None:
    number, when = whole(text), moment(text)

    assert number is None or abs(number) < 2**31
    assert when is None or 0 < when < 2**31


def test_username_makes_a_stable_id() -> None:
    assert stable_id("News") == stable_id("news") != stable_id("news2")
    assert 10**9 <= stable_id("x") < 2**40


@pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")
@pytest.mark.parametrize(
    ("path", "posts", "views", "forwards"),
    [
        ("a_telethon/omazda__BankingInfo_Bot/channel_messages.json.gz", 712, 7475177, 60151),
        ("a_telethon/AlexTrigolos__spb/channel_messages.json.gz", 654, 13550180, 238514),
        ("a_telethon/vancho-go__tgparser/channel_messages.json.gz", 26, 68106, 0),
        ("a_posts_csv/HSE-AI25-Team-78__aggregator-bot/aviadispet4er.csv.gz", 1000, 2250037, 10451),
        ("a_posts_csv/HSE-AI25-Team-78__aggregator-bot/rbc_news.csv.gz", 1000, 113557070, 198405),
    ],
    ids=lambda v: str(v).rpartition("/")[2] if isinstance(v, str) else "",
)
def test_real_files_are_served_exactly(path: str, posts: int, views: int, forwards: int) -> None:
    channel = load_file(DATA / path, Clock())

    messages = [m for i in channel.ids if isinstance(m := served(channel, i), types.Message)]

    assert channel.skipped == 0
    assert len(messages) == posts
    assert sum(m.views or 0 for m in messages) == views
    assert sum(m.forwards or 0 for m in messages) == forwards
