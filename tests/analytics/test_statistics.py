"""Any metrics by steps: sums that add up, comparisons, the declared source, and the mounted address."""

import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from accounts.models import Workspace
from analyticbot.core.errors import InvalidInput
from analytics.metrics import METRICS, Aggregation
from analytics.period import Period, days_between
from analytics.queries import StatsQuery, overview
from analytics.queries.figures import COMPUTED
from analytics.queries.overview import HEADLINES
from analytics.queries.statistics import Comparison, Rival, StepWidth, compared_period, statistics, steps_of
from channels_app.models import (
    Channel,
    ChannelHour,
    ChannelSync,
    CollectionGap,
    DailyFact,
    Relation,
    SubscriberSample,
    TrackedChannel,
)
from tests.analytics.world import NOW, Seen, count_subscribers, make_channel, make_posts, take_snapshots
from tests.factories import bearer, make_token, make_workspace

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TASHKENT, BERLIN, UTC_ZONE = ZoneInfo("Asia/Tashkent"), ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
TWO_WEEKS = days_between(date(2026, 6, 1), date(2026, 6, 15), TASHKENT)


def _values(numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: number.value for name, number in numbers.items()}


def _watched_world(minutes: list[int]) -> Channel:
    """A channel watched all the time, with a post, gained views, a count and official figures here and there."""
    channel = make_channel()
    ChannelSync.objects.filter(channel=channel).update(started_at=TWO_WEEKS.start - 40 * DAY)
    make_posts(channel, [Seen(NOW - timedelta(minutes=m), views=m % 97, forwards=m % 7) for m in minutes])
    count_subscribers(channel, (TWO_WEEKS.start - 50 * DAY, 900))
    for number, minute in enumerate(dict.fromkeys(minutes)):
        at = NOW - timedelta(minutes=minute)
        count_subscribers(channel, (at, 1000 + minute % 13))
        hour = at.replace(minute=0, second=0, microsecond=0)
        ChannelHour.objects.get_or_create(channel=channel, hour=hour, defaults={"views": minute % 11 - 2, "posts": 0})
        DailyFact.objects.get_or_create(
            channel=channel,
            day=at.date(),
            source="official" if number % 3 else "bot",
            defaults={
                "observed_at": NOW,
                "joined": number,
                "left": minute % 5,
                "views": None if number % 2 else minute,
            },
        )
    return channel


