"""Series and lists of posts."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analyticbot.core.errors import InvalidInput
from analytics.period import Period, days_between, parse_period
from analytics.queries import (
    PostOrder,
    StatsQuery,
    Window,
    growth,
    latest_posts,
    overview,
    reach,
    reach_at_age,
    top_posts,
)
from channels_app.models import CollectionGap, DailyFact, SubscriberSample
from tests.analytics.world import NOW, Seen, count_subscribers, make_channel, make_posts, take_snapshots

pytestmark = pytest.mark.django_db
TASHKENT = ZoneInfo("Asia/Tashkent")
UTC_ZONE = ZoneInfo("UTC")
HOUR = timedelta(hours=1)
DAYS = days_between(datetime(2026, 6, 10, tzinfo=UTC).date(), datetime(2026, 6, 13, tzinfo=UTC).date(), UTC_ZONE)


def test_growth_gives_the_last_count_of_each_day_and_none_where_nothing_was_counted() -> None:
    channel = make_channel()
    count_subscribers(channel, (DAYS.start + HOUR, 10), (DAYS.start + 5 * HOUR, 12), (DAYS.start + 50 * HOUR, 20))

    series = growth(StatsQuery(channel.pk, DAYS))

    assert [point.y for point in series.points] == [12, None, 20]
    assert [point.extra["joined"] for point in series.points] == [None, None, None]


def test_growth_by_hour_honours_the_window() -> None:
    channel = make_channel()
    count_subscribers(channel, (DAYS.start + HOUR / 2, 10))

    series = growth(StatsQuery(channel.pk, DAYS), window=Window.HOUR)

    assert len(series.points) == 72
    assert [point.y for point in series.points[:2]] == [10, None]


def test_joins_and_leaves_are_for_owners_only() -> None:
    channel = make_channel()
    DailyFact.objects.create(
        channel=channel, day=DAYS.first_day, source="official", observed_at=NOW, subscribers=11, joined=5, left=2
    )

    owned = growth(StatsQuery(channel.pk, DAYS, owned=True)).points[0]
    watched = growth(StatsQuery(channel.pk, DAYS)).points[0]

    assert (owned.y, dict(owned.extra)) == (11, {"joined": 5, "left": 2, "net": 3})
    assert (watched.y, dict(watched.extra)) == (None, {"joined": None, "left": None, "net": None})


def test_the_curve_and_the_headline_agree_on_official_days() -> None:
    channel = make_channel()
    DailyFact.objects.create(
        channel=channel, day=DAYS.last_day, source="official", observed_at=NOW, subscribers=40, joined=1, left=0
    )
    count_subscribers(channel, (NOW, 90))
    query = StatsQuery(channel.pk, DAYS, owned=True)

    followers = overview(query).current["followers"]

    assert (followers.value, followers.provenance.note) == (40, None)
    assert growth(query).points[-1].y == 40
    assert overview(StatsQuery(channel.pk, DAYS)).current["followers"].value == 90


def test_an_abbreviated_count_gives_way_to_an_exact_one() -> None:
    channel = make_channel()
    count_subscribers(channel, (DAYS.start + HOUR, 12_345))
    SubscriberSample.objects.create(
        channel=channel, observed_at=DAYS.start + 2 * HOUR, source="preview", count=12_300, approximate=True
    )
    query = StatsQuery(channel.pk, DAYS)

    assert growth(query).points[0].y == overview(query).current["followers"].value == 12_345


def test_joins_of_days_outside_the_period_are_left_out() -> None:
    channel = make_channel()
    for offset in range(-3, 6):
        DailyFact.objects.create(
            channel=channel,
            day=DAYS.first_day + timedelta(days=offset),
            source="official",
            observed_at=NOW,
            joined=1,
            left=0,
        )
    query = StatsQuery(channel.pk, DAYS, owned=True)
    from_noon = Period(DAYS.start + 12 * HOUR, DAYS.end, UTC_ZONE)

    weeks = growth(query, window=Window.WEEK).points
    part = growth(StatsQuery(channel.pk, from_noon, owned=True)).points

    assert sum(point.extra["joined"] or 0 for point in weeks) == 3
    assert [point.extra["joined"] for point in part] == [None, 1, 1]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_hours_are_neither_doubled_nor_lost_when_the_clock_changes(day: str, hours: int) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime.fromisoformat(day).date()
    period = days_between(first, first + timedelta(days=1), berlin)

    points = growth(StatsQuery(make_channel().pk, period), window=Window.HOUR).points

    assert [point.t for point in points] == [period.start + n * HOUR for n in range(hours)]


def test_steps_end_with_today() -> None:
    everything = Period(datetime(2013, 8, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), UTC_ZONE)
    query = StatsQuery(make_channel().pk, everything, now=NOW)

    assert growth(query).points[-1].t == reach(query).points[-1].t == datetime(2026, 6, 15, tzinfo=UTC)


def test_days_are_cut_in_the_zone_asked_for() -> None:
    channel = make_channel()
    period = days_between(DAYS.first_day, DAYS.first_day + timedelta(days=2), TASHKENT)
    make_posts(channel, [Seen(datetime(2026, 6, 10, 20, tzinfo=UTC), views=10)])

    points = reach(StatsQuery(channel.pk, period)).points

    assert [(point.t, point.y) for point in points] == [
        (datetime(2026, 6, 9, 19, tzinfo=UTC), None),
        (datetime(2026, 6, 10, 19, tzinfo=UTC), 10.0),
    ]


def test_reach_leaves_forwarded_deleted_and_unknown_posts_out() -> None:
    channel = make_channel()
    at = DAYS.start + HOUR
    make_posts(
        channel,
        [Seen(at, 10), Seen(at, 20), Seen(at, 900, is_forward=True), Seen(at, 900, deleted=True), Seen(at, None)],
    )

    series = reach(StatsQuery(channel.pk, DAYS))

    assert series.points[0].y == 15.0
    assert series.provenance.coverage == pytest.approx(2 / 3)


def test_gaps_are_told_and_clipped_to_the_period() -> None:
    channel = make_channel()
    CollectionGap.objects.create(
        channel=channel,
        kind="subscribers",
        started_at=DAYS.start - HOUR,
        ended_at=DAYS.start + HOUR,
        reason="offline",
    )

    assert growth(StatsQuery(channel.pk, DAYS)).gaps == ((DAYS.start, DAYS.start + HOUR),)


def test_reach_at_age_interpolates_between_snapshots() -> None:
    channel = make_channel()
    post, other = make_posts(channel, [Seen(DAYS.start, 400), Seen(DAYS.start + HOUR, 400)])
    take_snapshots(post, (10 * HOUR, 100), (14 * HOUR, 300), (24 * HOUR, 350), (60 * HOUR, 400))
    take_snapshots(other, (12 * HOUR, 100), (23 * HOUR, 200), (25 * HOUR, 300))

    ages = reach_at_age(StatsQuery(channel.pk, DAYS, now=NOW))

    # One post at 12 h has (100 + 300) / 2, the other 100; at 24 h 350 and 250.
    assert {hours: (aged.value, aged.known, aged.old_enough) for hours, aged in ages.items()} == {
        12: (150.0, 2, 2),
        24: (300.0, 2, 2),
        48: (None, 0, 2),
    }
    assert ages[24].true_age == pytest.approx((24 + 23) / 2)


def test_a_reading_stands_at_an_age_while_nothing_changed() -> None:
    channel = make_channel()
    unchanged, changed, unlooked = make_posts(channel, [Seen(DAYS.start, 100), Seen(DAYS.start, 100), Seen(NOW, 5)])
    take_snapshots(unchanged, (9 * HOUR, 100))
    take_snapshots(changed, (9 * HOUR, 90), (40 * HOUR, 100))
    take_snapshots(unlooked, (1 * HOUR, 5))

    twelve = reach_at_age(StatsQuery(channel.pk, Period(DAYS.start, NOW + HOUR, UTC_ZONE), now=NOW))[12]

    assert (twelve.value, twelve.known, twelve.old_enough) == (100.0, 1, 2)


def test_top_posts_are_ordered_by_views_then_id_with_unknown_last() -> None:
    channel = make_channel()
    at = DAYS.start + HOUR
    make_posts(channel, [Seen(at, 5), Seen(at, None), Seen(at, 7), Seen(at, 5), Seen(at, 9, deleted=True)])
    query = StatsQuery(channel.pk, DAYS)

    assert [row.message_id for row in top_posts(query)] == [3, 1, 4, 2]
    assert [row.message_id for row in top_posts(query, limit=1)] == [3]
    assert top_posts(query)[0].permalink == f"https://t.me/{channel.username}/3"


def test_top_posts_by_another_counter() -> None:
    channel = make_channel()
    at = DAYS.start + HOUR
    make_posts(channel, [Seen(at, 5, forwards=1), Seen(at, 4, forwards=2)])

    assert [row.message_id for row in top_posts(StatsQuery(channel.pk, DAYS), order=PostOrder.FORWARDS)] == [2, 1]


def test_private_channels_have_links_for_members() -> None:
    channel = make_channel()
    channel.username = None
    channel.save(update_fields=["username"])
    make_posts(channel, [Seen(NOW)])

    assert latest_posts(channel.pk)[0].permalink == f"https://t.me/c/{channel.tg_id}/1"


def test_latest_posts_page_by_key() -> None:
    channel = make_channel()
    make_posts(channel, [Seen(NOW - n * HOUR) for n in range(5)])

    first = latest_posts(channel.pk, limit=2)
    rest = latest_posts(channel.pk, limit=9, before=(first[-1].published_at, first[-1].message_id))

    assert [row.message_id for row in (*first, *rest)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("yesterday", None, "from"),
        ("2026-01-01", "2026-13-01", "to"),
        ("2026-01-02", "2026-01-02", "from"),
        ("2026-01-03", "2026-01-02", "from"),
        ("9999999-01-01", None, "from"),
    ],
)
def test_wrong_periods_name_the_parameter(start: str, end: str | None, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_period(start, end, now=NOW, zone=UTC_ZONE)

    assert refused.value.field == field


def test_dates_are_meant_in_the_zone_and_offsets_are_honoured() -> None:
    period = parse_period("2026-06-10", "2026-06-11T00:00:00 05:00", now=NOW, zone=TASHKENT)

    assert (period.start, period.end) == (
        datetime(2026, 6, 9, 19, tzinfo=UTC),
        datetime(2026, 6, 10, 19, tzinfo=UTC),
    )


def test_too_many_steps_are_refused() -> None:
    channel = make_channel()
    decade = Period(NOW - timedelta(days=3650), NOW, UTC_ZONE)

    with pytest.raises(InvalidInput):
        growth(StatsQuery(channel.pk, decade), window=Window.HOUR)
