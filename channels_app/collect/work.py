"""Due work of one account, side by side: claims tasks as they fall due and carries them out in short slices."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from django.db import DatabaseError

from analyticbot.core.edge import is_database_away
from channels_app.collect.claims import claim_tasks
from channels_app.collect.runner import run_task
from channels_app.collect.session import Session
from channels_app.models import CollectTask
from mtproto.errors import GatewayError

logger = logging.getLogger(__name__)

# Channels that are worked on at once: a slow answer about one must not hold up the others. One process gains nothing
# from more, its time goes into parsing.
SIDE_BY_SIDE = 3
# A slice is short, so that a hundred channels take turns; what is not finished is due again at once.
SLICE_SECONDS = 6.0
IDLE_SECONDS = 0.5
DATABASE_AWAY_SECONDS = 2.0


async def carry_out(
    session: Session, *, kinds: Callable[[], Sequence[str]], until_idle: bool = False, side_by_side: int = SIDE_BY_SIDE
) -> int:
    """Claim and carry out due tasks until the session ends, or with `until_idle` until nothing is due.

    `kinds` is asked before each claim: what may be done is switched on and off meanwhile.
    Returns how many slices were done. Raises Unreachable or AccountUnusable when the connection or account is gone.
    """
    done = 0
    running: set[asyncio.Task[object]] = set()
    try:
        while not session.ending:
            claimed = await _claim(session, kinds(), side_by_side - len(running))
            for task in claimed:
                running.add(asyncio.create_task(run_task(session, task, seconds=SLICE_SECONDS)))
            if not running:
                if until_idle:
                    return done
                await session.pause(IDLE_SECONDS)
                continue
            # For a moment only: new work may fall due for the free places.
            finished, running = await asyncio.wait(running, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            done += len(finished)
            for job in finished:
                job.result()
    finally:
        await _finish(running)
    return done


async def _claim(session: Session, kinds: Sequence[str], room: int) -> list[CollectTask]:
    if room <= 0 or not kinds:
        return []
    try:
        return await session.database(claim_tasks, session.account, kinds=list(kinds), limit=room, owner=session.owner)
    except DatabaseError as error:
        unexpected = not is_database_away(error)
        logger.warning("nothing can be claimed for %s s: %s", DATABASE_AWAY_SECONDS, error, exc_info=unexpected)
        await session.pause(DATABASE_AWAY_SECONDS)
        return []


async def _finish(running: set[asyncio.Task[object]]) -> None:
    """Let the slices in hand come to their next safe point; they look at the session themselves."""
    if not running:
        return
    _, late = await asyncio.wait(running, timeout=SLICE_SECONDS)
    for job in late:
        job.cancel()
    for result in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(result, Exception) and not (isinstance(result, GatewayError) or is_database_away(result)):
            logger.error("a slice broke while ending", exc_info=result)
