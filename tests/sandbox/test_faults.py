"""The sandbox misbehaving on order."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from telethon import errors
from telethon.tl import functions

from tests.sandbox.test_history import run
from tests.telegram import DEMO_PHONE, SandboxProcess, signed_in


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("FLOOD_WAIT_86400", errors.FloodWaitError),
        ("CHANNEL_PRIVATE", errors.ChannelPrivateError),
        ("SESSION_REVOKED", errors.SessionRevokedError),
        ("AUTH_KEY_UNREGISTERED", errors.AuthKeyUnregisteredError),
        ("USERNAME_NOT_OCCUPIED", errors.UsernameNotOccupiedError),
    ],
)
def test_error_on_order_once(telegram: SandboxProcess, error: str, expected: type[Exception]) -> None:
    async def action(client: Any) -> list[int]:
        peer = await client.get_input_entity("alpha")
        telegram.control("fault", method="messages.getHistory", error=error)
        with pytest.raises(expected) as caught:
            await client.get_messages(peer)
        if isinstance(caught.value, errors.FloodWaitError):
            assert caught.value.seconds == 86_400
            return [client]
        return [m.id for m in await client.get_messages(peer)]

    assert run(telegram, action, flood_sleep_threshold=0)


def test_server_error_is_retried_by_the_client(telegram: SandboxProcess) -> None:
    async def action(client: Any) -> Any:
        telegram.control("counts", reset=True)
        telegram.control("fault", method="GetHistoryRequest", error="RPC_CALL_FAIL", times=1)
        newest = await client.get_messages("alpha")
        return newest[0].id, telegram.control("counts")

    newest, counts = run(telegram, action, request_retries=5)

    assert newest == 250
    assert counts["counts"]["messages.getHistory"] == 2
    assert counts["failures"] == {"messages.getHistory": 1}


def test_flood_wait_that_holds(telegram: SandboxProcess) -> None:
    async def action(client: Any) -> tuple[int, float]:
        peer = await client.get_input_entity("alpha")
        telegram.control("fault", method="messages.getHistory", error="FLOOD_WAIT_2", hold=True)
        started = time.monotonic()
        with pytest.raises(errors.FloodWaitError) as caught:
            await client.get_messages(peer)
        client.flood_sleep_threshold = 60
        await client.get_messages(peer)
        return caught.value.seconds, time.monotonic() - started

    seconds, took = run(telegram, action, flood_sleep_threshold=0, request_retries=5)

    assert seconds == 2
    assert took >= 1.5


def test_fault_for_one_channel_and_one_account(telegram: SandboxProcess) -> None:
    telegram.control("fault", method="messages.getHistory", error="CHANNEL_PRIVATE", channel="beta", times=None)
    telegram.control("fault", method="messages.getHistory", error="RPC_CALL_FAIL", phone="+99890000044", times=None)

    async def action(client: Any) -> int:
        with pytest.raises(errors.ChannelPrivateError):
            await client.get_messages("beta")
        return int((await client.get_messages("alpha"))[0].id)

    assert run(telegram, action) == 250
    assert telegram.control("faults")["faults"][0]["times"] is None


def test_slow_answer_holds_up_nobody_else(telegram: SandboxProcess) -> None:
    async def action(client: Any) -> tuple[bool, int]:
        peer = await client.get_input_entity("alpha")
        telegram.control("delay", method="messages.getHistory", ms=60_000)
        slow = asyncio.create_task(client.get_messages(peer))
        await asyncio.sleep(0.05)  # it goes out first
        await client.get_me()
        answered = slow.done()
        slow.cancel()
        telegram.control("clear_faults")
        return answered, (await client.get_messages(peer))[0].id

    assert run(telegram, action) == (False, 250)


def test_delayed_answer_comes_after_its_delay(telegram: SandboxProcess) -> None:
    async def action(client: Any) -> float:
        peer = await client.get_input_entity("alpha")
        telegram.control("delay", method="messages.getHistory", ms=300)
        started = time.monotonic()
        await client.get_messages(peer)
        return time.monotonic() - started

    assert run(telegram, action) >= 0.3


def test_new_salt_costs_a_round_trip_only(telegram: SandboxProcess) -> None:
    async def action(client: Any) -> Any:
        assert telegram.control("salt")["changed"] >= 1
        return await client.get_me()

    assert run(telegram, action) is not None


def test_refused_connections_come_back(telegram: SandboxProcess) -> None:
    async def go() -> Any:
        client = await signed_in(telegram, DEMO_PHONE, connection_retries=20, retry_delay=0.2)
        try:
            assert telegram.control("cut", refuse=0.5)["cut"] >= 1
            return await client.get_me()
        finally:
            await client.disconnect()

    assert asyncio.run(go()) is not None


def test_banned_account_cannot_read(telegram: SandboxProcess) -> None:
    telegram.control("role", channel="alpha", phone="+99890000045", role="banned")

    async def action(client: Any) -> Any:
        with pytest.raises(errors.ChannelPrivateError):
            await client.get_messages("alpha")
        return await client.get_entity("alpha")

    entity = run(telegram, action, phone="+99890000045")

    assert type(entity).__name__ == "ChannelForbidden"


@pytest.mark.parametrize(
    "command",
    [
        {"cmd": "nothing"},
        {"cmd": "post"},
        {"cmd": "post", "channel": "nowhere"},
        {"cmd": "post", "channel": "beta", "album": 11},
        {"cmd": "post", "channel": "beta", "views": 2**40},
        {"cmd": "post", "channel": "beta", "media": "hologram"},
        {"cmd": "edit", "channel": "beta", "id": 99999, "text": ""},
        {"cmd": "clock", "set": "yesterday"},
        {"cmd": "role", "channel": "beta", "phone": "1234567", "role": "king"},
    ],
    ids=lambda c: "-".join(str(v) for v in c.values())[:40],
)
def test_control_refuses_what_makes_no_sense(telegram: SandboxProcess, command: dict[str, Any]) -> None:
    before = telegram.control("channel", channel="beta")

    answer = telegram.try_control(**command)

    assert answer["ok"] is False and answer["error"]
    assert telegram.control("channel", channel="beta")["posts"] == before["posts"]


def test_admin_log_names_edits_and_deletions(telegram: SandboxProcess) -> None:
    (post,) = telegram.control("post", channel="beta", text="logged", views=1)["ids"]
    telegram.control("edit", channel="beta", id=post, text="changed")
    telegram.control("delete", channel="beta", ids=[post])

    async def action(client: Any) -> list[Any]:
        return [e.action async for e in client.iter_admin_log("beta", limit=10, edit=True, delete=True)]

    deleted, edited = run(telegram, action)[:2]

    assert deleted.message.id == edited.new_message.id == post
    assert (edited.prev_message.message, edited.new_message.message) == ("logged", "changed")
    assert functions.channels.GetAdminLogRequest is not None
