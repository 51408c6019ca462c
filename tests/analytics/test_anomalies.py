"""Days that stand out, against a formula worked out by hand."""

from datetime import UTC, datetime, timedelta
from math import sqrt
from statistics import median

import pytest

from analytics.period import days_between, last_days, zone_named
from analytics.queries import StatsQuery
from analytics.queries.anomalies import Anomaly, anomalies
from channels_app.models import Channel, ChannelHour, ChannelSync, CollectionGap, SubscriberSample

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
ZONE = zone_named("Asia/Tashkent")
pytestmark = pytest.mark.django_db


def usual_views(day: int) -> int:
    """Views of the local day so many days before today."""
    return 24 * (100 + day % 5)


def make_channel(changed: dict[int, int] | None = None, *, days: int = 60, seen: int = 60) -> Channel:
    """A channel watched for `seen` days whose local days bring the usual, but for those that are changed."""
    channel = Channel.objects.create(tg_id=1, username="steady", created_at=NOW)
    ChannelSync.objects.create(channel=channel, started_at=NOW - timedelta(days=seen))
    midnight = last_days(1, now=NOW, zone=ZONE).start
    ChannelHour.objects.bulk_create(
        ChannelHour(
            channel=channel,
            hour=midnight - timedelta(days=day) + timedelta(hours=hour),
            views=(changed or {}).get(day, usual_views(day)) // 24,
        )
        for day in range(days)
        for hour in range(24)
    )
    return channel


def found(channel: Channel, days: int = 28, **more: object) -> tuple[Anomaly, ...]:
    query = StatsQuery(channel.pk, last_days(days, now=NOW, zone=ZONE), now=NOW)
    return anomalies(query, limit=50).rows


def test_day_that_stands_out_is_told_with_its_score() -> None:
    channel = make_channel({5: 24 * 400})
    [one] = found(channel)
    before = [usual_views(day) for day in range(6, 34)]
    usual = median(before)
    spread = max(median(abs(value - usual) for value in before) * 1.4826, usual * 0.1, sqrt(usual), 1.0)
    assert one.start == last_days(1, now=NOW, zone=ZONE).start - timedelta(days=5)
    assert (one.metric, one.value, one.usual, one.known) == ("views_gained", 24 * 400, usual, 28)
    assert one.score == pytest.approx((24 * 400 - usual) / spread)


def test_a_fall_stands_out_as_well_and_the_farthest_comes_first() -> None:
    rows = found(make_channel({4: 24 * 900, 12: 24}))
    assert [round(one.score) > 0 for one in rows] == [True, False]
    assert abs(rows[0].score) > abs(rows[1].score)


def test_steady_days_stand_out_by_nothing_and_today_is_not_over() -> None:
    assert found(make_channel({0: 24 * 5000})) == ()


def test_a_day_that_was_hardly_watched_tells_nothing() -> None:
    channel = make_channel({5: 0})
    midnight = last_days(1, now=NOW, zone=ZONE).start
    CollectionGap.objects.create(
        channel=channel,
        kind="counters",
        started_at=midnight - timedelta(days=5),
        ended_at=midnight - timedelta(days=4),
        reason="offline",
    )
    assert found(channel) == ()


def test_days_without_enough_behind_them_are_not_told() -> None:
    channel = make_channel({1: 24 * 900}, days=9, seen=9)
    query = StatsQuery(channel.pk, last_days(28, now=NOW, zone=ZONE), now=NOW)
    answer = anomalies(query, limit=50)
    assert answer.rows == ()
    assert answer.told == {"views_gained": 0, "followers_change": 0}
    assert answer.days == 27


def test_subscribers_after_days_without_a_count_do_not_stand_out() -> None:
    channel = make_channel()
    SubscriberSample.objects.bulk_create(
        SubscriberSample(
            channel=channel, observed_at=NOW - timedelta(days=day, hours=6), source="mtproto", count=10_000 - day * 12
        )
        for day in range(50)
        if not 6 <= day <= 12
    )
    assert found(channel) == ()
    SubscriberSample.objects.filter(observed_at__gt=NOW - timedelta(days=3)).update(count=9_000)
    [one] = found(channel)
    assert (one.metric, one.value) == ("followers_change", 9_000 - (10_000 - 3 * 12))


def test_period_without_a_whole_day_has_none() -> None:
    channel = make_channel()
    today = NOW.astimezone(ZONE).date()
    query = StatsQuery(channel.pk, days_between(today, today + timedelta(days=1), ZONE), now=NOW)
    assert anomalies(query, limit=5).days == 0
