"""Headline numbers against the same computed in plain Python."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from analytics.period import Period, last_days
from analytics.queries import StatsQuery, overview
from channels_app.models import ChannelHour, ChannelSync
from tests.analytics.world import NOW, Seen, count_subscribers, make_channel, make_posts

pytestmark = pytest.mark.django_db
UTC_ZONE = ZoneInfo("UTC")
WEEK = Period(NOW - timedelta(days=7), NOW, UTC_ZONE)
HOUR = timedelta(hours=1)

counters = st.none() | st.integers(0, 10**7)
seen_posts = st.lists(
    st.builds(
        Seen,
        at=st.integers(1, 14 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes)),
        views=counters,
        forwards=counters,
        replies=counters,
        reactions=counters,
        is_forward=st.booleans(),
        deleted=st.booleans(),
    ),
    max_size=12,
)


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _expected(posts: list[Seen], period: Period, followers: int | None) -> dict[str, Any]:
    mine = [p for p in posts if period.start <= p.at < period.end and not p.deleted]
    own = [p.views for p in mine if not p.is_forward and p.views is not None]
    views = _sum(p.views for p in mine)
    # Of a post of which nobody told how it was taken up, the views do not count either.
    touched = [p for p in mine if p.views is not None and {p.forwards, p.replies, p.reactions} != {None}]
    seen = sum(p.views or 0 for p in touched)
    interactions = sum((p.forwards or 0) + (p.replies or 0) + (p.reactions or 0) for p in touched)
    reach = fmean(own) if own else None
    return {
        "posts": len(mine),
        "views": views if mine else 0,
        "forwards": _sum(p.forwards for p in mine) if mine else 0,
        "replies": _sum(p.replies for p in mine) if mine else 0,
        "reactions": _sum(p.reactions for p in mine) if mine else 0,
        "avg_reach": reach,
        "err": reach / followers * 100 if reach is not None and followers else None,
        "er_views": interactions / seen * 100 if seen else None,
        "followers": followers,
    }


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(posts=seen_posts, followers=st.none() | st.integers(0, 10**7))
def test_overview_equals_plain_python(posts: list[Seen], followers: int | None) -> None:
    channel = make_channel()
    make_posts(channel, posts)
    if followers is not None:
        count_subscribers(channel, (NOW - HOUR, followers))

    answer = overview(StatsQuery(channel.pk, WEEK))

    for numbers, period in ((answer.current, WEEK), (answer.previous, WEEK.previous)):
        values = {name: numbers[name].value for name in _expected(posts, period, followers)}
        assert values == pytest.approx(_expected(posts, period, followers), abs=1e-3)


def test_sub_periods_add_up_to_the_period() -> None:
    channel = make_channel()
    make_posts(channel, [Seen(NOW - timedelta(hours=h), views=h, forwards=1) for h in range(1, 160)])
    days = [Period(NOW - timedelta(days=d + 1), NOW - timedelta(days=d), UTC_ZONE) for d in range(7)]

    whole = overview(StatsQuery(channel.pk, WEEK)).current
    parts = [overview(StatsQuery(channel.pk, day)).current for day in days]

    for name in ("posts", "views", "forwards"):
        assert sum(part[name].value or 0 for part in parts) == whole[name].value


def test_numbers_are_unknown_before_anything_was_collected() -> None:
    channel = make_channel(complete=False)

    answer = overview(StatsQuery(channel.pk, WEEK))

    assert {number.value for number in answer.current.values()} == {None}


def test_unknown_views_are_not_zero() -> None:
    channel = make_channel()
    make_posts(channel, [Seen(NOW - HOUR, views=None, forwards=None)])

    current = overview(StatsQuery(channel.pk, WEEK)).current

    assert current["posts"].value == 1
    assert current["views"].value is None
    assert current["views"].provenance.coverage == 0
    assert current["avg_reach"].value is None


def test_coverage_tells_the_share_of_posts_with_a_known_counter() -> None:
    channel = make_channel()
    make_posts(channel, [Seen(NOW - HOUR, views=10), Seen(NOW - 2 * HOUR, views=None)])

    views = overview(StatsQuery(channel.pk, WEEK)).current["views"]

    assert (views.value, views.provenance.coverage, views.provenance.source) == (10, 0.5, "mtproto")


def test_subscribers_counted_only_later_say_so() -> None:
    channel = make_channel()
    count_subscribers(channel, (NOW + HOUR, 500))

    followers = overview(StatsQuery(channel.pk, WEEK)).current["followers"]

    assert followers.value == 500
    assert followers.provenance.note == "observed_after_period"
    assert followers.provenance.observed_at == NOW + HOUR


def test_subscribers_are_those_at_the_end_of_each_period() -> None:
    channel = make_channel()
    count_subscribers(channel, (WEEK.start - HOUR, 90), (WEEK.start + HOUR, 95), (NOW - HOUR, 100), (NOW + HOUR, 7))

    answer = overview(StatsQuery(channel.pk, WEEK))

    assert (answer.current["followers"].value, answer.previous["followers"].value) == (100, 90)


def test_views_gained_are_unknown_for_the_time_before_we_watched() -> None:
    channel = make_channel()
    began = WEEK.end - (WEEK.end - WEEK.start) / 4
    ChannelSync.objects.filter(channel=channel).update(started_at=began)
    ChannelHour.objects.create(channel=channel, hour=NOW - 5 * HOUR, views=12)
    ChannelHour.objects.create(channel=channel, hour=WEEK.start - 5 * HOUR, posts=1)

    answer = overview(StatsQuery(channel.pk, WEEK))

    assert (answer.current["views_gained"].value, answer.previous["views_gained"].value) == (12, None)
    assert answer.current["views_gained"].provenance.coverage == 0.25


def test_overview_takes_three_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    channel = make_channel()

    with django_assert_num_queries(3):
        overview(StatsQuery(channel.pk, WEEK))


def test_previous_of_whole_days_keeps_local_midnight_over_a_clock_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    period = last_days(7, now=datetime(2026, 3, 30, 12, tzinfo=UTC), zone=berlin)

    previous = period.previous

    assert previous.start.astimezone(berlin).hour == 0
    assert (period.first_day - previous.first_day).days == 7
