"""Effects of content against the same computed in plain Python."""

from collections import defaultdict
from datetime import UTC, datetime
from fractions import Fraction
from math import comb, exp
from statistics import median

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from analytics.queries.effects import median_interval
from channels_app.models import PostReference
from tests.analytics.test_timing import finals, relative
from tests.analytics.trends_world import DAY, HOUR, Grown, Reader, grow

pytestmark = pytest.mark.django_db
END = datetime(2026, 6, 15, 12, tzinfo=UTC)
SEEN = END + 30 * DAY
SPAN = "from=2026-03-01&to=2026-06-16"


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    posts=st.lists(
        st.builds(
            Grown,
            at=st.integers(1, 90 * 24).map(lambda hours: END - hours * HOUR),
            final=st.floats(1, 1e6),
            watched=st.just(False),
            media=st.sampled_from(["photo", "video"]),
            forwards=st.none() | st.integers(0, 1000),
            is_forward=st.sampled_from([False, False, False, True]),
            known=st.sampled_from([True, True, True, False]),
        ),
        max_size=60,
    )
)
def test_effects_equal_plain_python(posts: list[Grown]) -> None:
    reader = Reader()
    grow(reader.channel, posts, seen_at=SEEN)

    answer = reader.ask(f"content-effects?{SPAN}&by=media")

    views = finals(posts)
    reach = relative(posts, views)
    groups = defaultdict(list)
    for n, post in enumerate(posts):
        if not post.is_forward:
            groups[post.media].append(n)
    assert [row["group"] for row in answer["data"]] == sorted(groups, key=lambda name: (-len(groups[name]), name))
    for row in answer["data"]:
        mine = groups[row["group"]]
        known = sorted(reach[n] for n in mine if n in reach)
        pairs = [(posts[n].forwards, views[n]) for n in mine if posts[n].forwards is not None and views[n] is not None]
        total = sum(count or 0 for _, count in pairs)
        assert (row["posts"], row["n"], row["enough"]) == (len(mine), len(known), len(known) >= 10)
        er_views = sum(forwards or 0 for forwards, _ in pairs) / total * 100 if total else None
        assert row["er_views"] == (None if er_views is None else pytest.approx(er_views, abs=1e-3, rel=1e-3))
        if len(known) < 10:
            assert {row[name] for name in ("reach", "effect", "low", "high", "stands_out")} == {None}
            continue
        assert row["reach"] == pytest.approx(exp(median(known)), rel=1e-3, abs=1e-3)
        assert row["effect"] == pytest.approx((exp(median(known)) - 1) * 100, rel=1e-3, abs=1e-2)
        assert row["low"] <= row["effect"] <= row["high"]


@given(st.integers(1, 300), st.sampled_from([0.05, 0.01, 0.001]))
def test_the_interval_is_the_tightest_that_is_sure_enough(n: int, doubt: float) -> None:
    low, high = median_interval(range(1, n + 1), doubt=doubt)

    def missed(k: int) -> Fraction:
        """The chance that the median lies outside of x(k) and x(n+1−k)."""
        return Fraction(2 * sum(comb(n, i) for i in range(k)), 2**n)

    if low == float("-inf"):
        assert missed(1) > Fraction(str(doubt))
        return
    assert high == n + 1 - low
    assert missed(int(low)) <= Fraction(str(doubt)) < missed(int(low) + 1)


def test_a_kind_that_does_better_stands_out() -> None:
    reader = Reader()
    posts = [Grown(END - n * 5 * HOUR, 1000 + n, watched=False, media="photo") for n in range(120)]
    posts += [Grown(END - n * 30 * HOUR - HOUR, 2000 + n, watched=False, media="video") for n in range(15)]
    posts += [Grown(END - HOUR, 5000, watched=False, media="poll")]
    grow(reader.channel, posts, seen_at=SEEN)

    answer = reader.ask(f"content-effects?{SPAN}&by=media")

    photo, video, poll = answer["data"]
    assert [row["group"] for row in answer["data"]] == ["photo", "video", "poll"]
    assert video["effect"] == pytest.approx(95, abs=10)
    assert (video["stands_out"], photo["stands_out"], poll["stands_out"]) == (True, False, None)
    assert (poll["posts"], poll["enough"], poll["effect"]) == (1, False, None)
    assert (answer["meta"]["tested"], answer["meta"]["by"], answer["meta"]["confidence"]) == (2, "media", 0.95)


