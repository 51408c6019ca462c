"""The doors: worker, beat's schedule, commands, the collector's process and its end."""

import os
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from accounts.models import Workspace
from analyticbot.celery import app
from analyticbot.core.models import Heartbeat
from channels_app.beat import SCHEDULE, install_schedule
from channels_app.collect.leases import take_account
from channels_app.collect.ring import ring_now
from channels_app.collect.sweep import heal, sweep
from channels_app.models import CollectTask, Post, TrackedChannel
from mtproto.models import TelegramAccount
from tests.channels_app.collect.doors import COLLECTOR, WORKER, Process, environment
from tests.channels_app.collect.world import (
    assert_equal_to_truth,
    run_once,
    running_collector,
    state_of,
    track,
    wait_complete,
    wait_for,
)
from tests.telegram import SandboxProcess


@pytest.mark.slow
def test_worker_collects_when_no_collector_lives(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess, tmp_path: Path
) -> None:
    channel = track(workspace, "@alpha")
    env = environment(telegram)
    with Process(WORKER, log=tmp_path / "worker.log", env=env) as worker:
        app.control.purge()
        ring_now("sync")
        try:
            wait_complete(channel, timeout=60)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{worker.log()}") from error
        wait_for(lambda: TelegramAccount.objects.filter(pk=account.pk, leased_by="").exists(), timeout=30)
        assert worker.stop(seconds=60) < 60  # not killed
    assert_equal_to_truth(channel, telegram, "alpha")


@pytest.mark.slow
def test_collector_process_stops_in_order_in_the_middle_of_a_sync(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess, tmp_path: Path
) -> None:
    channel = track(workspace, "@alpha")
    telegram.control("delay", method="messages.getHistory", ms=400)
    with Process(COLLECTOR, log=tmp_path / "collector.log", env=environment(telegram)) as collector:
        wait_for(lambda: Post.objects.filter(channel=channel).count() > 100, timeout=60, what="first posts")
        assert Heartbeat.objects.filter(kind="collector").exists()
        seconds = collector.stop(seconds=60)
        assert seconds < 60, collector.log()
    account.refresh_from_db()
    assert account.leased_by == ""
    assert not CollectTask.objects.exclude(leased_by="").exists()
    assert state_of(channel) == "running"

    telegram.control("clear_faults")
    run_once()
    assert_equal_to_truth(channel, telegram, "alpha")


def test_one_account_is_held_by_one_process(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@beta")
    first = take_account(account, purpose="first")

    assert first is not None
    assert take_account(account, purpose="second") is None
    run_once()
    assert not Post.objects.filter(channel=channel).exists()
    assert sweep() == 0


def test_two_collectors_share_without_doubles(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@alpha")
    with running_collector(), running_collector():
        wait_complete(channel)
    assert_equal_to_truth(channel, telegram, "alpha")
    assert telegram.control("counts")["counts"]["contacts.resolveUsername"] == 1


def test_stale_holder_cannot_commit(account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess) -> None:
    from channels_app.collect.claims import ClaimLost, claim_tasks
    from channels_app.collect.history import Batch, commit_batch

    track(workspace, "@beta")
    stale = claim_tasks(account, kinds=["history"], limit=1, owner="a")[0]
    CollectTask.objects.update(leased_until=timezone.now())
    fresh = claim_tasks(account, kinds=["history"], limit=1, owner="b")[0]

    with pytest.raises(ClaimLost):
        commit_batch(stale, Batch(newest_id=5, oldest_id=1))
    commit_batch(fresh, Batch(reached_start=True))


def test_schedule_is_installed_once_however_often(db: None) -> None:
    install_schedule()
    install_schedule()

    rows = PeriodicTask.objects.filter(task__regex=r"^(core|accounts|channels_app|analytics|superadmin)\.")
    assert sorted(rows.values_list("task", flat=True)) == sorted(entry.task for entry in SCHEDULE)
    app.loader.import_default_modules()
    assert {entry.task for entry in SCHEDULE} <= set(app.tasks)


def test_sync_history_command_collects_and_names_failures(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    right, wrong = track(workspace, "@beta"), track(workspace, "@nobody_here")
    output = StringIO()

    call_command("sync_history", "@beta", stdout=output)
    assert "30 posts; 1 of 1 channels complete" in output.getvalue()
    assert state_of(right) == "complete"
    with pytest.raises(CommandError, match="1 of 1"):
        call_command("sync_history", f"@{wrong.username}", stdout=output, stderr=output)
    with pytest.raises(CommandError, match="not collected here"):
        call_command("sync_history", "@unheard_of", stdout=output)


def test_sync_history_command_says_that_the_flag_is_off(db: None, settings: Any) -> None:
    settings.MTPROTO_HISTORY_ENABLED = False
    output = StringIO()

    call_command("sync_history", stdout=output)

    assert "MTPROTO_HISTORY_ENABLED" in output.getvalue()


def test_prepare_demo_twice_makes_one_of_everything(
    leading_there: Any, transactional_db: None, telegram: SandboxProcess, tmp_path: Path
) -> None:
    leading_there.STATE_DIR = tmp_path
    leading_there.SANDBOX_CHANNELS = None
    output = StringIO()

    call_command("prepare_demo", stdout=output)
    call_command("prepare_demo", stdout=output)

    assert TrackedChannel.objects.count() == 5
    assert TelegramAccount.objects.count() == 2
    assert Workspace.objects.count() == 1
    assert (tmp_path / "demo-password").stat().st_mode & 0o777 == 0o600


def test_prepare_demo_does_nothing_in_production(db: None, settings: Any) -> None:
    settings.SANDBOX, settings.PRODUCTION = True, True
    call_command("prepare_demo", stdout=StringIO())
    assert Workspace.objects.count() == 0


def test_heal_gives_rows_to_a_channel_that_lacks_them(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@beta")
    CollectTask.objects.all().delete()

    heal(now=timezone.now())

    assert CollectTask.objects.filter(channel=channel).count() == 4


def test_ring_without_a_broker_fails_nobody(tmp_path: Path) -> None:
    code = "import django; django.setup(); from channels_app.collect.ring import ring_now; ring_now('sync')"
    env = {**os.environ, "REDIS_URL": "redis://127.0.0.1:1/0"}
    began = time.monotonic()

    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "the broker is away" in done.stderr
    assert time.monotonic() - began < 30
