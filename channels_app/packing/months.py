"""Months of snapshots as due work: pack the closed posts of a month, and drop its partition once nothing needs it.

A month is due 31 days after its end: the last of its posts is then 30 days old and polled no more. It is gone through
by post id in small transactions, each of which moves the cursor with what it packed; a kill loses nothing. A post that
is still open keeps the month for another day. When a whole pass leaves nothing unpacked, the partition stays until
SNAPSHOT_RAW_DAYS after the month's end (longer if a plan in use says so), is looked through once more, and is
dropped in one piece.
"""

import logging
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import Error as DatabaseError
from django.db import OperationalError, connection, transaction
from django.db.models import F

from analyticbot.core import runtime
from analyticbot.core.work import LeaseLost
from channels_app.keeping import longest_raw_days
from channels_app.models import SnapshotMonth
from channels_app.packing.curves import PackingMismatch, pack_posts
from channels_app.partitions import Partition, drop_partition, hold_month, list_partitions, month_of, partition_of
from channels_app.schedule import OPEN_FOR

logger = logging.getLogger(__name__)

CLOSED_AFTER = OPEN_FOR + timedelta(days=1)
# A post whose polling was broken off (nobody follows the channel any more) counts as closed from here on.
ABANDONED_AFTER = timedelta(days=60)
POSTS_AT_ONCE = 200
LEASE = timedelta(minutes=5)
SLICE = timedelta(seconds=30)
NEXT_PASS = timedelta(days=1)
# The partitioned table is locked for as long as a partition leaves it; who reads at that moment must not wait long.
DETACH_RETRY = timedelta(minutes=10)


class _Batch(NamedTuple):
    """Posts of a partition, in order of their ids: to be packed now, and how many are not ready."""

    last_id: int
    ready: list[int]
    open: int


def schedule_months(*, now: datetime) -> int:
    """Give each partition its row of work; returns how many were new, or back because of a late reading."""
    found = {partition.start.date(): partition for partition in list_partitions()}
    known = set(SnapshotMonth.objects.values_list("month", flat=True))
    new = [
        SnapshotMonth(month=month, due_at=partition.end + CLOSED_AFTER)
        for month, partition in found.items()
        if month not in known
    ]
    made = SnapshotMonth.objects.bulk_create(new, ignore_conflicts=True)
    back = SnapshotMonth.objects.filter(month__in=found, dropped_at__isnull=False).update(
        dropped_at=None, packed_at=None, cursor=0, open_posts=0, due_at=now
    )
    return len(made) + back


def work_on_months(*, clock: Callable[[], datetime], limit: int = 1, budget: timedelta = SLICE) -> int:
    """Work on up to `limit` due months, each for about `budget`; returns how many were touched."""
    rows: list[SnapshotMonth] = SnapshotMonth.objects.claim(owner=f"packing:{uuid.uuid4()}", lease=LEASE, limit=limit)
    for row in rows:
        try:
            _work(row, clock, budget)
        except LeaseLost:
            logger.warning("%s were taken over by another process", row)
        except (DatabaseError, PackingMismatch) as error:
            logger.exception("packing of %s failed", row)
            row.fail(now=clock(), error=f"{type(error).__name__}: {error}"[:2000], again_after=NEXT_PASS)
    return len(rows)


def _work(row: SnapshotMonth, clock: Callable[[], datetime], budget: timedelta) -> None:
    partition = partition_of((row.month.year, row.month.month))
    if partition not in list_partitions():
        # Dropped already: said so, for `schedule_months` to see when a late reading brings the month back.
        _move(row, dropped_at=clock())
        row.complete(now=clock())
        return
    if row.packed_at is not None:
        _drop(row, partition, now=clock())
        return
    until = time.monotonic() + budget.total_seconds()
    while True:
        batch = _next_batch(partition, after=row.cursor, now=clock())
        if batch is None:
            _end_pass(row, partition, now=clock())
            return
        _pack(row, batch)
        if time.monotonic() >= until:
            row.postpone(until=clock(), reason="")
            return


