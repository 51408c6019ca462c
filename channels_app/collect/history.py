"""The two-way history sync: newest first, backward to the beginning, forward on later runs. Resumable anywhere.

Cursor: every id in [oldest_id, newest_id] of `ChannelSync` has been asked for. It moves in the transaction that
writes the rows, guarded by the task's fence. While a batch of pages is written, the next pages are fetched.

1. Address the channel (resolved once for each account).
2. First run: the newest page alone, so that something shows at once.
3. Later runs, forward: from the newest id (`forward_from_id`) downward to newest_id; `forward_low_id` is how far that
   has come. When it has come all the way, newest_id moves up.
4. Backward in pages below oldest_id.

A page may be shorter than what was asked for anywhere: only an empty one, or the id next to the edge, is an end.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from analyticbot.core import runtime
from channels_app.collect.address import ChannelMerged, access_of, address, adopt
from channels_app.collect.claims import hold, make_due
from channels_app.collect.schedule import (
    FACTS_EVERY,
    FORWARD_EVERY,
    FORWARD_EVERY_PUSHED,
    OFF_EVERY,
    make_poll_due,
)
from channels_app.collect.session import Outcome, Session, Slice
from channels_app.ingest import Prepared, delete_again, write_prepared
from channels_app.models import ChannelSync, CollectKind, CollectTask, SyncState
from mtproto.errors import FloodWait, GatewayError, RequestInvalid, ServerTrouble
from mtproto.gateway import PAGE_LIMIT
from mtproto.records import AnyMessage, ChannelRecord, Peer, ServiceRecord, Source

logger = logging.getLogger(__name__)

BATCH_PAGES = 10
# A batch is written when it is full or this old, so that progress shows and little is fetched twice after a kill.
BATCH_SECONDS = 1.0


@dataclass(slots=True)
class Batch:
    """Pages on their way into the database, and the range that is asked for once they are written."""

    # The messages, as rows already: that is done while the batch before is in the database.
    prepared: Prepared | None = None
    messages: int = 0
    # The lowest and the highest id among them.
    low_id: int = 0
    top_id: int = 0
    services: int = 0
    oldest_id: int | None = None
    newest_id: int | None = None
    total: int | None = None
    # The first posts of a channel: a beginning that was reached while it was empty is none.
    begins: bool = False
    reached_start: bool = False
    forward_from_id: int | None = None
    forward_low_id: int | None = None
    forward_done: bool = False

    def add(self, page: "Asked", *, channel_id: int) -> None:
        """Take a page along."""
        if self.prepared is None:
            # Observed when the first page was asked for: what was observed live meanwhile is newer.
            self.prepared = Prepared(channel_id, source=Source.MTPROTO, observed_at=page.at, rows=True)
        self.prepared.add(page.messages)
        self.messages += len(page.messages)
        if page.messages:
            self.low_id = min(self.low_id or page.low, page.low)
            self.top_id = max(self.top_id, page.top)
        self.services += sum([isinstance(message, ServiceRecord) for message in page.messages])


@dataclass(frozen=True, slots=True)
class Asked:
    """A page of history and when it was asked for."""

    messages: Sequence[AnyMessage]
    at: datetime

    @property
    def top(self) -> int:
        """The highest id."""
        return max(message.message_id for message in self.messages)

    @property
    def low(self) -> int:
        """The lowest id."""
        return min(message.message_id for message in self.messages)


async def sync_history(session: Session, task: CollectTask, work: Slice) -> Outcome:
    """One slice of the history sync of the task's channel."""
    if not runtime.HISTORY.now():
        return Outcome(session.clock() + OFF_EVERY, finished=False, note="MTPROTO_HISTORY_ENABLED is off")
    sync = await session.database(_begin, task, now=session.clock())
    peer = await address(session, task.channel)
    run = _Run(session, task, peer, work)
    try:
        if sync.newest_id is None:
            await _learn_facts(session, task, peer)
            await run.first_page()
        else:
            await run.forward(sync)
        sync = await run.reread()
        if not sync.reached_start:
            await run.backward(sync)
    finally:
        await run.settle()
    if sync.state != SyncState.COMPLETE and (await run.reread()).reached_start:
        await _learn_facts(session, task, peer)
    return await session.database(_end, session, task, run.counts)


async def _learn_facts(session: Session, task: CollectTask, peer: Peer) -> None:
    """Ask for the subscribers if nobody has told them yet; a server that does not tell holds up no history."""
    await session.database(task.channel.refresh_from_db, fields=["subscribers"])
    if task.channel.subscribers is not None:
        return
    asked_at = session.clock()
    try:
        record = await session.gateway.channel(peer)
    except (FloodWait, ServerTrouble, RequestInvalid) as error:
        logger.info("facts of channel %s are not told yet: %s", task.channel_id, error.message)
        return
    await session.database(_adopt_facts, session, task, record, now=asked_at)


