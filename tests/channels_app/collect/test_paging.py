"""Pages as other servers give them: shorter than asked for, in no order; slices that end anywhere."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Workspace
from channels_app.models import Channel, ChannelSync, CollectKind, CollectTask
from mtproto.models import TelegramAccount
from tests.channels_app.collect.doubles import Passing, ShortPages, open_session, work_on
from tests.channels_app.collect.world import assert_equal_to_truth, state_of, track
from tests.telegram import SandboxProcess


def collect(
    account: TelegramAccount, double: Callable[..., Any] = Passing, *, seconds: float = 6.0, times: int = 50
) -> int:
    """Work on the history until it is not due; how many slices that took."""

    async def run() -> int:
        async with open_session(account, double) as session:
            return len(await work_on(session, [CollectKind.HISTORY], seconds=seconds, times=times))

    return asyncio.run(run())


def due_again(channel: Channel) -> None:
    CollectTask.objects.filter(channel=channel, kind=CollectKind.HISTORY).update(due_at=timezone.now())


def test_pages_that_are_shorter_than_asked_for_lose_nothing(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@alpha")
    collect(account, ShortPages)
    assert_equal_to_truth(channel, telegram, "alpha")

    telegram.control("post", channel="alpha", text="later", count=350)
    telegram.control("delete", channel="alpha", ids=[1235, *range(1300, 1390)])
    due_again(channel)
    collect(account, ShortPages)

    assert_equal_to_truth(channel, telegram, "alpha")
    sync = ChannelSync.objects.get(pk=channel.pk)
    assert (sync.state, sync.oldest_id, sync.newest_id) == ("complete", 1, 1584)
    assert (sync.forward_from_id, sync.forward_low_id) == (None, None)


def test_pages_that_become_shorter_on_the_way_lose_nothing(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    class Shrinking(ShortPages):
        asked = 0

        @property
        def limit(self) -> int:  # type: ignore[override]
            self.asked += 1
            return 20 if self.asked in (5, 6, 9) else 100

    channel = track(workspace, "@alpha")
    collect(account, Shrinking)
    assert_equal_to_truth(channel, telegram, "alpha")


def test_forward_pass_that_is_cut_into_slices_goes_on_where_it_was(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@beta")
    collect(account)
    telegram.control("post", channel="beta", text="later", count=300)
    due_again(channel)
    telegram.control("counts", reset=True)

    collect(account, ShortPages, seconds=0.0, times=1)
    sync = ChannelSync.objects.get(pk=channel.pk)
    assert (sync.newest_id, sync.forward_from_id, sync.forward_low_id) == (30, 330, 257)

    due_again(channel)
    collect(account, ShortPages, seconds=0.0)
    assert_equal_to_truth(channel, telegram, "beta")
    assert ChannelSync.objects.get(pk=channel.pk).newest_id == 330
    assert telegram.control("counts")["counts"]["messages.getHistory"] == 9  # no page was asked for twice


@pytest.fixture
def empty(telegram: SandboxProcess) -> None:
    """A channel without posts."""
    telegram.control("delete", channel="beta", ids=list(range(1, 31)))


def test_channel_that_was_empty_is_read_to_its_beginning_when_posts_appear(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess, empty: None
) -> None:
    channel = track(workspace, "@beta")
    collect(account)
    assert state_of(channel) == "complete"

    telegram.control("post", channel="beta", text="at last", count=250)
    due_again(channel)
    collect(account)

    assert state_of(channel) == "complete"
    assert_equal_to_truth(channel, telegram, "beta")
    sync = ChannelSync.objects.get(pk=channel.pk)
    assert (sync.oldest_id, sync.newest_id) == (31, 280)
