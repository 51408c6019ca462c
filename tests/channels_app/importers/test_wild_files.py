"""Files cut anywhere, bent and broken: a clear refusal with nothing written, or the right result."""

import csv
import gzip
import io
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from channels_app.importers.findings import Findings
from channels_app.importers.reading import ReadOptions, open_reading
from channels_app.importers.refusal import ImportRefused
from channels_app.importing import ImportOptions, import_now
from channels_app.models import Post
from mtproto.records import MessageRecord
from tests.channels_app.importers.exports import desktop_chat, desktop_message
from tests.channels_app.importers.places import NOW, row_counts
from tests.channels_app.importers.test_telethon import dump_message

MADE = datetime(2025, 3, 1, tzinfo=UTC).timestamp()
wild = settings(
    max_examples=40,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
many = settings(wild, max_examples=300)


def read(data: bytes) -> tuple[list[Any], Findings]:
    opened = open_reading(io.BytesIO(data), name="some_channel", options=ReadOptions(now=NOW))
    return list(opened.reading), opened.reading.findings


def desktop_file(count: int = 5) -> bytes:
    return json.dumps(desktop_chat([desktop_message(n) for n in range(1, count + 1)]), ensure_ascii=False).encode()


def full_desktop_file() -> bytes:
    chats = [desktop_chat([desktop_message(1)], type="personal_chat", id=9), json.loads(desktop_file())]
    return json.dumps({"contacts": {"list": []}, "chats": {"list": chats}}, ensure_ascii=False).encode()


def dump_file() -> bytes:
    return json.dumps([dump_message(n, message=f"Пост {n} 👍") for n in range(1, 6)], ensure_ascii=False).encode()


def dump_lines() -> bytes:
    return "".join(json.dumps(dump_message(n)) + "\n" for n in range(1, 6)).encode()


def table_file() -> bytes:
    out = io.StringIO()
    rows = [[n, "2024-01-01T10:00:00+00:00", f'Пост {n}, "ой"\nдва', n * 10, n, ""] for n in range(1, 6)]
    csv.writer(out).writerows([["id", "date", "text", "views", "forwards", "replies"], *rows])
    return out.getvalue().encode()


WHOLE = [desktop_file, full_desktop_file, dump_file, table_file]


@pytest.mark.parametrize("make", WHOLE)
def test_file_cut_at_any_byte_is_refused(make: Callable[[], bytes]) -> None:
    data = make()
    wanted = read(data)[0]
    taken = 0

    for end in range(len(data.rstrip()) - 1):
        try:
            records = read(data[:end])[0]
        except ImportRefused:
            continue
        # A table may end after any row: then it is right as far as it goes, but for the number that stands last.
        assert make is table_file
        assert records[:-1] == wanted[: max(len(records) - 1, 0)]
        taken += bool(records)

    assert taken <= (20 if make is table_file else 0)


def test_lines_cut_between_two_lines_are_right_as_far_as_they_go() -> None:
    data = dump_lines()
    wanted = read(data)[0]

    for end in range(1, len(data)):
        try:
            records = read(data[:end])[0]
        except ImportRefused:
            continue
        assert records == wanted[: len(records)]
        assert data[:end].rstrip().endswith(b"}")


@pytest.mark.parametrize("make", WHOLE)
def test_gzip_cut_at_any_byte_is_refused(make: Callable[[], bytes]) -> None:
    packed = gzip.compress(make())

    for end in range(len(packed)):
        with pytest.raises(ImportRefused):
            read(packed[:end])


@many
@given(data=st.binary(max_size=300), make=st.sampled_from(WHOLE), at=st.floats(0, 1), over=st.booleans())
@example(data=b"\x1f\x8b", make=table_file, at=0.0, over=True)
def test_bytes_put_anywhere_are_refused_or_read(
    data: bytes, make: Callable[[], bytes], at: float, *, over: bool
) -> None:
    whole = make()
    place = int(at * len(whole))
    try:
        records, findings = read(whole[:place] + data + whole[place + (len(data) if over else 0) :])
    except ImportRefused as refused:
        assert refused.message
    else:
        assert len(records) == findings.messages + findings.service_messages


@many
@given(st.binary(max_size=500))
def test_any_bytes_are_refused_or_read(data: bytes) -> None:
    try:
        read(data)
    except ImportRefused as refused:
        assert refused.message


plain = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20)
value = st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner), max_leaves=8)
ids = st.integers(1, 9) | st.sampled_from([0, -1, 2**31 - 1, 2**31, "7", 3.0, None])
desktop_keys = st.sampled_from(
    ["text", "text_entities", "reactions", "poll", "media_type", "forwarded_from", "forwarded_from_id", "edited",
     "edited_unixtime", "reply_to_message_id", "author", "type", "action", "title", "date", "photo"]
)  # fmt: skip
dump_keys = st.sampled_from(
    ["message", "entities", "reactions", "media", "fwd_from", "reply_to", "views", "forwards", "replies", "edit_date",
     "grouped_id", "post_author", "action", "peer_id", "post", "silent", "_"]
)  # fmt: skip
part = st.fixed_dictionaries(
    {},
    optional={
        "_": st.sampled_from(["MessageEntityBold", "MessageMediaPoll", "MessageMediaDocument", "\x00"]),
        "type": st.sampled_from(["bold", "link", "emoji", "custom_emoji", "paid", "\ud800"]),
        "text": st.text(max_size=5) | value,
        "count": plain, "offset": plain, "length": plain, "emoji": plain, "results": value, "poll": value,
        "question": value, "answers": value, "total_voters": plain, "document": value, "channel_id": plain,
    },
)  # fmt: skip
odd = value | part | st.lists(part, max_size=3)
cells = st.text(max_size=12) | st.sampled_from(["-5", "1e9", "12.0", "9" * 30, "nan", '{"👍": -1}', "\x00", "=1+1"])


