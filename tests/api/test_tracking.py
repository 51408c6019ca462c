"""The services behind adding and removing channels."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.models import Workspace
from analyticbot.celery import app
from analyticbot.core.audit import SYSTEM
from analyticbot.core.errors import InvalidInput
from analyticbot.core.models import AuditEntry
from channels_app.collect.ring import TASK_BY_QUEUE
from channels_app.models import Channel, ChannelSync, CollectKind, CollectTask, SyncState, TrackedChannel
from channels_app.queries import channels_for_workspace, find_tracked, status_of
from channels_app.tracking import ring_collector, track_channel, untrack_channel
from mtproto.models import TelegramAccount
from mtproto.references import PeerReference
from tests.factories import WHEN, make_channel, make_tracked, make_workspace

DUROV = PeerReference(username="durov")


def track(workspace: Workspace, reference: Any = DUROV) -> Any:
    return track_channel(workspace=workspace, reference=reference, actor=SYSTEM, user=None, now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_channel_and_one_tracking_each() -> None:
    workspaces, failures = [make_workspace(), make_workspace()], []

    def run(workspace: Workspace) -> None:
        try:
            for _ in range(3):
                track(workspace)
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(workspace,)) for workspace in workspaces * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert (Channel.objects.count(), TrackedChannel.objects.count(), ChannelSync.objects.count()) == (1, 2, 1)
    assert CollectTask.objects.filter(kind=CollectKind.HISTORY).count() == 1
    assert AuditEntry.objects.filter(action="channels:channel:tracked").count() == 2


@pytest.mark.django_db
def test_adding_rings_once_for_what_is_new(django_capture_on_commit_callbacks: Any) -> None:
    workspace = make_workspace()

    with django_capture_on_commit_callbacks() as rung:
        track(workspace)
    assert rung.count(ring_collector) == 1
    with django_capture_on_commit_callbacks() as rung_again:
        track(workspace)
    assert rung_again == []


@pytest.mark.django_db
def test_adding_leaves_running_work_alone() -> None:
    workspace = make_workspace()
    tracked, _created = track(workspace)
    CollectTask.objects.update(leased_by="worker", leased_until=timezone.now(), attempts=2, due_at=WHEN)
    ChannelSync.objects.update(state=SyncState.RUNNING)

    track(workspace)

    task = CollectTask.objects.get(channel=tracked.channel, kind=CollectKind.HISTORY)
    assert (task.leased_by, task.attempts, task.due_at) == ("worker", 2, WHEN)


@pytest.mark.django_db
def test_nothing_is_left_of_a_refused_addition() -> None:
    make_tracked(make_workspace(), make_channel(None, tg_id=5, title="Private"))

    with pytest.raises(InvalidInput):
        track(make_workspace(), PeerReference(tg_id=5))

    assert TrackedChannel.objects.count() == 1
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_invite_link_opens_a_private_channel_by_what_it_says() -> None:
    channel = make_channel(None, tg_id=5, title="Private")
    Channel.objects.filter(pk=channel.pk).update(invite_hash="Invite_hash_1")

    tracked, created = track(make_workspace(), PeerReference(invite_hash="Invite_hash_1"))

    assert (tracked.channel_id, created) == (channel.pk, True)


@pytest.mark.django_db
def test_removing_leaves_its_name_in_the_trail() -> None:
    workspace = make_workspace()
    tracked = make_tracked(workspace, make_channel("news"))

    untrack_channel(tracked, actor=SYSTEM, now=WHEN)

    entry = AuditEntry.objects.get(action="channels:channel:untracked")
    assert (entry.workspace_id, entry.at) == (workspace.pk, WHEN)
    assert entry.before == {"channel": tracked.channel_id, "name": "@news", "relation": "watched"}


@pytest.mark.django_db
def test_status_says_why_nothing_happens() -> None:
    workspace = make_workspace()
    make_tracked(workspace, make_channel("news"))
    CollectTask.objects.update(last_error="FLOOD_WAIT: Telegram asks us to wait 30 s")
    assert status_of(find_tracked(workspace, "@news")).sync.waiting == "FLOOD_WAIT: Telegram asks us to wait 30 s"

    ChannelSync.objects.update(error_code="FLOOD_WAIT", error="Telegram asks us to wait 30 s")
    waiting = status_of(find_tracked(workspace, "@news")).sync
    assert (waiting.waiting, waiting.error) == ("FLOOD_WAIT: Telegram asks us to wait 30 s", None)


@pytest.mark.django_db
@pytest.mark.parametrize("note", ["ProgrammingError: column p.secret does not exist", "column p.secret", "a: p.secret"])
def test_status_keeps_what_broke_in_our_code_to_the_log(note: str) -> None:
    workspace = make_workspace()
    make_tracked(workspace, make_channel("news"))
    CollectTask.objects.update(last_error=note)

    waiting = str(status_of(find_tracked(workspace, "@news")).sync.waiting)

    assert waiting.startswith("INTERNAL: ")
    assert "secret" not in waiting


@pytest.mark.django_db
def test_status_says_that_no_account_can_collect(settings: Any) -> None:
    workspace, other = make_workspace(), make_workspace()
    make_tracked(workspace, make_channel("news"))
    account = TelegramAccount(tg_id=1, label="theirs", workspace_id=other.pk, created_at=WHEN)
    account.session = "session"
    account.save()
    assert str(status_of(find_tracked(workspace, "@news")).sync.waiting).startswith("NO_ACCOUNT: ")

    TelegramAccount.objects.update(workspace_id=None)
    assert status_of(find_tracked(workspace, "@news")).sync.waiting is None

    settings.MTPROTO_HISTORY_ENABLED = False
    assert str(status_of(find_tracked(workspace, "@news")).sync.waiting).startswith("SWITCHED_OFF: ")


@pytest.mark.django_db
def test_status_of_a_channel_without_sync_row_is_pending() -> None:
    workspace = make_workspace()
    make_tracked(workspace)
    ChannelSync.objects.all().delete()

    (row,) = channels_for_workspace(workspace)

    assert status_of(row).sync.state == SyncState.PENDING


def test_ring_names_tasks_and_their_queues() -> None:
    app.loader.import_default_modules()

    for queue, name in TASK_BY_QUEUE.items():
        assert app.tasks[name].queue == queue
        assert queue in app.amqp.queues


def test_ring_without_broker_is_only_a_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_args: Any, **_kwargs: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(app, "send_task", away)
    ring_collector()

    assert "the sweep will find the work" in caplog.text
