"""Pushed updates, catch-up after a cut and after a day, the ledger of gaps."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Workspace
from analyticbot.core.models import Heartbeat
from channels_app.collect.collector import Collector
from channels_app.models import (
    Channel,
    ChannelFactChange,
    ChannelSync,
    CollectionGap,
    CollectKind,
    CollectTask,
    Post,
    PostRevision,
)
from mtproto.models import PeerAccess, TelegramAccount
from tests.channels_app.collect.world import (
    assert_equal_to_truth,
    run_once,
    running_collector,
    stored,
    track,
    wait_complete,
    wait_for,
)
from tests.telegram import SandboxProcess


def _followed(channel: Any) -> bool:
    return PeerAccess.objects.filter(channel_tg_id=channel.tg_id, pts__isnull=False).exists()


def test_new_edited_and_deleted_posts_are_pushed(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@beta")
    with running_collector():
        wait_complete(channel)
        channel.refresh_from_db()
        wait_for(lambda: _followed(channel), what="followed")
        telegram.control("post", channel="beta", text="fresh")
        post = wait_for(lambda: Post.objects.filter(channel=channel, message_id=31).first(), what="new post")
        telegram.control("edit", channel="beta", id=31, text="fresher")
        wait_for(lambda: Post.objects.filter(pk=post.pk, text="fresher").exists(), what="edit")
        telegram.control("delete", channel="beta", ids=[7, 31])
        wait_for(lambda: Post.objects.filter(channel=channel, deleted_at__isnull=False).count() == 2, what="deletion")

    assert PostRevision.objects.get(post=post).text == "fresh"
    assert_equal_to_truth(channel, telegram, "beta")


def test_cut_connection_is_caught_up(account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess) -> None:
    channel = track(workspace, "@beta")
    with running_collector():
        wait_complete(channel)
        channel.refresh_from_db()
        wait_for(lambda: _followed(channel), what="followed")
        telegram.control("cut", refuse=2)
        telegram.control("post", channel="beta", text="while away", count=3)
        telegram.control("delete", channel="beta", ids=[5])
        wait_for(lambda: 33 in stored(channel) and 5 not in stored(channel), what="catch-up")

    assert_equal_to_truth(channel, telegram, "beta")


def test_day_offline_with_edits_and_deletions_is_caught_up_and_shown_as_a_gap(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@beta")
    run_once()
    Heartbeat.objects.filter(kind="account").update(
        seen_at=timezone.now() - timedelta(days=1), started_at=timezone.now() - timedelta(days=2)
    )
    CollectionGap.objects.all().delete()
    telegram.control("post", channel="beta", text="missed", count=150)
    telegram.control("edit", channel="beta", id=20, text="changed in between")
    telegram.control("delete", channel="beta", ids=[3, 4, 40])

    run_once()

    assert_equal_to_truth(channel, telegram, "beta")
    assert Post.objects.get(channel=channel, message_id=20).revisions.count() == 1
    assert Post.objects.filter(channel=channel, deleted_at__isnull=False).count() == 2
    gap = CollectionGap.objects.get(channel=channel, kind="updates", ended_at__isnull=False)
    assert gap.ended_at is not None
    assert timedelta(hours=23) < gap.ended_at - gap.started_at < timedelta(hours=25)


def test_difference_that_is_too_long_falls_back_to_history_and_ids(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@fresh")
    run_once()
    telegram.control("difference_limit", limit=10)
    telegram.control("post", channel="fresh", text="missed", count=40)
    telegram.control("edit", channel="fresh", id=20, text="changed in between")
    telegram.control("delete", channel="fresh", ids=[21, 22])

    run_once()

    assert_equal_to_truth(channel, telegram, "fresh")
    assert Post.objects.get(channel=channel, message_id=20).text == "changed in between"
    assert Post.objects.filter(channel=channel, deleted_at__isnull=False).count() == 2


def test_overdue_poll_becomes_a_gap_of_counters(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@fresh")
    run_once()
    late = timezone.now() - timedelta(hours=3)
    Post.objects.filter(channel=channel, message_id=30).update(next_poll_at=late)
    CollectTask.objects.filter(channel=channel, kind=CollectKind.POLL).update(due_at=late, finished_at=late)

    run_once()

    gap = CollectionGap.objects.get(channel=channel, kind="counters")
    assert gap.ended_at is not None
    assert gap.ended_at - gap.started_at > timedelta(hours=2)


def _caught_up(collector: Collector) -> bool:
    followers = [connection._follower for connection in list(collector._connections.values())]
    return any(follower is not None and follower.size and follower.caught_up for follower in followers)


def _idle(channel: Channel) -> bool:
    tasks = CollectTask.objects.filter(channel=channel)
    return not tasks.filter(due_at__lte=timezone.now()).exists() and not tasks.exclude(leased_by="").exists()


def test_pushed_service_messages_belong_to_the_range_and_a_new_title_to_the_channel(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@beta")
    with running_collector() as collector:
        wait_complete(channel)
        wait_for(lambda: _caught_up(collector), what="caught up")
        wait_for(lambda: _idle(channel), what="nothing left of the beginning")
        before = ChannelSync.objects.get(pk=channel.pk)
        telegram.control("counts", reset=True)
        telegram.control("post", channel="beta", service="pin")
        telegram.control("title", channel="beta", title="Another name")
        telegram.control("post", channel="beta", service="title", text="Another name")
        telegram.control("post", channel="beta", text="after them")
        wait_for(lambda: Post.objects.filter(channel=channel, message_id=33).exists(), what="post")
        wait_for(lambda: Channel.objects.filter(pk=channel.pk, title="Another name").exists(), what="title")
        sync = wait_for(lambda: ChannelSync.objects.filter(pk=channel.pk, newest_id=33).first(), what="range")
        counts = telegram.control("counts")["counts"]

    assert sync.service_messages == before.service_messages + 2
    assert counts.get("messages.getHistory", 0) == 0
    assert counts.get("updates.getChannelDifference", 0) == 0
    assert not CollectionGap.objects.filter(channel=channel, reason__in=["connection lost", "no collector"]).exists()
    assert ChannelFactChange.objects.filter(channel=channel, field="title").exists()
    assert_equal_to_truth(channel, telegram, "beta")
