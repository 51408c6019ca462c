"""The database after a test that really wrote: emptied by deleting, which costs a twentieth of Django's flush.

The database is asked as a replica is written: its triggers do not run, of which those of the audit trail would refuse.
Only a superuser may; the servers of tests know no other.

TRUNCATE makes new files for every table and index, and afterwards Django writes all rights and types anew; a test has
written a few rows into a few tables. Foreign keys are not checked then, so the order does not matter.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connections, transaction
from django.test import TransactionTestCase

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

# Written when tables are made, the same for every test.
KEPT = {"django_content_type", "auth_permission", "django_migrations"}
KEPT_PREFIX = "django_celery_beat_"
# Rows of one table beyond which emptying all tables at once is faster.
MOST_ROWS = 1_000
_NO_TRIGGERS = "SET {} session_replication_role = replica"

_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # Django has no public name for it


def empty(connection: "BaseDatabaseWrapper") -> bool:
    """Delete all rows that tests have written; False, with nothing done, where there are too many."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = [name for name in [*tables, *_unmanaged()] if name not in KEPT and not name.startswith(KEPT_PREFIX)]
    counts = (f"SELECT '{one}', count(*) FROM (SELECT 1 FROM \"{one}\" LIMIT {MOST_ROWS + 1}) AS r" for one in tables)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(_NO_TRIGGERS.format("LOCAL"))
        cursor.execute(" UNION ALL ".join(counts))
        written = {name: rows for name, rows in cursor.fetchall() if rows}
        if any(rows > MOST_ROWS for rows in written.values()):
            return False
        for name in written:
            cursor.execute(f'DELETE FROM "{name}"')
    return True


def _after_a_test(case: Any) -> None:
    emptied = [empty(connections[alias]) for alias in case._databases_names(include_mirrors=False)]
    if not all(emptied):
        _flush_all(case)


def _flush_all(case: Any) -> None:
    aliases = case._databases_names(include_mirrors=False)
    with without_guards(aliases):
        for alias in aliases:
            with connections[alias].cursor() as cursor:
                for name in _unmanaged():
                    cursor.execute(f'TRUNCATE "{name}"')
        _flush(case)


def _unmanaged() -> list[str]:
    """Tables that migrations make by themselves, which Django therefore forgets: the partitioned ones."""
    return [model._meta.db_table for model in apps.get_models() if not model._meta.managed]


@contextmanager
def without_guards(aliases: Iterable[str]) -> Iterator[None]:
    """Tables that refuse to be emptied, as the audit trail does, do not refuse it here."""
    aliases = list(aliases)
    for alias in aliases:
        with connections[alias].cursor() as cursor:
            cursor.execute(_NO_TRIGGERS.format("SESSION"))
    yield
    for alias in aliases:
        with connections[alias].cursor() as cursor:
            cursor.execute("RESET session_replication_role")


def install() -> None:
    """From now on tests are followed by `empty`."""
    TransactionTestCase._fixture_teardown = _after_a_test  # type: ignore[attr-defined]  # as above
