"""The life of a post: interpolation, half-life, shares and the band, against the same in plain Python."""

import csv
import gzip
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from statistics import quantiles

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from analytics.queries.curve import (
    AGES,
    BAND_POSTS,
    LEAST_BAND_POSTS,
    Life,
    at_ages,
    expected_band,
    half_life,
    views_at,
)
from channels_app.models import Channel, Post
from channels_app.snapshots import CounterReading, readings_of
from tests.analytics.world import NOW, Seen, make_channel, make_posts, take_snapshots

HOUR = 3600.0
BORN = NOW - timedelta(days=20)
DATA = Path(__file__).resolve().parents[3] / "shared/data/b_timeseries/zhady5__dashMaket2/2024-12_views.csv.gz"

curves = st.dictionaries(st.integers(60, 40 * 86400), st.integers(0, 10**6), max_size=12).map(
    lambda found: sorted((float(age), views) for age, views in found.items())
)


def live(*readings: tuple[float, int], views: int | None = None, approximate: bool = False, **more: object) -> Life:
    """A life with readings at ages in hours; the last is the latest counter unless `views` says otherwise."""
    told = tuple(
        CounterReading(BORN + timedelta(hours=age), "mtproto", False, count, None, None, None)
        for age, count in readings
    )
    return Life(
        published_at=BORN,
        readings=told,
        views=views if views is not None else (readings[-1][1] if readings else None),
        counters_at=told[-1].observed_at if told else None,
        approximate=approximate,
        is_forward=bool(more.get("is_forward")),
        deleted_at=more.get("deleted_at"),  # type: ignore[arg-type]
    )


def plain_views_at(curve: list[tuple[float, int]], age: float) -> Fraction | None:
    """The rule read aloud: the closest reading on each side, both within a quarter of the age or the same; a line."""
    exact = [views for at, views in curve if at == age]
    if exact:
        return Fraction(exact[0])
    left = max((point for point in curve if point[0] < age), default=None)
    right = min((point for point in curve if point[0] > age), default=None)
    if left is None or right is None:
        return None
    if left[1] != right[1] and (age - left[0] > age / 4 or right[0] - age > age / 4):
        return None
    weight = Fraction(age - left[0]) / Fraction(right[0] - left[0])
    return left[1] * (1 - weight) + right[1] * weight


@given(curve=curves, age=st.integers(60, 40 * 86400).map(float))
def test_views_at_an_age_equal_plain_python(curve: list[tuple[float, int]], age: float) -> None:
    expected = plain_views_at(curve, age)

    assert views_at(curve, age) == (None if expected is None else pytest.approx(float(expected)))


@given(curve=curves)
def test_views_at_the_age_of_a_reading_are_the_reading(curve: list[tuple[float, int]]) -> None:
    assert [views_at(curve, age) for age, _ in curve] == [views for _, views in curve]


@given(curve=curves, age=st.integers(60, 40 * 86400).map(float))
def test_an_interpolated_value_lies_between_its_neighbours(curve: list[tuple[float, int]], age: float) -> None:
    found = views_at(curve, age)

    if found is not None:
        here = bisect_left(curve, (age,))
        assert (
            min(curve[max(here - 1, 0)][1], curve[here][1]) <= found <= max(curve[max(here - 1, 0)][1], curve[here][1])
        )


def test_shares_are_of_the_latest_views_and_unknown_where_readings_are_far() -> None:
    found = {one.age: (one.views, one.share) for one in at_ages(live((1, 100), (2.8, 150), (3.2, 250), (500, 400)))}

    assert found["1h"] == (100, 0.25)
    assert found["3h"][0] == pytest.approx(200)
    assert found["3h"][1] == pytest.approx(0.5)
    assert found["12h"] == found["30d"] == (None, None)


def test_a_counter_that_did_not_change_stands_until_it_was_last_looked_at() -> None:
    life = live((24 * 6.5, 100))
    looked = Life(**{name: getattr(life, name) for name in life.__slots__} | {"counters_at": BORN + timedelta(days=15)})

    assert views_at(looked.curve, 7 * 24 * HOUR) == 100
    assert views_at(life.curve, 7 * 24 * HOUR) is None


