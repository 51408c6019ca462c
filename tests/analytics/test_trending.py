"""Trending posts against the same computed in plain Python, over generated channels and real ones."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from analytics.period import Period
from analytics.queries import StatsQuery
from analytics.queries.relative import relative_reach
from analytics.queries.spans import Span
from analytics.queries.trending import Method, by_median, by_moving_mean, trending
from channels_app.packing import pack_posts
from tests.analytics.trends_oracle import oracle, weighted
from tests.analytics.trends_world import DAY, HOUR, Grown, Reader, grow, views_at

pytestmark = pytest.mark.django_db
METHODS = ["zscore", "ewma"]
END = datetime(2026, 6, 15, 12, tzinfo=UTC)
TO = "to=2026-06-15T12:00:00Z"


def every(step: timedelta, count: int, **more: Any) -> list[Grown]:
    """Posts at equal distances that end one step before `END`, oldest first."""
    return [Grown(END - step * n, **more) for n in range(count, 0, -1)]


@pytest.mark.parametrize("method", METHODS)
def test_a_post_trends_in_its_first_half_hour(method: str) -> None:
    reader = Reader()
    grow(reader.channel, [*every(3 * HOUR, 60), Grown(END - timedelta(minutes=20), final=5000)], seen_at=END)

    answer = reader.ask(f"trending?{TO}&window_hours=24&method={method}")

    (row,) = answer["data"]
    expected = views_at(1000, timedelta(minutes=20))
    assert (row["msg_id"], row["views"], row["basis"]) == (61, views_at(5000, timedelta(minutes=20)), "same_age")
    assert row["age_hours"] == pytest.approx(1 / 3, abs=1e-3)
    assert row["expected"] == pytest.approx(expected, rel=0.05)
    assert row["score"] > 5
    assert row["n"] >= 50
    assert (answer["meta"]["posts"], answer["meta"]["scored"], answer["meta"]["ends_with"]) == (9, 9, "to")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("watched", [True, False])
def test_nothing_trends_where_all_posts_grow_along_one_curve(method: str, watched: bool) -> None:
    reader = Reader()
    grow(reader.channel, every(2 * HOUR, 120, watched=watched), seen_at=END)

    answer = reader.ask(f"trending?{TO}&window_hours=168&method={method}")

    assert answer["data"] == []
    assert answer["meta"]["posts"] == 84
    assert answer["meta"]["scored"] > 20


@pytest.mark.parametrize("method", METHODS)
def test_nothing_trends_where_all_posts_are_equal(method: str) -> None:
    reader = Reader()
    grow(reader.channel, every(6 * HOUR, 60, watched=False), seen_at=END + 400 * DAY)

    answer = reader.ask(f"trending?{TO}&window_hours=168&method={method}")

    assert (answer["data"], answer["meta"]["scored"]) == ([], 28)


@pytest.mark.parametrize("method", METHODS)
def test_a_young_post_above_the_final_views_of_unwatched_ones_trends(method: str) -> None:
    reader = Reader()
    posts = [*every(DAY, 30, watched=False), Grown(END - HOUR, final=40_000)]
    grow(reader.channel, posts, seen_at=END)

    (row,) = reader.ask(f"trending?{TO}&window_hours=24&method={method}")["data"]

    assert (row["msg_id"], row["basis"], row["n"]) == (31, "later", 30)
    assert row["expected"] == pytest.approx(1000, rel=0.2)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    finals=st.lists(st.floats(1, 1e6), min_size=12, max_size=40),
    kinds=st.lists(st.sampled_from(["own", "own", "own", "late", "forward", "deleted", "unknown"]), max_size=40),
    step=st.sampled_from([1, 5, 26]),
    method=st.sampled_from(METHODS),
)
def test_scores_equal_plain_python(finals: list[float], kinds: list[str], step: int, method: str) -> None:
    reader = Reader()
    kinds += ["own"] * len(finals)
    posts = [
        Grown(
            END - HOUR * step * (len(finals) - n) + timedelta(minutes=n),
            final=final,
            watched=kind != "late",
            is_forward=kind == "forward",
            deleted=kind == "deleted",
            known=kind != "unknown",
        )
        for n, (final, kind) in enumerate(zip(finals, kinds, strict=False))
    ]
    seen_at = END + HOUR
    grow(reader.channel, posts, seen_at=seen_at)

    answer = reader.ask(f"trending?{TO}&window_hours=168&method={method}&limit=50")

    scores = oracle(posts, method, since=END - 168 * HOUR, seen_at=seen_at)
    ahead = sorted((-score, number) for number, (_, score) in scores.items() if score >= 1.5)
    assert answer["meta"]["scored"] == len(scores)
    assert [row["score"] for row in answer["data"]] == pytest.approx([-score for score, _ in ahead], abs=1e-3)
    for row in answer["data"]:
        assert row["expected"] == pytest.approx(scores[row["msg_id"]][0], rel=1e-3, abs=1e-3)
        assert row["views"] > row["expected"]


@given(st.lists(st.floats(0, 20), min_size=2, max_size=60))
def test_the_moving_mean_equals_its_weights_written_out(logs: list[float]) -> None:
    expectation = by_moving_mean(logs)

    assert (expectation.centre, expectation.spread) == pytest.approx(weighted(logs), abs=1e-6)


@given(st.lists(st.floats(0, 20), min_size=2, max_size=60), st.randoms())
def test_therobust_expectation_is_the_same_in_any_order(logs: list[float], random: Any) -> None:
    shuffled = logs[:]
    random.shuffle(shuffled)

    assert by_median(shuffled) == by_median(logs)


def test_without_to_the_window_ends_now_or_with_the_latest_post() -> None:
    lately, long_ago = Reader(), Reader()
    now = timezone.now()
    grow(lately.channel, [Grown(now - 3 * HOUR, watched=False)], seen_at=now)
    grow(long_ago.channel, [Grown(END - n * HOUR, watched=False) for n in (3, 30)], seen_at=END)

    fresh, old = lately.ask("trending?window_hours=24"), long_ago.ask("trending?window_hours=24")

    assert (fresh["meta"]["ends_with"], fresh["meta"]["posts"]) == ("now", 1)
    assert (old["meta"]["ends_with"], old["meta"]["posts"]) == ("latest_post", 1)
    assert old["meta"]["period"] == {
        "from": "2026-06-14T09:00:00.000001Z",
        "to": "2026-06-15T09:00:00.000001Z",
        "zone": "UTC",
    }


def test_with_to_the_window_stays_even_where_it_is_empty() -> None:
    reader = Reader()
    grow(reader.channel, [Grown(END - DAY, watched=False)], seen_at=END)

    answer = reader.ask("trending?to=2026-06-20&window_hours=24")

    assert (answer["data"], answer["meta"]["posts"], answer["meta"]["ends_with"]) == ([], 0, "to")
    assert answer["meta"]["provenance"]["score"] == {"source": None, "observed_at": None, "coverage": None}


def test_an_empty_channel_and_a_single_post_have_no_scores() -> None:
    empty, single = Reader(), Reader()
    grow(single.channel, [Grown(END - HOUR)], seen_at=END)

    assert empty.ask("trending")["meta"]["posts"] == 0
    answer = single.ask(f"trending?{TO}")
    assert (answer["data"], answer["meta"]["posts"], answer["meta"]["scored"]) == ([], 1, 0)
    assert answer["meta"]["provenance"]["score"]["coverage"] == 0


def test_the_limit_keeps_the_best_and_ties_go_by_message_id() -> None:
    reader = Reader()
    posts = every(6 * HOUR, 60, watched=False) + [Grown(END - HOUR, 9000, watched=False)] * 3
    grow(reader.channel, posts, seen_at=END + 30 * DAY)

    answer = reader.ask(f"trending?{TO}&window_hours=24&limit=2")

    assert [row["msg_id"] for row in answer["data"]] == [61, 62]


def test_a_segment_compares_posts_of_one_kind() -> None:
    reader = Reader()
    posts = every(6 * HOUR, 40, watched=False) + [
        Grown(END - 50 * DAY + n * HOUR, 9000, watched=False, media="video") for n in range(12)
    ]
    posts.append(Grown(END - HOUR, 9000, watched=False, media="video"))
    grow(reader.channel, posts, seen_at=END + 30 * DAY)

    assert [row["msg_id"] for row in reader.ask(f"trending?{TO}")["data"]] == [53]
    narrowed = reader.ask(f"trending?{TO}&media=video")
    assert (narrowed["data"], narrowed["meta"]["scored"]) == ([], 1)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("window_hours=0", "window_hours"),
        ("window_hours=169", "window_hours"),
        ("window_hours=1.5", "window_hours"),
        ("method=luck", "method"),
        ("limit=51", "limit"),
        ("to=never", "to"),
    ],
)
def test_a_wrong_parameter_is_named(query: str, field: str) -> None:
    response = Reader().get(f"trending?{query}")

    assert (response.status_code, response.json()["error"]["field"]) == (400, field)


@pytest.mark.parametrize("what", ["trending", "best-time", "calendar", "content-effects"])
def test_another_workspaces_channel_is_not_found(what: str) -> None:
    theirs, reader = Reader(), Reader()

    response = reader.get(what, channel=f"@{theirs.channel.username}")

    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("posts", [0, 40])
def test_trending_takes_two_statements_at_most(posts: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    reader = Reader()
    grow(reader.channel, every(3 * HOUR, posts, watched=False), seen_at=END)
    reader.ask("trending")  # notes that the token is in use

    # The token, the channel, and the two of the question.
    with django_assert_num_queries(4 if posts else 3):
        reader.ask(f"trending?{TO}&window_hours=168")


def test_packed_readings_tell_the_same() -> None:
    reader = Reader()
    posts = [Grown(END - n * 3 * HOUR, final=1000 + 37 * n % 400) for n in range(70, 0, -1)]
    rows = grow(reader.channel, [*posts, Grown(END - HOUR, final=9000)], seen_at=END)
    query = StatsQuery(reader.channel.pk, Period(END - DAY, END, ZoneInfo("UTC")), now=END)
    span = Span(7 * DAY, END, fixed=True)
    before = [trending(query, span, method=method) for method in Method], relative_reach(query, span)

    packed = pack_posts([row.pk for row in rows])

    assert len(packed) == len(rows)
    assert before == ([trending(query, span, method=method) for method in Method], relative_reach(query, span))
    assert [found.rows[0].message_id for found in before[0]] == [71, 71]
