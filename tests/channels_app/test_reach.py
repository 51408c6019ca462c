"""What is kept of the reach of posts answers as the readings do, and goes when a late reading comes in."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.period import Period
from analytics.queries import StatsQuery, reach_at_age
from analytics.queries.between import NEAR
from analytics.queries.sums import AGES_HOURS
from channels_app import reach
from channels_app.cells import recompute_dirty_cells, repair_channel
from channels_app.ingest import ingest_messages, ingest_poll
from channels_app.models import Channel, Post, PostReach, PostSnapshot, ReachMark
from channels_app.packing import pack_posts
from channels_app.reach import keep_batch, keep_reach
from channels_app.sides import KEPT_HOURS
from mtproto.records import Source
from tests.channels_app.ingest.seen import make_channel, message, post_of
from tests.channels_app.packing.curves import OPENED, Told, make_post, write_snapshots

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = OPENED + 20 * DAY


def asked(channel: Channel, *, now: datetime = NOW) -> Any:
    period = Period(OPENED - 10 * DAY, OPENED + 40 * DAY, ZoneInfo("UTC"))
    return reach_at_age(StatsQuery(channel.pk, period, now=now))


def asked_of_readings(channel: Channel, *, now: datetime = NOW) -> Any:
    """The same while nothing is kept."""
    with transaction.atomic():
        PostReach.objects.all().delete()
        found = asked(channel, now=now)
        transaction.set_rollback(True)
    return found


def kept(channel: Channel) -> set[int]:
    posts = Post.objects.filter(channel=channel, pk__in=PostReach.objects.values("post_id"))
    return set(posts.values_list("message_id", flat=True))


# Ages near those that are asked for, and any.
ages = st.sampled_from([0, 8, 9, 11, 12, 13, 15, 16, 18, 24, 30, 36, 47, 48, 49, 60, 61, 100]).map(lambda h: h * HOUR)
ages = ages | st.integers(-3000, 300_000).map(lambda seconds: timedelta(seconds=seconds, microseconds=seconds % 7))
readings = st.builds(
    Told,
    ages,
    views=st.none() | st.integers(0, 50),
    forwards=st.none(),
    replies=st.none(),
    reactions=st.none(),
    source=st.sampled_from(["mtproto", "import", "preview"]),
    approximate=st.sampled_from([False, False, False, True]),
)
posts = st.fixed_dictionaries(
    {
        "readings": st.lists(readings, max_size=8, unique_by=lambda told: told.age),
        "views": st.none() | st.integers(0, 50),
        "counted": ages,
        "counters_source": st.sampled_from(["mtproto", "import"]),
        "counters_approximate": st.booleans(),
        "is_forward": st.sampled_from([False, False, True]),
        "published": st.integers(-5 * 24, 19 * 24),
        "packed": st.booleans(),
    }
)


def _made(channel: Channel, one: dict[str, Any]) -> None:
    published = OPENED + one["published"] * HOUR
    names = ("views", "counters_source", "counters_approximate", "is_forward")
    post = make_post(
        channel,
        published_at=published,
        counters_at=published + one["counted"],
        **{name: one[name] for name in names},
    )
    write_snapshots(post, one["readings"], since=published)
    if one["packed"]:
        pack_posts([post.pk])
        PostSnapshot.objects.filter(post_id=post.pk).delete()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(posts, max_size=6))
def test_kept_answers_as_the_readings_do(made: list[dict[str, Any]]) -> None:
    with transaction.atomic():
        channel = make_channel()
        for one in made:
            _made(channel, one)
        before = asked(channel)

        count = keep_reach(now=NOW)

        ripe = Post.objects.filter(channel=channel, is_forward=False, published_at__lt=NOW - 61 * HOUR)
        assert count == PostReach.objects.count() == ripe.count()
        assert asked(channel) == before
        # What no reading follows is told by the latest counter, which is not kept.
        Post.objects.filter(channel=channel).update(views=7, counters_at=NOW)
        assert asked(channel) == asked_of_readings(channel)
        transaction.set_rollback(True)


steps = st.tuples(
    st.sampled_from(["page", "page", "poll", "keep", "pack", "recompute"]),
    st.sampled_from([1, 10, 12, 14, 20, 24, 26, 40, 48, 50, 59, 60, 61, 200]),
    st.sampled_from([Source.MTPROTO, Source.IMPORT, Source.PREVIEW]),
    st.lists(st.tuples(st.integers(1, 4), st.none() | st.integers(0, 30)), min_size=1, max_size=3),
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(steps, min_size=1, max_size=12))
def test_nothing_kept_outlives_what_would_change_it(taken: list[Any]) -> None:
    with transaction.atomic():
        channel = make_channel()
        for what, age, source, told in taken:
            page = [
                message(
                    number,
                    date=OPENED + timedelta(minutes=number * age if number == 4 else number),
                    views=views,
                    grouped_id=9 if number in {2, 3} else None,
                    approximate=source is Source.PREVIEW,
                )
                for number, views in told
            ]
            if what == "page":
                ingest_messages(channel.pk, page, source=source, observed_at=OPENED + age * HOUR)
            elif what == "poll":
                ingest_poll(channel.pk, [1, 2, 3, 4], page, observed_at=OPENED + age * HOUR)
            elif what == "keep":
                keep_reach(now=NOW)
            elif what == "pack":
                pack_posts(list(channel.posts.values_list("pk", flat=True)))
            else:
                recompute_dirty_cells()
            assert asked(channel) == asked_of_readings(channel)
        transaction.set_rollback(True)


def _seen(channel: Channel, hours: int, views: int, *, source: Source = Source.MTPROTO) -> None:
    ingest_messages(
        channel.pk, [message(1, date=OPENED, views=views)], source=source, observed_at=OPENED + hours * HOUR
    )


@pytest.mark.parametrize("packs", [False, True])
def test_late_import_changes_reach(packs: bool) -> None:
    channel = make_channel()
    for hours, views in ((1, 100), (10, 1000), (14, 1400), (70, 2000)):
        _seen(channel, hours, views)
    assert keep_reach(now=NOW) == 1
    if packs:
        pack_posts([post_of(channel, 1).pk])
    assert [asked(channel)[hours].value for hours in AGES_HOURS] == [1200, None, None]

    _seen(channel, 11, 1300, source=Source.IMPORT)
    _seen(channel, 23, 1500, source=Source.IMPORT)
    _seen(channel, 25, 1600, source=Source.IMPORT)

    assert kept(channel) == set()
    assert recompute_dirty_cells() > 0
    found = [asked(channel)[hours].value for hours in AGES_HOURS]
    assert found == [pytest.approx(1300 + 100 / 3), 1550, None]
    assert keep_reach(now=NOW + DAY + HOUR) == 1
    assert [asked(channel)[hours].value for hours in AGES_HOURS] == found


def test_reading_past_all_ages_takes_nothing_away() -> None:
    channel = make_channel()
    _seen(channel, 1, 100)
    _seen(channel, 70, 1000)
    keep_reach(now=NOW)

    _seen(channel, 61, 500, source=Source.IMPORT)
    _seen(channel, 90, 1500)

    assert kept(channel) == {1}


def test_post_of_which_nothing_is_known_is_tried_once() -> None:
    channel = make_channel()
    make_post(channel, published_at=OPENED)

    assert (keep_reach(now=NOW), keep_reach(now=NOW), keep_reach(now=NOW + 2 * DAY)) == (1, 0, 0)


def test_older_posts_that_come_in_later_are_kept_too() -> None:
    channel = make_channel()
    make_post(channel, published_at=OPENED)
    keep_reach(now=NOW)
    make_post(channel, published_at=OPENED - 300 * DAY)
    young = make_post(channel, published_at=NOW - 60 * HOUR)

    assert keep_reach(now=NOW + HOUR / 2) == 0
    assert keep_reach(now=NOW + reach.EVERY) == 1
    assert keep_reach(now=NOW + 3 * reach.EVERY) == 1
    assert PostReach.objects.filter(post_id=young.pk).exists()


def test_batches_go_on_where_they_stopped() -> None:
    channel = make_channel()
    for number in range(5):
        make_post(channel, published_at=OPENED + (number // 2) * HOUR)
    ReachMark.objects.create(channel=channel, due_at=NOW)

    assert [keep_batch(channel.pk, now=NOW, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_other_date_of_publication_makes_what_is_kept_void() -> None:
    channel = make_channel()
    for hours, views in ((10, 1000), (14, 1400)):
        _seen(channel, hours, views)
    keep_reach(now=NOW)

    Post.objects.filter(channel=channel).update(published_at=OPENED + HOUR)

    assert asked(channel) == asked_of_readings(channel)
    keep_reach(now=NOW + DAY)
    assert asked(channel, now=NOW + DAY) == asked_of_readings(channel, now=NOW + DAY)
    assert kept(channel) == {1}


def test_repair_begins_anew() -> None:
    channel = make_channel()
    _seen(channel, 10, 100)
    keep_reach(now=NOW)

    repair_channel(channel.pk)

    assert (kept(channel), keep_reach(now=NOW), kept(channel)) == (set(), 1, {1})


def test_ages_and_tolerance_are_those_of_the_reader() -> None:
    assert KEPT_HOURS == AGES_HOURS
    assert reach.NEAR == NEAR
    assert timedelta(hours=60) == reach.LAST_AGE