@transaction.atomic
def _adopt_facts(session: Session, task: CollectTask, record: ChannelRecord, *, now: datetime) -> None:
    hold(task)
    survivor = adopt(session.account, task.channel, record, now=now)
    if survivor != task.channel_id:
        raise ChannelMerged(f"{task.channel} is channel {survivor}")


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
        batch = Batch(reached_start=not page.messages)
        batch.add(page, channel_id=self.task.channel_id)
        if page.messages:
            batch.newest_id, batch.oldest_id, batch.begins = page.top, page.low, True
        await self._write(batch)
        await self.settle()

    async def forward(self, sync: ChannelSync) -> None:
        """Everything above newest_id, the freshest first."""
        newest = sync.newest_id or 0
        top, low = sync.forward_from_id, sync.forward_low_id
        if top is None or low is None:
            page = await self.fetch(after_id=newest)
            if not page.messages:
                return
            top, low = page.top, page.low
            batch = Batch(forward_from_id=top, forward_low_id=low)
            batch.add(page, channel_id=self.task.channel_id)
            if low <= newest + 1:
                batch.newest_id, batch.forward_done = top, True
            await self._write(batch)
            if batch.forward_done:
                return
        await self._downward(low, newest, top=top)

    async def backward(self, sync: ChannelSync) -> None:
        """Everything below oldest_id, to the beginning or to the end of the slice."""
        await self._downward(sync.oldest_id or 0, 0)

    async def _downward(self, before: int, after: int, *, top: int | None = None) -> None:
        """All ids between `after` and `before`, from the top; with `top` they are part of a forward pass from there."""
        batch, started, first = Batch(forward_from_id=top), time.monotonic(), True
        pages = _Pages(self, after)
        try:
            # One page at least: where each takes longer than a slice, the history must move all the same.
            while not self.session.ending and (first or not self.work.over):
                first = False
                page = await pages.below(before)
                if page is not None:
                    batch.add(page, channel_id=self.task.channel_id)
                    before = page.low
                    if top is None:
                        batch.oldest_id = before
                    else:
                        batch.forward_low_id = before
                if page is None or before <= after + 1:
                    batch.reached_start, batch.forward_done = top is None, top is not None
                    batch.newest_id = top
                    break
                if batch.messages >= BATCH_PAGES * PAGE_LIMIT or time.monotonic() - started > BATCH_SECONDS:
                    await self._write(batch)
                    batch, started = Batch(forward_from_id=top), time.monotonic()
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
        if not batch.messages and not batch.reached_start and not batch.forward_done:
            return
        batch.total = self._total
        self.counts["messages"] += batch.messages
        self._writing = asyncio.create_task(self.session.database(commit_batch, self.task, batch))

    async def fetch(self, *, before_id: int = 0, after_id: int = 0) -> Asked:
        """A page; RequestInvalid when the server answers with ids that were not asked for (paging would never end)."""
        if self.session.page_pause and self.counts["pages"]:
            await asyncio.sleep(self.session.page_pause)
        at = self.session.clock()
        page = await self.session.gateway.history(self.peer, before_id=before_id, after_id=after_id, limit=PAGE_LIMIT)
        self.counts["pages"] += 1
        self._total = page.total if page.total is not None else self._total
        within = [m for m in page.messages if m.message_id > after_id and (not before_id or m.message_id < before_id)]
        if page.messages and not within:
            raise RequestInvalid("The history does not page: other ids came than were asked for", code="HISTORY_STUCK")
        return Asked(within, at)


class _Pages:
    """Pages downward to `after`, the next one asked for while this one is on its way where the ids have no holes.

    A page of 100 reaches at least 100 ids down, so the guessed next page (100 ids further) leaves a hole only behind a
    shorter page, and repeats some where ids are missing: then it is not used, and nothing is guessed for a while. Nor
    is it where our requests are counted.
    """

    def __init__(self, run: _Run, after: int) -> None:
        self._run = run
        self._after = after
        self._ahead: asyncio.Task[Asked] | None = None
        self._dense = False

    async def below(self, before: int) -> Asked | None:
        """The page below `before`; None when nothing is there."""
        if before <= self._after + 1:
            return None
        asked = self._ahead or self._ask(before)
        guess = before - PAGE_LIMIT
        may_guess = self._dense and guess > self._after + 1 and not self._run.session.page_pause
        self._ahead = self._ask(guess) if may_guess else None
        page = await asked
        if not page.messages:
            return None
        self._dense = page.low == guess
        if not self._dense:
            await self.close()
        return page

    def _ask(self, before: int) -> "asyncio.Task[Asked]":
        return asyncio.create_task(self._run.fetch(before_id=before, after_id=self._after))

    async def close(self) -> None:
        """Leave the page that was asked for ahead."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)


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
def commit_batch(task: CollectTask, batch: Batch) -> None:
    """Write rows and cursor in one transaction; ClaimLost when the task is not ours any more."""
    # Not waiting for the disk: rows and cursor are one transaction, so what a crash loses of both is fetched again.
    hold(task, durable=False)
    if batch.prepared is not None and batch.messages:
        task.progressed()
        write_prepared(batch.prepared)
        # What was deleted while these pages were on their way; of older posts nobody would look again.
        delete_again(task.channel_id, low=batch.low_id, top=batch.top_id, asked_at=batch.prepared.observed_at)
    moved: dict[str, Any] = {}
    if batch.begins:
        moved.update(reached_start=False, state=SyncState.RUNNING)
    if batch.oldest_id is not None:
        moved["oldest_id"] = batch.oldest_id
    if batch.newest_id is not None:
        # A pushed post may have moved it further in the meantime.
        moved["newest_id"] = Greatest(F("newest_id"), batch.newest_id)
    if batch.reached_start:
        moved["reached_start"] = True
    if batch.forward_low_id is not None:
        moved.update(forward_from_id=batch.forward_from_id, forward_low_id=batch.forward_low_id)
    if batch.forward_done:
        moved.update(forward_from_id=None, forward_low_id=None)
    if batch.total is not None:
        moved["total_messages"] = batch.total
    ChannelSync.objects.filter(pk=task.channel_id).update(
        **moved, service_messages=F("service_messages") + batch.services, error="", error_code=""
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
    pushed = access is not None and access.is_member and runtime.UPDATES.now()
    return Outcome(now + (FORWARD_EVERY_PUSHED if pushed else FORWARD_EVERY), counts)
