"""Where statistics are read: from a replica of the database while it is there and keeps up, else from the primary.

Only what asks for it reads there (`read_alias`, `analytics.queries.reading.read_cursor`); the ORM stays on the primary,
so that whoever has just written something sees it.
"""

import logging
import threading
import time
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections

logger = logging.getLogger(__name__)

REPLICA = "replica"
# How long a look at the replica holds, and how long a replica that failed is left alone; seconds.
_TRUST, _DISTRUST = 2.0, 10.0

# Seconds behind the primary. Work ticks there every few seconds, so a replica that has replayed nothing for long is cut
# off or behind. A database that replays nothing at all is no replica but the primary itself: not behind.
_LAG = """
SELECT CASE WHEN pg_is_in_recovery()
  THEN coalesce(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 'infinity') ELSE 0 END
"""


class _Health:
    """What this process knows of the replica; shared by its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0
        self._usable = False

    def usable(self) -> bool:
        """Is it there and recent enough? Asked of it at most every two seconds."""
        with self._lock:
            if time.monotonic() < self._until:
                return self._usable
            # Others go on with what was known meanwhile.
            self._until = time.monotonic() + _TRUST
        usable = self._ask()
        with self._lock:
            self._note(usable=usable)
        return usable

    def failed(self) -> None:
        """It did not answer: leave it alone for a while."""
        with self._lock:
            self._note(usable=False)

    def forget(self) -> None:
        """Look anew at the next question."""
        with self._lock:
            self._until, self._usable = 0.0, False

    def _note(self, *, usable: bool) -> None:
        if usable != self._usable:
            logger.warning("statistics are read from the %s", REPLICA if usable else "primary")
        self._usable = usable
        self._until = time.monotonic() + (_TRUST if usable else _DISTRUST)

    def _ask(self) -> bool:
        try:
            with connections[REPLICA].cursor() as cursor:
                cursor.execute(_LAG)
                return float(cursor.fetchone()[0]) <= settings.DATABASE_REPLICA_MAX_LAG.total_seconds()
        except (OperationalError, InterfaceError):
            close_replica()
            return False


_health = _Health()
forget_replica = _health.forget
# Set for one question after the other: what this thread or task is reading now must come from the primary.
_pinned: ContextVar[bool] = ContextVar("pinned_to_primary", default=False)


def pin_to_primary(*, pinned: bool) -> None:
    """Whether what is read next in this thread or task must come from the primary; stands until the next call."""
    _pinned.set(pinned)


def read_alias() -> str:
    """The database to read statistics from now: "replica" when one is configured and well, else "default"."""
    if REPLICA not in connections.settings or _pinned.get() or not _health.usable():
        return DEFAULT_DB_ALIAS
    return REPLICA


def replica_failed() -> None:
    """A statement on the replica broke off: this thread's connection is closed, and the replica left alone a while."""
    close_replica()
    _health.failed()


def close_replica() -> None:
    """Close this thread's connection to the replica, whatever state it is in."""
    try:
        connections[REPLICA].close()
    except (OperationalError, InterfaceError):
        logger.debug("the connection to the replica was gone already")


class PrimaryRouter:
    """Models live on the primary; the replica takes what the primary is given, and nothing is migrated on it."""

    def db_for_read(self, _model: Any, **_hints: Any) -> str:
        """The primary: whoever has just written must see it."""
        return DEFAULT_DB_ALIAS

    def db_for_write(self, _model: Any, **_hints: Any) -> str:
        """The primary."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, *_objects: Any, **_hints: Any) -> bool:
        """Both hold the same rows."""
        return True

    def allow_migrate(self, db: str, _app: str, **_hints: Any) -> bool | None:
        """Never on the replica."""
        return False if db == REPLICA else None
