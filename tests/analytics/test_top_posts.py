"""The best posts of a period, by every order, against plain Python."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.period import Period
from analytics.queries import PostOrder, StatsQuery, top_posts
from analytics.queries.posts import GROWING_FOR
from channels_app.cells import repair_channel
from channels_app.models import Channel, ChannelHour, Post, PostSnapshot
from channels_app.partitions import ensure_months, forget_partitions, month_of
from tests.analytics.reader import Reader
from tests.analytics.world import NOW, Seen, make_channel, make_posts, take_snapshots

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SPAN = {"from_": "2026-06-08", "to": "2026-06-15"}
START, END = NOW.replace(day=8, hour=0), NOW.replace(day=15, hour=0)
PERIOD = Period(START, END, ZoneInfo("UTC"))

counters = st.none() | st.sampled_from([0, 1, 2, 10**9])
made_posts = st.lists(
    st.builds(
        Seen,
        at=st.integers(0, 9 * 24).map(lambda hours: NOW - hours * HOUR),
        views=counters,
        forwards=counters,
        replies=counters,
        reactions=counters,
        is_forward=st.booleans(),
        deleted=st.booleans(),
    ),
    max_size=12,
)


def rate(post: Seen) -> float | None:
    told = [x for x in (post.forwards, post.replies, post.reactions) if x is not None]
    return round(sum(told) / post.views * 100, 4) if told and post.views else None


VALUES: dict[str, Any] = {
    "views": lambda post: post.views,
    "er": rate,
    "forwards": lambda post: post.forwards,
    "reactions": lambda post: post.reactions,
    "replies": lambda post: post.replies,
    "ctr": lambda post: None,
}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(made=made_posts, order=st.sampled_from(sorted(VALUES)), limit=st.integers(1, 6))
def test_the_best_equal_plain_python(made: list[Seen], order: str, limit: int) -> None:
    channel, value = make_channel(), VALUES[order]
    make_posts(channel, made)
    chosen = [(n, post) for n, post in enumerate(made, start=1) if START <= post.at < END and not post.deleted]
    chosen.sort(key=lambda one: (value(one[1]) is None, -(value(one[1]) or 0), one[0]))

    found = top_posts(StatsQuery(channel.pk, PERIOD), order=PostOrder(order), limit=limit)

    assert [row.message_id for row in found] == [number for number, _ in chosen][:limit]
    assert [row.er_views for row in found] == [rate(post) for _, post in chosen][:limit]


def observe(post: Post, *readings: tuple[datetime, int | None, bool]) -> None:
    """Readings of views (moment, views, abbreviated?), and the latest counters that follow from them."""
    forget_partitions()
    ensure_months({month_of(at) for at, _, _ in readings})
    PostSnapshot.objects.bulk_create(
        PostSnapshot(post=post, observed_at=at, source="mtproto", views=views, approximate=rough)
        for at, views, rough in readings
    )


reading_lists = st.lists(
    st.tuples(st.integers(0, 100 * 60), st.integers(0, 1000), st.booleans()), max_size=7, unique_by=lambda one: one[0]
).map(sorted)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(made=st.lists(st.tuples(st.integers(-72, 50), reading_lists), max_size=6))
def test_growth_adds_up_to_the_views_that_the_channel_gained(made: list[tuple[int, list[Any]]]) -> None:
    """Hour cells are computed from the same readings by other means."""
    channel = make_channel()
    start, end = START, START + 48 * HOUR
    posts = make_posts(channel, [Seen(start + hour * HOUR, views=None) for hour, _ in made])
    for post, (_, readings) in zip(posts, made, strict=True):
        told = [(post.published_at + timedelta(minutes=minute), views, rough) for minute, views, rough in readings]
        observe(post, *told)
        last = max((at for at, _, _ in told), default=None)
        Post.objects.filter(pk=post.pk).update(counters_at=last)
    repair_channel(channel.pk)

    rows = top_posts(StatsQuery(channel.pk, Period(start, end, ZoneInfo("UTC"))), order=PostOrder.GROWTH, limit=50)
    gained = sum(
        ChannelHour.objects.filter(channel=channel, hour__gte=start, hour__lt=end).values_list("views", flat=True)
    )

    assert sum(row.gained or 0 for row in rows) == gained
    known = [row.gained for row in rows if row.gained is not None]
    assert known == sorted(known, reverse=True)
    assert all(row.gained is None for row in rows[len(known) :])


def test_growth_is_what_came_within_the_period() -> None:
    channel = make_channel()
    old, fresh, late, silent, ancient = make_posts(
        channel,
        [
            Seen(START - 48 * HOUR, views=1000),
            Seen(START + HOUR, views=300),
            Seen(START + HOUR, views=900),
            Seen(START - 48 * HOUR, views=50),
            Seen(START - GROWING_FOR - HOUR, views=10**6),
        ],
    )
    take_snapshots(old, (HOUR, 100), (47 * HOUR, 700), (60 * HOUR, 800), (20 * 24 * HOUR, 1000))
    take_snapshots(fresh, (HOUR / 2, 10), (30 * HOUR, 300))
    take_snapshots(late, (20 * HOUR, 880), (30 * HOUR, 900))
    take_snapshots(silent, (HOUR, 50))
    Post.objects.filter(pk=late.pk).update(baseline_views=880)
    Post.objects.filter(pk=silent.pk).update(counters_at=START - HOUR)
    Post.objects.filter(pk=fresh.pk).update(counters_at=START + 31 * HOUR)

    rows = top_posts(StatsQuery(channel.pk, PERIOD), order=PostOrder.GROWTH)

    assert [(row.message_id, row.gained) for row in rows] == [(2, 300), (1, 100), (3, 20)]
    assert not {silent.message_id, ancient.message_id} & {row.message_id for row in rows}


def test_growth_and_clicks_are_told_by_their_order_only() -> None:
    channel = make_channel()
    reader = Reader(channel)
    make_posts(channel, [Seen(START + HOUR, views=5), Seen(START + HOUR, views=7)])

    growth, ctr, views = (reader.get(channel, "top-posts", **SPAN, order=order) for order in ("growth", "ctr", "views"))

    # Without any reading before the end of the period, nothing is known of it.
    assert [(row["msg_id"], row["growth"]) for row in growth["data"]] == [(1, None), (2, None)]
    assert growth["meta"]["provenance"]["growth"]["coverage"] == 0
    assert [(row["msg_id"], row["ctr"]) for row in ctr["data"]] == [(1, None), (2, None)]
    assert ctr["meta"]["provenance"]["ctr"] == {
        "source": None,
        "observed_at": None,
        "coverage": 0.0,
        "note": "no_link_clicks",
    }
    assert not {"growth", "ctr"} & set(views["data"][0])


def test_an_album_is_one_post_with_the_link_of_its_first_message() -> None:
    channel = make_channel()
    make_posts(channel, [Seen(START + HOUR)])
    Post.objects.update(item_ids=[1, 2, 3], grouped_id=5)

    (row,) = Reader(channel).get(channel, "top-posts", **SPAN)["data"]

    assert (row["album_size"], row["permalink"]) == (3, f"https://t.me/{channel.username}/1")


def test_private_channels_have_links_for_their_members() -> None:
    channel = make_channel()
    make_posts(channel, [Seen(START + HOUR)])
    Channel.objects.filter(pk=channel.pk).update(username=None)

    (row,) = Reader(channel).get(channel, "top-posts", **SPAN)["data"]

    assert row["permalink"] == f"https://t.me/c/{channel.tg_id}/1"


@pytest.mark.parametrize("order", list(PostOrder))
def test_the_best_take_one_statement(order: PostOrder) -> None:
    channel = make_channel()
    make_posts(channel, [Seen(START + HOUR)] * 3)
    reader = Reader(channel)

    with CaptureQueriesContext(connection) as caught:
        reader.get(channel, "top-posts", **SPAN, order=order)

    assert sum("channels_app_post" in one["sql"] for one in caught) == 1
