"""Pushed updates arrive within two seconds, in order, once; a lost connection is told, and caught up by difference."""

import asyncio
import time
from typing import Any

import pytest

from mtproto.errors import Unreachable
from mtproto.records import (
    AnyUpdate,
    DeletedMessages,
    EditedMessages,
    MessageRecord,
    NewMessages,
    Peer,
)
from mtproto.references import PeerReference
from mtproto.telethon_adapter.config import TelegramConfig
from mtproto.telethon_adapter.gateway import TelethonGateway
from tests.mtproto.conftest import run
from tests.telegram import DEMO_PHONE, SandboxProcess

# Seconds; generous, since a busy machine is not a wrong answer.
LIMIT = 30.0


@pytest.fixture
def channel(sandbox: SandboxProcess) -> str:
    """A channel of its own, so that tests in any order see their updates only."""
    name = f"live_{time.monotonic_ns()}"
    sandbox.control("create_channel", username=name, subscribers=100)
    sandbox.control("role", channel=name, phone=DEMO_PHONE, role="member")
    return name


async def opened(config: TelegramConfig, session: str, channel: str) -> tuple[TelethonGateway, Peer]:
    gateway = TelethonGateway(config, session, receive_updates=True)
    record = await gateway.resolve(PeerReference(username=channel))
    return gateway, Peer(record.tg_id, record.access_hash or 0)


def flat(updates: Any) -> list[str]:
    return [m.text for u in updates for m in u.messages if isinstance(m, MessageRecord)]


def test_new_edited_and_deleted_posts_are_pushed(
    sandbox: SandboxProcess, config: TelegramConfig, session: str, channel: str
) -> None:
    async def steps() -> None:
        gateway, peer = await opened(config, session, channel)
        stream = gateway.updates()

        async def following(action: Any) -> AnyUpdate:
            action()
            while True:
                update = await asyncio.wait_for(anext(stream), LIMIT)
                if update.channel_tg_id == peer.tg_id:
                    return update

        new = await following(lambda: sandbox.control("post", channel=channel, text="one"))
        assert isinstance(new, NewMessages)
        assert flat([new]) == ["one"]
        post_id = new.messages[0].message_id
        edited = await following(lambda: sandbox.control("edit", channel=channel, id=post_id, text="two"))
        assert isinstance(edited, EditedMessages)
        assert flat([edited]) == ["two"]
        deleted = await following(lambda: sandbox.control("delete", channel=channel, ids=[post_id]))
        assert isinstance(deleted, DeletedMessages)
        assert deleted.message_ids == (post_id,)
        assert new.pts is not None
        assert [edited.pts, deleted.pts] == [new.pts + 1, new.pts + 2]
        await gateway.disconnect()
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(stream), LIMIT)

    run(steps)


def test_burst_arrives_whole_in_order_and_once(
    sandbox: SandboxProcess, config: TelegramConfig, session: str, channel: str
) -> None:
    async def steps() -> None:
        gateway, peer = await opened(config, session, channel)
        ids = sandbox.control("post", channel=channel, text="burst", count=300)["ids"]
        seen: list[int] = []
        async with asyncio.timeout(60):
            async for update in gateway.updates():
                if update.channel_tg_id == peer.tg_id and isinstance(update, NewMessages):
                    seen += [m.message_id for m in update.messages]
                    if len(seen) >= len(ids):
                        break
        await gateway.disconnect()
        assert seen == ids

    run(steps)


def test_lost_connection_is_told_and_the_gap_is_caught_up(
    sandbox: SandboxProcess, config: TelegramConfig, session: str, channel: str
) -> None:
    async def steps() -> None:
        gateway, peer = await opened(config, session, channel)
        pts = (await gateway.channel(peer)).pts or 0
        stream = gateway.updates()
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.1)
        sandbox.control("cut")
        with pytest.raises(Unreachable):
            await asyncio.wait_for(waiting, LIMIT)

        kept = sandbox.control("post", channel=channel, text="kept")["ids"][0]
        gone = sandbox.control("post", channel=channel, text="gone")["ids"][0]
        sandbox.control("edit", channel=channel, id=kept, text="kept, edited")
        sandbox.control("delete", channel=channel, ids=[gone])
        with pytest.raises(Unreachable, match="was lost"):
            await gateway.difference(peer, pts=pts)
        await gateway.connect()
        difference = await gateway.difference(peer, pts=pts)

        assert difference.final
        assert not difference.too_long
        assert difference.pts == pts + 4
        texts = flat(u for u in difference.updates if not isinstance(u, DeletedMessages))
        assert "kept, edited" in texts
        assert any(isinstance(u, DeletedMessages) and gone in u.message_ids for u in difference.updates)
        nothing = await gateway.difference(peer, pts=difference.pts)
        assert (nothing.updates, nothing.pts) == ((), difference.pts)
        await gateway.disconnect()

    run(steps)


