"""Wild input: any object becomes a record or a typed refusal, never anything else."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mtproto.parsing import RecordInvalid, from_dump, parse_dumped_message, parse_message
from mtproto.parsing.text import parse_entities
from mtproto.records import EmptyRecord, MessageRecord, ServiceRecord

ENTITY_NAMES = ["MessageEntityUrl", "MessageEntityTextUrl", "MessageEntityMention", "MessageEntityHashtag", "Odd"]
NAMES = ["Message", "MessageService", "MessageEmpty", "MessageMediaPoll", "MessageMediaDocument", "PeerChannel", "X"]
WORDS = """
id date message entities media fwd_from reply_to views forwards replies reactions results reaction count poll
question answers option grouped_id edit_date document attributes offset length url text channel_id from_id
"""
KEYS = WORDS.split()

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.binary(max_size=4))
wild = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([*KEYS, "_"]), inner, max_size=6),
    ),
    max_leaves=20,
)


def named(name: str, **values: Any) -> Any:
    return type(name, (SimpleNamespace,), {})(**values)


def entities() -> st.SearchStrategy[Any]:
    return st.builds(
        named,
        st.sampled_from(ENTITY_NAMES),
        offset=st.integers(-5, 60),
        length=st.integers(-5, 60),
        url=st.one_of(st.none(), st.text(max_size=40), st.just("https://t.me/Name/1")),
    )


@given(text=st.text(max_size=50), found=st.lists(entities(), max_size=5))
def test_entities_of_any_text_are_read(text: str, found: list[Any]) -> None:
    kept, references, hashtags = parse_entities(text, found)

    assert len(kept) == len(found)
    assert len(set(references)) == len(references)
    assert all(tag == tag.casefold() for tag in hashtags)


@given(name=st.sampled_from(NAMES), body=st.dictionaries(st.sampled_from(KEYS), wild, max_size=8))
def test_any_dump_is_read_or_refused(name: str, body: dict[str, Any]) -> None:
    try:
        record = parse_dumped_message({"_": name, **body})
    except RecordInvalid:
        return

    assert isinstance(record, MessageRecord | ServiceRecord | EmptyRecord)


@given(
    message_id=st.integers(),
    date=st.datetimes(),
    text=st.text(),
    views=st.one_of(st.none(), st.integers(), st.booleans(), st.floats(), st.text()),
)
def test_counter_is_an_integer_or_unknown(message_id: int, date: datetime, text: str, views: Any) -> None:
    record = parse_message(named("Message", id=message_id, date=date, message=text, views=views))

    assert isinstance(record, MessageRecord)
    assert record.counters.views == (views if type(views) is int else None)
    assert record.date.utcoffset() is not None
    assert "\x00" not in record.text


def test_text_of_a_megabyte_is_kept() -> None:
    text = "ы😀" * 500_000

    assert parse_dumped_message({"_": "Message", "id": 1, "date": "2026-01-01T00:00:00+00:00", "message": text}) == (
        parse_message(named("Message", id=1, date=datetime.fromisoformat("2026-01-01T00:00:00+00:00"), message=text))
    )


def test_half_a_surrogate_pair_is_replaced() -> None:
    record = parse_dumped_message({"_": "Message", "id": 1, "date": "2026-01-01", "message": "a\ud83d"})

    assert isinstance(record, MessageRecord)
    record.text.encode()


def test_dump_keeps_names_and_times() -> None:
    made = from_dump({"_": "Thing", "date": "2026-01-01T03:00:00+03:00", "items": [{"_": "Inner", "a": 1}]})

    assert type(made).__name__ == "Thing"
    assert made.date == datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    assert (made.items[0].a, made.items[0].absent) == (1, None)
