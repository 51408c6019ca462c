"""Official figures beside counted ones, and the parts of the difference against plain Python."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from accounts.models import Workspace
from analyticbot.core.errors import InvalidInput
from analytics.metrics import METRICS
from analytics.period import days_between
from analytics.queries import StatsQuery
from analytics.queries.reconciliation import MAX_DAYS, reconciliation
from channels_app.models import (
    Channel,
    ChannelHour,
    ChannelSync,
    DailyFact,
    Post,
    Relation,
    SubscriberSample,
    TrackedChannel,
)
from tests.analytics.world import NOW, Seen, make_channel, make_posts, take_snapshots
from tests.factories import bearer, make_token, make_workspace

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TASHKENT = ZoneInfo("Asia/Tashkent")
WEEK = days_between(date(2026, 6, 8), date(2026, 6, 15), TASHKENT)


def _watched(*, since: timedelta = timedelta()) -> Channel:
    channel = make_channel()
    ChannelSync.objects.filter(channel=channel).update(started_at=WEEK.start + since)
    return channel


def _official(channel: Channel, day: date, **figures: int) -> None:
    DailyFact.objects.create(channel=channel, day=day, source="official", observed_at=NOW, **figures)


def test_both_words_stand_side_by_side_and_the_parts_add_up() -> None:
    channel = _watched()
    _official(channel, WEEK.first_day, subscribers=50, views=130, shares=4)
    SubscriberSample.objects.create(channel=channel, observed_at=WEEK.start + HOUR, source="mtproto", count=47)
    SubscriberSample.objects.create(channel=channel, observed_at=WEEK.start + 2 * HOUR, source="preview", count=99)
    ChannelHour.objects.create(channel=channel, hour=WEEK.start + 3 * HOUR, views=100, forwards=4, posts=1)
    forwarded, deleted, late = make_posts(
        channel,
        [
            Seen(WEEK.start - DAY, is_forward=True),
            Seen(WEEK.start + HOUR, deleted=True),
            Seen(WEEK.start + 2 * HOUR, views=80),
        ],
    )
    take_snapshots(forwarded, (HOUR / 2, 500), (25 * HOUR, 530))
    take_snapshots(deleted, (HOUR / 2, 10), (2 * HOUR, 25))
    Post.objects.filter(pk=late.pk).update(baseline_views=60, first_seen_at=WEEK.start + 9 * HOUR)

    first, *rest = reconciliation(StatsQuery(channel.pk, WEEK, owned=True, now=NOW))

    views = first.gained["views"]
    assert (views.official, views.counted, views.difference) == (130, 100, 30)
    assert views.parts == {"forwarded": -30, "deleted": -25, "before_watched": 60, "unwatched": 0}
    assert views.unexplained == 30 - (-30 - 25 + 60)
    assert (first.gained["shares"].difference, first.gained["shares"].unexplained) == (0, 0)
    assert (first.subscribers.official, first.subscribers.counted, first.subscribers.difference) == (50, 47, 3)
    assert len(rest) == 6
    assert {day.gained["views"].difference for day in rest} == {None}


def test_the_time_without_watching_is_estimated() -> None:
    channel = _watched(since=18 * HOUR)
    _official(channel, WEEK.first_day, views=400)
    ChannelHour.objects.create(channel=channel, hour=WEEK.start + 20 * HOUR, views=100, posts=0)

    first, second, *_ = reconciliation(StatsQuery(channel.pk, WEEK, owned=True, now=NOW))

    assert (first.gained["views"].coverage, first.gained["views"].parts["unwatched"]) == (0.25, 300)
    assert first.gained["views"].unexplained == 0
    assert (second.gained["views"].counted, second.gained["views"].coverage) == (0, 1.0)


def test_official_words_are_for_owners() -> None:
    channel = _watched()
    _official(channel, WEEK.first_day, subscribers=50, views=130)

    first = reconciliation(StatsQuery(channel.pk, WEEK, now=NOW))[0]

    assert first.subscribers.official is first.gained["views"].official is None
    assert first.gained["views"].counted == 0


# Age in quarters of an hour, and the views then.
readings = st.dictionaries(st.integers(1, 9 * 24 * 4), st.integers(0, 500), max_size=6)


@rules(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(quarters=readings, hours_before=st.integers(0, 48), deleted=st.booleans())
def test_parts_follow_the_rule_of_the_cells(quarters: dict[int, int], hours_before: int, deleted: bool) -> None:
    channel = _watched()
    at = WEEK.start - hours_before * HOUR
    [post] = make_posts(channel, [Seen(at, is_forward=not deleted, deleted=deleted)])
    told = sorted((quarter * HOUR / 4, views) for quarter, views in quarters.items())
    if told:
        take_snapshots(post, *told)
    expected: Counter[date] = Counter()
    last: int | None = None
    for age, views in told:
        moment = at + age
        if last is not None or age <= HOUR:
            expected[moment.replace(minute=0).astimezone(TASHKENT).date()] += views - (last or 0)
        last = views

    days = reconciliation(StatsQuery(channel.pk, WEEK, owned=True, now=NOW))

    part = "deleted" if deleted else "forwarded"
    assert {day.day: -day.gained["views"].parts[part] for day in days} == {day.day: expected[day.day] for day in days}


def test_too_many_days_are_refused() -> None:
    period = days_between(date(2020, 1, 1), date(2026, 1, 1), TASHKENT)

    with pytest.raises(InvalidInput) as refused:
        reconciliation(StatsQuery(1, period, now=NOW))

    assert refused.value.field == "from"
    assert (period.end - period.start).days > MAX_DAYS


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def get(client: Client, workspace: Workspace) -> Callable[..., Any]:
    headers = bearer(make_token(workspace))
    span = {"from": "2026-06-08", "to": "2026-06-15"}
    return lambda channel, **asked: client.get(
        f"/api/v2/analytics/channels/@{channel.username}/reconciliation", span | asked, headers=headers
    )


def _track(workspace: Workspace, channel: Channel, relation: Relation) -> None:
    TrackedChannel.objects.create(workspace=workspace, channel=channel, relation=relation, created_at=NOW)


def test_the_address_answers_days_and_totals(get: Callable[..., Any], workspace: Workspace) -> None:
    channel = _watched()
    _track(workspace, channel, Relation.OWNED)
    _official(channel, WEEK.first_day, subscribers=50, views=130, reactions=7)
    _official(channel, WEEK.first_day + DAY, views=20)

    answer = get(channel).json()

    assert [point["day"] for point in answer["data"]["points"]] == [f"2026-06-{day:02}" for day in range(8, 15)]
    assert answer["data"]["totals"]["views"] == {
        "official": 150,
        "counted": 0,
        "difference": 150,
        "coverage": 1.0,
        "forwarded": 0,
        "deleted": 0,
        "before_watched": 0,
        "unwatched": 0,
        "unexplained": 150,
    }
    assert answer["data"]["points"][0]["subscribers"] == {
        "official": 50,
        "counted": None,
        "counted_at": None,
        "difference": None,
    }
    assert set(answer["meta"]["provenance"]) <= set(METRICS)


def test_who_only_watches_is_told_why_official_figures_are_absent(
    get: Callable[..., Any], workspace: Workspace
) -> None:
    channel = _watched()
    _track(workspace, channel, Relation.WATCHED)
    _official(channel, WEEK.first_day, views=130)

    answer = get(channel).json()

    assert {point["views"]["official"] for point in answer["data"]["points"]} == {None}
    assert answer["meta"]["provenance"]["day_views"]["note"] == "owners_only"


def test_segments_are_refused_and_statements_few(
    get: Callable[..., Any], workspace: Workspace, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    channel = _watched()
    _track(workspace, channel, Relation.OWNED)

    refused = get(channel, media="photo")

    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "media")
    # The token and the channel; days, watching, parts, counts, gaps.
    with django_assert_num_queries(2 + 5):
        assert get(channel).status_code == 200