@st.composite
def odd_desktop(draw: st.DrawFn) -> bytes:
    messages = [
        desktop_message(1) | draw(st.dictionaries(desktop_keys, odd, max_size=4)) | {"id": draw(ids)}
        for _ in range(draw(st.integers(1, 5)))
    ]
    return json.dumps(desktop_chat(messages)).encode()


@st.composite
def odd_dump(draw: st.DrawFn) -> bytes:
    messages = [
        dump_message(1) | draw(st.dictionaries(dump_keys, odd, max_size=4)) | {"id": draw(ids)}
        for _ in range(draw(st.integers(1, 5)))
    ]
    return json.dumps(messages).encode()


@st.composite
def odd_table(draw: st.DrawFn) -> bytes:
    names = ["text", "views", "forwards", "replies", "reactions", "grouped_id", "edit_date", "media", "reply_to"]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "date", *names])
    for _ in range(draw(st.integers(1, 5))):
        writer.writerow([draw(ids), "2024-01-01", *[draw(cells | st.just("")) for _name in names]])
    return out.getvalue().encode("utf-8", "surrogatepass")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("files", [odd_desktop(), odd_dump(), odd_table()], ids=["desktop", "dump", "table"])
def test_odd_values_are_refused_or_imported_whole(tmp_path: Path, files: Any) -> None:
    @wild
    @given(files)
    def check(data: bytes) -> None:
        path = tmp_path / "some_channel.csv"
        path.write_bytes(data)
        os.utime(path, (MADE, MADE))
        Post.objects.all().delete()
        before = row_counts()
        try:
            row = import_now(path=path, workspace=None, options=ImportOptions(trusted=True), now=NOW)
        except ImportRefused:
            assert row_counts() == before
            return
        records, findings = read(data)
        wanted = {record.message_id: record for record in records if isinstance(record, MessageRecord)}
        albums = {record.grouped_id for record in wanted.values()} - {None}
        singles = sum(record.grouped_id is None for record in wanted.values())
        assert Post.objects.count() == singles + len(albums)
        assert row.messages == findings.distinct
        for post in Post.objects.filter(grouped_id=None):
            assert post.views == wanted[post.message_id].counters.views

    check()