_BATCH = """
WITH batch AS (
  SELECT post_id, max(observed_at) AS last_at FROM {partition} WHERE post_id > %(after)s
  GROUP BY post_id ORDER BY post_id LIMIT %(limit)s
)
SELECT s.post_id, p.id IS NULL OR coalesce(k.last_at >= s.last_at, false) AS done,
  p.published_at < %(closed)s AND (p.next_poll_at IS NULL OR p.published_at < %(abandoned)s) AS closed
FROM batch s LEFT JOIN channels_app_post p ON p.id = s.post_id
LEFT JOIN channels_app_packedcurve k ON k.post_id = s.post_id ORDER BY s.post_id
"""


def _next_batch(partition: Partition, *, after: int, now: datetime) -> _Batch | None:
    with connection.cursor() as cursor:
        cursor.execute(
            _BATCH.format(partition=partition.name),
            {
                "after": after,
                "limit": POSTS_AT_ONCE,
                "closed": now - CLOSED_AFTER,
                "abandoned": now - ABANDONED_AFTER,
            },
        )
        rows = cursor.fetchall()
    if not rows:
        return None
    waiting = [(post_id, closed) for post_id, done, closed in rows if not done]
    ready = [post_id for post_id, closed in waiting if closed]
    return _Batch(rows[-1][0], ready, len(waiting) - len(ready))


def _pack(row: SnapshotMonth, batch: _Batch) -> None:
    with transaction.atomic():
        packed = len(pack_posts(batch.ready)) if batch.ready else 0
        _move(
            row,
            cursor=batch.last_id,
            packed_posts=F("packed_posts") + packed,
            open_posts=F("open_posts") + batch.open + len(batch.ready) - packed,
        )
        row.progressed()
        row.extend(lease=LEASE)
    row.cursor = batch.last_id


def _move(row: SnapshotMonth, **values: Any) -> None:
    if not row.held().update(**values):
        raise LeaseLost(str(row))


def _end_pass(row: SnapshotMonth, partition: Partition, *, now: datetime) -> None:
    row.refresh_from_db(fields=["open_posts"])
    with transaction.atomic():
        if row.open_posts:
            _move(row, cursor=0, open_posts=0)
            row.complete(now=now, due_at=now + NEXT_PASS)
            return
        _move(row, packed_at=now, cursor=0)
        row.complete(now=now, due_at=max(now, _may_go_at(partition)))


def _may_go_at(partition: Partition) -> datetime:
    """When nobody's plan has the month's snapshots kept one by one any longer."""
    return partition.end + timedelta(days=max(runtime.RAW_DAYS.now(), longest_raw_days()))


_UNPACKED = """
SELECT 1 FROM {partition} r JOIN channels_app_post p ON p.id = r.post_id
LEFT JOIN channels_app_packedcurve k ON k.post_id = r.post_id
WHERE k.post_id IS NULL OR r.observed_at > k.last_at LIMIT 1
"""


def _drop(row: SnapshotMonth, partition: Partition, *, now: datetime) -> None:
    if now < (may_go := _may_go_at(partition)):
        row.postpone(until=may_go, reason="")
        return
    try:
        with transaction.atomic():
            hold_month(month_of(partition.start))
            if _has_unpacked(partition):
                _move(row, packed_at=None, cursor=0, open_posts=0)
                row.complete(now=now, due_at=now)
                return
            drop_partition(partition)
            _move(row, dropped_at=now)
            row.complete(now=now)
    except OperationalError as error:  # the lock was not to be had in time
        row.postpone(until=now + DETACH_RETRY, reason=str(error)[:200])
        return
    logger.info("dropped the partition %s, all of it packed", partition.name)


def _has_unpacked(partition: Partition) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_UNPACKED.format(partition=partition.name))
        return cursor.fetchone() is not None
