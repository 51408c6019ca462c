"""A packed curve answers as its snapshots did, whatever they told; packing again, unpacking and late rows work."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.cells import check_invariant, repair_channel
from channels_app.models import Channel, PackedCurve, Post, PostSnapshot
from channels_app.packing import curves as packing
from channels_app.packing import pack_posts, unpack_posts
from channels_app.snapshots import readings_of
from mtproto.records import Source
from tests.channels_app.ingest.seen import NOW, adds_up, latest, make_channel, message, post_of, see
from tests.channels_app.packing.curves import OPENED, Told, make_post, read, write_snapshots

pytestmark = pytest.mark.django_db

MOST = 2**31 - 1
counts = st.none() | st.integers(0, MOST) | st.integers(0, 50)
reactions = st.none() | st.dictionaries(
    st.sampled_from(["👍", "🔥", "paid", "5368324170671202286", 'a"b\\c', "ё"]), st.integers(0, MOST), max_size=4
)
ages = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=70)) | st.integers(0, 5000).map(
    lambda seconds: timedelta(seconds=seconds)
)
readings = st.builds(
    Told,
    ages,
    counts,
    counts,
    counts,
    reactions,
    st.sampled_from(["mtproto", "import", "preview"]),
    st.booleans(),
)
curves = st.lists(readings, min_size=1, max_size=50, unique_by=lambda told: told.age)


def drop_snapshots(*posts: Post) -> None:
    """As if their months had been dropped."""
    PostSnapshot.objects.filter(post_id__in=[post.pk for post in posts]).delete()


@settings(max_examples=60)
@given(curve=curves)
def test_packed_curve_reads_as_its_snapshots(curve: list[Told]) -> None:
    with transaction.atomic():
        post = make_post(make_channel())
        write_snapshots(post, curve)
        before = read(post)

        assert pack_posts([post.pk]) == [post.pk]
        assert read(post) == before
        drop_snapshots(post)
        assert read(post) == before
        assert pack_posts([post.pk]) == [post.pk]
        assert read(post) == before
        assert (unpack_posts([post.pk]), unpack_posts([post.pk])) == (1, 0)
        assert read(post) == before
        assert PostSnapshot.objects.filter(post=post).count() == len(curve)
        transaction.set_rollback(True)


@settings(max_examples=25)
@given(first=curves, second=curves)
def test_later_snapshots_add_to_a_packed_curve(first: list[Told], second: list[Told]) -> None:
    with transaction.atomic():
        post, twin = make_post(make_channel()), make_post(make_channel())
        later = OPENED + timedelta(days=71)
        for one in (post, twin):
            write_snapshots(one, first)
        pack_posts([post.pk])
        drop_snapshots(post)
        for one in (post, twin):
            write_snapshots(one, second, since=later)

        assert read(post) == read(twin)
        pack_posts([post.pk])
        drop_snapshots(post)
        assert read(post) == read(twin)
        transaction.set_rollback(True)


def test_count_beyond_31_bits_stays_unpacked() -> None:
    post, other = make_post(make_channel()), make_post(make_channel())
    write_snapshots(post, [Told(timedelta(0), MOST + 1)])
    write_snapshots(other, [Told(timedelta(0), reactions={"👍": MOST + 1}), Told(timedelta(1), views=3)])
    before = read(post), read(other)

    assert pack_posts([post.pk, other.pk]) == []
    assert (read(post), read(other)) == before


def test_difference_after_packing_undoes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    post = make_post(make_channel())
    write_snapshots(post, [Told(timedelta(0), 5), Told(timedelta(hours=1), 9)])
    monkeypatch.setattr(
        packing, "_PACK", packing._PACK.replace("array_agg(views ORDER BY", "array_agg(views + 1 ORDER BY")
    )

    with pytest.raises(packing.PackingMismatch):
        pack_posts([post.pk])

    assert not PackedCurve.objects.exists()


def test_curve_goes_with_its_post() -> None:
    post = make_post(make_channel())
    write_snapshots(post, [Told(timedelta(0), 5)])
    pack_posts([post.pk])

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM channels_app_post WHERE id = %s", [post.pk])

    assert not PackedCurve.objects.exists()


def lively_channel() -> Channel:
    """Two posts and an album over 40 days, with falls, abbreviated values and unknown counters."""
    channel = make_channel()
    see(channel, message(1, views=9, approximate=True))
    for step in range(20):
        see(
            channel,
            message(1, views=100 + step * 3 % 7, reactions={"👍": step} if step % 2 else None),
            message(2, date=NOW, views=step, forwards=None if step < 4 else step // 4),
            *(message(n, date=NOW, views=step + n, grouped_id=4) for n in (5, 6)),
            at=NOW + timedelta(days=2 * step, hours=1),
        )
    return channel


def pack_all(channel: Channel) -> None:
    posts = list(Post.objects.filter(channel=channel))
    assert len(pack_posts([post.pk for post in posts])) == len(posts)
    drop_snapshots(*posts)


def test_packed_channel_adds_up_and_is_repaired_to_the_same() -> None:
    channel = lively_channel()
    before = latest(channel)
    pack_all(channel)

    assert adds_up(channel)
    repair_channel(channel.pk)
    assert latest(channel) == before
    assert adds_up(channel)


def test_late_reading_of_a_packed_post_counts_as_if_it_had_not_been_packed() -> None:
    channel, twin = lively_channel(), lively_channel()
    pack_all(channel)
    for one in (channel, twin):
        see(one, message(1, views=500), message(2, date=NOW, views=7, replies=2), at=NOW + timedelta(days=5))
        see(one, message(5, date=NOW, views=90, grouped_id=4), at=NOW + timedelta(days=6))

    assert latest(channel) == latest(twin)
    for number in (1, 2, 5):
        assert read(post_of(channel, number)) == read(post_of(twin, number))
    assert check_invariant(channel.pk, deep=True) == check_invariant(twin.pk, deep=True)


def test_new_look_at_a_packed_post_adds_to_it() -> None:
    channel = lively_channel()
    pack_all(channel)
    see(channel, message(1, views=2000), at=datetime(2026, 6, 1, tzinfo=UTC))

    assert PackedCurve.objects.filter(post=post_of(channel, 1)).exists()
    assert read(post_of(channel, 1))[-1][3] == 2000
    assert adds_up(channel)


def test_readings_of_packed_and_single_snapshots_come_together() -> None:
    packed, single = make_post(make_channel()), make_post(make_channel())
    for post in (packed, single):
        write_snapshots(post, [Told(timedelta(hours=2), 8), Told(timedelta(0), 5, reactions={"👍": 2})])
    pack_posts([packed.pk])
    drop_snapshots(packed)

    found = readings_of([packed.pk, single.pk])

    assert found[packed.pk] == found[single.pk]
    assert [reading.views for reading in found[packed.pk]] == [5, 8]


def test_file_that_tells_nothing_new_leaves_the_posts_packed() -> None:
    channel = make_channel()
    file = [message(number, views=10, reactions={"👍": 1}) for number in (1, 2)]
    see(channel, *file, at=NOW, source=Source.IMPORT)
    see(channel, message(1, views=30), message(2, views=30), at=NOW + timedelta(days=1))
    posts = list(channel.posts.order_by("message_id"))
    pack_posts([post.pk for post in posts])
    drop_snapshots(*posts)
    before = [read(post) for post in posts]

    see(channel, *file, at=NOW, source=Source.IMPORT)
    assert PackedCurve.objects.filter(post__channel=channel).count() == 2
    # A reading that is new unpacks its own post alone.
    see(channel, message(1, views=20), at=NOW + timedelta(hours=1), source=Source.IMPORT)

    assert list(PackedCurve.objects.filter(post__channel=channel).values_list("pk", flat=True)) == [posts[1].pk]
    assert [row[3] for row in read(posts[0])] == [10, 20, 30]
    assert (read(posts[1]), adds_up(channel)) == (before[1], True)
