"""What failed comes back by itself: waits, parking, claims, stale access hashes, answers that are older than a push."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Workspace
from analyticbot.core.audit import AuditAction
from analyticbot.core.models import AuditEntry
from channels_app.collect import runner
from channels_app.collect.claims import claim_tasks
from channels_app.collect.failures import settle_broken, settle_failure
from channels_app.collect.poll import _fill
from channels_app.collect.schedule import restart_channel
from channels_app.ingest import ingest_messages
from channels_app.models import Channel, ChannelSync, CollectKind, CollectTask, Post
from mtproto.errors import PeerNotFound, RequestInvalid
from mtproto.gateway import PAGE_LIMIT
from mtproto.models import PeerAccess, TelegramAccount
from mtproto.records import AnyMessage, ChannelRecord, HistoryPage, MessageRecord, Peer, Source
from tests.channels_app.collect.doubles import Passing, open_session, work_on
from tests.channels_app.collect.world import assert_equal_to_truth, run_once, state_of, track
from tests.mtproto.rows import make_account
from tests.telegram import SandboxProcess

LOST = "somebody else"


def _claimed(workspace: Workspace, *, attempts: int = 0) -> CollectTask:
    channel = track(workspace, "@some_news")
    CollectTask.objects.filter(channel=channel).update(attempts=attempts)
    return claim_tasks(make_account(), kinds=[CollectKind.HISTORY], limit=1, owner="test")[0]


def _history(channel: Channel) -> CollectTask:
    return CollectTask.objects.get(channel=channel, kind=CollectKind.HISTORY)


def _due(channel: Channel, kind: str = CollectKind.HISTORY) -> None:
    CollectTask.objects.filter(channel=channel, kind=kind).update(due_at=timezone.now())


def _work(account: TelegramAccount, kind: str = CollectKind.HISTORY, double: Callable[..., Any] = Passing) -> None:
    async def run() -> None:
        async with open_session(account, double) as session:
            await work_on(session, [kind])

    asyncio.run(run())


@pytest.mark.parametrize("settle", ["broken", "refused"])
def test_work_that_fails_again_and_again_is_tried_once_a_day(workspace: Workspace, settle: str) -> None:
    task, now = _claimed(workspace, attempts=7), timezone.now()

    if settle == "broken":
        settle_broken(task, ZeroDivisionError("oh"), now=now)
    else:
        settle_failure(task, RequestInvalid("no", code="WHATEVER"), now=now)

    task.refresh_from_db()
    assert (task.due_at, task.parked_at, task.attempts) == (now + timedelta(days=1), None, 8)
    sync = ChannelSync.objects.get(pk=task.channel_id)
    assert (sync.state, bool(sync.error)) == ("failed", True)


def test_request_that_is_not_accepted_is_tried_again_soon(workspace: Workspace) -> None:
    task, now = _claimed(workspace), timezone.now()
    settle_failure(task, RequestInvalid("no"), now=now)
    task.refresh_from_db()
    assert (task.due_at, task.parked_at) == (now + timedelta(seconds=30), None)


def test_parked_work_leaves_an_audit_row_and_fails_the_channel(workspace: Workspace) -> None:
    task = _claimed(workspace)
    settle_failure(task, PeerNotFound("nobody"), now=timezone.now())
    task.refresh_from_db()
    assert task.parked_at is not None
    assert AuditEntry.objects.get(action=AuditAction.WORK_PARKED).object_id == str(task.pk)
    assert ChannelSync.objects.get(pk=task.channel_id).state == "failed"


@pytest.mark.parametrize("error", [PeerNotFound("nobody"), RequestInvalid("no"), ZeroDivisionError("oh")])
def test_failure_of_a_lost_claim_writes_nothing(workspace: Workspace, error: Exception) -> None:
    task = _claimed(workspace)
    CollectTask.objects.filter(pk=task.pk).update(leased_by=LOST, fence=F("fence") + 1)
    before = list(CollectTask.objects.order_by("pk").values()), list(ChannelSync.objects.values())

    settle = settle_broken if isinstance(error, ZeroDivisionError) else settle_failure
    settle(task, error, now=timezone.now())  # type: ignore[arg-type]

    assert (list(CollectTask.objects.order_by("pk").values()), list(ChannelSync.objects.values())) == before


def test_restart_unparks_all_kinds_and_forgets_access_hashes(workspace: Workspace) -> None:
    task, now = _claimed(workspace), timezone.now()
    Channel.objects.filter(pk=task.channel_id).update(tg_id=77)
    PeerAccess.objects.create(account=make_account(), channel_tg_id=77, access_hash=1, resolved_at=now)
    CollectTask.objects.update(parked_at=now, due_at=None, attempts=3, last_error="CHANNEL_PRIVATE: closed")

    restart_channel(Channel.objects.get(pk=task.channel_id), now=now)

    rows = CollectTask.objects.filter(channel_id=task.channel_id)
    assert set(rows.values_list("parked_at", "due_at", "attempts", "last_error")) == {(None, now, 0, "")}
    assert rows.count() == 4
    assert not PeerAccess.objects.exists()


@pytest.mark.parametrize(
    ("username", "error"),
    [(None, "CHANNEL_PRIVATE: closed"), ("some_news", ""), ("some_news", "FLOOD_WAIT: 3"), ("some_news", "BROKEN: x")],
)
def test_restart_keeps_the_way_to_a_channel_that_was_not_refused_or_has_no_name(
    workspace: Workspace, username: str | None, error: str
) -> None:
    task, now = _claimed(workspace), timezone.now()
    Channel.objects.filter(pk=task.channel_id).update(tg_id=77, username=username)
    PeerAccess.objects.create(account=make_account(), channel_tg_id=77, access_hash=1, resolved_at=now)
    CollectTask.objects.update(last_error=error)
    CollectTask.objects.filter(kind=CollectKind.STATS).update(last_error="CHAT_ADMIN_REQUIRED: no")

    restart_channel(Channel.objects.get(pk=task.channel_id), now=now)

    assert PeerAccess.objects.exists()


def test_failures_before_something_was_committed_do_not_count(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@alpha")
    CollectTask.objects.filter(channel=channel).update(attempts=7)
    telegram.control("fault", method="messages.getHistory", error="INTERNAL", code=500, skip=3, times=None)

    _work(account)

    assert (_history(channel).attempts, _history(channel).parked_at) == (1, None)
    assert Post.objects.filter(channel=channel).count() >= 300
    assert state_of(channel) == "running"


def test_private_by_a_stale_access_hash_is_met_anew_before_it_is_believed(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@beta")
    run_once()
    telegram.control("fault", method="messages.getHistory", error="CHANNEL_PRIVATE", code=406, times=1)
    telegram.control("post", channel="beta", text="later")
    telegram.control("counts", reset=True)
    _due(channel)

    _work(account)

    assert (state_of(channel), _history(channel).last_error) == ("complete", "")
    assert_equal_to_truth(channel, telegram, "beta")
    assert telegram.control("counts")["counts"]["contacts.resolveUsername"] == 1


def test_subscribers_are_known_when_the_history_is_complete(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@beta")
    telegram.control("fault", method="channels.getFullChannel", error="INTERNAL", code=500, times=1)

    _work(account)

    channel.refresh_from_db()
    assert (state_of(channel), channel.subscribers is None) == ("complete", False)


@pytest.mark.parametrize(("error", "code"), [("METHOD_INVALID", 400), ("INTERNAL", 500), ("FLOOD_WAIT_60", 420)])
def test_history_is_completed_where_subscribers_are_not_told(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess, error: str, code: int
) -> None:
    channel = track(workspace, "@beta")
    telegram.control("fault", method="channels.getFullChannel", error=error, code=code, times=None)

    _work(account)

    channel.refresh_from_db()
    assert (state_of(channel), channel.subscribers) == ("complete", None)
    assert_equal_to_truth(channel, telegram, "beta")


async def _aside(function: Callable[..., Any], *args: Any) -> Any:
    """The function's result, from a thread that leaves no connection open."""

    def call() -> Any:
        try:
            return function(*args)
        finally:
            connection.close()

    return await asyncio.to_thread(call)


