"""Segments: which posts are meant, against the same choice made in plain Python."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Workspace
from analytics.period import Period
from analytics.queries import StatsQuery, growth, overview, reach, top_posts
from analytics.queries.segments import LENGTH_BANDS, LengthBand, Segment, parse_segment
from channels_app.models import Channel, Post, PostReference, Relation, TrackedChannel
from mtproto.records import MediaKind
from tests.analytics.world import NOW, Seen, count_subscribers, make_channel, make_posts
from tests.factories import bearer, make_token, make_workspace

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Tashkent")
WEEK = Period(NOW - timedelta(days=7), NOW, ZONE)
SPAN = "from=2026-06-08&to=2026-06-16"


def _dress(channel: Channel, clothes: list[dict[str, Any]]) -> list[Post]:
    """Posts with content of their own; `link` adds a link, `mention` a name."""
    posts = make_posts(channel, [Seen(NOW - timedelta(hours=5 * i + 1), views=10 + i) for i in range(len(clothes))])
    for post, wear in zip(posts, clothes, strict=True):
        for url, username in [("https://example.org", None)] * wear["link"] + [(None, "friend")] * wear["mention"]:
            PostReference.objects.create(
                post=post, published_at=post.published_at, channel=channel, kind="link", url=url, username=username
            )
        post.text, post.media_kind, post.hashtags = "a" * wear["length"], wear["media"], wear["hashtags"]
        post.is_forward, post.post_author = wear["is_forward"], wear["author"]
        post.save()
    return posts


dressed = st.lists(
    st.fixed_dictionaries(
        {
            "length": st.sampled_from([0, 1, 200, 201, 800, 801]),
            "media": st.sampled_from(["none", "photo", "video"]),
            "hashtags": st.lists(st.sampled_from(["news", "ish"]), unique=True),
            "is_forward": st.booleans(),
            "author": st.sampled_from([None, "Ali"]),
            "link": st.booleans(),
            "mention": st.booleans(),
        }
    ),
    max_size=8,
)
segments = st.builds(
    Segment,
    media=st.none() | st.sampled_from([MediaKind.PHOTO, MediaKind.NONE]),
    length=st.none() | st.sampled_from(list(LengthBand)),
    hashtag=st.none() | st.just("news"),
    forwarded=st.none() | st.booleans(),
    hour=st.none() | st.integers(0, 23),
    weekday=st.none() | st.integers(1, 7),
    author=st.none() | st.just("Ali"),
    with_link=st.none() | st.booleans(),
)


def _belongs(post: Post, wear: dict[str, Any], segment: Segment) -> bool:
    local = post.published_at.astimezone(ZONE)
    shortest, longest = LENGTH_BANDS[segment.length] if segment.length else (0, None)
    wanted: list[tuple[Any, Any]] = [
        (segment.media, wear["media"]),
        (segment.forwarded, wear["is_forward"]),
        (segment.hour, local.hour),
        (segment.weekday, local.isoweekday()),
        (segment.author, wear["author"]),
        (segment.with_link, wear["link"]),
    ]
    return (
        all(want is None or want == have for want, have in wanted)
        and (segment.hashtag is None or segment.hashtag in wear["hashtags"])
        and shortest <= wear["length"] <= (wear["length"] if longest is None else longest)
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(clothes=dressed, segment=segments)
def test_a_segment_is_the_posts_that_a_person_would_choose(clothes: list[dict[str, Any]], segment: Segment) -> None:
    channel = make_channel()
    posts = _dress(channel, clothes)
    chosen = [post for post, wear in zip(posts, clothes, strict=True) if _belongs(post, wear, segment)]
    query = StatsQuery(channel.pk, WEEK, now=NOW, segment=segment)

    numbers = overview(query).current

    assert (numbers["posts"].value, numbers["views"].value) == (len(chosen), sum(p.views or 0 for p in chosen))
    assert {row.id for row in top_posts(query, limit=50)} == {post.pk for post in chosen}
    own = [post for post in chosen if not post.is_forward]
    assert sum(point.extra["posts"] or 0 for point in reach(query).points) == len(own)


def test_subscribers_are_of_no_segment() -> None:
    channel = make_channel()
    make_posts(channel, [Seen(NOW - timedelta(hours=1), views=50)])
    count_subscribers(channel, (NOW - timedelta(hours=2), 500))
    query = StatsQuery(channel.pk, WEEK, now=NOW, segment=Segment(forwarded=False))

    numbers, series = overview(query).current, growth(query)

    assert {numbers[name].value for name in ("followers", "views_gained")} == {None}
    assert numbers["followers"].provenance.note == series.provenance.note == "not_segmented"
    assert {point.y for point in series.points} == {None}
    # Of a segment against all subscribers.
    assert numbers["err"].value == 10.0


def test_parameters_become_a_segment() -> None:
    given_ = {"media": "photo", "hashtag": "#Yangi", "forwarded": "false", "hour": "0", "weekday": "7", "author": ""}

    assert parse_segment(given_) == Segment(media=MediaKind.PHOTO, hashtag="yangi", forwarded=False, hour=0, weekday=7)
    assert parse_segment({"hour": "0"})
    assert not parse_segment({})


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def get(client: Client, workspace: Workspace) -> Callable[..., Any]:
    channel = make_channel()
    TrackedChannel.objects.create(workspace=workspace, channel=channel, relation=Relation.WATCHED, created_at=NOW)
    make_posts(channel, [Seen(NOW - timedelta(hours=1)), Seen(NOW - timedelta(hours=2), is_forward=True)])
    headers = bearer(make_token(workspace))
    base = f"/api/v2/analytics/channels/@{channel.username}/"
    return lambda what, segment: client.get(f"{base}{what}?{SPAN}&{urlencode(segment)}", headers=headers)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("media", "smell"),
        ("length", "huge"),
        ("hashtag", "#"),
        ("hashtag", "a" * 201),
        ("forwarded", "yes"),
        ("hour", "24"),
        ("hour", "-1"),
        ("hour", "²"),
        ("weekday", "0"),
        ("weekday", "8"),
        ("author", "a" * 201),
        ("with_link", "1"),
    ],
)
def test_a_wrong_segment_is_named(get: Callable[..., Any], name: str, value: str) -> None:
    answer = get("overview", {name: value})

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, name)


def test_a_segment_narrows_the_mounted_answers(get: Callable[..., Any]) -> None:
    assert get("overview", {"forwarded": "true"}).json()["data"]["posts"] == 1
    assert [row["msg_id"] for row in get("top-posts", {"forwarded": "true"}).json()["data"]] == [2]
    assert sum(point["posts"] for point in get("reach", {"forwarded": "true"}).json()["data"]["points"]) == 0
