"""The sweep: every few seconds it looks for due work that nobody holds, heals what is missing, and rings."""

import logging
from datetime import datetime, timedelta

from analyticbot.core import runtime
from channels_app.collect.gaps import open_overdue
from channels_app.collect.leases import accounts_with_work
from channels_app.collect.ring import ring_now
from channels_app.collect.schedule import MTPROTO_KINDS_BY_QUEUE, enabled_kinds, schedule_missing
from channels_app.ingest import forget_early_deletions

logger = logging.getLogger(__name__)


def sweep() -> int:
    """Ring once for each free account with due work, by queue; returns the rings.

    While a collector holds the accounts there is none free, and nothing is rung: the collector sees the rows itself.
    """
    rings = 0
    for queue, kinds in MTPROTO_KINDS_BY_QUEUE.items():
        for _ in accounts_with_work(kinds=enabled_kinds(kinds)):
            ring_now(queue)
            rings += 1
    return rings


# No page of history is on its way for so long.
EARLY_DELETIONS_KEPT = timedelta(days=1)


def heal(*, now: datetime) -> None:
    """Give rows to tracked channels that lack them, and open gaps for what is overdue."""
    missing = schedule_missing(now=now)
    forget_early_deletions(before=now - EARLY_DELETIONS_KEPT)
    opened = open_overdue(now=now) if runtime.HISTORY.now() else 0
    if missing or opened:
        logger.info("sweep scheduled=%s gaps_opened=%s", missing, opened)
