"""The section "Now": what it says, what it costs, and what it says of a channel of which nothing is known yet."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.sections.now import Headline
from channels_app.models import Channel, ChannelHour, ChannelSync, CollectionGap, Post
from tests.face.section_world import enrich
from tests.face.world import full_channel, new_channel, track
from tests.factories import make_user, make_workspace

pytestmark = pytest.mark.django_db
ADDRESS = "/app/channels/@qulay_savdo/now/"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def channel(client: Client, now: datetime) -> Channel:
    person = make_user()
    channel = full_channel(now=now, days=40)
    track(make_workspace(owner=person), channel, now=now, owned=True)
    enrich(channel, now=now)
    ChannelSync.objects.filter(channel=channel).update(started_at=now - timedelta(days=60))
    hour = now.replace(minute=0, second=0, microsecond=0)
    ChannelHour.objects.bulk_create(
        ChannelHour(
            channel=channel, hour=hour - timedelta(hours=n), posts=0, views=600, forwards=0, replies=0, reactions=0
        )
        for n in range(24 * 30)
    )
    client.force_login(person)
    return channel


def test_page_tells_this_hour_posts_and_what_was_seen(client: Client, channel: Channel) -> None:
    client.get(ADDRESS)
    with CaptureQueriesContext(connection) as statements:
        response = client.get(ADDRESS)
    text = response.content.decode()
    assert response.status_code == 200
    assert 'data-metric="now-hour"' in text
    assert "usual: 600" not in text  # of the running hour only the part that has passed
    assert text.count("<tr data-post=") == 4  # two a day
    assert 'data-key="deletion-' in text
    assert 'data-live="/ws/channels/@qulay_savdo/"' in text
    assert len(statements) <= 14


def test_page_of_a_channel_without_anything_says_so(client: Client, now: datetime) -> None:
    person = make_user()
    track(make_workspace(owner=person), new_channel("fresh", now=now), now=now)
    client.force_login(person)
    text = client.get("/app/channels/@fresh/now/").content.decode()
    assert "Nothing was published in the last 48 hours." in text
    assert "No data for this period" in text


def headline(response: Any, name: str) -> Headline:
    """One of the numbers on top, as the page has it."""
    return next(one for one in response.context["headlines"] if one.name == name)


def test_pace_is_that_of_own_posts_of_which_it_is_known(client: Client, channel: Channel, now: datetime) -> None:
    newest, *others = Post.objects.filter(channel=channel, published_at__gt=now - timedelta(hours=48)).order_by(
        "-published_at"
    )
    Post.objects.filter(pk__in=[post.pk for post in others]).update(is_forward=True)
    Post.objects.filter(pk=newest.pk).update(
        published_at=now - timedelta(seconds=2), counters_at=now - timedelta(seconds=1), views=1
    )
    response = client.get(ADDRESS)
    pace = headline(response, "pace")
    assert (pace.value, pace.counted, pace.of, pace.told.coverage) == (None, 0, 1, 0)
    assert "0 of 1 own post of 48 hours" in response.content.decode()


def test_half_a_day_is_not_held_against_a_whole_one(client: Client, channel: Channel, now: datetime) -> None:
    assert headline(client.get(ADDRESS), "day").change is not None
    gap = {"started_at": now - timedelta(hours=20), "ended_at": now - timedelta(hours=10), "reason": "test"}
    CollectionGap.objects.create(channel=channel, kind="counters", **gap)
    day = headline(client.get(ADDRESS), "day")
    assert day.value is not None
    assert day.beside is not None
    assert day.change is None
