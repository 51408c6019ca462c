"""One claimed task from start to end: the work, its outcome or failure as rows, one log line, metrics."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from django.db import DatabaseError

from analyticbot.core.edge import is_database_away
from channels_app import metrics
from channels_app.collect.address import ChannelMerged
from channels_app.collect.claims import CLAIM_LEASE, ClaimLost
from channels_app.collect.facts import load_facts
from channels_app.collect.failures import settle_broken, settle_failure
from channels_app.collect.history import sync_history
from channels_app.collect.meetings import forget_stale
from channels_app.collect.poll import poll_posts
from channels_app.collect.session import Outcome, Session, Slice
from channels_app.collect.stats import load_stats
from channels_app.ingest import ChannelGone
from channels_app.models import CollectKind, CollectTask
from mtproto.errors import AccountUnusable, GatewayError, PeerPrivate, PeerUnaddressed, Unreachable
from mtproto.peers import forget_peer

logger = logging.getLogger(__name__)

Work = Callable[[Session, CollectTask, Slice], Awaitable[Outcome]]

# Well within the lease of a claim.
RENEW_SECONDS = 10.0

WORK: dict[str, Work] = {
    CollectKind.HISTORY: sync_history,
    CollectKind.POLL: poll_posts,
    CollectKind.FACTS: load_facts,
    CollectKind.STATS: load_stats,
}


async def run_task(session: Session, task: CollectTask, *, seconds: float) -> Outcome | None:
    """Carry out a slice of a claimed task and write how it went. None: it failed, or was taken over.

    Raises AccountUnusable and Unreachable after writing them down: they concern the account, not the task alone; and
    the OperationalError of a database that is away.
    """
    started = time.monotonic()
    try:
        outcome = await _work(session, task, seconds=seconds)
        await session.database(_settle, task, outcome, now=session.clock())
    except (ClaimLost, ChannelMerged, ChannelGone) as error:
        logger.info("task %s left to others: %s", task.pk, error)
        return None
    except GatewayError as error:
        if isinstance(error, PeerUnaddressed) and task.channel.tg_id is not None:
            # A stale access hash: the next attempt resolves the channel anew.
            await session.database(forget_peer, session.account, task.channel.tg_id)
        await _write_down(session, task, error)
        _log_failure(task, error, started)
        if isinstance(error, AccountUnusable | Unreachable):
            raise
        return None
    except (
        Exception
    ) as error:  # the edge of a unit of work: one that breaks is retried, then parked, and stops no other
        if is_database_away(error):
            # Not the work's fault, and nowhere to write it down: the claim runs out, and the work is due as before.
            raise
        logger.exception("task %s (%s of channel %s) broke", task.pk, task.kind, task.channel_id)
        await _write_down(session, task, error)
        metrics.COLLECT_FAILURES.labels(kind=task.kind, code="BROKEN").inc()
        return None
    _log_outcome(task, outcome, started)
    return outcome


async def _work(session: Session, task: CollectTask, *, seconds: float) -> Outcome:
    """The work under a claim that is renewed beside it; once more when an access hash of old was refused."""
    began = session.clock()
    async with _renewed(session, task):
        try:
            return await WORK[task.kind](session, task, session.slice(seconds))
        except PeerPrivate:
            # Some servers answer so to an access hash that is not good any more: a new one shows what is true.
            if not await session.database(forget_stale, session.account, task.channel, before=began):
                raise
            return await WORK[task.kind](session, task, session.slice(seconds))


@asynccontextmanager
async def _renewed(session: Session, task: CollectTask) -> AsyncIterator[None]:
    """Hold on to a task while many answers are waited for without anything to commit."""
    ended = asyncio.Event()
    renewing = asyncio.create_task(_renew(session, task, ended))
    try:
        yield
    finally:
        # Not cancelled: a renewal that is under way must be over before the task is given back.
        ended.set()
        await renewing


async def _renew(session: Session, task: CollectTask, ended: asyncio.Event) -> None:
    held = True
    while held:
        try:
            await asyncio.wait_for(ended.wait(), RENEW_SECONDS)
        except TimeoutError:
            try:
                held = await session.database(task.extend, lease=CLAIM_LEASE)
            except DatabaseError:
                logger.warning("the claim of task %s could not be renewed: the database is away", task.pk)
        else:
            return


async def _write_down(session: Session, task: CollectTask, error: Exception) -> None:
    try:
        if isinstance(error, GatewayError):
            await session.database(settle_failure, task, error, now=session.clock())
        else:
            await session.database(settle_broken, task, error, now=session.clock())
    except ChannelGone:
        logger.info("task %s has gone with its channel", task.pk)


def _settle(task: CollectTask, outcome: Outcome, *, now: datetime) -> None:
    if outcome.finished:
        task.complete(now=now, due_at=outcome.due_at)
    else:
        task.postpone(until=outcome.due_at or now + timedelta(minutes=1), reason=outcome.note)


def _log_outcome(task: CollectTask, outcome: Outcome, started: float) -> None:
    seconds = time.monotonic() - started
    metrics.COLLECT_SECONDS.labels(kind=task.kind).observe(seconds)
    for name, count in outcome.counts.items():
        metrics.COLLECTED.labels(kind=task.kind, what=name).inc(max(count, 0))
    counts = " ".join(f"{name}={count}" for name, count in outcome.counts.items())
    logger.info(
        "%s channel=%s %s seconds=%.2f finished=%s%s",
        task.kind,
        task.channel_id,
        counts,
        seconds,
        outcome.finished,
        f" note={outcome.note}" if outcome.note else "",
    )


def _log_failure(task: CollectTask, error: GatewayError, started: float) -> None:
    metrics.COLLECT_FAILURES.labels(kind=task.kind, code=error.code[:40]).inc()
    logger.warning(
        "%s channel=%s refused code=%s seconds=%.2f: %s",
        task.kind,
        task.channel_id,
        error.code,
        time.monotonic() - started,
        error.message,
    )