def _pushed(channel: Channel, record: AnyMessage) -> None:
    assert isinstance(record, MessageRecord)
    newer = replace(record, text="newer")
    ingest_messages(channel.pk, [newer], source=Source.MTPROTO, observed_at=timezone.now())


def test_page_that_was_asked_for_before_a_push_does_not_undo_it(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@beta")

    class Slow(Passing):
        async def history(self, peer: Peer, **ids: int) -> HistoryPage:
            page: HistoryPage = await self.real.history(peer, **ids)
            if page.messages:
                await _aside(_pushed, channel, page.messages[0])
            return page

    _work(account, double=Slow)

    assert Post.objects.get(channel=channel, message_id=30).text == "newer"


def test_poll_that_was_asked_before_a_push_does_not_undo_it(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess
) -> None:
    channel = track(workspace, "@fresh")
    run_once()
    Post.objects.filter(channel=channel).update(next_poll_at=timezone.now())
    _due(channel, CollectKind.POLL)

    class Slow(Passing):
        async def messages(self, peer: Peer, ids: Sequence[int]) -> tuple[AnyMessage, ...]:
            messages: tuple[AnyMessage, ...] = await self.real.messages(peer, ids)
            await _aside(_pushed, channel, next(m for m in messages if m.message_id == 30))
            return messages

    _work(account, CollectKind.POLL, Slow)

    assert Post.objects.get(channel=channel, message_id=30).text == "newer"


def test_claim_is_renewed_while_an_answer_is_long_in_coming(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "RENEW_SECONDS", 0.05)
    channel = track(workspace, "@beta")
    _work(account)
    _due(channel, CollectKind.FACTS)
    facts = CollectTask.objects.filter(channel=channel, kind=CollectKind.FACTS)
    renewed = []

    def lapses() -> None:
        facts.update(leased_until=Now() + timedelta(seconds=1))

    class Slow(Passing):
        async def channel(self, peer: Peer) -> ChannelRecord:
            await _aside(lapses)
            for _ in range(200):
                await asyncio.sleep(0.02)
                if await _aside(facts.filter(leased_until__gt=Now() + timedelta(seconds=9)).exists):
                    renewed.append(True)
                    break
            record: ChannelRecord = await self.real.channel(peer)
            return record

    _work(account, CollectKind.FACTS, Slow)

    task = facts.get()
    assert renewed == [True]
    assert (task.leased_by, task.leased_until) == ("", None)


def test_album_of_more_items_than_a_question_takes_is_asked_for_in_part() -> None:
    huge = (1, list(range(1, 151)))
    assert len(_fill([], [huge, (200, [])])) == PAGE_LIMIT
    assert _fill([], [(200, []), huge]) == [200]
