"""The same work without a collector: a Celery worker leases a free account, works for a while, and lets go of it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence

from channels_app.collect.connection import page_pause
from channels_app.collect.database import Database
from channels_app.collect.leases import (
    ACCOUNT_LEASE,
    RENEW_SECONDS,
    accounts_with_work,
    drop_claims,
    take_account,
)
from channels_app.collect.session import Session
from channels_app.collect.work import carry_out
from mtproto.accounts import open_gateway, release_lease, renew_lease
from mtproto.errors import AccountUnusable, FloodWait, Unreachable
from mtproto.models import TelegramAccount

logger = logging.getLogger(__name__)

# A worker keeps an account no longer than this at a stretch, so that a collector that starts gets it soon.
SLICE_SECONDS = 20.0


def work_slice(*, kinds: Sequence[str], seconds: float = SLICE_SECONDS) -> int:
    """Lease an account that has due work of these kinds and work for up to `seconds`; returns the slices done.

    0 when nothing is due, or every account is held (by the collector, as a rule: then it does the work).
    """
    for account in accounts_with_work(kinds=list(kinds)):
        leased = take_account(account, purpose="worker")
        if leased is not None:
            return asyncio.run(_logged(leased, kinds, seconds))
    return 0


async def _logged(account: TelegramAccount, kinds: Sequence[str], seconds: float) -> int:
    try:
        return await work_leased(account, kinds=kinds, seconds=seconds)
    except (Unreachable, AccountUnusable, FloodWait) as error:
        logger.warning("account %s: %s", account.pk, error.message)
        return 0


async def work_leased(
    account: TelegramAccount,
    *,
    kinds: Sequence[str],
    seconds: float | None = None,
    beside: Callable[[Session], Coroutine[object, object, None]] | None = None,
) -> int:
    """Work through a leased account until nothing is due or `seconds` are over, then let go of it.

    `beside` runs along (a report of progress). Raises Unreachable or AccountUnusable.
    """
    database = Database(threads=4)
    gateway = open_gateway(account, receive_updates=False, database=database)
    session = Session(account, gateway, database, owner=account.leased_by, page_pause=page_pause())
    jobs = [asyncio.create_task(_keep_lease(session))]
    if beside is not None:
        jobs.append(asyncio.create_task(beside(session)))
    if seconds is not None:
        asyncio.get_running_loop().call_later(seconds, session.stopping.set)
    try:
        await gateway.connect()
        return await carry_out(session, kinds=lambda: kinds, until_idle=True)
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        try:
            await gateway.disconnect()
            await database(drop_claims, account)
            await database(release_lease, account)
        finally:
            await asyncio.get_running_loop().run_in_executor(None, database.close)


async def _keep_lease(session: Session) -> None:
    held = True
    while held:
        await asyncio.sleep(RENEW_SECONDS)
        held = await session.database(renew_lease, session.account, lease=ACCOUNT_LEASE)
    logger.warning("account %s was taken over", session.account.pk)
    session.stopping.set()
