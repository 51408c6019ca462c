"""Trending posts against the same computed in plain Python, over generated channels and real ones."""

import csv
import gzip
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import exp, log, sqrt
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from analytics.period import Period
from analytics.queries import StatsQuery
from analytics.queries.relative import relative_reach
from analytics.queries.spans import Span
from analytics.queries.trending import SMOOTHING, Method, by_median, by_moving_mean, trending
from channels_app.models import Channel
from channels_app.packing import pack_posts
from tests.analytics.trends_world import DAY, HOUR, Grown, Reader, grow, readings_of, views_at
from tests.factories import bearer, make_token, make_tracked, make_workspace

pytestmark = pytest.mark.django_db
METHODS = ["zscore", "ewma"]
END = datetime(2026, 6, 15, 12, tzinfo=UTC)
TO = "to=2026-06-15T12:00:00Z"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")


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


def oracle(posts: Sequence[Grown], method: str, *, hours: int, seen_at: datetime) -> dict[int, tuple[float, float]]:
    """Expectation and score of each post that has them, by message id."""
    order = sorted(
        (number for number, post in enumerate(posts, 1) if not post.is_forward and not post.deleted),
        key=lambda number: (posts[number - 1].at, number),
    )
    found = {}
    for place, number in enumerate(order):
        post = posts[number - 1]
        if not post.known or post.at < END - hours * HOUR:
            continue
        age = (seen_at - post.at).total_seconds()
        before = [_curve(posts[other - 1], seen_at) for other in order[max(0, place - 100) : place]]
        values = [value for value in (_at(curve, age) for curve in before) if value is not None]
        if age < 7 * 86400 and len(values) < 10:
            later = [[views for at, views in curve if at >= age] for curve in before]
            values = [float(views[0]) for views in later if views]
        if len(values) >= 10:
            logs = [log(1 + value) for value in values]
            centre, spread = _robust(logs) if method == "zscore" else _weighted(logs)
            scale = max(spread, 0.1, 1 / sqrt(exp(centre)))
            found[number] = (exp(centre) - 1, (log(1 + views_at(post.final, seen_at - post.at)) - centre) / scale)
    return found


def _curve(post: Grown, seen_at: datetime) -> list[tuple[float, int]]:
    if not post.known:
        return []
    read = [(at, views) for at, views in readings_of(post, seen_at) if at <= post.at + 31 * DAY]
    curve = [((at - post.at).total_seconds(), views) for at, views in read]
    last = ((seen_at - post.at).total_seconds(), views_at(post.final, seen_at - post.at))
    return curve if last in curve else [*curve, last]


def _at(curve: Sequence[tuple[float, int]], age: float) -> float | None:
    for (t0, v0), (t1, v1) in zip([(0.0, 0), *curve], curve, strict=False):
        if t0 < age <= t1:
            close = age - t0 <= age / 4 and t1 - age <= age / 4
            if t1 == age or close or abs(v1 - v0) <= max(v0, v1) / 20:
                return v1 - (v1 - v0) * (t1 - age) / (t1 - t0)
    if age >= 7 * 86400:
        settled = [(abs(t - age), v) for t, v in curve if t >= 7 * 86400]
        return float(min(settled, key=lambda one: one[0])[1]) if settled else None
    return None


def _robust(logs: Sequence[float]) -> tuple[float, float]:
    centre = median(logs)
    return centre, 1.4826 * median([abs(one - centre) for one in logs])


def _weighted(logs: Sequence[float]) -> tuple[float, float]:
    n = len(logs)
    weights = [(1 - SMOOTHING) ** (n - 1), *(SMOOTHING * (1 - SMOOTHING) ** (n - i) for i in range(2, n + 1))]
    centre = sum(weight * one for weight, one in zip(weights, logs, strict=True))
    variance = sum(weight * (one - centre) ** 2 for weight, one in zip(weights, logs, strict=True))
    return centre, sqrt(variance / (1 - sum(weight**2 for weight in weights)))


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

    scores = oracle(posts, method, hours=168, seen_at=seen_at)
    ahead = sorted((-score, number) for number, (_, score) in scores.items() if score >= 1.5)
    assert answer["meta"]["scored"] == len(scores)
    assert [row["score"] for row in answer["data"]] == pytest.approx([-score for score, _ in ahead], abs=1e-3)
    for row in answer["data"]:
        assert row["expected"] == pytest.approx(scores[row["msg_id"]][0], rel=1e-3, abs=1e-3)
        assert row["views"] > row["expected"]


