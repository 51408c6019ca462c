"""The first sync, the second, the interrupted one; channels that cannot be read; flags."""

from typing import Any

from django.utils import timezone

from accounts.models import Workspace
from channels_app.models import ChannelSync, CollectKind, CollectTask, Post
from mtproto.models import PeerAccess, TelegramAccount
from tests.channels_app.collect.world import (
    assert_equal_to_truth,
    run_once,
    state_of,
    track,
)
from tests.telegram import SandboxProcess


def test_first_sync_equals_the_truth(account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess) -> None:
    channel = track(workspace, "@alpha")

    run_once()

    channel.refresh_from_db()
    assert state_of(channel) == "complete"
    assert_equal_to_truth(channel, telegram, "alpha")
    sync = ChannelSync.objects.get(pk=channel.pk)
    assert (sync.oldest_id, sync.newest_id, sync.reached_start) == (1, 1234, True)
    assert channel.subscribers is not None
    assert PeerAccess.objects.get(account=account).pts


def test_second_sync_changes_nothing(account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess) -> None:
    channel = track(workspace, "@beta")
    run_once()
    channel.refresh_from_db()
    version = channel.version
    before = list(Post.objects.filter(channel=channel).order_by("pk").values())

    CollectTask.objects.filter(channel=channel, kind=CollectKind.HISTORY).update(due_at=timezone.now())
    run_once()

    channel.refresh_from_db()
    assert list(Post.objects.filter(channel=channel).order_by("pk").values()) == before
    assert channel.version == version


def test_new_posts_of_many_pages_are_found_forward(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess, leading_there: Any
) -> None:
    leading_there.MTPROTO_UPDATES_ENABLED = False
    channel = track(workspace, "@beta")
    run_once()
    telegram.control("post", channel="beta", text="later", count=350)
    telegram.control("delete", channel="beta", ids=list(range(100, 180)))

    CollectTask.objects.filter(channel=channel, kind=CollectKind.HISTORY).update(due_at=timezone.now())
    run_once()

    assert_equal_to_truth(channel, telegram, "beta")
    sync = ChannelSync.objects.get(pk=channel.pk)
    assert (sync.newest_id, sync.forward_from_id) == (380, None)
