"""Visits of long ago are forgotten, so that the table of their cells does not grow for ever."""

import time
from datetime import datetime, timedelta

from django.db import connection

# A year, so that visits of a link stand beside those of the same days a year before, and a month to look at them.
VISITS_KEPT = timedelta(days=400)
ROWS_AT_ONCE = 5_000
SLICE = timedelta(seconds=20)

# By key: what was written first is found before younger rows are read, and visits pay for no further index.
_FORGET = """
DELETE FROM analytics_sharedlinkviews WHERE id IN (
  SELECT v.id FROM analytics_sharedlinkviews v WHERE v.hour < %s ORDER BY v.id LIMIT %s FOR UPDATE SKIP LOCKED)
"""


def forget_visits(*, now: datetime, budget: timedelta = SLICE, at_once: int = ROWS_AT_ONCE) -> int:
    """Delete cells of visits older than `VISITS_KEPT`, in slices of their own transaction, for about `budget`.

    Returns how many rows went. Idempotent; safe beside others; what is left goes with the next call.
    """
    until, gone = time.monotonic() + budget.total_seconds(), 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, [now - VISITS_KEPT, at_once])
            found: int = cursor.rowcount
        gone += found
        if found < at_once or time.monotonic() >= until:
            return gone