def test_sign_of_life_that_the_server_refuses_ends_nothing(
    sandbox: SandboxProcess, config: TelegramConfig, session: str, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mtproto.telethon_adapter.gateway.SILENCE_SECONDS", 0.1)

    async def steps() -> None:
        gateway, peer = await opened(config, session, channel)
        sandbox.control("fault", method="updates.getState", error="NOT_IMPLEMENTED", code=500, times=None)
        stream = gateway.updates()
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.4)
        sandbox.control("post", channel=channel, text="after silence")
        assert (await asyncio.wait_for(waiting, LIMIT)).channel_tg_id == peer.tg_id
        await gateway.disconnect()

    run(steps)


def test_connection_lost_before_anyone_reads_is_told_to_the_reader(
    sandbox: SandboxProcess, config: TelegramConfig, session: str, channel: str
) -> None:
    async def steps() -> None:
        gateway, _ = await opened(config, session, channel)
        sandbox.control("cut", refuse=60)
        await asyncio.sleep(0.1)
        for _attempt in range(2):
            with pytest.raises(Unreachable):
                await gateway.connect()
        sandbox.control("clear_faults")
        with pytest.raises(Unreachable, match="was lost"):
            await anext(gateway.updates())
        await gateway.connect()
        assert (await gateway.me()).tg_id
        await gateway.disconnect()

    run(steps)


def test_difference_that_is_too_long_says_so(
    sandbox: SandboxProcess, config: TelegramConfig, session: str, channel: str
) -> None:
    async def steps() -> None:
        gateway, peer = await opened(config, session, channel)
        sandbox.control("post", channel=channel, text="x", count=8)
        sandbox.control("difference_limit", limit=3)
        try:
            difference = await gateway.difference(peer, pts=1)
        finally:
            sandbox.control("difference_limit", limit=3000)
        pts = (await gateway.channel(peer)).pts
        await gateway.disconnect()

        assert (difference.too_long, difference.updates, difference.pts) == (True, (), pts)

    run(steps)


@pytest.mark.parametrize("code", ["PERSISTENT_TIMESTAMP_INVALID", "PERSISTENT_TIMESTAMP_EMPTY"])
def test_place_that_the_server_does_not_know_counts_as_too_long(
    sandbox: SandboxProcess, config: TelegramConfig, session: str, channel: str, code: str
) -> None:
    async def steps() -> None:
        gateway, peer = await opened(config, session, channel)
        sandbox.control("fault", method="updates.getChannelDifference", error=code)
        difference = await gateway.difference(peer, pts=999)
        pts = (await gateway.channel(peer)).pts
        await gateway.disconnect()

        assert (difference.too_long, difference.pts, difference.updates) == (True, pts, ())

    run(steps)


def test_silence_asks_for_a_sign_of_life(
    sandbox: SandboxProcess, config: TelegramConfig, session: str, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mtproto.telethon_adapter.gateway.SILENCE_SECONDS", 0.1)

    async def steps() -> None:
        gateway, _ = await opened(config, session, channel)
        before = sandbox.control("counts")["counts"].get("updates.getState", 0)
        waiting = asyncio.ensure_future(anext(gateway.updates()))
        await asyncio.sleep(0.5)
        waiting.cancel()
        assert sandbox.control("counts")["counts"]["updates.getState"] > before + 1
        await gateway.disconnect()

    run(steps)


def test_gateway_without_updates_is_pushed_nothing(
    sandbox: SandboxProcess, config: TelegramConfig, session: str, channel: str
) -> None:
    async def steps() -> None:
        gateway = TelethonGateway(config, session, receive_updates=False)
        await gateway.connect()
        sandbox.control("post", channel=channel, text="x")
        await asyncio.sleep(0.2)
        assert gateway._client is not None
        assert gateway._client.pushed.empty()
        await gateway.disconnect()

    run(steps)
