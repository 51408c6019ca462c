"""One post and its curve, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_app.keeping import SHORTER_AFTER, drop_old_curves
from channels_app.models import (
    AlbumItem,
    Channel,
    CurveKeeping,
    Post,
    PostReference,
    PostRevision,
    PostSnapshot,
    PublicForwardSeen,
    Relation,
)
from channels_app.packing import pack_posts
from channels_app.partitions import ensure_months, forget_partitions, month_of
from channels_app.reach import keep_reach
from tests.analytics.reader import Reader
from tests.analytics.world import NOW, Seen, make_channel, make_posts, take_snapshots

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
BORN = NOW - timedelta(days=20)


@pytest.fixture
def channel() -> Channel:
    return make_channel()


@pytest.fixture
def reader(channel: Channel) -> Reader:
    return Reader(channel)


def one_post(channel: Channel, **columns: Any) -> Post:
    (post,) = make_posts(channel, [Seen(BORN, views=200, forwards=10, replies=None, reactions=5)])
    Post.objects.filter(pk=post.pk).update(**columns)
    return post


def statements(reader: Reader, channel: Channel, what: str) -> int:
    reader.get(channel, "overview")  # whatever the first request of a token writes
    with CaptureQueriesContext(
        connection,
    ) as caught:
        reader.get(channel, what)
    return sum("channels_app_post" in one["sql"] or "channels_app_readings" in one["sql"] for one in caught)


def test_a_post_tells_all_that_is_known(channel: Channel, reader: Reader) -> None:
    post = one_post(
        channel,
        text="Hello @friend",
        entities=[["mention", 6, 7, None]],
        hashtags=["news"],
        media_kind="poll",
        poll={"question": "Why?", "options": [["A", 3], ["B", None]], "total_voters": 3, "closed": True},
        reactions={"👍": 2, "🔥": 3},
        post_author="Ann",
        reply_to_message_id=9,
        pinned=True,
        edited_at=BORN + HOUR,
    )
    PostRevision.objects.create(
        post=post, text="Helo @friend", text_hash=b"1" * 16, seen_at=BORN, replaced_at=BORN + HOUR
    )
    PostReference.objects.create(
        post=post, published_at=post.published_at, channel=channel, kind="mention", username="friend"
    )

    data = reader.get(channel, "posts/1")["data"]

    assert {name: data[name] for name in ("views", "forwards", "replies", "reactions", "er_views", "virality")} == {
        "views": 200,
        "forwards": 10,
        "replies": None,
        "reactions": 5,
        "er_views": 7.5,
        "virality": 0.05,
    }
    assert data["entities"] == [{"kind": "mention", "offset": 6, "length": 7, "url": None}]
    assert data["reactions_by_kind"] == [{"kind": "🔥", "count": 3}, {"kind": "👍", "count": 2}]
    assert data["poll"] == {
        "question": "Why?",
        "options": [{"text": "A", "votes": 3}, {"text": "B", "votes": None}],
        "total_voters": 3,
        "closed": True,
    }
    assert data["revisions"] == [
        {"text": "Helo @friend", "seen_at": "2026-05-26T12:00:00Z", "replaced_at": "2026-05-26T13:00:00Z"}
    ]
    assert data["references"] == [{"kind": "mention", "url": None, "username": "friend", "msg_id": None}]
    assert (data["author"], data["reply_to"], data["pinned"], data["hashtags"]) == ("Ann", 9, True, ["news"])
    assert (data["forward"], data["public_forwards"], data["deleted_at"]) == (None, None, None)
    assert data["permalink"] == f"https://t.me/{channel.username}/1"


def test_the_period_of_a_post_is_its_life(channel: Channel, reader: Reader) -> None:
    one_post(channel)

    meta = reader.get(channel, "posts/1")["meta"]

    assert (meta["period"]["from"], meta["period"]["to"]) == ("2026-05-26T12:00:00Z", meta["generated_at"])
    assert meta["provenance"]["views"] == {
        "source": "mtproto",
        "observed_at": "2026-06-15T12:00:00Z",
        "coverage": 1.0,
    }


def test_a_bare_post_has_unknowns_and_no_zeroes(channel: Channel, reader: Reader) -> None:
    make_posts(channel, [Seen(BORN, views=None, forwards=None)])
    Post.objects.filter(channel=channel).update(counters_at=None, counters_source=None)

    answer = reader.get(channel, "posts/1")
    data = answer["data"]

    counters = ("views", "forwards", "replies", "reactions", "reactions_by_kind", "er_views", "virality", "poll")
    assert {data[name] for name in counters} == {None}
    assert (data["curve"], data["half_life_seconds"], data["half_life_note"]) == ([], None, "not_observed")
    assert {(one["views"], one["share"], one["expected_low"], one["expected_n"]) for one in data["ages"]} == {
        (None, None, None, 0)
    }
    assert answer["meta"]["provenance"]["views"]["coverage"] == 0


def test_the_curve_has_every_reading_and_the_same_ages(channel: Channel, reader: Reader) -> None:
    post = one_post(channel)
    take_snapshots(post, (HOUR, 100), (3 * HOUR, 150), (7 * 24 * HOUR, 200))
    forget_partitions()
    ensure_months({month_of(BORN)})
    PostSnapshot.objects.create(
        post=post, observed_at=BORN + 2 * HOUR, source="preview", approximate=True, reactions={"👍": 2, "paid": 1}
    )

    curve, whole = reader.get(channel, "posts/1/curve")["data"], reader.get(channel, "posts/1")["data"]

    assert [(one["age_seconds"], one["views"], one["reactions"]) for one in curve["points"]] == [
        (3600, 100, None),
        (7200, None, 3),
        (10800, 150, None),
        (604800, 200, None),
    ]
    assert curve["points"][1] == {
        "t": "2026-05-26T14:00:00Z",
        "age_seconds": 7200,
        "views": None,
        "forwards": None,
        "replies": None,
        "reactions": 3,
        "source": "preview",
        "approximate": True,
    }
    assert whole["curve"] == curve["points"]
    assert (curve["half_life_seconds"], curve["half_life_note"]) == (3600, None)
    assert [{name: one[name] for name in ("age", "age_seconds", "views", "share")} for one in whole["ages"]] == (
        curve["ages"]
    )
    assert {one["age"]: one["share"] for one in curve["ages"]} == {
        "1h": 0.5,
        "3h": 0.75,
        "6h": None,
        "12h": None,
        "24h": None,
        "48h": None,
        "7d": 1.0,
        "30d": None,
    }


def test_a_post_stands_beside_the_others_of_its_channel(channel: Channel, reader: Reader) -> None:
    posts = make_posts(channel, [Seen(BORN + n * HOUR) for n in range(7)])
    for post in posts:
        take_snapshots(post, (HOUR, 10 * post.message_id))

    first = reader.get(channel, "posts/1")["data"]["ages"][0]

    assert first == {
        "age": "1h",
        "age_seconds": 3600,
        "views": 10.0,
        "share": 0.1,
        "expected_low": 25.0,
        "expected_median": 45.0,
        "expected_high": 65.0,
        "expected_n": 6,
    }


def test_an_item_of_an_album_leads_to_the_album(channel: Channel, reader: Reader) -> None:
    one_post(channel, grouped_id=77, item_ids=[1, 2, 3])
    for number in (1, 2, 3):
        AlbumItem.objects.create(channel=channel, message_id=number, grouped_id=77, media_kind="photo")

    by_item, by_post = reader.get(channel, "posts/3")["data"], reader.get(channel, "posts/1")["data"]

    assert by_item == by_post
    assert (by_item["msg_id"], by_item["item_ids"], by_item["album_size"]) == (1, [1, 2, 3], 3)
    assert reader.get(channel, "posts/2/curve")["data"]["msg_id"] == 1


@pytest.mark.parametrize("number", ["2", "0", "2147483648", "9" * 40])
@pytest.mark.parametrize("what", ["posts/{}", "posts/{}/curve"])
def test_an_unknown_post_is_not_found(channel: Channel, reader: Reader, number: str, what: str) -> None:
    one_post(channel)

    answer = reader.answer(channel, what.format(number))

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("what", ["posts/1", "posts/1/curve", "posts", "ledger"])
def test_posts_of_another_workspace_are_not_found(channel: Channel, what: str) -> None:
    one_post(channel)

    assert Reader(make_channel()).answer(channel, what).status_code == 404


def test_the_same_number_in_another_channel_is_another_post(channel: Channel, reader: Reader) -> None:
    other = make_channel()
    make_posts(other, [Seen(BORN, views=1)] * 3)
    AlbumItem.objects.create(channel=other, message_id=9, grouped_id=5, media_kind="photo")
    one_post(channel)

    assert reader.get(channel, "posts/1")["data"]["views"] == 200
    assert reader.answer(channel, "posts/3").status_code == reader.answer(channel, "posts/9").status_code == 404


def test_public_forwards_are_for_owners_only(channel: Channel) -> None:
    post = one_post(channel)
    for number, views in ((5, 10), (6, None), (7, 30)):
        PublicForwardSeen.objects.create(
            post=post,
            channel_tg_id=900,
            channel_username="loud" if number == 5 else None,
            channel_title="Loud",
            message_id=number,
            views=views,
            first_seen_at=NOW,
            last_seen_at=NOW,
        )

    owner = Reader(channel, relation=Relation.OWNED).get(channel, "posts/1")
    watcher = Reader(channel).get(channel, "posts/1")

    assert [(one["msg_id"], one["permalink"]) for one in owner["data"]["public_forwards"]] == [
        (7, "https://t.me/c/900/7"),
        (5, "https://t.me/loud/5"),
        (6, "https://t.me/c/900/6"),
    ]
    assert owner["meta"]["provenance"]["public_forwards"]["source"] == "official"
    assert watcher["data"]["public_forwards"] is None
    assert "public_forwards" not in watcher["meta"]["provenance"]


def test_a_forwarded_post_tells_its_origin_and_no_half_life(channel: Channel, reader: Reader) -> None:
    origin = make_channel()
    post = one_post(
        channel,
        is_forward=True,
        forward_from_tg_id=origin.tg_id,
        forward_from_name="Origin",
        forward_message_id=42,
        forward_date=BORN - HOUR,
    )
    take_snapshots(post, (HOUR, 100), (7 * 24 * HOUR, 200))

    data = reader.get(channel, "posts/1")["data"]

    assert data["forward"] == {
        "channel_id": origin.tg_id,
        "username": origin.username,
        "name": "Origin",
        "msg_id": 42,
        "date": "2026-05-26T11:00:00Z",
        "permalink": f"https://t.me/{origin.username}/42",
    }
    assert (data["half_life_seconds"], data["half_life_note"]) == (None, "forward")
    assert {one["share"] for one in data["ages"]} == {None}


def test_a_deleted_post_is_still_told(channel: Channel, reader: Reader) -> None:
    one_post(channel, deleted_at=BORN + HOUR)

    assert reader.get(channel, "posts/1")["data"]["deleted_at"] == "2026-05-26T13:00:00Z"


def test_a_post_of_a_private_channel_links_by_id(channel: Channel, reader: Reader) -> None:
    one_post(channel)
    Channel.objects.filter(pk=channel.pk).update(username=None)

    assert reader.get(channel, "posts/1")["data"]["permalink"] == f"https://t.me/c/{channel.tg_id}/1"


@pytest.mark.parametrize(("what", "number"), [("posts/1", 3), ("posts/1/curve", 2)])
def test_a_post_takes_few_statements(channel: Channel, reader: Reader, what: str, number: int) -> None:
    one_post(channel)

    assert statements(reader, channel, what) == number


def test_dropped_curve_says_so_and_growth_beyond_it_is_unknown(channel: Channel, settings: Any) -> None:
    settings.DEFAULT_PLAN = "free"
    born = NOW - timedelta(days=400)
    (post,) = make_posts(channel, [Seen(born, views=300)])
    Post.objects.filter(pk=post.pk).update(counters_at=born + timedelta(days=30))
    take_snapshots(post, *((timedelta(days=day), 10 * day) for day in range(1, 31)))
    reader, last = (
        Reader(channel),
        {"from_": (born + timedelta(days=5)).date(), "to": (born + timedelta(days=9)).date()},
    )
    grown = reader.get(channel, "top-posts", order="growth", **last)["data"]
    assert [(one["msg_id"], one["growth"]) for one in grown] == [(1, 40)]
    pack_posts([post.pk])
    keep_reach(now=NOW)
    drop_old_curves(now=NOW - SHORTER_AFTER)
    CurveKeeping.objects.update(due_at=NOW)
    assert drop_old_curves(now=NOW) == 1

    for what, points in (("posts/1", "curve"), ("posts/1/curve", "points")):
        body = reader.get(channel, what)
        assert [one["views"] for one in body["data"][points]] == [300]
        assert body["data"]["curve_dropped_at"] == NOW.isoformat().replace("+00:00", "Z")
        assert (body["data"]["half_life_seconds"], body["data"]["half_life_note"]) == (None, "not_kept")
        assert body["meta"]["provenance"]["curve"]["note"] == "not_kept"
        views = {one["age"]: one["views"] for one in body["data"]["ages"]}
        assert (views["7d"], views["30d"]) == (None, 300)
    assert reader.get(channel, "posts/1")["data"]["views"] == 300
    assert reader.get(channel, "top-posts", order="growth", **last)["data"][0]["growth"] is None


def test_views_at_the_kept_ages_outlive_the_curve(channel: Channel, settings: Any) -> None:
    settings.DEFAULT_PLAN = "free"
    born = [NOW - timedelta(days=400, hours=7 * number) for number in range(12)]
    posts = make_posts(channel, [Seen(at, views=900 + number) for number, at in enumerate(born)])
    for number, post in enumerate(posts):
        Post.objects.filter(pk=post.pk).update(counters_at=post.published_at + timedelta(days=30))
        aged = [(age * HOUR, 10 * age + 20 * number) for age in (1, 2, 4, 6, 10, 13, 18, 23, 27, 40, 47, 50, 59)]
        take_snapshots(post, *aged, (timedelta(days=30), 900 + number))
    pack_posts([post.pk for post in posts])
    keep_reach(now=NOW)
    reader = Reader(channel)

    def told() -> tuple[Any, ...]:
        span = {"from_": (born[-1] - HOUR).date(), "to": (born[0] + timedelta(days=1)).date()}
        best, reach = reader.get(channel, "best-time", **span), reader.get(channel, "overview", **span)["data"]
        kept = {"12h", "24h", "48h"}
        ages, line = ([one for one in reader.get(channel, f"posts/1{what}")["data"]["ages"] if one["age"] in kept]
                      for what in ("", "/curve"))  # fmt: skip
        return ages, line, best["data"], best["meta"]["compared"], reach["reach_24h"]

    before = told()
    with CaptureQueriesContext(connection) as whole:
        reader.get(channel, "posts/1")
    drop_old_curves(now=NOW - SHORTER_AFTER)
    CurveKeeping.objects.update(due_at=NOW)
    assert drop_old_curves(now=NOW) == len(posts)

    assert told() == before
    assert [(one["views"], one["expected_n"]) for one in before[0]] == [(120, 11), (240, 11), (480, 11)]
    assert before[3] == len(posts)
    with CaptureQueriesContext(connection) as dropped:
        data = reader.get(channel, "posts/1")["data"]
    assert len(dropped) == len(whole)
    assert (data["half_life_seconds"], data["half_life_note"], len(data["curve"])) == (None, "not_kept", 1)
