"""The two-way history sync: newest first, backward to the beginning, forward on later runs. Resumable anywhere.

Cursor: every id in [oldest_id, newest_id] of `ChannelSync` has been asked for. It moves in the transaction that
writes the rows, guarded by the task's fence. While a batch of pages is written, the next pages are fetched.

1. Address the channel (resolved once for each account).
2. First run: the newest page alone, so that something shows at once.
3. Later runs, forward: one page above newest_id. If it is full, ids upward from newest_id in windows, so that one
   cursor is enough; `forward_from_id` holds the top that this pass goes to.
4. Backward in pages below oldest_id until Telegram answers an empty page.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from channels_app.collect.address import access_of, address
from channels_app.collect.claims import hold, make_due
from channels_app.collect.schedule import (
    FACTS_EVERY,
    FORWARD_EVERY,
    FORWARD_EVERY_PUSHED,
    OFF_EVERY,
    make_poll_due,
)
from channels_app.collect.session import Outcome, Session, Slice
from channels_app.ingest import ingest_messages
from channels_app.models import ChannelSync, CollectKind, CollectTask, SyncState
from mtproto.errors import GatewayError
from mtproto.gateway import PAGE_LIMIT
from mtproto.records import AnyMessage, Peer, ServiceRecord, Source

BATCH_PAGES = 10
# A batch is written when it is full or this old, so that progress shows and little is fetched twice after a kill.
BATCH_SECONDS = 1.0
# The widest window of ids asked for at once when going upward over ids that mostly do not exist.
WINDOW_CAP = 100_000


@dataclass(slots=True)
class Batch:
    """Pages on their way into the database, and the range that is asked for once they are written."""

    messages: list[AnyMessage] = field(default_factory=list)
    oldest_id: int | None = None
    newest_id: int | None = None
    total: int | None = None
    reached_start: bool = False
    forward_from_id: int | None = None
    forward_done: bool = False


async def sync_history(session: Session, task: CollectTask, work: Slice) -> Outcome:
    """One slice of the history sync of the task's channel."""
    if not settings.MTPROTO_HISTORY_ENABLED:
        return Outcome(session.clock() + OFF_EVERY, finished=False, note="MTPROTO_HISTORY_ENABLED is off")
    sync = await session.database(_begin, task, now=session.clock())
    peer = await address(session, task.channel)
    run = _Run(session, task, peer, work)
    try:
        if sync.newest_id is None:
            await run.first_page()
        else:
            await run.forward(sync)
        sync = await run.reread()
        if not work.over and not sync.reached_start:
            await run.backward(sync)
    finally:
        await run.settle()
    return await session.database(_end, session, task, run.counts)


class _Run:
    """One slice: fetches pages, and writes them in batches behind the fetching."""

    def __init__(self, session: Session, task: CollectTask, peer: Peer, work: Slice) -> None:
        self.session = session
        self.task = task
        self.peer = peer
        self.work = work
        self.counts: dict[str, int] = {"pages": 0, "messages": 0}
        self._writing: asyncio.Task[None] | None = None
        self._total: int | None = None

    async def first_page(self) -> None:
        """The newest page of a channel that was never read."""
        page = await self.fetch()
        batch = Batch(messages=list(page), reached_start=not page)
        if page:
            batch.newest_id = page[0].message_id
            batch.oldest_id = page[-1].message_id
        await self._write(batch)
        await self.settle()

    async def forward(self, sync: ChannelSync) -> None:
        """Everything above newest_id."""
        newest = sync.newest_id or 0
        top = sync.forward_from_id
        if top is None:
            page = await self.fetch(after_id=newest)
            if not page:
                return
            top = page[0].message_id
            if len(page) < PAGE_LIMIT:
                await self._write(Batch(messages=list(page), newest_id=top))
                return
            # The freshest posts show at once; the cursor does not move for them.
            await self._write(Batch(messages=list(page), forward_from_id=top))
        await self._upward(newest, top)

    async def _upward(self, newest: int, top: int) -> None:
        window = PAGE_LIMIT
        while newest < top and not self.work.over:
            edge = min(newest + window, top)
            messages = await self._window(newest, edge)
            batch = Batch(messages=messages, newest_id=edge, forward_done=edge >= top)
            await self._write(batch)
            newest = edge
            window = min(window * 2, WINDOW_CAP) if len(messages) < PAGE_LIMIT // 2 else PAGE_LIMIT

    async def _window(self, after: int, edge: int) -> list[AnyMessage]:
        """All messages with ids in (after, edge], newest first."""
        found: list[AnyMessage] = []
        before = edge + 1
        while True:
            page = await self.fetch(before_id=before, after_id=after)
            found.extend(page)
            if len(page) < PAGE_LIMIT:
                return found
            before = page[-1].message_id

    async def backward(self, sync: ChannelSync) -> None:
        """Pages below oldest_id, to the beginning or to the end of the slice."""
        before = sync.oldest_id or 0
        batch, started = Batch(), time.monotonic()
        pages = _Pages(self)
        try:
            while not self.work.over:
                page = await pages.below(before) if before > 1 else ()
                if not page:
                    batch.reached_start = True
                    break
                before = batch.oldest_id = min(before, page[-1].message_id)
                batch.messages.extend(page)
                if len(batch.messages) >= BATCH_PAGES * PAGE_LIMIT or time.monotonic() - started > BATCH_SECONDS:
                    await self._write(batch)
                    batch, started = Batch(), time.monotonic()
        except GatewayError:
            await self._write(batch)  # what was fetched before the refusal is kept
            raise
        finally:
            await pages.close()
        await self._write(batch)

    async def reread(self) -> ChannelSync:
        """The cursor as it stands when everything so far is written."""
        await self.settle()
        return await self.session.database(ChannelSync.objects.get, pk=self.task.channel_id)

    async def settle(self) -> None:
        """Wait for the batch that is being written; raises what went wrong with it."""
        if self._writing is not None:
            writing, self._writing = self._writing, None
            await writing

    async def _write(self, batch: Batch) -> None:
        """Start writing a batch as soon as the one before it is written."""
        await self.settle()
        if not batch.messages and not batch.reached_start and batch.newest_id is None:
            return
        batch.total = self._total
        self.counts["messages"] += len(batch.messages)
        self._writing = asyncio.create_task(
            self.session.database(commit_batch, self.task, batch, now=self.session.clock())
        )

    async def fetch(self, *, before_id: int = 0, after_id: int = 0) -> Sequence[AnyMessage]:
        if self.session.page_pause and self.counts["pages"]:
            await asyncio.sleep(self.session.page_pause)
        page = await self.session.gateway.history(self.peer, before_id=before_id, after_id=after_id, limit=PAGE_LIMIT)
        self.counts["pages"] += 1
        self._total = page.total if page.total is not None else self._total
        return page.messages


