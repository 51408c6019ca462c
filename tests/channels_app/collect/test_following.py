"""Following channels of servers that do not tell differences, flood us, or never come to an end."""

import asyncio
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Workspace
from channels_app.collect.live import Follower
from channels_app.models import CollectKind, CollectTask, Post
from mtproto.models import PeerAccess, TelegramAccount
from mtproto.records import ChannelDifference, NewMessages, Peer
from tests.channels_app.collect.doubles import Passing, open_session
from tests.channels_app.collect.world import run_once, running_collector, stored, track, wait_complete, wait_for
from tests.telegram import SandboxProcess

DIFFERENCE = "updates.getChannelDifference"


def _asked(telegram: SandboxProcess) -> int:
    return int(telegram.control("counts")["counts"].get(DIFFERENCE, 0))


@pytest.mark.parametrize(("error", "code"), [("METHOD_INVALID", 400), ("INTERNAL", 500)])
def test_server_that_tells_no_difference_is_asked_ever_more_rarely(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess, error: str, code: int
) -> None:
    channel = track(workspace, "@fresh")
    run_once()
    far = timezone.now() + timedelta(hours=1)
    Post.objects.filter(channel=channel).update(next_poll_at=far)
    telegram.control("fault", method=DIFFERENCE, error=error, code=code, times=None)
    telegram.control("counts", reset=True)

    async def follow() -> list[float]:
        waits = []
        async with open_session(account) as session:
            follower = Follower(session)
            await follower.refresh()
            followed = next(iter(follower._followed.values()))
            for _ in range(8):
                followed.ask_at = 0.0
                await follower.catch_up_once()
                waits.append(followed.ask_at - time.monotonic())
                await follower.catch_up_once()
                await session.database(Post.objects.filter(channel=channel).update, next_poll_at=far)
                if len(waits) > 1:
                    due = CollectTask.objects.filter(channel=channel, kind=CollectKind.POLL, due_at__lt=far)
                    assert not await session.database(due.exists)
                await session.database(CollectTask.objects.filter(channel=channel).update, due_at=far)
        return waits

    waits = asyncio.run(follow())

    assert _asked(telegram) == 8
    assert [round(wait / 5) * 5 for wait in waits] == [15, 30, 60, 120, 240, 480, 600, 600]


def test_pushes_are_written_where_differences_fail(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@beta")
    telegram.control("fault", method=DIFFERENCE, error="INTERNAL", code=500, times=None)
    with running_collector():
        wait_complete(channel)
        channel.refresh_from_db()
        wait_for(lambda: PeerAccess.objects.filter(account=account, pts__isnull=False), what="followed")
        telegram.control("post", channel="beta", text="pushed")
        wait_for(lambda: 31 in stored(channel), what="pushed post")
        telegram.control("post", channel="beta", text="pushed", count=3)
        wait_for(lambda: 34 in stored(channel), what="more pushed posts")


def test_pushes_after_a_jump_are_written_though_the_difference_must_wait(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@beta")
    run_once()
    channel.refresh_from_db()
    place = PeerAccess.objects.get(account=account).pts
    assert place is not None
    telegram.control("post", channel="beta", text="missed", count=3)

    async def push() -> None:
        async with open_session(account) as session:
            follower = Follower(session)
            await follower.refresh()
            followed = next(iter(follower._followed.values()))
            followed.caught_up = True
            page = await session.gateway.history(followed.peer, limit=1)
            update = NewMessages(channel_tg_id=followed.peer.tg_id, messages=page.messages, pts=place + 50)
            await follower._write_channel(followed.peer.tg_id, [update], at=timezone.now())
            assert not followed.caught_up

    telegram.control("fault", method=DIFFERENCE, error="FLOOD_WAIT_60", times=None)
    asyncio.run(push())

    assert 33 in stored(channel)
    assert PeerAccess.objects.get(account=account).pts == place


def test_difference_that_never_says_final_is_not_asked_for_ever(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@beta")
    run_once()
    telegram.control("post", channel="beta", text="missed", count=3)
    telegram.control("counts", reset=True)

    class Endless(Passing):
        async def difference(self, peer: Peer, *, pts: int, limit: int = 100) -> ChannelDifference:
            return replace(await self.real.difference(peer, pts=pts, limit=limit), final=False)

    async def catch_up() -> None:
        async with open_session(account, Endless) as session:
            follower = Follower(session)
            await follower.refresh()
            await asyncio.wait_for(follower.catch_up_once(), 10)

    asyncio.run(catch_up())

    assert 33 in stored(channel)
    assert _asked(telegram) <= 3


def test_difference_that_is_always_too_long_counts_as_trouble(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    track(workspace, "@beta")
    run_once()

    class Stuck(Passing):
        async def difference(self, peer: Peer, *, pts: int, limit: int = 100) -> ChannelDifference:
            return ChannelDifference(updates=(), pts=pts, final=True, too_long=True)

    async def catch_up() -> list[int]:
        failures = []
        async with open_session(account, Stuck) as session:
            follower = Follower(session)
            await follower.refresh()
            followed = next(iter(follower._followed.values()))
            for _ in range(4):
                followed.ask_at, followed.caught_up = 0.0, False
                await follower.catch_up_once()
                failures.append(followed.failures)
        return failures

    assert asyncio.run(catch_up()) == [0, 1, 2, 3]


def test_server_error_of_one_channel_keeps_the_connection_and_stops_no_other(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    telegram.control("fault", method="messages.getHistory", error="INTERNAL", code=500, channel="alpha", times=None)
    troubled, other = track(workspace, "@alpha"), track(workspace, "@beta")
    with running_collector():
        wait_complete(other)
        wait_for(
            lambda: CollectTask.objects.filter(channel=troubled, kind=CollectKind.HISTORY, attempts=1).exists(),
            what="a failed attempt",
        )
        telegram.control("post", channel="beta", text="pushed")
        wait_for(lambda: 31 in stored(other), what="pushed post")
        assert telegram.control("counts")["counts"]["updates.getState"] == 1
