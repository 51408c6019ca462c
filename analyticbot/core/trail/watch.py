"""Looks after the trail by itself: what is wrong is told in the log and counted in `/metrics`."""

import logging
from datetime import datetime, timedelta

from prometheus_client.core import CounterMetricFamily

from analyticbot.core.tally import add, counts
from analyticbot.core.trail.anchors import anchor_file
from analyticbot.core.trail.verifying import Verified, verify_recent

logger = logging.getLogger("analyticbot.audit")

# Each row is looked at by several runs.
_BACK = timedelta(days=1)
_TALLY = "analyticbot:audit-watch"


def watch_trail(*, now: datetime) -> Verified:
    """Prove the rows of the last day, all anchors and their file."""
    found = verify_recent(since=now - _BACK, anchor_file=anchor_file())
    for finding in [*found.findings, *found.anchor_findings]:
        logger.error("the audit trail is not as it was written: %s", finding)
    add(_TALLY, {"whole" if found.is_whole else "broken": 1})
    return found


def trail_counter() -> CounterMetricFamily:
    """How often the trail was looked at, and what came of it; of all processes."""
    looks = CounterMetricFamily("analyticbot_audit_looks", "Looks at the audit trail, by outcome", labels=["outcome"])
    for outcome, number in counts(_TALLY).items():
        looks.add_metric([outcome], number)
    return looks
