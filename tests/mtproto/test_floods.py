"""Telegram's waits are kept per account and method, and honoured after a restart."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from prometheus_client import REGISTRY

from mtproto.accounts import open_gateway
from mtproto.errors import AccountUnusable, FloodWait, PeerPrivate, Unreachable
from mtproto.floods import FloodGuard, store_wait, waits_in_force
from mtproto.models import AccountState, FloodWaitRow, TelegramAccount
from mtproto.records import Peer
from mtproto.references import PeerReference
from tests.factories import WHEN
from tests.mtproto.conftest import run
from tests.mtproto.rows import make_account
from tests.telegram import SandboxProcess

DAY = 86_400


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now: datetime = WHEN) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def counted(outcome: str, method: str = "messages.getHistory") -> float:
    return REGISTRY.get_sample_value("analyticbot_mtproto_calls_total", {"method": method, "outcome": outcome}) or 0


@pytest.mark.django_db
def test_wait_is_stored_and_honoured_by_the_next_process() -> None:
    account, clock = make_account(), Clock()
    run(
        FloodGuard(account, clock=clock).note,
        "messages.getHistory",
        FloodWait(method="messages.getHistory", seconds=DAY),
    )

    clock.now += timedelta(seconds=10)
    restarted = FloodGuard(account, clock=clock)
    run(restarted.load)

    with pytest.raises(FloodWait) as refused:
        restarted.check("messages.getHistory")
    assert (refused.value.seconds, refused.value.retry_after) == (DAY - 10, DAY - 10)
    restarted.check("channels.getMessages")
    clock.now += timedelta(seconds=DAY)
    restarted.check("messages.getHistory")


@pytest.mark.django_db
def test_wait_of_one_account_does_not_hold_another() -> None:
    account, other = make_account(), make_account()
    store_wait(account, method="m", seconds=60, now=WHEN)

    assert waits_in_force(other, now=WHEN) == {}


@pytest.mark.django_db
def test_shorter_wait_does_not_shorten_a_longer_one() -> None:
    account = make_account()
    store_wait(account, method="m", seconds=DAY, now=WHEN)
    store_wait(account, method="m", seconds=3, now=WHEN)

    assert waits_in_force(account, now=WHEN) == {"m": WHEN + timedelta(seconds=DAY)}
    assert FloodWaitRow.objects.get().seconds == DAY


@pytest.mark.django_db
def test_database_that_is_away_does_not_hide_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    async def away(function: Any, *args: Any, **kwargs: Any) -> None:
        raise OperationalError("the server has gone")

    guard = FloodGuard(make_account(), clock=Clock(), database=away)

    run(guard.note, "m", None)
    run(guard.note, "m", FloodWait(method="m", seconds=60))

    with pytest.raises(FloodWait):
        guard.check("m")
    assert "could not be stored" in caplog.text


@pytest.mark.django_db
def test_health_falls_with_failures_and_not_with_private_channels() -> None:
    account, clock = make_account(health=1.0), Clock()
    guard = FloodGuard(account, clock=clock)

    run(guard.note, "m", PeerPrivate("closed"))
    account.refresh_from_db()
    assert account.health == 1.0
    clock.now += timedelta(minutes=1)
    run(guard.note, "m", Unreachable("gone"))
    account.refresh_from_db()
    assert account.health == pytest.approx(0.98)
    run(guard.note, "m", None)
    run(guard.close)
    account.refresh_from_db()
    assert account.health == pytest.approx(0.9804)


@pytest.mark.django_db
def test_flood_of_telegram_is_raised_stored_and_not_sent_again(
    sandbox: SandboxProcess, account: TelegramAccount
) -> None:
    clock = Clock()
    sandbox.control("fault", method="messages.getHistory", error=f"FLOOD_WAIT_{DAY}", times=1)
    calls = sandbox.control("counts")["counts"].get("messages.getHistory", 0)

    async def check() -> None:
        gateway = open_gateway(account, receive_updates=False, clock=clock)
        record = await gateway.resolve(PeerReference(username="alpha"))
        peer = Peer(record.tg_id, record.access_hash or 0)
        with pytest.raises(FloodWait) as flood:
            await gateway.history(peer)
        await gateway.disconnect()
        assert (flood.value.method, flood.value.seconds) == ("messages.getHistory", DAY)

        restarted = open_gateway(account, receive_updates=False, clock=clock)
        with pytest.raises(FloodWait):
            await restarted.history(peer)
        assert len(await restarted.messages(peer, [1])) == 1
        clock.now += timedelta(seconds=DAY + 1)
        assert (await restarted.history(peer)).messages
        await restarted.disconnect()

    before = counted("FLOOD_WAIT")
    run(check)

    assert sandbox.control("counts")["counts"]["messages.getHistory"] == calls + 2
    assert counted("FLOOD_WAIT") == before + 1


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["FLOOD_PREMIUM_WAIT", "SLOWMODE_WAIT"])
def test_other_waits_are_floods_and_those_of_one_chat_are_not_stored(
    sandbox: SandboxProcess, account: TelegramAccount, code: str
) -> None:
    sandbox.control("fault", method="channels.getMessages", error=f"{code}_7", times=1)

    async def check() -> None:
        gateway = open_gateway(account, receive_updates=False)
        record = await gateway.resolve(PeerReference(username="alpha"))
        peer = Peer(record.tg_id, record.access_hash or 0)
        with pytest.raises(FloodWait) as flood:
            await gateway.messages(peer, [1])
        await gateway.disconnect()
        assert (flood.value.code, flood.value.seconds) == (code, 7)

    run(check)

    assert FloodWaitRow.objects.filter(method="channels.getMessages").exists() == (code == "FLOOD_PREMIUM_WAIT")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "state"),
    [
        ("SESSION_REVOKED", AccountState.REVOKED),
        ("AUTH_KEY_UNREGISTERED", AccountState.REVOKED),
        ("USER_DEACTIVATED_BAN", AccountState.BANNED),
    ],
)
def test_refused_session_takes_the_account_out_of_use(
    sandbox: SandboxProcess, account: TelegramAccount, error: str, state: AccountState
) -> None:
    sandbox.control("fault", method="users.getUsers", error=error, code=401)

    async def check() -> None:
        gateway = open_gateway(account, receive_updates=False)
        with pytest.raises(AccountUnusable) as refused:
            await gateway.connect()
        await gateway.disconnect()
        assert refused.value.code == error

    run(check)

    account.refresh_from_db()
    assert account.state == state
    assert error in account.state_reason


def test_account_without_session_opens_no_gateway(sandbox: SandboxProcess) -> None:
    with pytest.raises(AccountUnusable, match="not signed in"):
        open_gateway(TelegramAccount(label="Gone", state=AccountState.SIGNED_OUT), receive_updates=False)
