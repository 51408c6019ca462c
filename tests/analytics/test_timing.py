"""The best hours and the calendar against the same computed in plain Python."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from math import exp, log
from statistics import fmean, median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from channels_app.models import ChannelHour, ChannelSync, CollectionGap, DailyFact
from tests.analytics.trends_world import DAY, HOUR, Grown, Reader, grow, views_at
from tests.analytics.world import Seen, make_posts

pytestmark = pytest.mark.django_db
END = datetime(2026, 6, 15, 12, tzinfo=UTC)
SEEN = END + 30 * DAY
SPAN = "from=2026-03-01&to=2026-06-16"
some_posts = st.lists(
    st.builds(
        Grown,
        at=st.integers(1, 90 * 24).map(lambda hours: END - hours * HOUR),
        final=st.floats(1, 1e6),
        watched=st.just(False),
        is_forward=st.booleans(),
        known=st.sampled_from([True, True, True, False]),
    ),
    max_size=60,
)


def relative(posts: Sequence[Grown], values: Sequence[float | None]) -> dict[int, float]:
    """Relative reach by place: the logarithm of the ratio to the median of 31 neighbours, its own median at 0."""
    order = sorted(
        (n for n, post in enumerate(posts) if values[n] is not None and not post.is_forward),
        key=lambda n: (posts[n].at, n),
    )
    if len(order) < 10:
        return {}
    raw = {}
    for place, n in enumerate(order):
        first = min(max(place - 15, 0), max(len(order) - 31, 0))
        near = [1 + (values[other] or 0) for other in order[first : first + 31]]
        raw[n] = log(1 + (values[n] or 0)) - _middle_log(near)
    middle = median(raw.values())
    return {n: one - middle for n, one in raw.items()}


def _middle_log(values: Sequence[float]) -> float:
    return median(log(value) for value in values)


def finals(posts: Sequence[Grown]) -> list[float | None]:
    return [views_at(post.final, SEEN - post.at) if post.known else None for post in posts]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(posts=some_posts, zone=st.sampled_from(["UTC", "Asia/Tashkent", "Europe/Berlin", "Asia/Kolkata"]))
def test_best_time_equals_plain_python(posts: list[Grown], zone: str) -> None:
    reader = Reader(zone=zone)
    grow(reader.channel, posts, seen_at=SEEN)

    answer = reader.ask(f"best-time?{SPAN}")

    reach = relative(posts, finals(posts))
    cells: dict[tuple[int, int], list[float]] = defaultdict(list)
    for n, one in reach.items():
        local = posts[n].at.astimezone(ZoneInfo(zone))
        cells[local.weekday() + 1, local.hour].append(one)
    assert answer["meta"]["compared"] == len(reach)
    assert len(answer["data"]["points"]) == 168
    for cell in answer["data"]["points"]:
        mine = cells[cell["weekday"], cell["hour"]]
        assert (cell["posts"], cell["enough"]) == (len(mine), len(mine) >= 5)
        assert (cell["median"] is None) == (cell["effect"] is None) == (not mine)
        if mine:
            day = median([one for (weekday, _), some in cells.items() if weekday == cell["weekday"] for one in some])
            hour = median([one for (_, number), some in cells.items() if number == cell["hour"] for one in some])
            shrunk = (len(mine) * median(mine) + 5 * (day + hour) / 2) / (len(mine) + 5)
            assert cell["median"] == pytest.approx(_percent(median(mine)), rel=1e-3, abs=1e-3)
            assert cell["effect"] == pytest.approx(_percent(shrunk), rel=1e-3, abs=1e-3)


def _percent(one: float) -> float:
    return (exp(one) - 1) * 100


def test_the_best_slots_have_enough_posts_and_are_above_the_usual() -> None:
    reader = Reader()
    weeks = [END.replace(hour=0) - n * 7 * DAY for n in range(1, 9)]  # Mondays
    posts = [Grown(week + hour * HOUR, 1000, watched=False) for week in weeks for hour in (6, 12, 30, 36, 54, 60)]
    posts += [Grown(week + 66 * HOUR, 3000, watched=False) for week in weeks]
    posts += [Grown(weeks[0] + 100 * HOUR, 9000, watched=False)]
    grow(reader.channel, posts, seen_at=SEEN)

    data = reader.ask(f"best-time?{SPAN}")["data"]

    (best,) = data["best"]
    assert (best["weekday"], best["hour"], best["posts"], best["enough"]) == (3, 18, 8, True)
    assert best["median"] == pytest.approx(200, abs=0.5)
    # Its weekday's median is 0, its hour's 200 %.
    assert best["effect"] == pytest.approx(_percent((8 * log(3) + 5 * log(3) / 2) / 13), abs=0.5)
    alone = next(cell for cell in data["points"] if (cell["weekday"], cell["hour"]) == (5, 4))
    assert (alone["posts"], alone["enough"]) == (1, False)
    assert alone["median"] == pytest.approx(800, abs=2)


def test_growth_of_the_channel_is_no_effect() -> None:
    reader = Reader()
    posts = [Grown(END - n * 5 * HOUR, 1000 * exp(-n / 40), watched=False) for n in range(400)]
    grow(reader.channel, posts, seen_at=SEEN)

    points = reader.ask("best-time?to=2026-06-16")["data"]["points"]

    assert all(abs(cell["effect"]) < 25 for cell in points if cell["enough"])


def test_views_at_24_hours_are_compared_where_they_were_read() -> None:
    reader = Reader()
    posts = [Grown(END - n * 4 * HOUR, 1000) for n in range(12, 60)]
    # Read at equal age it is as the others; its counter of today would be too.
    posts += [Grown(END - n * 4 * HOUR, 1000) for n in range(6)]
    grow(reader.channel, posts, seen_at=END + HOUR)

    answer = reader.ask(f"best-time?{SPAN}")

    assert answer["meta"]["measured_by"] == {"24h": 48, "lifetime": 0}
    assert (answer["meta"]["posts"], answer["meta"]["compared"]) == (54, 48)
    assert answer["meta"]["provenance"]["effect"]["coverage"] == round(48 / 54, 4)
    assert all(abs(cell["effect"]) < 2 for cell in answer["data"]["points"] if cell["posts"])


def test_too_few_posts_have_no_effect_at_all() -> None:
    reader = Reader()
    grow(reader.channel, [Grown(END - n * DAY, watched=False) for n in range(1, 10)], seen_at=SEEN)

    answer = reader.ask(f"best-time?{SPAN}")

    assert (answer["meta"]["posts"], answer["meta"]["compared"], answer["data"]["best"]) == (9, 0, [])
    assert {cell["effect"] for cell in answer["data"]["points"]} == {None}


def test_both_hours_of_a_clock_change_are_one_hour_of_the_week() -> None:
    reader = Reader(zone="Europe/Berlin")
    night = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)  # 02:30 in summer time; an hour later it is 02:30 again
    posts = [Grown(night + n * HOUR, watched=False) for n in (0, 1)]
    posts += [Grown(night + 40 * HOUR + n * HOUR, watched=False) for n in range(10)]
    grow(reader.channel, posts, seen_at=night + 90 * DAY)

    points = reader.ask("best-time?from=2025-10-20&to=2025-11-10")["data"]["points"]

    assert next(cell["posts"] for cell in points if (cell["weekday"], cell["hour"]) == (7, 2)) == 2


def test_without_from_the_last_180_days_end_now_or_with_the_latest_post() -> None:
    old, fresh = Reader(), Reader()
    now = timezone.now()
    long_ago = now - 600 * DAY
    grow(old.channel, [Grown(long_ago - n * DAY, watched=False) for n in (0, 179, 181)], seen_at=long_ago)
    grow(fresh.channel, [Grown(now - n * DAY, watched=False) for n in (1, 179, 181)], seen_at=now)

    of_old, of_fresh = old.ask("best-time")["meta"], fresh.ask("best-time")["meta"]

    assert (of_old["posts"], of_old["ends_with"]) == (2, "latest_post")
    assert (of_fresh["posts"], of_fresh["ends_with"]) == (2, "now")
    assert old.ask("best-time?from=2026-01-01&to=2026-01-02")["meta"]["posts"] == 0


def test_an_empty_channel_has_no_best_time() -> None:
    data = Reader().ask("best-time")["data"]

    assert (data["best"], {line["effect"] for line in data["weekdays"] + data["hours"]}) == ([], {None})


@pytest.mark.parametrize("posts", [0, 30])
def test_timing_takes_two_statements_at_most(posts: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    reader = Reader()
    grow(reader.channel, [Grown(END - n * HOUR, watched=False) for n in range(posts)], seen_at=SEEN)

    reader.ask("best-time")  # notes that the token is in use

    # The token, the channel, and the two of the question.
    with django_assert_num_queries(4 if posts else 3):
        reader.ask(f"best-time?{SPAN}")
    with django_assert_num_queries(4):
        reader.ask("calendar?from=2026-06-01&to=2026-06-16")


seen_posts = st.lists(
    st.builds(
        Seen,
        at=st.integers(0, 10 * 24 * 4).map(lambda quarters: END - quarters * timedelta(minutes=15)),
        views=st.none() | st.integers(0, 10**6),
        is_forward=st.booleans(),
        deleted=st.booleans(),
    ),
    max_size=25,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    posts=seen_posts,
    gains=st.dictionaries(st.integers(0, 10 * 24), st.integers(-50, 10**5), max_size=30),
    zone=st.sampled_from(["UTC", "Asia/Tashkent", "America/New_York"]),
)
def test_calendar_equals_plain_python(posts: list[Seen], gains: dict[int, int], zone: str) -> None:
    reader = Reader(zone=zone)
    make_posts(reader.channel, posts)
    first_hour = datetime(2026, 6, 5, 0, tzinfo=UTC)
    ChannelSync.objects.filter(channel=reader.channel).update(started_at=first_hour)
    ChannelHour.objects.bulk_create(
        ChannelHour(channel=reader.channel, hour=first_hour + hour * HOUR, views=views) for hour, views in gains.items()
    )

    points = reader.ask("calendar?from=2026-06-05&to=2026-06-15")["data"]["points"]

    def local(moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(zone)).date()

    assert [point["day"] for point in points] == [f"2026-06-{day:02d}" for day in range(5, 15)]
    for point in points:
        day = date.fromisoformat(point["day"])
        mine = [post for post in posts if local(post.at) == day and not post.deleted]
        views = [post.views for post in mine if post.views is not None]
        own = [post.views for post in mine if post.views is not None and not post.is_forward]
        assert point["posts"] == len(mine)
        assert point["views"] == (sum(views) if views else None if mine else 0)
        assert point["reach"] == (pytest.approx(fmean(own), abs=1e-3) if own else None)
        assert point["views_gained"] == sum(
            gain for hour, gain in gains.items() if local(first_hour + hour * HOUR) == day
        )
        assert datetime.fromisoformat(point["t"]) == datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))


def test_days_before_what_we_hold_are_unknown() -> None:
    reader = Reader(complete=False)
    make_posts(reader.channel, [Seen(datetime(2026, 6, 3, 12, tzinfo=UTC), 10)])
    ChannelSync.objects.filter(channel=reader.channel).update(started_at=datetime(2026, 6, 4, 6, tzinfo=UTC))

    answer = reader.ask("calendar?from=2026-06-02&to=2026-06-06")

    shown = [(point["posts"], point["views"], point["views_gained"]) for point in answer["data"]["points"]]
    assert shown == [(None, None, None), (1, 10, None), (0, 0, 0), (0, 0, 0)]
    assert answer["meta"]["provenance"]["views_gained"]["coverage"] == 0.5


def test_days_to_come_are_left_out_and_a_clock_change_keeps_its_day() -> None:
    berlin, coming = Reader(zone="Europe/Berlin"), Reader()
    tomorrow = timezone.now().date() + DAY
    make_posts(
        berlin.channel,
        [Seen(datetime(2026, 3, 28, 23, 30, tzinfo=UTC)), Seen(datetime(2026, 3, 29, 21, 59, tzinfo=UTC))],
    )

    points = berlin.ask("calendar?from=2026-03-28&to=2026-03-31")["data"]["points"]
    last = coming.ask(f"calendar?to={tomorrow + 9 * DAY}")["data"]["points"][-1]

    assert [point["posts"] for point in points] == [0, 2, 0]
    assert [point["t"] for point in points] == ["2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"]
    assert last["day"] == str(tomorrow - DAY)


@pytest.mark.parametrize("owned", [True, False])
def test_joins_are_for_owners_of_whole_days(owned: bool) -> None:
    reader = Reader(owned=owned)
    for day in (1, 2):
        DailyFact.objects.create(
            channel=reader.channel, day=date(2026, 6, day), source="official", observed_at=END, joined=5, left=day
        )

    points = reader.ask("calendar?from=2026-06-01T12:00&to=2026-06-03")["data"]["points"]

    assert [(point["joined"], point["left"]) for point in points] == [(None, None), (5, 2) if owned else (None, None)]


def test_a_segment_narrows_posts_and_leaves_gains_unknown() -> None:
    reader = Reader(owned=True)
    make_posts(reader.channel, [Seen(END - HOUR, 10), Seen(END - 2 * HOUR, 30, is_forward=True)])
    ChannelSync.objects.filter(channel=reader.channel).update(started_at=END - DAY)

    answer = reader.ask("calendar?from=2026-06-15&to=2026-06-16&forwarded=true")

    (point,) = answer["data"]["points"]
    assert (point["posts"], point["views"], point["reach"], point["views_gained"]) == (1, 30, None, None)
    assert answer["meta"]["provenance"]["views_gained"]["note"] == "not_segmented"


def test_gaps_of_counters_are_told_and_long_calendars_refused() -> None:
    reader = Reader()
    CollectionGap.objects.create(
        channel=reader.channel, kind="counters", started_at=END - HOUR, ended_at=END + HOUR, reason="away"
    )

    answer: Any = reader.ask("calendar?from=2026-06-15&to=2026-06-16")
    refused = reader.get("calendar?from=2020-01-01&to=2026-01-01")

    assert answer["meta"]["gaps"] == [{"from": "2026-06-15T11:00:00Z", "to": "2026-06-15T13:00:00Z"}]
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "from")