def test_posts_of_one_kind_only_are_as_usual() -> None:
    reader = Reader()
    grow(reader.channel, [Grown(END - n * HOUR, 10 * 3 ** (n % 5), watched=False) for n in range(50)], seen_at=SEEN)

    (row,) = reader.ask(f"content-effects?{SPAN}")["data"]

    assert (row["effect"], row["reach"], row["stands_out"]) == (0.0, 1.0, False)


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("media", {"photo": 2, "none": 1}),
        ("length", {"none": 1, "short": 1, "long": 1}),
        ("hashtag", {"": 1, "news": 2, "ads": 1}),
        ("emoji", {"none": 1, "few": 1, "many": 1}),
        ("link", {"without": 2, "with": 1}),
        ("forwarded", {"own": 3, "forwarded": 1}),
        ("weekday", {"1": 2, "7": 1}),
        ("hour", {"1": 1, "2": 1, "15": 1}),
    ],
)
def test_posts_are_grouped(by: str, groups: dict[str, int]) -> None:
    reader = Reader(zone="Asia/Tashkent")
    sunday = datetime(2026, 6, 14, 10, tzinfo=UTC)
    posts = [
        Grown(sunday, text="", media="photo", hashtags=("news", "ads")),
        Grown(sunday + 10 * HOUR, text="wow 🎉", media="photo", hashtags=("news",)),
        Grown(sunday + 11 * HOUR, text="🎉" * 4 + "long " * 300),
        Grown(sunday, is_forward=True, hashtags=("other",), media="video"),
    ]
    rows = grow(reader.channel, posts, seen_at=SEEN)
    PostReference.objects.create(
        post=rows[0], published_at=rows[0].published_at, channel=reader.channel, kind="link", url="https://example.org"
    )
    PostReference.objects.create(
        post=rows[1], published_at=rows[1].published_at, channel=reader.channel, kind="mention", username="somebody"
    )

    answer = reader.ask(f"content-effects?{SPAN}&by={by}")

    assert {row["group"]: row["posts"] for row in answer["data"]} == groups
    assert answer["meta"]["left_out"] == 0


def test_forwarded_posts_have_no_reach_of_their_own() -> None:
    reader = Reader()
    posts = [Grown(END - n * HOUR, watched=False, is_forward=n % 2 == 0, forwards=1) for n in range(40)]
    grow(reader.channel, posts, seen_at=SEEN)

    own, forwarded = reader.ask(f"content-effects?{SPAN}&by=forwarded")["data"]

    assert (own["n"], own["enough"], own["note"]) == (20, True, None)
    assert (forwarded["posts"], forwarded["n"], forwarded["note"]) == (20, 0, "shared_counter")
    assert (forwarded["effect"], forwarded["er_views"]) == (None, None)


def test_rare_hashtags_are_left_out_and_counted() -> None:
    reader = Reader()
    posts = [Grown(END - n * HOUR, watched=False, hashtags=(f"tag{n:02d}",)) for n in range(60)]
    grow(reader.channel, posts, seen_at=SEEN)

    answer = reader.ask(f"content-effects?{SPAN}&by=hashtag")

    assert [row["group"] for row in answer["data"]] == [f"tag{n:02d}" for n in range(50)]
    assert answer["meta"]["left_out"] == 10


def test_an_empty_channel_has_no_groups_and_a_wrong_word_is_named() -> None:
    reader = Reader()

    assert reader.ask("content-effects")["data"] == []
    refused = reader.get("content-effects?by=luck")
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "by")


@pytest.mark.parametrize("by", ["media", "length", "hashtag", "emoji", "link", "forwarded", "weekday", "hour"])
def test_effects_take_two_statements(by: str, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    reader = Reader()
    grow(reader.channel, [Grown(END - n * HOUR, watched=False) for n in range(30)], seen_at=SEEN)
    reader.ask("content-effects")  # notes that the token is in use

    # The token, the channel, and the two of the question.
    with django_assert_num_queries(4):
        reader.ask(f"content-effects?{SPAN}&by={by}")
