"""Albums: one post whatever the order of its items, the maximum of their counters, the first text there is."""

from datetime import timedelta
from itertools import permutations

import pytest

from channels_app.ingest import mark_deleted
from channels_app.models import AlbumItem, Post, PostReference, PostRevision, PostSnapshot
from mtproto.records import Reference, ReferenceKind, Source
from tests.channels_app.ingest.seen import NOW, adds_up, hours, latest, make_channel, message, post_of, see

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)
LINK = (Reference(ReferenceKind.LINK, url="https://e.org"),)
ITEMS = (
    message(11, text="", views=50, forwards=1, grouped_id=5),
    message(12, text="caption", views=52, reactions={"👍": 2}, references=LINK, grouped_id=5),
    message(13, text="second", views=51, forwards=3, grouped_id=5),
)


def test_album_on_one_page_is_one_post() -> None:
    channel = make_channel()

    result = see(channel, *ITEMS, message(14, views=1))

    assert (result.new_posts, result.albums, result.snapshots) == (2, 1, 2)
    post = post_of(channel, 11)
    assert (post.item_ids, post.grouped_id, post.text) == ([11, 12, 13], 5, "caption")
    assert (post.views, post.forwards, post.reactions) == (52, 3, {"👍": 2})
    assert list(PostReference.objects.values_list("url", flat=True)) == ["https://e.org"]
    assert hours(channel, "posts") == {"05 12": 2}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_items_one_by_one_in_any_order_make_the_same_post(order: tuple[int, ...]) -> None:
    whole, parts = make_channel(), make_channel()
    see(whole, *ITEMS)

    for index in order:
        see(parts, ITEMS[index])

    assert latest(parts) == latest(whole)
    assert PostReference.objects.filter(channel=parts).count() == 1
    assert (adds_up(parts), PostRevision.objects.count()) == (True, 0)
    assert PostSnapshot.objects.filter(post_id=post_of(parts, 11).pk).count() == 1


def test_growth_is_that_of_the_maximum() -> None:
    channel = make_channel()
    see(channel, *ITEMS)

    see(channel, message(11, text="", views=60, grouped_id=5), at=LATER)
    see(channel, message(13, text="second", views=58, grouped_id=5), at=LATER + timedelta(hours=1))

    assert (post_of(channel, 11).views, hours(channel)) == (60, {"10 14": 8})
    assert adds_up(channel)


def test_album_is_deleted_when_all_items_are() -> None:
    channel = make_channel()
    see(channel, *ITEMS)

    first = mark_deleted(channel.pk, [12], observed_at=LATER)
    post = post_of(channel, 11)
    assert (first, post.deleted_at, post.views, post.text) == ((12,), None, 52, "second")
    assert PostRevision.objects.get(post=post).text == "caption"

    rest = mark_deleted(channel.pk, [11, 12, 13, 99], observed_at=LATER + timedelta(hours=1))

    assert (sorted(rest), post_of(channel, 11).deleted_at) == ([11, 13], LATER + timedelta(hours=1))
    assert adds_up(channel)


def test_item_told_without_its_album_is_known_by_its_id() -> None:
    channel = make_channel()
    see(channel, *ITEMS)

    result = see(channel, message(12, text="caption", views=70), at=LATER, source=Source.IMPORT)

    assert (Post.objects.count(), result.albums, post_of(channel, 11).views) == (1, 1, 70)


def test_single_posts_of_a_file_become_items_of_the_album() -> None:
    channel = make_channel()
    for number, views in ((11, 10), (12, 20), (13, None)):
        text = "caption" if number == 12 else ""
        young = NOW - timedelta(minutes=3)
        see(channel, message(number, text=text, views=views, date=young), source=Source.IMPORT)

    see(
        channel,
        *(message(n, text="caption" if n == 12 else "", views=30, grouped_id=5) for n in (11, 12, 13)),
        at=LATER,
    )

    post = post_of(channel, 11)
    assert (Post.objects.count(), post.item_ids, post.views, post.text) == (1, [11, 12, 13], 30, "caption")
    assert AlbumItem.objects.count() == 3
    assert adds_up(channel)


def test_smaller_id_renames_the_post_and_keeps_its_row() -> None:
    channel = make_channel()
    see(channel, *ITEMS[1:])
    before = post_of(channel, 12).pk

    see(channel, ITEMS[0], at=LATER)

    post = post_of(channel, 11)
    assert (post.pk, post.item_ids, post.text) == (before, [11, 12, 13], "caption")
    assert adds_up(channel)


def test_item_met_on_the_next_page_raises_what_was_there_before_not_this_hour() -> None:
    channel = make_channel()
    see(channel, *ITEMS[1:])

    see(channel, message(11, text="", views=80, forwards=9, grouped_id=5), at=NOW + timedelta(seconds=2))
    see(channel, message(12, text="caption", views=83, reactions={"👍": 2}, grouped_id=5), at=LATER)

    post = post_of(channel, 11)
    assert (post.views, post.baseline_views, hours(channel)) == (83, 80, {"10 14": 3})
    assert (post.forwards, post.baseline_forwards, hours(channel, "forwards")) == (9, 9, {})
    assert adds_up(channel)


def test_growth_of_known_items_is_told_from_that_of_an_item_met_now() -> None:
    channel = make_channel()
    see(channel, *ITEMS[1:])

    see(
        channel,
        message(11, text="", views=80, grouped_id=5),
        message(12, text="caption", views=60, grouped_id=5),
        at=LATER,
    )

    post = post_of(channel, 11)
    assert (post.views, post.baseline_views, hours(channel)) == (80, 72, {"10 14": 8})
    assert adds_up(channel)


def test_item_met_within_the_first_hour_was_gained_then() -> None:
    channel = make_channel()
    young = NOW - timedelta(minutes=3)
    see(channel, message(12, date=young, views=5, grouped_id=5))

    see(channel, message(11, date=young, views=8, grouped_id=5), at=NOW + timedelta(minutes=2))

    assert (post_of(channel, 11).baseline_views, hours(channel)) == (0, {"10 12": 8})
    assert adds_up(channel)


@pytest.mark.parametrize("size", [3, 15, 100])
def test_channel_that_gives_every_post_the_same_album_id_is_no_single_post(size: int) -> None:
    channel = make_channel()
    records = [message(number, views=number, grouped_id=5) for number in range(1, 31)]

    for _ in range(2):
        for first in range(0, len(records), size):
            see(channel, *records[first : first + size])

    posts = Post.objects.filter(channel=channel)
    kept = {number for post in posts for number in post.item_ids or [post.message_id]}
    assert kept == set(range(1, 31))
    assert max(len(post.item_ids) for post in posts) <= 10
    assert posts.count() == (30 if size > 10 else 22)
    assert adds_up(channel)


def test_group_whose_ids_lie_far_apart_is_no_album() -> None:
    channel = make_channel()

    see(channel, message(1, grouped_id=5), message(2, grouped_id=5), message(500, grouped_id=6))
    see(channel, message(501, grouped_id=5), message(502, grouped_id=6))

    names = Post.objects.filter(channel=channel).order_by("message_id").values_list("message_id", "item_ids")
    assert list(names) == [(1, [1, 2]), (500, [500, 502]), (501, [])]
    assert adds_up(channel)
