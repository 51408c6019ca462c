"""Channels that cannot be read, waits that Telegram asks for, flags that are off: clear states, nobody blocked."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Workspace
from channels_app.models import Channel, ChannelSync, CollectKind, CollectTask, Post
from mtproto.models import FloodWaitRow, TelegramAccount
from tests.channels_app.collect.world import assert_equal_to_truth, run_once, state_of, stored, track
from tests.telegram import SandboxProcess


def _sync(channel: Channel) -> ChannelSync:
    return ChannelSync.objects.get(pk=channel.pk)


def _history(channel: Channel) -> CollectTask:
    return CollectTask.objects.get(channel=channel, kind=CollectKind.HISTORY)


@pytest.mark.parametrize(
    ("name", "code", "word"),
    [
        ("@nobody_here", "PEER_NOT_FOUND", "no channel"),
        ("@sandbox_user", "NOT_A_CHANNEL", "user"),
        ("@sandbox_bot", "NOT_A_CHANNEL", "bot"),
        ("@sandbox_group", "NOT_A_CHANNEL", "group"),
    ],
)
def test_reference_that_is_no_channel_is_parked_with_a_message(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess, name: str, code: str, word: str
) -> None:
    wrong, right = track(workspace, name), track(workspace, "@beta")

    run_once()

    assert _sync(wrong).state == "failed"
    assert word in _sync(wrong).error
    assert _history(wrong).parked_at is not None
    assert state_of(right) == "complete"


def test_private_channel_fails_and_is_tried_again_tomorrow(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    closed, open_ = track(workspace, "@alpha"), track(workspace, "@beta")
    telegram.control("fault", method="messages.getHistory", error="CHANNEL_PRIVATE", channel="alpha", times=None)

    run_once()

    assert (_sync(closed).state, _sync(closed).error_code) == ("failed", "CHANNEL_PRIVATE")
    assert state_of(open_) == "complete"
    due = _history(closed).due_at
    assert due is not None
    assert timedelta(hours=23) < due - timezone.now() < timedelta(hours=25)

    telegram.control("clear_faults")
    CollectTask.objects.filter(channel=closed).update(due_at=timezone.now())
    run_once()

    assert (_sync(closed).state, _sync(closed).error) == ("complete", "")


def test_flood_wait_of_three_seconds_is_kept_and_then_work_goes_on(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@alpha")
    telegram.control("fault", method="messages.getHistory", error="FLOOD_WAIT_3", hold=True, skip=4)

    run_once()

    assert 100 < Post.objects.filter(channel=channel).count() < 1234
    waiting = _history(channel)
    assert "FLOOD_WAIT" in waiting.last_error
    assert state_of(channel) == "running"
    counted = telegram.control("counts")["counts"]["messages.getHistory"]

    run_once()  # within the wait: nothing is asked
    assert telegram.control("counts")["counts"]["messages.getHistory"] == counted

    FloodWaitRow.objects.update(until=timezone.now() - timedelta(seconds=1), noted_at=timezone.now() - timedelta(9))
    CollectTask.objects.filter(pk=waiting.pk).update(due_at=timezone.now())
    telegram.control("clear_faults")
    run_once()
    assert_equal_to_truth(channel, telegram, "alpha")


def test_flood_wait_of_a_day_survives_a_restart_and_stops_no_other_method(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    known = track(workspace, "@beta")
    run_once()
    telegram.control("fault", method="contacts.resolveUsername", error="FLOOD_WAIT_86400", hold=True)
    waiting = track(workspace, "@alpha")
    run_once()
    telegram.control("counts", reset=True)
    CollectTask.objects.filter(channel=waiting).update(due_at=timezone.now())
    CollectTask.objects.filter(channel=known, kind=CollectKind.HISTORY).update(due_at=timezone.now())

    run_once()  # a new process of its own, as far as the gateway can tell

    counts = telegram.control("counts")["counts"]
    assert counts.get("contacts.resolveUsername", 0) == 0
    assert counts["messages.getHistory"] >= 1
    due = _history(waiting).due_at
    assert due is not None
    assert due - timezone.now() > timedelta(hours=23)
    assert "86" in _sync(waiting).error
    assert stored(waiting) == {}


def test_flags_off_nothing_is_asked(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess, leading_there: Any
) -> None:
    leading_there.MTPROTO_HISTORY_ENABLED = leading_there.MTPROTO_STATS_ENABLED = False
    leading_there.MTPROTO_UPDATES_ENABLED = False
    channel = track(workspace, "@beta")
    telegram.control("counts", reset=True)

    run_once()

    assert telegram.control("counts")["counts"] == {}
    assert state_of(channel) == "pending"


def test_revoked_session_takes_the_account_out_of_use(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    track(workspace, "@beta")
    telegram.control("revoke", phone="+99890000001", error="SESSION_REVOKED")

    run_once()

    account.refresh_from_db()
    assert account.state == "revoked"
    assert CollectTask.objects.filter(parked_at__isnull=False).count() == 0
