"""Official statistics: migration to their data centre, asynchronous graphs, tokens that run out, who may see them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Workspace
from analyticbot.core.audit import AuditAction
from analyticbot.core.models import AuditEntry
from channels_app.models import (
    CollectKind,
    CollectTask,
    DailyFact,
    OfficialGraph,
    PostOfficialGraph,
    TrackedChannel,
)
from mtproto.models import FloodWaitRow, PeerAccess, TelegramAccount
from tests.channels_app.collect.world import run_once, track
from tests.telegram import SandboxProcess

DEMO = "+99890000001"


def _stats_task(channel: Any) -> CollectTask:
    return CollectTask.objects.get(channel=channel, kind=CollectKind.STATS)


def test_all_graphs_are_kept_raw_and_told_by_day(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@fresh")

    run_once()

    kept = OfficialGraph.objects.filter(channel=channel)
    assert kept.count() == 12
    assert all(graph.raw is not None or graph.error for graph in kept)
    days = DailyFact.objects.filter(channel=channel, source="official")
    assert days.exists()
    assert days.filter(subscribers__isnull=False).exists()
    assert PostOfficialGraph.objects.filter(post__channel=channel).exists()
    due = _stats_task(channel).due_at
    assert due is not None
    assert due > timezone.now() + timedelta(hours=23)


def test_expired_token_means_asking_anew(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@fresh")
    telegram.control("fault", method="stats.loadAsyncGraph", error="GRAPH_EXPIRED_RELOAD", times=1)

    run_once()

    assert OfficialGraph.objects.filter(channel=channel, raw__isnull=False).exists()
    assert telegram.control("counts")["counts"]["stats.getBroadcastStats"] >= 2


def test_tokens_that_always_expire_end_after_three_loads(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@fresh")
    telegram.control("fault", method="stats.loadAsyncGraph", error="GRAPH_OUTDATED_RELOAD", times=None)

    run_once()

    counts = telegram.control("counts")["counts"]["stats.getBroadcastStats"]
    assert counts <= 6  # each load may be sent on once to the statistics data centre
    assert OfficialGraph.objects.filter(channel=channel, raw__isnull=False).exists()
    assert OfficialGraph.objects.filter(channel=channel, error__contains="GRAPH").exists()


def test_account_without_the_right_asks_for_no_statistics(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    telegram.control("role", channel="fresh", phone=DEMO, role="member")
    channel = track(workspace, "@fresh")

    run_once()

    assert telegram.control("counts")["counts"].get("stats.getBroadcastStats", 0) == 0
    assert not OfficialGraph.objects.filter(channel=channel).exists()
    assert PeerAccess.objects.get(channel_tg_id__gt=0).can_view_stats is False


def test_admin_right_of_the_workspace_makes_the_channel_owned_until_it_is_lost(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    TelegramAccount.objects.filter(pk=account.pk).update(workspace_id=workspace.pk)
    channel = track(workspace, "@fresh")

    run_once()
    tracked = TrackedChannel.objects.get(channel=channel)
    assert tracked.relation == "owned"

    telegram.control("role", channel="fresh", phone=DEMO, role="member")
    CollectTask.objects.filter(channel=channel, kind=CollectKind.FACTS).update(due_at=timezone.now())
    run_once()

    tracked.refresh_from_db()
    assert tracked.relation == "watched"
    assert AuditEntry.objects.filter(action=AuditAction.CHANNEL_OWNED).count() == 2


def test_account_of_a_workspace_serves_no_other(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    other = Workspace.objects.create(name="Other", created_at=timezone.now())
    TelegramAccount.objects.filter(pk=account.pk).update(workspace_id=other.pk)
    channel = track(workspace, "@fresh")

    run_once()

    channel.refresh_from_db()
    assert channel.tg_id is None


def _due_again(channel: Any) -> None:
    """As if the pause before the next slice were over."""
    task = _stats_task(channel)
    past = (timezone.now() - timedelta(seconds=1)).isoformat()
    told = task.progress | ({"retry_at": past} if task.progress["retry_at"] else {})
    CollectTask.objects.filter(pk=task.pk).update(due_at=timezone.now(), progress=told)


def _shown(channel: Any) -> set[str]:
    return set(OfficialGraph.objects.filter(channel=channel, raw__isnull=False).values_list("graph", flat=True))


def test_graph_that_the_server_cannot_make_keeps_no_other_and_is_tried_again_alone(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@fresh")
    telegram.control("fault", method="stats.loadAsyncGraph", error="INTERNAL", code=500, skip=2, times=1)

    run_once()

    task, before = _stats_task(channel), _shown(channel)
    missing = task.progress["failed"]
    assert (len(missing), missing[0] in before, len(before)) == (1, False, 11)
    assert missing[0] in task.last_error
    assert DailyFact.objects.filter(channel=channel, source="official").exists()
    assert task.due_at is not None
    assert timedelta(minutes=9) < task.due_at - timezone.now() < timedelta(minutes=11)

    telegram.control("counts", reset=True)
    _due_again(channel)
    run_once()

    task = _stats_task(channel)
    assert _shown(channel) == before | set(missing)
    assert telegram.control("counts")["counts"]["stats.loadAsyncGraph"] == 1
    assert (task.last_error, task.progress["failed"]) == ("", [])
    assert task.due_at is not None
    assert task.due_at - timezone.now() > timedelta(hours=23)


def test_graphs_that_always_fail_are_tried_ever_more_rarely(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@fresh")
    telegram.control("fault", method="stats.loadAsyncGraph", error="INTERNAL", code=500, times=None)
    run_once()
    first = _stats_task(channel)
    assert _shown(channel)
    assert first.finished_at is not None
    CollectTask.objects.filter(pk=first.pk).update(
        progress=first.progress | {"loaded_at": (timezone.now() - timedelta(hours=5)).isoformat()}
    )
    telegram.control("counts", reset=True)
    _due_again(channel)

    run_once()

    task = _stats_task(channel)
    assert telegram.control("counts")["counts"]["stats.loadAsyncGraph"] == 3
    assert task.due_at is not None
    assert timedelta(hours=4) < task.due_at - timezone.now() < timedelta(hours=6)
    assert (task.progress["failed"], task.attempts) == (first.progress["failed"], 0)


def test_statistics_of_all_young_posts_come_in_turns_and_go_on_after_a_wait(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    telegram.control("post", channel="fresh", text="more", count=45)
    channel = track(workspace, "@fresh")

    def loaded() -> int:
        return PostOfficialGraph.objects.filter(post__channel=channel).values("post").distinct().count()

    run_once()
    assert (loaded(), _stats_task(channel).progress["posts_done"]) == (30, False)
    due = _stats_task(channel).due_at
    assert due is not None
    assert due - timezone.now() < timedelta(minutes=6)

    telegram.control("counts", reset=True)
    telegram.control("fault", method="stats.getMessageStats", error="FLOOD_WAIT_1", skip=4, times=1)
    _due_again(channel)
    run_once()
    assert loaded() == 34
    for _ in range(2):
        # Over by now, or soon: the wait is one second.
        FloodWaitRow.objects.all().delete()
        _due_again(channel)
        run_once()

    task = _stats_task(channel)
    assert (loaded(), task.progress["posts_done"]) == (75, True)
    counts = telegram.control("counts")["counts"]
    assert counts["stats.getMessageStats"] <= 50
    assert counts.get("stats.getBroadcastStats", 0) == 0
    assert task.due_at is not None
    assert task.due_at - timezone.now() > timedelta(hours=23)