@given(st.lists(st.floats(0, 20), min_size=2, max_size=60))
def test_the_moving_mean_equals_its_weights_written_out(logs: list[float]) -> None:
    expectation = by_moving_mean(logs)

    assert (expectation.centre, expectation.spread) == pytest.approx(_weighted(logs), abs=1e-6)


@given(st.lists(st.floats(0, 20), min_size=2, max_size=60), st.randoms())
def test_the_robust_expectation_is_the_same_in_any_order(logs: list[float], random: Any) -> None:
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
def test_trending_takes_two_statements(posts: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    reader = Reader()
    grow(reader.channel, every(3 * HOUR, posts, watched=False), seen_at=END)
    reader.ask("trending")  # notes that the token is in use

    # The token, the channel, and the two of the question.
    with django_assert_num_queries(4):
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


def _import(path: Path, name: str) -> tuple[Channel, dict[str, str]]:
    workspace = make_workspace()
    call_command("import_channel", str(path), channel=f"@{name}", workspace=str(workspace.public_id), verbosity=0)
    channel = Channel.objects.get(username=name)
    if not workspace.tracked_channels.exists():
        make_tracked(workspace, channel)
    return channel, bearer(make_token(workspace))


@needs_data
@pytest.mark.parametrize("method", METHODS)
def test_real_posts_trend_by_both_methods(method: str, client: Any) -> None:
    path = DATA / "a_posts_csv" / "HSE-AI25-Team-78__aggregator-bot" / "mosrutop.csv.gz"
    _, headers = _import(path, "mosrutop")

    answer = client.get(
        f"/api/v2/analytics/channels/@mosrutop/trending?window_hours=168&method={method}&limit=50", headers=headers
    ).json()

    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = sorted((row["date"], int(row["id"]), float(row["views"])) for row in csv.DictReader(file))
    scores = {}
    latest = datetime.fromisoformat(rows[-1][0])
    for place, (date, number, views) in enumerate(rows):
        if place < 10 or datetime.fromisoformat(date) <= latest - timedelta(hours=168):
            continue
        logs = [log(1 + before) for _, _, before in rows[max(0, place - 100) : place]]
        centre, spread = _robust(logs) if method == "zscore" else _weighted(logs)
        scores[number] = (log(1 + views) - centre) / max(spread, 0.1, exp(-centre / 2))
    ahead = sorted(((-score, number) for number, score in scores.items() if score >= 1.5))[:50]
    assert len(answer["data"]) >= 5
    assert [row["msg_id"] for row in answer["data"]] == [number for _, number in ahead]
    assert [row["score"] for row in answer["data"]] == pytest.approx([-score for score, _ in ahead], abs=1e-3)
    assert (answer["meta"]["ends_with"], answer["meta"]["scored"]) == ("latest_post", len(scores))


@needs_data
@pytest.mark.parametrize(
    ("folder", "name"), [("AlexTrigolos__spb", "kudapiter"), ("vancho-go__tgparser", "tinkoff_invest")]
)
def test_dumps_have_trending_posts_by_both_methods(folder: str, name: str, client: Any) -> None:
    channel, headers = _import(DATA / "a_telethon" / folder / "channel_messages.json.gz", name)

    for method in METHODS:
        address = f"/api/v2/analytics/channels/{channel.tg_id}/trending?window_hours=168&method={method}"
        rows = client.get(address, headers=headers).json()["data"]

        assert rows
        assert all(row["views"] > row["expected"] and row["score"] >= 1.5 and row["n"] >= 10 for row in rows)
        assert all(row["permalink"] == f"https://t.me/{name}/{row['msg_id']}" for row in rows)
