"""What happens now, against the same counted in plain Python."""

from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Workspace
from analytics.period import Period
from analytics.queries import StatsQuery
from analytics.queries.now import LEAST_DAYS, USUAL_DAYS, Standing, now_of
from channels_app.ingest import ingest_messages
from channels_app.models import (
    Channel,
    ChannelHour,
    ChannelSync,
    CollectionGap,
    Post,
    Relation,
    SubscriberSample,
    SyncState,
    TrackedChannel,
)
from mtproto.records import Counters, MessageRecord, Source
from tests.factories import bearer, make_token, make_workspace

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Tashkent")
NOW = datetime(2026, 11, 20, 9, 45, tzinfo=ZoneInfo("UTC"))
RUNNING = NOW.replace(minute=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def workspace(db: None) -> Workspace:
    workspace = make_workspace()
    Workspace.objects.update(time_zone="Asia/Tashkent")
    return workspace


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    channel = Channel.objects.create(tg_id=42, username="news", title="News", created_at=NOW)
    ChannelSync.objects.create(channel=channel, state=SyncState.COMPLETE, reached_start=True, started_at=NOW - 20 * DAY)
    TrackedChannel.objects.create(
        workspace=workspace, channel=channel, relation=Relation.OWNED, created_at=NOW - 20 * DAY
    )
    return channel


def views_of(hour: datetime) -> int:
    """Something that differs from hour to hour and from day to day."""
    return (hour.hour * 37 + hour.day * 11) % 97 + 1


def asked(channel: Channel, at: datetime = NOW) -> StatsQuery:
    return StatsQuery(channel.pk, Period(at - DAY, at, ZONE), owned=True, now=at)


def test_hours_stand_beside_the_median_of_the_same_hour(channel: Channel) -> None:
    hours = [RUNNING - number * HOUR for number in range(24 * 40)]
    ChannelHour.objects.bulk_create(
        ChannelHour(channel=channel, hour=hour, posts=0, views=views_of(hour), forwards=0, replies=0, reactions=0)
        for hour in hours
        if hour.hour != 3  # hours without a gain have no row
    )
    gap = (RUNNING - 2 * DAY, RUNNING - 2 * DAY + timedelta(minutes=90))
    CollectionGap.objects.create(channel=channel, kind="counters", started_at=gap[0], ended_at=gap[1], reason="test")

    found = now_of(asked(channel))

    assert [one.start for one in found.hours] == [RUNNING - number * HOUR for number in reversed(range(24))]
    for one in found.hours:
        assert one.views == (0 if one.start.hour == 3 else views_of(one.start))
        before = [one.start - number * DAY for number in range(1, USUAL_DAYS + 1)]
        watched = [hour for hour in before if hour >= NOW - 20 * DAY and not (hour < gap[1] and hour + HOUR > gap[0])]
        assert one.n == len(watched) >= LEAST_DAYS
        assert one.usual == median(0 if hour.hour == 3 else views_of(hour) for hour in watched)
    assert found.hours[-1].share == 1
    assert found.gained.source == Source.MTPROTO


def test_hours_that_nobody_watched_are_unknown(channel: Channel) -> None:
    ChannelSync.objects.update(started_at=NOW - 5 * HOUR)
    CollectionGap.objects.create(channel=channel, kind="counters", started_at=NOW - 2 * HOUR, reason="test")

    found = now_of(asked(channel))

    known = [one.views for one in found.hours]
    assert known[:18] == [None] * 18
    assert known[18:22] == [0] * 4
    assert known[22:] == [None] * 2
    assert all(one.usual is None for one in found.hours)


def test_the_usual_hour_is_that_of_the_clock_on_the_wall(channel: Channel) -> None:
    """In Berlin the clock went back on 25 October 2026: 12 o'clock is another hour of UTC before."""
    berlin = ZoneInfo("Europe/Berlin")
    at = datetime(2026, 10, 28, 11, 30, tzinfo=ZoneInfo("UTC"))
    ChannelSync.objects.update(started_at=at - 40 * DAY)
    for day in range(1, 29):
        noon = datetime(2026, 10, 28, 12, tzinfo=berlin) - day * DAY
        ChannelHour.objects.create(channel=channel, hour=noon, posts=0, views=50, forwards=0, replies=0, reactions=0)
    query = StatsQuery(channel.pk, Period(at - DAY, at, berlin), now=at)
    assert now_of(query).hours[-1].usual == 50


def make_post(channel: Channel, number: int, *, at: datetime, steps: list[tuple[float, int]], **values: Any) -> None:
    """A post read at ages in hours."""
    for age, views in steps:
        record = MessageRecord(number, at, f"Post {number}", counters=Counters(views=views, forwards=1), **values)
        ingest_messages(channel.pk, [record], source=Source.MTPROTO, observed_at=at + age * HOUR)


def test_young_posts_stand_against_the_band_at_their_age(channel: Channel) -> None:
    for number in range(1, 21):
        at = NOW - (3 + number) * DAY
        make_post(channel, number, at=at, steps=[(1, number * 10), (2, number * 20), (3, number * 30), (48, 900)])
    make_post(channel, 101, at=NOW - 3 * HOUR, steps=[(1, 300), (2, 500), (3, 900)])
    make_post(channel, 102, at=NOW - 2 * HOUR, steps=[(1, 15), (2, 21)])
    make_post(channel, 103, at=NOW - timedelta(minutes=30), steps=[(0.5, 80)])

    found = now_of(asked(channel))

    assert [post.message_id for post in found.posts] == [103, 102, 101]
    youngest, slow, fast = found.posts
    assert fast.n == 20
    band = quantiles([number * 30 for number in range(1, 21)], n=10, method="inclusive")
    assert fast.low == pytest.approx(band[0])
    assert fast.high == pytest.approx(band[-1])
    assert fast.median == 315
    assert fast.standing is Standing.ABOVE
    assert fast.pace == 400  # 900 less 500 an hour before
    assert slow.standing is Standing.BELOW
    assert slow.pace == 6
    assert youngest.pace == 160  # 80 in half an hour
    assert youngest.standing is None  # nobody was read at half an hour


def test_a_pace_of_seconds_or_of_rounded_counters_is_unknown(channel: Channel) -> None:
    """One view a sixth of a second after publication is no 21,600 views per hour."""
    second, minute = 1 / 3600, 1 / 60
    make_post(channel, 1, at=NOW - timedelta(minutes=5), steps=[(second / 6, 1)])
    make_post(channel, 2, at=NOW - timedelta(minutes=12), steps=[(10 * minute - second, 50)])
    make_post(channel, 3, at=NOW - timedelta(minutes=11), steps=[(10 * minute, 50)])
    make_post(channel, 4, at=NOW - timedelta(minutes=40), steps=[(0.5, 12_300)])
    Post.objects.filter(message_id=4).update(counters_approximate=True)

    pace = {post.message_id: post.pace for post in now_of(asked(channel)).posts}

    assert pace == {1: None, 2: None, 3: pytest.approx(300), 4: None}


def test_a_pace_of_hours_ago_is_none_of_now(channel: Channel) -> None:
    make_post(channel, 1, at=NOW - 12 * HOUR, steps=[(6, 500), (7, 600)])
    make_post(channel, 2, at=NOW - 12 * HOUR, steps=[(10, 500), (11, 600)])
    pace = {post.message_id: post.pace for post in now_of(asked(channel)).posts}
    assert pace == {1: None, 2: 100}


def test_what_was_seen_and_who_came_since_midnight(channel: Channel, workspace: Workspace, client: Client) -> None:
    midnight = datetime(2026, 11, 20, tzinfo=ZONE)
    for at, count in ((midnight - 2 * HOUR, 1000), (midnight + 3 * HOUR, 1012), (NOW - HOUR, 1007)):
        SubscriberSample.objects.create(channel=channel, source="mtproto", observed_at=at, count=count)
    make_post(channel, 7, at=NOW - 30 * HOUR, steps=[(1, 10)])
    edited = MessageRecord(7, NOW - 30 * HOUR, "Another text", counters=Counters(views=12))
    ingest_messages(channel.pk, [edited], source=Source.MTPROTO, observed_at=NOW - HOUR)
    make_post(channel, 8, at=NOW - 50 * HOUR, steps=[(1, 10)])
    Post.objects.filter(message_id=8).update(deleted_at=NOW - 3 * HOUR)

    with CaptureQueriesContext(connection) as statements:
        found = now_of(asked(channel))

    assert len(statements) == 5
    assert (found.followers.value, found.followers_change.value) == (1007, 7)
    assert found.midnight == midnight
    assert [(event.kind, event.message_id) for event in found.events] == [("edit", 7), ("deletion", 8)]


def test_change_of_several_days_is_not_that_since_midnight(channel: Channel) -> None:
    midnight = datetime(2026, 11, 20, tzinfo=ZONE)
    for at, count in ((midnight - 3 * DAY, 1000), (midnight + 3 * HOUR, 1500)):
        SubscriberSample.objects.create(channel=channel, source="mtproto", observed_at=at, count=count)
    found = now_of(asked(channel))
    assert (found.followers.value, found.followers_change.value) == (1500, None)
    SubscriberSample.objects.create(channel=channel, source="mtproto", observed_at=midnight - 23 * HOUR, count=1400)
    assert now_of(asked(channel)).followers_change.value == 100


def test_the_api_says_the_same(channel: Channel, workspace: Workspace, client: Client) -> None:
    answer = client.get("/api/v2/analytics/channels/@news/now", headers=bearer(make_token(workspace)))
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert len(data["hours"]) == 24
    assert data["hour"]["t"] == data["hours"][-1]["t"]
    assert data["posts"] == data["events"] == []
    assert data["subscribers"]["change"] is None
