"""Monthly partitions of the snapshots: made ahead for the coming months, and on demand for old observations."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import connection, transaction

TABLE = "channels_app_postsnapshot"
MONTHS_AHEAD = 3
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
    """Make the partitions of these months where missing; returns the names made. Costs nothing when all are known."""
    missing = sorted(set(months) - _present)
    if not missing:
        return []
    with transaction.atomic():
        made = [name for month in missing if (name := _make(partition_of(month)))]
        # Only what is committed may be remembered.
        transaction.on_commit(lambda: _present.update(missing))
    return made


def _make(partition: Partition) -> str | None:
    with connection.cursor() as cursor:
        if _exists(partition.name):
            return None
        # One maker at a time. ATTACH, unlike PARTITION OF, lets others go on writing to the table meanwhile.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [TABLE])
        if _exists(partition.name):
            return None
        cursor.execute(f"CREATE TABLE {partition.name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
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
