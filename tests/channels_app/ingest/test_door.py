"""What cannot be true stays out, what Postgres cannot hold is cleaned, one bad record blocks nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_app.ingest import ChannelGone, RecordRefused, ingest_messages
from channels_app.models import Post
from mtproto.records import (
    AnyMessage,
    Counters,
    EmptyRecord,
    Entity,
    ForwardHeader,
    MessageRecord,
    PollRecord,
    Reference,
    ReferenceKind,
    ServiceRecord,
    Source,
)
from tests.channels_app.ingest.seen import NOW, adds_up, make_channel, message, post_of, see

pytestmark = pytest.mark.django_db

IMPOSSIBLE: dict[str, AnyMessage] = {
    "id 0": message(0),
    "id too large": message(2**31),
    "id not a number": message("7"),  # type: ignore[arg-type]
    "empty with id -1": EmptyRecord(-1),
    "service of 1970": ServiceRecord(5, datetime(1970, 1, 1, tzinfo=UTC), "pin"),
    "date without zone": message(5, date=datetime(2024, 1, 1)),  # noqa: DTZ001
    "date before Telegram": message(5, date=datetime(2001, 1, 1, tzinfo=UTC)),
    "date after Telegram": message(5, date=datetime(2040, 1, 1, tzinfo=UTC)),
    "album id too large": message(5, grouped_id=2**63),
    "offset beyond 64 bits": message(5, entities=(Entity("bold", 2**70, 1),)),
}

MISCOUNTED: dict[str, MessageRecord] = {
    "negative views": message(5, views=-1, replies=3),
    "views beyond counting": message(5, views=2**62, replies=3),
    "views a boolean": message(5, views=True, replies=3),
    "forwards a fraction": message(5, forwards=1.5, replies=3),
    "negative reactions": message(5, reactions={"👍": -1}, replies=3),
    "reactions beyond counting": message(5, reactions={"a": 10**12, "b": 10**12}, replies=3),
}


@pytest.mark.parametrize("record", MISCOUNTED.values(), ids=MISCOUNTED.keys())
def test_impossible_counter_is_refused_to_imports_and_unknown_of_live_posts(
    record: MessageRecord, caplog: pytest.LogCaptureFixture
) -> None:
    channel = make_channel()

    with pytest.raises(RecordRefused):
        see(channel, message(1), record, source=Source.IMPORT)

    result = see(channel, record, replace(record, message_id=6))
    assert (result.new_posts, result.refused) == (2, 0)
    post = post_of(channel, 5)
    assert (post.views, post.forwards, post.replies, post.reactions) == (None, None, 3, None)
    assert caplog.text.count("impossible counters") == 1


@pytest.mark.parametrize("record", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_impossible_record_is_refused_to_imports_and_dropped_from_live(record: AnyMessage) -> None:
    channel = make_channel()

    with pytest.raises(RecordRefused):
        see(channel, message(1), record, source=Source.IMPORT)
    assert not Post.objects.exists()

    result = see(channel, record, message(1))
    assert (result.new_posts, result.refused) == (1, 1)


def test_date_after_the_file_is_refused_to_imports_only() -> None:
    channel = make_channel()
    tomorrow = message(1, date=NOW + timedelta(days=3))

    with pytest.raises(RecordRefused, match="Message 1"):
        see(channel, tomorrow, source=Source.IMPORT)

    assert see(channel, tomorrow).new_posts == 1


def test_nul_and_lone_surrogates_are_cleaned_everywhere() -> None:
    channel = make_channel()
    bad = "a\x00b\ud83dc"

    see(
        channel,
        message(
            1,
            text=bad,
            reactions={bad: 1},
            entities=(Entity("text_url", 0, 1, bad),),
            references=(Reference(ReferenceKind.LINK, url=bad),),
            hashtags=(bad,),
            post_author=bad,
            forward=ForwardHeader(from_name=bad),
            poll=PollRecord(bad, ((bad, 1),), 1, closed=True),
        ),
        message(2, text="spells \\u0000 out", entities=(Entity("text_url", 0, 1, "\\u0000"),)),
    )

    post = post_of(channel, 1)
    assert (post.text, post.post_author, post.forward_from_name) == ("ab\ufffdc",) * 3
    assert (post.reactions, post.entities) == ({"ab\ufffdc": 1}, [["text_url", 0, 1, "ab\ufffdc"]])
    assert post_of(channel, 2).text == "spells \\u0000 out"


def test_what_points_nowhere_is_left_out() -> None:
    channel = make_channel()

    see(channel, message(1, reply_to=2**40, forward=ForwardHeader(from_tg_id=2**63 + 5, message_id=-4)))

    post = post_of(channel, 1)
    assert (post.reply_to_message_id, post.forward_from_tg_id, post.forward_message_id) == (None, None, None)
    assert post.is_forward


def test_moment_in_another_zone_is_the_same_moment() -> None:
    channel = make_channel()
    zone = timezone(timedelta(hours=5))

    see(channel, message(1, date=NOW.astimezone(zone), views=1), at=NOW.astimezone(zone))

    assert (post_of(channel, 1).published_at, adds_up(channel)) == (NOW, True)


def test_naive_moment_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="aware"):
        see(make_channel(), message(1), at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_channel_that_is_not_there() -> None:
    with pytest.raises(ChannelGone):
        ingest_messages(10**9, [message(1)], source=Source.MTPROTO, observed_at=NOW)


wild_text = st.text(st.characters(), max_size=40)
anything = st.none() | st.integers() | st.floats() | wild_text | st.booleans()
wild = st.builds(
    MessageRecord,
    message_id=st.integers(-2, 40) | st.integers(),
    date=st.datetimes(min_value=datetime(1800, 1, 1), timezones=st.just(UTC)) | st.just(NOW),  # noqa: DTZ001
    text=wild_text,
    counters=st.builds(
        Counters,
        views=anything,
        forwards=st.integers(0, 9),
        replies=st.none(),
        reactions=st.none() | st.dictionaries(wild_text, st.integers(), max_size=3),
    ),
    entities=st.lists(st.builds(Entity, wild_text, st.integers(), st.integers(), wild_text), max_size=2).map(tuple),
    references=st.lists(
        st.builds(Reference, st.sampled_from(ReferenceKind), wild_text, wild_text, st.integers()), max_size=2
    ).map(tuple),
    hashtags=st.lists(wild_text, max_size=2).map(tuple),
    grouped_id=st.none() | st.integers(1, 3) | st.integers(),
    forward=st.none() | st.builds(ForwardHeader, from_tg_id=st.integers(), from_name=wild_text),
    reply_to=st.none() | st.integers(),
    post_author=st.none() | wild_text,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(wild, max_size=5), max_size=3))
def test_wild_records_never_break_a_live_channel(pages: list[list[Any]]) -> None:
    channel = make_channel()

    for number, records in enumerate(pages):
        result = see(channel, *records, at=NOW + timedelta(hours=number))
        kept = {record.message_id for record in records}
        assert result.new_posts + result.changed_posts + result.refused <= len(kept)

    assert adds_up(channel)