def test_abbreviated_readings_are_no_part_of_the_curve() -> None:
    rough = CounterReading(BORN + timedelta(hours=1), "preview", True, 1200, None, None, None)
    life = Life(BORN, (rough,), 1200, rough.observed_at, True, is_forward=False)

    assert life.curve == []


@given(
    views=st.integers(2, 10**6),
    half_at=st.floats(0.2, 40),
)
def test_half_life_of_a_straight_rise_is_where_half_was_reached(views: int, half_at: float) -> None:
    ages = [half_at * 2 * n / 20 for n in range(1, 21)]
    life = live(
        *((age, round(views * 1000 * age / (2 * half_at))) for age in ages), (160, views * 1000), (170, views * 1000)
    )

    assert half_life(life, now=NOW).seconds == pytest.approx(half_at * HOUR, rel=0.01)


@pytest.mark.parametrize(
    ("life", "now", "note"),
    [
        (live((1, 10), (2, 20)), BORN + timedelta(days=6), "too_young"),
        (live((1, 10), (2, 20)), NOW, "not_observed"),
        (live((1, 0), (168, 0)), NOW, "no_views"),
        (live((30, 90), (168, 100)), NOW, "first_seen_late"),
        (live((1, 10), (168, 100), is_forward=True), NOW, "forward"),
        (live((1, 10), (2, 20), deleted_at=BORN + timedelta(days=2)), NOW, "deleted"),
        (live(), NOW, "not_observed"),
    ],
)
def test_an_unknown_half_life_says_why(life: Life, now: datetime, note: str) -> None:
    found = half_life(life, now=now)

    assert (found.seconds, found.note) == (None, note)


def test_half_life_takes_seven_days_between_readings_on_both_sides() -> None:
    life = live((1.2, 40), (1.6, 60), (160, 100), (176, 100))

    assert half_life(life, now=NOW).seconds == pytest.approx(1.4 * HOUR)


grown = st.lists(
    st.tuples(
        st.integers(0, 60 * 24).map(lambda minutes: timedelta(minutes=minutes)),
        st.lists(
            st.tuples(st.integers(5, 35 * 24 * 60), st.integers(0, 10**6)), max_size=9, unique_by=lambda one: one[0]
        ),
        st.booleans(),
    ),
    min_size=1,
    max_size=14,
)


def plain_band(posts: list[Post], this: Post) -> dict[str, tuple[int, list[float] | None]]:
    found: dict[str, list[float]] = defaultdict(list)
    readings = readings_of([post.pk for post in posts])
    for post in posts:
        if post.is_forward or post.deleted_at or post.pk == this.pk:
            continue
        curve = {(one.observed_at - post.published_at).total_seconds(): one.views or 0 for one in readings[post.pk]} | {
            (NOW - post.published_at).total_seconds(): post.views or 0
        }
        for name, age in AGES.items():
            views = plain_views_at(sorted(curve.items()), age.total_seconds())
            if views is not None:
                found[name].append(float(views))
    return {name: (len(values), deciles(values)) for name, values in found.items()}


def deciles(values: list[float]) -> list[float] | None:
    if len(values) < LEAST_BAND_POSTS:
        return None
    cuts = quantiles(values, n=10, method="inclusive")
    return [cuts[0], cuts[4], cuts[8]]


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(made=grown)
def test_the_band_equals_plain_python(made: list[tuple[timedelta, list[tuple[int, int]], bool]]) -> None:
    channel = make_channel()
    posts = make_posts(channel, [Seen(BORN + shift, views=7, is_forward=forward) for shift, _, forward in made])
    for post, (_, samples, _forward) in zip(posts, made, strict=True):
        inside = [
            (timedelta(minutes=age), views)
            for age, views in samples
            if post.published_at + timedelta(minutes=age) < NOW
        ]
        take_snapshots(post, *inside)

    band = expected_band(channel.pk, posts[0].pk, published_at=posts[0].published_at)
    expected = plain_band(posts, posts[0])

    for name in AGES:
        n, levels = expected.get(name, (0, None))
        assert band[name].n == n
        assert [band[name].low, band[name].median, band[name].high] == (
            [None] * 3 if levels is None else pytest.approx(levels)
        )


