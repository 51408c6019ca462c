"""Transactions in which the database itself refuses to write, whatever a page may try."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InternalError, connection, transaction

# What Postgres calls a write in a transaction that only reads (read_only_sql_transaction).
_READ_ONLY = "25006"


@contextmanager
def reading_only() -> Iterator[None]:
    """Within it Postgres refuses every write. It must not lie within another transaction."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield


def wanted_to_write(error: Exception) -> bool:
    """Whether `error` is that refusal; the transaction is then rolled back."""
    if not (isinstance(error, InternalError) and getattr(error.__cause__, "sqlstate", None) == _READ_ONLY):
        return False
    transaction.set_rollback(True)
    return True
