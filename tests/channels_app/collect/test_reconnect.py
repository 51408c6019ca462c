"""Connecting again: the pause grows while it fails and begins anew after a good connection; waits are kept to."""

import asyncio
import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Workspace
from channels_app.collect import connection
from mtproto.accounts import open_gateway
from mtproto.errors import FloodWait
from mtproto.models import FloodWaitRow, PeerAccess, TelegramAccount
from tests.channels_app.collect.world import running_collector, stored, track, wait_complete, wait_for
from tests.telegram import SandboxProcess


def _pauses(caplog: Any) -> list[int]:
    return [int(found) for found in re.findall(r"again in (\d+) s", caplog.text)]


def _followed() -> bool:
    return PeerAccess.objects.filter(pts__isnull=False).exists()


def test_pause_grows_while_connecting_fails_and_begins_anew_after_a_good_connection(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess, caplog: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(connection, "LIVED_SECONDS", 0.5)
    channel = track(workspace, "@beta")
    with running_collector() as collector:
        wait_complete(channel)
        wait_for(_followed, what="followed")
        telegram.control("cut", refuse=3)
        telegram.control("post", channel="beta", text="after the first cut")
        wait_for(lambda: 31 in stored(channel), what="first catch-up")
        grown = _pauses(caplog)
        held = next(iter(collector._connections.values()))
        since = held._connected_at
        assert since is not None
        wait_for(lambda: held.connected and _lived(since) > 0.6, what="a good connection")
        telegram.control("cut")
        telegram.control("post", channel="beta", text="after the second")
        wait_for(lambda: 32 in stored(channel), what="second catch-up")

    assert grown == [1, 2, 4][: len(grown)]
    assert len(grown) >= 2
    assert _pauses(caplog)[len(grown)] == 1


def _lived(since: float) -> float:
    return time.monotonic() - since


@pytest.mark.parametrize("method", ["updates.getState", "updates.getChannelDifference"])
def test_wait_on_connecting_is_kept_and_honoured(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess, method: str
) -> None:
    channel = track(workspace, "@beta")
    with running_collector():
        wait_complete(channel)
        wait_for(_followed, what="followed")
        telegram.control("counts", reset=True)
        telegram.control("fault", method=method, error="FLOOD_WAIT_3", hold=True)
        telegram.control("cut")
        telegram.control("post", channel="beta", text="while waiting")
        row = wait_for(lambda: FloodWaitRow.objects.filter(method=method).first(), what="the wait is kept")
        wait_for(lambda: 31 in stored(channel), what="caught up")
        counts = telegram.control("counts")["counts"]

    assert row.until > row.noted_at
    # The one that was refused, and one after the wait.
    assert counts[method] <= 2


def test_wait_on_opening_the_connection_outlives_the_process(
    account: TelegramAccount, telegram: SandboxProcess
) -> None:
    telegram.control("fault", method="help.getConfig", error="FLOOD_WAIT_300", times=1)
    telegram.control("counts", reset=True)

    async def connect() -> None:
        gateway = open_gateway(account, receive_updates=True)
        try:
            await gateway.connect()
        finally:
            await gateway.disconnect()

    for _ in range(2):
        with pytest.raises(FloodWait) as caught:
            asyncio.run(connect())
        assert caught.value.seconds > 290

    row = FloodWaitRow.objects.get(account=account)
    assert timezone.now() + timedelta(seconds=280) < row.until < timezone.now() + timedelta(seconds=301)
    assert telegram.control("counts")["counts"]["help.getConfig"] == 1