@pytest.mark.django_db
def test_the_band_is_of_the_nearest_own_posts_and_leaves_the_post_itself_out() -> None:
    channel = make_channel()
    hour = timedelta(hours=1)
    posts = make_posts(
        channel,
        [Seen(BORN + n * hour, views=None, deleted=n == 3, is_forward=n == 4) for n in range(BAND_POSTS + 60)],
    )
    for post in posts:
        take_snapshots(post, (timedelta(hours=1), post.message_id))

    newest = expected_band(channel.pk, posts[-1].pk, published_at=posts[-1].published_at)["1h"]
    oldest = expected_band(channel.pk, posts[0].pk, published_at=posts[0].published_at)["1h"]

    assert (newest.n, newest.median) == (BAND_POSTS, 60 + (BAND_POSTS - 1) / 2)
    assert oldest.n == BAND_POSTS
    assert oldest.low == pytest.approx(21.9 + 2, abs=0.2)


@pytest.mark.django_db
def test_the_band_takes_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    channel = make_channel()
    (post,) = make_posts(channel, [Seen(BORN)])

    with django_assert_num_queries(1):
        band = expected_band(channel.pk, post.pk, published_at=BORN)

    assert {(one.n, one.low, one.high) for one in band.values()} == {(0, None, None)}


@pytest.mark.django_db
def test_readings_of_many_posts_take_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    posts = make_posts(make_channel(), [Seen(BORN), Seen(BORN), Seen(BORN)])
    take_snapshots(posts[0], (timedelta(hours=2), 20), (timedelta(hours=1), 10))
    take_snapshots(posts[2], (timedelta(days=-2), 1), (timedelta(hours=1), 5))

    with django_assert_num_queries(1):
        found = readings_of([post.pk for post in posts], since=BORN)

    assert [[one.views for one in found[post.pk]] for post in posts] == [[10, 20], [], [5]]


def real_curves() -> Iterator[list[tuple[datetime, int]]]:
    series: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    with gzip.open(DATA, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            series[row["post_id"]].append(
                (datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC), int(row["views"]))
            )
    for samples in series.values():
        yield sorted(samples)


@pytest.mark.skipif(not DATA.exists(), reason="no real view snapshots here")
def test_interpolation_meets_held_out_real_samples() -> None:
    errors: list[float] = []
    for samples in real_curves():
        # Ages are counted from the first sample: when these posts were published does not matter to a straight line.
        born = samples[0][0] - timedelta(hours=12)
        curve = [((at - born).total_seconds(), float(views)) for at, views in samples]
        for index in range(1, len(curve) - 1):
            age, views = curve[index]
            held = [point for point in curve if point[0] != age]
            found = views_at([(at, int(count)) for at, count in held], age)
            if found is None or not views:
                continue
            neighbours = held[bisect_left(held, (age,)) - 1][1], held[bisect_left(held, (age,))][1]
            assert min(neighbours) <= found <= max(neighbours)
            errors.append(abs(found - views) / views)

    assert len(errors) > 10_000
    errors.sort()
    assert errors[len(errors) // 2] < 0.005
    assert errors[int(len(errors) * 0.95)] < 0.05


@pytest.mark.django_db
@pytest.mark.skipif(not DATA.exists(), reason="no real view snapshots here")
def test_the_band_of_a_real_channel_holds_most_of_its_posts() -> None:
    channel: Channel = make_channel()
    lives = [samples for samples in real_curves() if len(samples) > 20][:120]
    posts = make_posts(channel, [Seen(samples[0][0] - timedelta(minutes=1), views=None) for samples in lives])
    for post, samples in zip(posts, lives, strict=True):
        take_snapshots(post, *((at - post.published_at, views) for at, views in dict(samples).items()))

    inside = total = 0
    for post in posts:
        band = expected_band(channel.pk, post.pk, published_at=post.published_at)["24h"]
        life = Life(post.published_at, readings_of([post.pk])[post.pk], None, None, approximate=False, is_forward=False)
        views = views_at(life.curve, 24 * HOUR)
        if views is not None and band.low is not None and band.high is not None:
            total += 1
            inside += band.low <= views <= band.high

    assert total > 20
    assert 0.6 <= inside / total <= 0.95
