"""Curves are kept as long as the most generous plan of a follower says; dropping leaves everything else whole."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Workspace
from analyticbot.core.audit import SYSTEM
from billing.changing import change_plan
from billing.plans import Plan
from channels_app.cells import check_invariant, recompute_dirty_cells, repair_channel
from channels_app.ingest import ingest_messages
from channels_app.keeping import SHORTER_AFTER, curve_days, drop_old_curves, longest_raw_days
from channels_app.models import Channel, ChannelHour, CurveKeeping, PackedCurve, Post, PostReach
from channels_app.packing import pack_posts
from channels_app.reach import keep_reach
from channels_app.snapshots import readings_of
from mtproto.records import Source
from tests.channels_app.ingest.seen import hours, make_channel, message, see, totals
from tests.factories import make_tracked, make_workspace

pytestmark = pytest.mark.django_db
PUBLISHED = datetime.fromisoformat("2025-01-10T08:00:00Z")
AGES = (timedelta(minutes=10), timedelta(hours=11), timedelta(hours=13), timedelta(days=3), timedelta(days=29))
LATER = PUBLISHED + timedelta(days=400)


@pytest.fixture(autouse=True)
def free(settings: Any) -> None:
    settings.DEFAULT_PLAN = "free"


def grown(
    channel: Channel, message_id: int, *, published: datetime = PUBLISHED, source: Source = Source.MTPROTO
) -> Post:
    """A post that was read at AGES, its curve packed and its reach kept."""
    for number, age in enumerate(AGES, 1):
        reactions = {"👍": number, "paid": 2 * number}
        told = message(message_id, date=published, views=100 * number, forwards=number, reactions=reactions)
        see(channel, told, at=published + age, source=source)
    post = Post.objects.get(channel=channel, message_id=message_id)
    Post.objects.filter(pk=post.pk).update(next_poll_at=None)
    pack_posts([post.pk])
    return post


def drop(now: datetime) -> int:
    """All that is due, as if a month had passed since the plans said so."""
    keep_reach(now=now)
    dropped = drop_old_curves(now=now - SHORTER_AFTER)
    CurveKeeping.objects.update(due_at=now)
    return dropped + drop_old_curves(now=now)


def is_whole(channel: Channel) -> bool:
    return check_invariant(channel.pk, deep=True) == []


def test_dropped_curve_leaves_counters_cells_and_reach() -> None:
    channel = make_channel()
    old, young = grown(channel, 1), grown(channel, 2, published=LATER - timedelta(days=300))
    before, version = (hours(channel), totals(channel)), Channel.objects.get(pk=channel.pk).version

    assert drop(LATER) == 1

    (left,) = readings_of([old.pk])[old.pk]
    assert (left.observed_at, left.views, left.forwards, left.replies, left.reactions, left.approximate) == (
        PUBLISHED + AGES[-1], 500, 5, None, 15, False,
    )  # fmt: skip
    assert len(readings_of([young.pk])[young.pk]) == len(AGES)
    assert PackedCurve.objects.get(pk=old.pk).dropped_at == LATER
    assert (hours(channel), totals(channel)) == before
    assert PostReach.objects.filter(post=old, before_12=200, after_12=300).exists()
    assert is_whole(channel)
    assert Channel.objects.get(pk=channel.pk).version == version + 1
    CurveKeeping.objects.update(due_at=LATER)
    assert drop_old_curves(now=LATER) == 0


def test_the_most_generous_follower_counts() -> None:
    ours, theirs, nobodys = make_channel(), make_channel(), make_channel()
    small, large = make_workspace(), make_workspace()
    plan(small, Plan.PRO)
    plan(large, Plan.AGENCY)
    for workspace, channel in [(small, ours), (small, theirs), (large, theirs)]:
        make_tracked(workspace, channel)

    assert curve_days([ours.pk, theirs.pk, nobodys.pk]) == {ours.pk: 730, theirs.pk: None, nobodys.pk: 365}
    assert longest_raw_days() == 65
    for channel in (ours, theirs, nobodys):
        grown(channel, 1)
    assert drop(LATER) == 1
    assert not PackedCurve.objects.exclude(post__channel=nobodys).filter(dropped_at__isnull=False).exists()
    assert drop(LATER + timedelta(days=400)) == 1


def plan(workspace: Workspace, plan: Plan) -> None:
    change_plan(workspace, plan=plan, actor=SYSTEM, now=timezone.now())


def test_lesser_plan_holds_after_a_month_only() -> None:
    channel = make_channel()
    workspace = make_workspace()
    plan(workspace, Plan.AGENCY)
    make_tracked(workspace, channel)
    grown(channel, 1)
    keep_reach(now=LATER)

    def dropped(now: datetime) -> int:
        CurveKeeping.objects.update(due_at=now)
        return drop_old_curves(now=now)

    assert dropped(LATER) == 0
    plan(workspace, Plan.FREE)
    assert dropped(LATER) == 0
    assert dropped(LATER + timedelta(days=29)) == 0
    plan(workspace, Plan.PRO)
    plan(workspace, Plan.AGENCY)
    assert dropped(LATER + timedelta(days=31)) == 0
    plan(workspace, Plan.FREE)
    assert dropped(LATER + timedelta(days=40)) == 0
    assert dropped(LATER + timedelta(days=70)) == 1


def test_curve_without_kept_reach_or_with_snapshots_beyond_it_waits() -> None:
    channel = make_channel()
    post = grown(channel, 1)
    see(channel, message(1, date=PUBLISHED, views=900), at=PUBLISHED + timedelta(days=35))

    assert drop(LATER) == 0
    pack_posts([post.pk])
    PostReach.objects.all().delete()
    CurveKeeping.objects.update(due_at=LATER, begun_at=None)
    assert drop_old_curves(now=LATER) == 0


def test_late_reading_does_not_touch_a_dropped_curve() -> None:
    channel = make_channel()
    post, other = grown(channel, 1), grown(channel, 2, published=LATER - timedelta(days=380))
    grown(channel, 3, published=LATER - timedelta(days=340))
    drop(LATER)
    before = hours(channel)

    see(channel, message(1, date=PUBLISHED, views=250), at=PUBLISHED + timedelta(hours=12), source=Source.IMPORT)
    see(channel, message(2, date=other.published_at, views=77), at=other.published_at, source=Source.IMPORT)

    assert hours(channel) == before
    assert len(readings_of([post.pk])[post.pk]) == 1
    assert is_whole(channel)


def test_late_reading_of_a_kept_curve_in_a_frozen_hour_is_taken_in() -> None:
    channel = make_channel()
    grown(channel, 1)
    kept = grown(channel, 2, published=LATER - timedelta(days=390))
    Post.objects.filter(pk=kept.pk).update(is_forward=False)
    PostReach.objects.all().delete()
    keep_reach(now=LATER)
    PostReach.objects.filter(post=kept).delete()
    drop_old_curves(now=LATER - SHORTER_AFTER)
    CurveKeeping.objects.update(due_at=LATER)
    assert drop_old_curves(now=LATER) == 1
    total = totals(channel)

    late = kept.published_at + timedelta(hours=12)
    see(channel, message(2, date=kept.published_at, views=240), at=late, source=Source.IMPORT)

    assert len(readings_of([kept.pk])[kept.pk]) == len(AGES) + 1
    assert not ChannelHour.objects.filter(channel=channel, dirty=True).exists()
    assert recompute_dirty_cells() == 0
    assert totals(channel) == total
    assert is_whole(channel)


def test_post_goes_on_after_its_curve_was_dropped() -> None:
    channel = make_channel()
    post = grown(channel, 1)
    drop(LATER)

    see(channel, message(1, date=PUBLISHED, views=650, forwards=9), at=LATER + timedelta(hours=2))

    assert [one.views for one in readings_of([post.pk])[post.pk]] == [500, 650]
    assert is_whole(channel)
    pack_posts([post.pk])
    assert is_whole(channel)
    assert PackedCurve.objects.get(pk=post.pk).dropped_at == LATER


def test_repair_keeps_what_cannot_be_computed_anew() -> None:
    channel = make_channel()
    grown(channel, 1)
    grown(channel, 2, published=LATER - timedelta(days=20))
    drop(LATER)
    before = hours(channel)

    repair_channel(channel.pk)
    assert hours(channel) == before
    ChannelHour.objects.filter(channel=channel, hour__lt=PUBLISHED + timedelta(days=1)).delete()
    assert not is_whole(channel)
    repair_channel(channel.pk)

    assert is_whole(channel)
    assert totals(channel)["views"] == 1000


def test_dropped_post_that_was_an_item_of_an_album_leaves_the_cells() -> None:
    channel = make_channel()
    grown(channel, 1, source=Source.IMPORT)
    grown(channel, 2, source=Source.IMPORT)
    drop(LATER)

    album = [message(number, date=PUBLISHED, grouped_id=7, views=600) for number in (1, 2)]
    ingest_messages(channel.pk, album, source=Source.MTPROTO, observed_at=LATER)

    assert Post.objects.filter(channel=channel).count() == 1
    assert [one for one in check_invariant(channel.pk) if one.kind in {"sum", "day"}] == []
