"""Due work over all public channels: the citation index and the standings by size."""

import logging
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from analytics.network.citations import compute_citations
from analytics.network.models import NetworkKind, NetworkRun
from analytics.network.standings import compute_standings

logger = logging.getLogger(__name__)

# A run takes this share of all time at most: small installations are fresh, large ones compute once a day.
SHARE_OF_TIME = 1 / 500
SOONEST, LATEST = timedelta(minutes=5), timedelta(days=1)
LEASE = timedelta(hours=1)

_COMPUTE: Mapping[NetworkKind, Callable[..., dict[str, Any]]] = {
    NetworkKind.CITATIONS: compute_citations,
    NetworkKind.STANDINGS: compute_standings,
}


def run_due_network(*, now: datetime) -> int:
    """Compute what is due and nobody computes yet; returns how many were done."""
    NetworkRun.objects.bulk_create((NetworkRun(kind=kind, due_at=now) for kind in _COMPUTE), ignore_conflicts=True)
    claimed = NetworkRun.objects.claim(owner=f"network:{uuid.uuid4()}", lease=LEASE, limit=len(_COMPUTE))
    return sum(_carry_out(run, now=now) for run in claimed)


def _carry_out(run: NetworkRun, *, now: datetime) -> bool:
    """Effect and completion commit together; a computation that another took over meanwhile is thrown away."""
    started = time.monotonic()
    try:
        with transaction.atomic():
            found = _COMPUTE[NetworkKind(run.kind)](now=now)
            seconds = time.monotonic() - started
            run.held().update(computed_at=now, seconds=seconds, **found)
            wait = min(max(timedelta(seconds=seconds / SHARE_OF_TIME), SOONEST), LATEST)
            done = run.complete(now=now, due_at=now + wait)
            if not done:
                transaction.set_rollback(True)
    except Exception as error:
        logger.exception("network run %s failed", run.kind)
        run.fail(now=now, error=repr(error), again_after=LATEST)
        return False
    logger.info("network run %s: %s channels in %.1f s", run.kind, found["channels"], seconds)
    return done
