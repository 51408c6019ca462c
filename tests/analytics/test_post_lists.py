"""Pages of posts over HTTP: orders, cursors, search and filters, against plain Python."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.queries import posts as posts_queries
from analytics.queries.posts import search_patterns
from channels_app.models import Channel, Post
from tests.analytics.reader import Reader
from tests.analytics.world import NOW, Seen, make_channel, make_posts

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SPAN = {"from_": "2026-06-08", "to": "2026-06-15"}


@pytest.fixture
def channel() -> Channel:
    return make_channel()


@pytest.fixture
def reader(channel: Channel) -> Reader:
    return Reader(channel)


def write(channel: Channel, *texts: str) -> None:
    """Posts with these texts, the first one newest."""
    for post, text in zip(
        make_posts(channel, [Seen(NOW - n * HOUR) for n in range(1, len(texts) + 1)]), texts, strict=True
    ):
        Post.objects.filter(pk=post.pk).update(text=text)


def ids(pages: list[list[Any]]) -> list[int]:
    return [row["msg_id"] for page in pages for row in page]


counters = st.none() | st.sampled_from([0, 1, 2, 3, 10**12])
made_posts = st.lists(
    st.builds(
        Seen,
        at=st.integers(1, 9 * 24).map(lambda hours: NOW - hours * HOUR),
        views=counters,
        forwards=counters,
        replies=counters,
        reactions=counters,
        deleted=st.booleans(),
    ),
    max_size=12,
)


def engagement(post: Seen) -> float | None:
    told = [x for x in (post.forwards, post.replies, post.reactions) if x is not None]
    return round(sum(told) / post.views * 100, 4) if told and post.views else None


VALUES: dict[str, Any] = {
    "views": lambda post: post.views,
    "forwards": lambda post: post.forwards,
    "replies": lambda post: post.replies,
    "reactions": lambda post: post.reactions,
    "er": engagement,
}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    made=made_posts,
    order=st.sampled_from(["published", *VALUES]),
    limit=st.integers(1, 5),
    everything=st.booleans(),
    with_deleted=st.booleans(),
)
def test_pages_together_equal_plain_python(
    made: list[Seen], order: str, limit: int, everything: bool, with_deleted: bool
) -> None:
    channel = make_channel()
    make_posts(channel, made)
    first, last = NOW.replace(day=8, hour=0), NOW.replace(day=15, hour=0)
    chosen = [
        (number, post)
        for number, post in enumerate(made, start=1)
        if (everything or first <= post.at < last) and (with_deleted or not post.deleted)
    ]
    if order == "published":
        chosen.sort(key=lambda one: (one[1].at, one[0]), reverse=True)
    else:
        value = VALUES[order]
        chosen.sort(key=lambda one: (value(one[1]) is None, -(value(one[1]) or 0), one[0]))

    pages = Reader(channel).pages(
        channel,
        "posts",
        **SPAN,
        order=order,
        limit=limit,
        all=str(everything).lower(),
        include_deleted=str(with_deleted).lower(),
    )

    assert ids(pages) == [number for number, _ in chosen]
    assert all(len(page) == limit for page in pages[:-1])


def test_a_row_tells_counters_flags_and_where_they_are_from(channel: Channel, reader: Reader) -> None:
    make_posts(channel, [Seen(NOW - 24 * HOUR, views=300, forwards=3, replies=None, reactions=6, deleted=True)])
    Post.objects.filter(channel=channel).update(
        pinned=True, edited_at=NOW, item_ids=[1, 2], media_kind="photo", counters_approximate=True
    )

    answer = reader.get(channel, "posts", **SPAN, include_deleted="true")

    assert answer["data"] == [
        {
            "msg_id": 1,
            "date": "2026-06-14T12:00:00Z",
            "views": 300,
            "forwards": 3,
            "replies": None,
            "reactions": 6,
            "er_views": 3.0,
            "virality": 0.01,
            "title": "post 1",
            "permalink": f"https://t.me/{channel.username}/1",
            "media": "photo",
            "album_size": 2,
            "is_forward": False,
            "pinned": True,
            "edited_at": "2026-06-15T12:00:00Z",
            "deleted_at": "2026-06-15T12:00:00Z",
            "source": "mtproto",
            "observed_at": "2026-06-15T12:00:00Z",
            "approximate": True,
        }
    ]
    assert "next" not in answer["meta"]
    assert answer["meta"]["provenance"]["replies"] == {"source": "mtproto", "observed_at": None, "coverage": 0.0}
    assert answer["meta"]["provenance"]["views"]["note"] == "approximate"


def test_an_empty_channel_has_an_empty_page(channel: Channel, reader: Reader) -> None:
    answer = reader.get(channel, "posts", all="true")

    assert answer["data"] == []
    assert answer["meta"]["provenance"]["views"] == {"source": None, "observed_at": None, "coverage": None}


def test_segments_narrow_pages(channel: Channel, reader: Reader) -> None:
    make_posts(channel, [Seen(NOW - 24 * HOUR, is_forward=n % 2 == 0) for n in range(6)])

    assert ids(reader.pages(channel, "posts", **SPAN, forwarded="true", limit=2)) == [5, 3, 1]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("привет", [1]),
        ("ПРИВЕТ мир", [1]),
        ("o'zbek", [2]),
        ("Oʻ‘zb", []),
        ("100%", [3]),
        ("a.c", []),
        ("a_c", []),
        ("(skobka]", [4]),
        ("\\d", [5]),
        ("e", [2, 6]),
        ("  привет  ", [1]),
    ],
)
def test_search_finds_words_in_any_case_and_takes_them_literally(
    channel: Channel, reader: Reader, search: str, found: list[int]
) -> None:
    write(channel, "Привет, Мир!", "Oʻzbek tili", "100% abc", "(Skobka] x", "\\d", "ESCAPE?")

    assert ids(reader.pages(channel, "posts", all="true", q=search)) == found


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_any_text_finds_itself(text: str) -> None:
    if not text.split() or len(text.split()) > posts_queries.MAX_WORDS:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text ~ ALL(%s::text[])", [text, search_patterns(text)])
        assert cursor.fetchone()[0]


def test_a_search_goes_on_where_its_reading_ended(
    channel: Channel, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(channel, *("needle" if n in {0, 5, 6, 7, 11} else "hay" for n in range(13)))
    monkeypatch.setattr(posts_queries, "SEARCHED_POSTS", 3)

    pages = reader.pages(channel, "posts", all="true", q="needle", limit=2)
    ranked = reader.get(channel, "posts", all="true", q="needle", order="views")

    assert ids(pages) == [1, 6, 7, 8, 12]
    assert [] in pages  # a stretch without the word still leads on
    assert (ids([ranked["data"]]), ranked["meta"]["note"]) == ([1], "searched_newest_posts_only")


def cursor_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"cursor": "what"}, "cursor"),
        ({"cursor": "%%%"}, "cursor"),
        ({"cursor": "é"}, "cursor"),
        ({"cursor": "A" * 500}, "cursor"),
        ({"cursor": cursor_of("views:5:1")}, "cursor"),
        ({"cursor": cursor_of("published:99999999999999999:1")}, "cursor"),
        ({"cursor": cursor_of("published:5:99999999999")}, "cursor"),
        ({"cursor": cursor_of("published:²:1")}, "cursor"),
        ({"cursor": cursor_of("published:n:1")}, "cursor"),
        ({"cursor": cursor_of("views:5:1; DROP TABLE"), "order": "views"}, "cursor"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"order": "luck"}, "order"),
        ({"all": "yes"}, "all"),
        ({"include_deleted": "1"}, "include_deleted"),
        ({"q": "a " * 9}, "q"),
        ({"q": "x" * 101}, "q"),
        ({"hour": "24"}, "hour"),
    ],
)
def test_wrong_parameters_are_named(channel: Channel, reader: Reader, query: dict[str, str], field: str) -> None:
    answer = reader.answer(channel, "posts", **query)

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


@pytest.mark.parametrize(
    ("order", "key"),
    [
        ("published", "published:9999999999999999:9999999999"),
        ("views", f"views:{'9' * 22}:9999999999"),
        ("er", f"er:-{'9' * 22}.9999:0"),
        ("views", "views:n:9999999999"),
    ],
)
def test_keys_at_the_edge_of_their_kind_answer(channel: Channel, reader: Reader, order: str, key: str) -> None:
    make_posts(channel, [Seen(NOW - HOUR)])

    assert reader.answer(channel, "posts", order=order, all="true", cursor=cursor_of(key)).status_code == 200


@pytest.mark.parametrize("query", [{}, {"q": "post"}, {"order": "er", "all": "true"}])
def test_a_page_takes_one_statement(channel: Channel, reader: Reader, query: dict[str, str]) -> None:
    make_posts(channel, [Seen(NOW - n * HOUR) for n in range(5)])

    with CaptureQueriesContext(connection) as caught:
        reader.get(channel, "posts", **query)

    assert sum("channels_app_post" in one["sql"] for one in caught) == 1
