"""Monthly partitions of the snapshots: made ahead for the coming months, on demand for old observations, and dropped.

Only months long past are dropped (`channels_app.packing.months`), by other processes too. Whoever writes into a past
month therefore asks for it each time, and holds it with a shared lock until the transaction ends; dropping takes the
same lock for itself alone.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction

TABLE = "channels_app_postsnapshot"
MONTHS_AHEAD = 3
# Months that ended longer ago than this may be dropped; it takes them a month at least.
_SAFE_SPAN = timedelta(days=7)
# The table is locked while a partition leaves it; nobody who reads or writes waits for that longer than this.
_DETACH_WAIT = "800ms"
# What the index of the key answers alone is told by pages that were vacuumed; by default that waits for a fifth of all.
_VACUUM_SHARE = 0.02
_NAME = re.compile(rf"{TABLE}_(\d{{4}})_(\d{{2}})")
_DECEMBER = 12

Month = tuple[int, int]


class Partition(NamedTuple):
    """One month of snapshots: [start, end) in UTC."""

    name: str
    start: datetime
    end: datetime


# Months whose partition is known to be there (committed); saves asking the catalogue on each ingest.
_present: set[Month] = set()


def month_of(moment: datetime) -> Month:
    """The UTC month of an aware moment."""
    moment = moment.astimezone(UTC)
    return moment.year, moment.month


def _next(month: Month) -> Month:
    year, number = month
    return (year + 1, 1) if number == _DECEMBER else (year, number + 1)


def partition_of(month: Month) -> Partition:
    """Name and bounds of a month's partition."""
    start, end = (datetime(year, number, 1, tzinfo=UTC) for year, number in (month, _next(month)))
    return Partition(f"{TABLE}_{month[0]:04d}_{month[1]:02d}", start, end)


def ensure_partitions(now: datetime) -> list[str]:
    """Make the partitions of this month and the next three; returns the names of those that were missing."""
    months = [month_of(now)]
    for _ in range(MONTHS_AHEAD):
        months.append(_next(months[-1]))
    return ensure_months(months)


def ensure_months(months: Iterable[Month]) -> list[str]:
    """Make the partitions of these months where missing; returns the names made. Costs nothing when all are known.

    Past months stay until the end of the transaction that asked for them: call it in the one that writes.
    """
    missing = sorted(month for month in set(months) if month not in _present or not _lasts(month))
    if not missing:
        return []
    lasting = [month for month in missing if _lasts(month)]
    there = _hold_shared([month for month in missing if month not in lasting])
    missing = [month for month in missing if month not in there]
    if not missing:
        return []
    with transaction.atomic():
        made = [name for month in missing if (name := _make(partition_of(month)))]
        # Only what is committed may be remembered.
        transaction.on_commit(lambda: _present.update(lasting))
    return made


def _lasts(month: Month) -> bool:
    """Is it a month that nobody drops soon? By the clock of the machine, whatever the observations say."""
    return partition_of(month).end > datetime.now(UTC) - _SAFE_SPAN


# One number for each month, and the first for the table. What is there is read by a statement of its own, when the lock
# is had: a name looked up within the first may come from this connection's memory of a table that was just dropped.
_HELD = """
SELECT pg_advisory_xact_lock_shared(hashtext(%s), number) FROM unnest(%s::int[]) number;
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = to_regclass(%s) AND c.relname = ANY(%s::text[])
"""


def _number(month: Month) -> int:
    return month[0] * 100 + month[1]


def _hold_shared(months: list[Month]) -> set[Month]:
    """Keep these months from being dropped while this transaction lasts; returns those that are there."""
    if not months:
        return set()
    with connection.cursor() as cursor:
        names = [partition_of(month).name for month in months]
        cursor.execute(_HELD, [TABLE, [_number(month) for month in months], TABLE, names])
        cursor.nextset()
        there = {name for (name,) in cursor.fetchall()}
    return {month for month in months if partition_of(month).name in there}


def hold_month(month: Month) -> None:
    """Let nobody write into a past month until this transaction ends. OperationalError when someone writes for long."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{_DETACH_WAIT}'")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [TABLE, _number(month)])


def drop_partition(partition: Partition) -> None:
    """Detach and drop one month, in the transaction that holds it (`hold_month`) and knows that nothing needs it.

    OperationalError when the table cannot be locked at once; try again later.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} DETACH PARTITION {partition.name}")
        cursor.execute(f"DROP TABLE {partition.name}")


def _make(partition: Partition) -> str | None:
    with connection.cursor() as cursor:
        if _exists(partition.name):
            return None
        # One maker at a time. ATTACH, unlike PARTITION OF, lets others go on writing to the table meanwhile.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [TABLE])
        if _exists(partition.name):
            return None
        cursor.execute(
            f"CREATE TABLE {partition.name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
            f" WITH (autovacuum_vacuum_insert_scale_factor = {_VACUUM_SHARE})"
        )
        cursor.execute(
            f"ALTER TABLE {TABLE} ATTACH PARTITION {partition.name} FOR VALUES FROM (%s) TO (%s)",
            [partition.start, partition.end],
        )
    return partition.name


def _exists(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_inherits WHERE inhparent = to_regclass(%s) AND inhrelid = to_regclass(%s)", [TABLE, name]
        )
        return cursor.fetchone() is not None


def list_partitions() -> list[Partition]:
    """The partitions that exist, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = to_regclass(%s) ORDER BY c.relname",
            [TABLE],
        )
        names = [row[0] for row in cursor.fetchall()]
    return [partition_of((int(m[1]), int(m[2]))) for name in names if (m := _NAME.fullmatch(name))]


def forget_partitions() -> None:
    """Forget which partitions are there; for whoever drops some, or changes the database under this process."""
    _present.clear()
