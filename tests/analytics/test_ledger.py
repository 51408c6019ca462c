"""The ledger of edits and deletions over HTTP."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_app.models import Channel, Post, PostRevision
from tests.analytics.reader import Reader
from tests.analytics.world import NOW, Seen, make_channel, make_posts

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SPAN = {"from_": "2026-06-08", "to": "2026-06-15"}
START, END = NOW.replace(day=8, hour=0), NOW.replace(day=15, hour=0)


@pytest.fixture
def channel() -> Channel:
    return make_channel()


@pytest.fixture
def reader(channel: Channel) -> Reader:
    return Reader(channel)


def edit(post: Post, at: Any, text: str) -> None:
    PostRevision.objects.create(
        post=post, text=text, text_hash=text.encode().ljust(16)[:16], seen_at=post.published_at, replaced_at=at
    )


def test_edits_tell_the_text_before_and_after(channel: Channel, reader: Reader) -> None:
    (post,) = make_posts(channel, [Seen(START + HOUR, views=70)])
    for hours, text in ((2, "one"), (3, "two"), (4, "three")):
        edit(post, START + hours * HOUR, text)

    entries = reader.get(channel, "ledger", **SPAN)["data"]

    assert [(one["before"], one["after"], one["age_seconds"]) for one in entries] == [
        ("three", "post 1", 3 * 3600),
        ("two", "three", 2 * 3600),
        ("one", "two", 3600),
    ]
    assert entries[0] == {
        "kind": "edit",
        "at": "2026-06-08T04:00:00Z",
        "msg_id": 1,
        "date": "2026-06-08T01:00:00Z",
        "age_seconds": 10800,
        "title": "post 1",
        "permalink": f"https://t.me/{channel.username}/1",
        "seen_before": "2026-06-08T01:00:00Z",
        "before": "three",
        "after": "post 1",
        "stood_hours": None,
        "stood_hours_at_least": None,
        "views": 70,
        "forwards": 0,
        "replies": None,
        "reactions": None,
        "source": "mtproto",
        "observed_at": "2026-06-15T12:00:00Z",
        "approximate": False,
    }


def test_a_deletion_tells_how_long_the_post_stood_and_what_it_had(channel: Channel, reader: Reader) -> None:
    (post,) = make_posts(channel, [Seen(START + HOUR, views=190, forwards=3)])
    Post.objects.filter(pk=post.pk).update(
        deleted_at=START + 20 * HOUR, seen_at=START + 19.5 * HOUR, counters_at=START + 19.5 * HOUR
    )

    (entry,) = reader.get(channel, "ledger", **SPAN)["data"]

    assert (entry["kind"], entry["stood_hours"], entry["stood_hours_at_least"]) == ("deletion", 19.0, 18.5)
    assert (entry["views"], entry["forwards"], entry["before"], entry["after"]) == (190, 3, None, None)
    assert (entry["seen_before"], entry["age_seconds"]) == ("2026-06-08T19:30:00Z", 19 * 3600)


def test_a_post_edited_before_it_was_deleted_stands_in_both(channel: Channel, reader: Reader) -> None:
    (post,) = make_posts(channel, [Seen(START - 48 * HOUR)])
    edit(post, START + HOUR, "old")
    Post.objects.filter(pk=post.pk).update(deleted_at=START + 2 * HOUR)

    kinds = [one["kind"] for one in reader.get(channel, "ledger", **SPAN)["data"]]

    assert kinds == ["deletion", "edit"]
    assert [one["kind"] for one in reader.get(channel, "ledger", **SPAN, kind="edit")["data"]] == ["edit"]
    assert [one["kind"] for one in reader.get(channel, "ledger", **SPAN, kind="deletion")["data"]] == ["deletion"]


events = st.lists(
    st.tuples(
        st.integers(0, 3),  # which post
        st.integers(-30, 200).map(lambda hours: START + hours * HOUR),
        st.sampled_from(["edit", "deletion"]),
    ),
    max_size=14,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(made=events, limit=st.integers(1, 4), kind=st.sampled_from(["", "edit", "deletion"]))
def test_pages_together_equal_plain_python(made: list[Any], limit: int, kind: str) -> None:
    channel = make_channel()
    posts = make_posts(channel, [Seen(START - 90 * HOUR)] * 4)
    stranger = make_posts(make_channel(), [Seen(START - 90 * HOUR)])[0]
    edit(stranger, START + HOUR, "not ours")
    edits = {(number, at) for number, at, what in made if what == "edit"}
    deletions = {number: at for number, at, what in made if what == "deletion"}
    for number, at in edits:
        edit(posts[number], at, f"text {number}")
    for number, at in deletions.items():
        Post.objects.filter(pk=posts[number].pk).update(deleted_at=at)
    expected = [(at, number + 1, "edit") for number, at in edits] + [
        (at, number + 1, "deletion") for number, at in deletions.items()
    ]
    expected = [one for one in expected if START <= one[0] < END and kind in {"", one[2]}]

    pages = Reader(channel).pages(channel, "ledger", **SPAN, limit=limit, kind=kind)

    found = [(row["at"], row["msg_id"], row["kind"]) for page in pages for row in page]
    assert found == [
        (at.isoformat().replace("+00:00", "Z"), number, what) for at, number, what in sorted(expected, reverse=True)
    ]
    assert all(len(page) == limit for page in pages[:-1])


def test_an_untouched_channel_has_an_empty_ledger(channel: Channel, reader: Reader) -> None:
    make_posts(channel, [Seen(START + HOUR)])

    answer = reader.get(channel, "ledger", **SPAN)

    assert answer["data"] == []
    assert answer["meta"]["provenance"]["entries"] == {"source": None, "observed_at": None, "coverage": None}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"kind": "theft"}, "kind"),
        ({"limit": "1000"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": base64.urlsafe_b64encode(b"1:2:theft").decode()}, "cursor"),
        ({"cursor": base64.urlsafe_b64encode(b"99999999999999999:2:edit").decode()}, "cursor"),
    ],
)
def test_wrong_parameters_are_named(channel: Channel, reader: Reader, query: dict[str, str], field: str) -> None:
    answer = reader.answer(channel, "ledger", **query)

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


def test_the_ledger_takes_one_statement(channel: Channel, reader: Reader) -> None:
    (post,) = make_posts(channel, [Seen(START + HOUR)])
    edit(post, START + 2 * HOUR, "old")

    with CaptureQueriesContext(connection) as caught:
        reader.get(channel, "ledger", **SPAN)

    assert sum("channels_app_post" in one["sql"] for one in caught) == 1