class _Pages:
    """Pages downward, the next one asked for while this one is on its way where the ids have no holes.

    A page of 100 reaches at least 100 ids down, so the guessed next page (100 ids further) never leaves a hole; where
    ids are missing it would repeat some, so then nothing is guessed. Nor is it where our requests are counted.
    """

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._ahead: asyncio.Task[Sequence[AnyMessage]] | None = None
        self._dense = False

    async def below(self, before: int) -> Sequence[AnyMessage]:
        """The page below `before` (it may repeat what is above); empty at the beginning of the channel."""
        asked = self._ahead or self._ask(before)
        guess = before - PAGE_LIMIT
        may_guess = self._dense and guess > 1 and not self._run.session.page_pause
        self._ahead = self._ask(guess) if may_guess else None
        page = await asked
        self._dense = len(page) == PAGE_LIMIT and page[-1].message_id == guess
        return page

    def _ask(self, before: int) -> "asyncio.Task[Sequence[AnyMessage]]":
        return asyncio.create_task(self._run.fetch(before_id=before))

    async def close(self) -> None:
        """Leave the page that was asked for ahead."""
        if self._ahead is not None:
            self._ahead.cancel()
            await asyncio.gather(self._ahead, return_exceptions=True)


@transaction.atomic
def _begin(task: CollectTask, *, now: datetime) -> ChannelSync:
    hold(task)
    sync, _ = ChannelSync.objects.get_or_create(channel=task.channel)
    if sync.state != SyncState.COMPLETE:
        sync.state = SyncState.RUNNING
        sync.started_at = sync.started_at or now
        sync.save(update_fields=["state", "started_at"])
    return sync


@transaction.atomic
def commit_batch(task: CollectTask, batch: Batch, *, now: datetime) -> None:
    """Write rows and cursor in one transaction; ClaimLost when the task is not ours any more."""
    hold(task)
    if batch.messages:
        ingest_messages(task.channel_id, batch.messages, source=Source.MTPROTO, observed_at=now)
    moved: dict[str, Any] = {}
    if batch.oldest_id is not None:
        moved["oldest_id"] = batch.oldest_id
    if batch.newest_id is not None:
        # A pushed post may have moved it further in the meantime.
        moved["newest_id"] = Greatest(F("newest_id"), batch.newest_id)
    if batch.reached_start:
        moved["reached_start"] = True
    if batch.forward_from_id is not None:
        moved["forward_from_id"] = batch.forward_from_id
    if batch.forward_done:
        moved["forward_from_id"] = None
    if batch.total is not None:
        moved["total_messages"] = batch.total
    services = sum(isinstance(message, ServiceRecord) for message in batch.messages)
    ChannelSync.objects.filter(pk=task.channel_id).update(
        **moved, service_messages=F("service_messages") + services, error="", error_code=""
    )


@transaction.atomic
def _end(session: Session, task: CollectTask, counts: dict[str, int]) -> Outcome:
    """Close the slice: complete when both ends are reached, otherwise due again at once."""
    hold(task)
    now = session.clock()
    sync = ChannelSync.objects.select_for_update().get(pk=task.channel_id)
    make_poll_due(task.channel_id, now=now)
    if not sync.reached_start or sync.forward_from_id is not None:
        return Outcome(now, counts, finished=False)
    first = sync.state != SyncState.COMPLETE
    sync.state, sync.checked_at, sync.error, sync.error_code = SyncState.COMPLETE, now, "", ""
    sync.completed_at = sync.completed_at or now
    sync.save(update_fields=["state", "checked_at", "completed_at", "error", "error_code"])
    if first:
        make_due(task.channel_id, CollectKind.FACTS, at=now)
    make_due(task.channel_id, CollectKind.FACTS, at=now + FACTS_EVERY)
    access = access_of(session.account, task.channel)
    pushed = access is not None and access.is_member and settings.MTPROTO_UPDATES_ENABLED
    return Outcome(now + (FORWARD_EVERY_PUSHED if pushed else FORWARD_EVERY), counts)