@rules(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(minutes=st.lists(st.integers(1, 20 * 24 * 60), max_size=10), window=st.sampled_from(["D", "W", "M"]))
def test_additive_metrics_add_up_over_their_steps(minutes: list[int], window: str) -> None:
    query = StatsQuery(_watched_world(minutes).pk, TWO_WEEKS, owned=True, now=NOW)
    additive = [name for name in COMPUTED if METRICS[name].aggregation is Aggregation.ADDITIVE]

    current = statistics(query, metrics=additive, window=StepWidth(window)).current

    for name in additive:
        parts, total = [step[name].value for step in current.series], current.totals[name].value
        if total is None:
            # Steps without a post have a known 0; of one with posts of unknown counters nothing is known.
            assert None in parts and not any(parts), name
        else:
            assert sum(part for part in parts if part is not None) == total, name


def test_hours_add_up_too_but_for_what_is_told_of_days_only() -> None:
    query = StatsQuery(_watched_world([60, 500, 3000]).pk, TWO_WEEKS, owned=True, now=NOW)
    names = ["posts", "views", "views_gained", "followers_change"]

    current = statistics(query, metrics=[*names, "joined"], window=StepWidth.HOUR).current

    assert len(current.steps) == 14 * 24
    for name in names:
        assert sum(step[name].value or 0 for step in current.series) == current.totals[name].value
    assert {step["joined"].value for step in current.series} == {None}


def test_the_headline_and_the_totals_are_the_same_numbers() -> None:
    query = StatsQuery(_watched_world([10, 700, 9000, 19_000]).pk, TWO_WEEKS, now=NOW)
    headline = overview(query)

    found = statistics(query, metrics=HEADLINES, compare=Comparison.PREVIOUS)

    assert found.current.totals == headline.current
    assert found.compared and found.compared.totals == headline.previous


def test_steps_are_cut_to_the_period_and_end_with_today() -> None:
    noon = Period(TWO_WEEKS.start + 12 * HOUR, TWO_WEEKS.end + 400 * DAY, TASHKENT)

    days, weeks = (steps_of(noon, window, now=NOW) for window in (StepWidth.DAY, StepWidth.WEEK))

    assert days[0] == (noon.start, TWO_WEEKS.start + DAY)
    assert days[-1][1] == weeks[-1][1] == datetime(2026, 6, 15, 19, tzinfo=UTC)
    assert [last - first for first, last in weeks[:2]] == [6.5 * DAY, 7 * DAY]
    assert all(a[1] == b[0] for a, b in itertools.pairwise(days))


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_days_on_which_the_clock_changes_are_whole(day: str, hours: int) -> None:
    first = date.fromisoformat(day)
    period = days_between(first, first + DAY, BERLIN)
    later = datetime(2027, 1, 1, tzinfo=UTC)

    assert len(steps_of(period, StepWidth.HOUR, now=later)) == hours
    assert steps_of(period, StepWidth.DAY, now=later) == ((period.start, period.end),)


def test_months_are_calendar_months() -> None:
    period = days_between(date(2024, 1, 15), date(2024, 4, 1), BERLIN)

    steps = steps_of(period, StepWidth.MONTH, now=NOW)

    assert [first.astimezone(BERLIN).date().isoformat() for first, _ in steps] == [
        "2024-01-15",
        "2024-02-01",
        "2024-03-01",
    ]
    assert steps[-1][1] == period.end


def test_too_many_steps_are_refused() -> None:
    period = days_between(date(2020, 1, 1), date(2026, 1, 1), UTC_ZONE)

    with pytest.raises(InvalidInput) as refused:
        steps_of(period, StepWidth.HOUR, now=NOW)

    assert refused.value.field == "from"


@pytest.mark.parametrize(
    ("compare", "first", "end"),
    [
        (Comparison.PREVIOUS, "2024-02-20", "2024-03-01"),
        (Comparison.WEEKDAYS, "2024-02-16", "2024-02-26"),
        (Comparison.YEAR, "2023-03-01", "2023-03-11"),
    ],
)
def test_compared_periods_are_of_local_days(compare: Comparison, first: str, end: str) -> None:
    period = days_between(date(2024, 3, 1), date(2024, 3, 11), BERLIN)
    leap = days_between(date(2024, 2, 29), date(2024, 3, 1), BERLIN)

    other = compared_period(period, compare)

    assert (other.first_day.isoformat(), other.whole_days[1].isoformat()) == (first, end)
    assert compared_period(leap, Comparison.YEAR).first_day == date(2023, 2, 28)


def test_weekdays_of_a_whole_number_of_weeks_are_the_weeks_before() -> None:
    assert compared_period(TWO_WEEKS, Comparison.WEEKDAYS) == TWO_WEEKS.previous


def test_posts_are_compared_at_the_same_age() -> None:
    channel = make_channel()
    week = Period(NOW - 7 * DAY, NOW, UTC_ZONE)
    old, new, unread = make_posts(
        channel, [Seen(NOW - 8 * DAY, 500, forwards=9), Seen(NOW - 1 * DAY, 200), Seen(NOW - 9 * DAY, 70)]
    )
    take_snapshots(old, (20 * HOUR, 100), (25 * HOUR, 150), (100 * HOUR, 500))
    take_snapshots(new, (20 * HOUR, 200))
    assert unread.views == 70

    found = statistics(StatsQuery(channel.pk, week, now=NOW), metrics=["posts", "views"], compare=Comparison.AGE)

    assert found.compared
    # Of the first one day old then, as ours is now: 20 hours is the last reading. The other was not read by then.
    assert _values(found.compared.totals) == {"posts": 2, "views": 100}
    assert found.compared.totals["views"].provenance.coverage == 0.5
    assert _values(found.current.totals) == {"posts": 1, "views": 200}


def test_a_running_period_is_compared_by_age_with_as_much_of_the_one_before() -> None:
    channel = make_channel()
    running = Period(NOW - 2 * DAY, NOW + 5 * DAY, UTC_ZONE)
    make_posts(channel, [Seen(NOW - 8 * DAY), Seen(NOW - 4 * DAY), Seen(NOW - DAY)])

    found = statistics(StatsQuery(channel.pk, running, now=NOW), metrics=["posts"], compare=Comparison.AGE)

    assert found.compared
    assert found.compared.period == Period(NOW - 9 * DAY, NOW - 7 * DAY, UTC_ZONE)
    assert (found.current.totals["posts"].value, found.compared.totals["posts"].value) == (1, 1)


@pytest.mark.parametrize(
    ("first", "end", "before"),
    [
        (date(2024, 2, 28), date(2024, 2, 29), (date(2023, 2, 28), date(2023, 3, 1))),
        (date(2024, 2, 1), date(2024, 2, 29), (date(2023, 2, 1), date(2023, 3, 1))),
        (date(2024, 2, 29), date(2024, 3, 1), (date(2023, 2, 28), date(2023, 3, 1))),
        (date(2024, 2, 1), date(2024, 3, 1), (date(2023, 2, 1), date(2023, 3, 1))),
    ],
)
def test_a_year_before_the_leap_day(first: date, end: date, before: tuple[date, date]) -> None:
    found = compared_period(days_between(first, end, TASHKENT), Comparison.YEAR)
    assert found == days_between(*before, TASHKENT)


@pytest.mark.parametrize("zone", ["Africa/Cairo", "America/Santiago", "Asia/Beirut", "America/Havana", "Europe/Berlin"])
def test_days_are_compared_with_days_where_clocks_change_at_midnight(zone: str) -> None:
    """In Santiago 6 September 2026 begins at one o'clock: it ends no earlier week at one o'clock."""
    local = ZoneInfo(zone)
    for number in range(358):
        first = date(2026, 1, 1) + number * DAY
        for days in (1, 7):
            period = days_between(first, first + days * DAY, local)
            assert period.whole_days == (first, first + days * DAY)
            assert period.previous == days_between(first - days * DAY, first, local)
            assert compared_period(period, Comparison.WEEKDAYS) == days_between(
                first - 7 * DAY, first + (days - 7) * DAY, local
            )
            end = first + days * DAY
            year = days_between(first.replace(year=2025), end.replace(year=end.year - 1), local)
            assert compared_period(period, Comparison.YEAR) == year


def test_a_year_before_a_night_into_the_leap_day() -> None:
    noon = datetime(2024, 2, 29, 12, tzinfo=TASHKENT)
    found = compared_period(Period(noon - 24 * HOUR, noon, TASHKENT), Comparison.YEAR)
    assert found.end - found.start == 24 * HOUR
    assert found.start == datetime(2023, 2, 28, 12, tzinfo=TASHKENT)


def test_another_channel_is_read_with_its_own_rights() -> None:
    ours, theirs = _watched_world([100]), _watched_world([200, 300])
    DailyFact.objects.all().delete()
    DailyFact.objects.create(channel=theirs, day=TWO_WEEKS.first_day, source="official", observed_at=NOW, joined=7)
    query = StatsQuery(ours.pk, TWO_WEEKS, owned=True, now=NOW)

    found = statistics(query, metrics=["posts", "joined"], compare=Rival(theirs.pk, owned=False))

    assert found.compared
    assert _values(found.compared.totals) == {"posts": 0, "joined": None} | {
        "posts": statistics(StatsQuery(theirs.pk, TWO_WEEKS, now=NOW), metrics=["posts"]).current.totals["posts"].value
    }


def test_the_best_source_of_each_day_is_taken_and_said() -> None:
    channel = make_channel()
    ChannelSync.objects.filter(channel=channel).update(started_at=TWO_WEEKS.start + 24 * HOUR)
    first = TWO_WEEKS.first_day
    facts: list[tuple[str, date, dict[str, int | None]]] = [
        ("official", first, {"joined": 5, "left": 1, "views": 100}),
        ("bot", first, {"joined": 4, "left": 2, "views": None}),
        ("bot", first + DAY, {"joined": 3, "left": None, "views": None}),
        ("import", first + DAY, {"joined": 9, "left": 9, "views": None}),
    ]
    for source, day, figures in facts:
        DailyFact.objects.create(channel=channel, day=day, source=source, observed_at=NOW, **figures)
    ChannelHour.objects.create(channel=channel, hour=TWO_WEEKS.start + 2 * HOUR, views=60, posts=0)
    ChannelHour.objects.create(channel=channel, hour=TWO_WEEKS.start + 30 * HOUR, views=40, posts=0)
    query = StatsQuery(channel.pk, days_between(first, first + 2 * DAY, TASHKENT), owned=True, now=NOW)

    current = statistics(query, metrics=["joined", "left", "net", "day_views", "daily_reach"]).current

    assert [_values(step) for step in current.series] == [
        {"joined": 5, "left": 1, "net": 4, "day_views": 100, "daily_reach": 100.0},
        {"joined": 3, "left": 9, "net": -6, "day_views": 40, "daily_reach": 40.0},
    ]
    assert [step["day_views"].provenance.source for step in current.series] == ["official", "mtproto"]
    assert [step["left"].provenance.source for step in current.series] == ["official", "import"]
    assert _values(current.totals) == {"joined": 8, "left": 10, "net": -2, "day_views": 140, "daily_reach": 70.0}
    assert current.totals["day_views"].provenance.note == "mixed_sources"
    watcher = statistics(StatsQuery(channel.pk, query.period, now=NOW), metrics=["joined", "day_views"]).current
    assert _values(watcher.totals) == {"joined": None, "day_views": 40}


def test_of_counts_of_one_day_the_best_source_is_taken() -> None:
    channel = make_channel()
    at = TWO_WEEKS.start + 5 * HOUR
    for hours, source, count in ((0, "mtproto", 100), (3, "bot", 103), (30, "bot", 110), (31, "preview", 111)):
        SubscriberSample.objects.create(channel=channel, observed_at=at + hours * HOUR, source=source, count=count)
    query = StatsQuery(channel.pk, days_between(date(2026, 6, 1), date(2026, 6, 3), TASHKENT), now=NOW)

    current = statistics(query, metrics=["followers"]).current

    assert [(step["followers"].value, step["followers"].provenance.source) for step in current.series] == [
        (100, "mtproto"),
        (110, "bot"),
    ]
    assert current.totals["followers"].value == overview(query).current["followers"].value == 110


def test_days_that_we_did_not_watch_whole_say_so() -> None:
    channel = make_channel()
    ChannelSync.objects.filter(channel=channel).update(started_at=TWO_WEEKS.start)
    CollectionGap.objects.create(
        channel=channel,
        kind="counters",
        started_at=TWO_WEEKS.start + 18 * HOUR,
        ended_at=TWO_WEEKS.start + 48 * HOUR,
        reason="offline",
    )
    query = StatsQuery(channel.pk, days_between(date(2026, 6, 1), date(2026, 6, 4), TASHKENT), now=NOW)

    found = statistics(query, metrics=["day_views"])

    assert [(step["day_views"].value, step["day_views"].provenance.coverage) for step in found.current.series] == [
        (0, 0.75),
        (None, None),
        (0, 1.0),
    ]
    assert found.gaps == ((TWO_WEEKS.start + 18 * HOUR, TWO_WEEKS.start + 48 * HOUR),)


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def get(client: Client, workspace: Workspace) -> Callable[..., Any]:
    channel = _watched_world([100, 2000, 9000])
    TrackedChannel.objects.create(workspace=workspace, channel=channel, relation=Relation.OWNED, created_at=NOW)
    headers = bearer(make_token(workspace))
    base = f"/api/v2/analytics/channels/@{channel.username}/statistics"
    return lambda **asked: client.get(base, {"from": "2026-06-01", "to": "2026-06-15"} | asked, headers=headers)


def test_the_address_answers_points_totals_origins_and_comparison(get: Callable[..., Any]) -> None:
    answer = get(metrics="posts,err,joined", window="W", compare="previous").json()

    data = answer["data"]
    assert [set(point) for point in data["points"]] == [{"t", "to", "posts", "err", "joined"}] * 2
    assert sum(point["posts"] for point in data["points"]) == data["totals"]["posts"] == 2
    assert set(data["series"]["posts"]) == {"source", "coverage"}
    assert data["comparison"]["period"]["to"] == answer["meta"]["period"]["from"]
    assert set(data["comparison"]["change"]["posts"]) == {"difference", "percent"}
    assert set(answer["meta"]["provenance"]) == {"posts", "err", "joined"}
    assert answer["meta"]["window"] == "W"
    assert answer["meta"]["gaps"] == []


@pytest.mark.parametrize(
    ("asked", "status", "field"),
    [
        ({"metrics": "luck"}, 400, "metrics"),
        ({"metrics": ","}, 400, "metrics"),
        ({"metrics": "half_life"}, 400, "metrics"),
        ({"window": "Y"}, 400, "window"),
        ({"compare": "mother"}, 400, "compare"),
        ({"compare": "channel:@nobody_at_all"}, 404, "compare"),
        ({"hour": "25"}, 400, "hour"),
        ({"from": "2014-01-01", "window": "H"}, 400, "from"),
        ({"from": "2090-01-01", "to": "2091-01-01", "compare": "age"}, 400, "compare"),
    ],
)
def test_wrong_parameters_are_named(get: Callable[..., Any], asked: Any, status: int, field: str) -> None:
    answer = get(**asked)

    assert (answer.status_code, answer.json()["error"]["field"]) == (status, field)


def test_a_channel_of_others_cannot_be_compared_with(get: Callable[..., Any]) -> None:
    foreign = make_channel()
    TrackedChannel.objects.create(workspace=make_workspace(), channel=foreign, created_at=NOW)

    assert get(compare=f"channel:@{foreign.username}").status_code == 404


def test_a_tracked_channel_is_compared_with(get: Callable[..., Any], workspace: Workspace) -> None:
    other = make_channel()
    TrackedChannel.objects.create(workspace=workspace, channel=other, relation=Relation.WATCHED, created_at=NOW)
    make_posts(other, [Seen(NOW - 2 * DAY, 5)])

    answer = get(metrics="posts,views", compare=f"channel:{other.tg_id}").json()["data"]["comparison"]

    assert answer["totals"] == {"posts": 1, "views": 5}
    assert answer["change"]["posts"] == {"difference": 1, "percent": 100.0}


def test_a_period_to_come_has_no_points(get: Callable[..., Any]) -> None:
    answer = get(**{"from": "2090-01-01", "to": "2091-01-01"}).json()["data"]

    assert (answer["points"], answer["totals"]["posts"]) == ([], 0)


@pytest.mark.parametrize(
    ("asked", "statements"),
    [
        ({"metrics": "posts"}, 3),
        ({"metrics": "posts", "compare": "year"}, 3),
        ({"metrics": "posts,err24"}, 4),
        ({"metrics": "posts,err24,joined", "compare": "previous"}, 6),
        ({"metrics": "posts,err24,joined", "compare": "age"}, 11),
    ],
)
def test_statements_are_few(
    get: Callable[..., Any], django_assert_num_queries: Any, settings: Any, asked: dict[str, str], statements: int
) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    get(metrics="views")  # what a first request looks up once
    with django_assert_num_queries(statements + _OF_EVERY_REQUEST):
        assert get(**asked).status_code == 200


# The token, the workspace and its limits, and the channel.
_OF_EVERY_REQUEST = 2
