"""The cursor that readers of statistics use: on a replica while it is there and keeps up, else on the primary."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections
from psycopg.types.datetime import TimestamptzLoader

from analyticbot.core.replica import pin_to_primary, read_alias, replica_failed

Parameters = Sequence[Any] | Mapping[str, Any] | None


class ReadCursor:
    """A cursor for one statement after the other; what breaks off on the replica is asked of the primary again."""

    def __init__(self) -> None:
        # Within a transaction what it has written must be seen.
        self._alias = DEFAULT_DB_ALIAS if connection.in_atomic_block else read_alias()
        self._cursor: Any = None

    def execute(self, sql: str, parameters: Parameters = None) -> "ReadCursor":
        """Run a statement that only reads."""
        try:
            self._run(sql, parameters)
        except (OperationalError, InterfaceError):
            if self._alias == DEFAULT_DB_ALIAS:
                raise
            replica_failed()
            self._alias, self._cursor = DEFAULT_DB_ALIAS, None
            self._run(sql, parameters)
        return self

    def _run(self, sql: str, parameters: Parameters) -> None:
        if self._cursor is None:
            self._cursor = connections[self._alias].cursor()
            # The driver reads moments in C; what Django puts in its place takes longer than many a statement.
            self._cursor.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        self._cursor.execute(sql, parameters)

    @property
    def alias(self) -> str:
        """The database that answers."""
        return self._alias

    @property
    def description(self) -> Any:
        """Names of the columns of the last statement, as Django's cursors have it."""
        return self._cursor.description

    def fetchone(self) -> Any:
        """The next row or None."""
        return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        """All rows."""
        rows: list[Any] = self._cursor.fetchall()
        return rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)

    def close(self) -> None:
        """Give the cursor back."""
        if self._cursor is not None:
            self._cursor.close()


@contextmanager
def read_cursor() -> Iterator[ReadCursor]:
    """A cursor to read statistics with; not for writing, not for what the same request has just written."""
    cursor = ReadCursor()
    try:
        yield cursor
    finally:
        cursor.close()


def settle_reading(channel_id: int, *, version: int) -> None:
    """Say which channel is read next, at which version of its data: a replica that has not got there is not asked.

    So nobody sees an older answer than the one before, and no old answer gets the tag of a new one. Costs one read of
    one row, and only where there is a replica.
    """
    pin_to_primary(pinned=False)
    with read_cursor() as cursor:
        if cursor.alias == DEFAULT_DB_ALIAS:
            return
        cursor.execute("SELECT version FROM channels_app_channel WHERE id = %s", [channel_id])
        row = cursor.fetchone()
    pin_to_primary(pinned=row is None or row[0] < version)
