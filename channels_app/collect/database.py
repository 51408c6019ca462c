"""Database work beside an event loop: a few threads of our own, each with its own connection."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

DEADLOCK, DEADLOCK_ATTEMPTS = "40P01", 3

P = ParamSpec("P")
T = TypeVar("T")


class Database:
    """Runs synchronous functions in threads. A connection that broke is dropped: the next call has a new one."""

    def __init__(self, *, threads: int = 2) -> None:
        # The connection of every thread that there has been.
        self._opened: list[BaseDatabaseWrapper] = []
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="database", initializer=self._begin_thread)

    async def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result; runs to its end even when the waiting task is cancelled (a transaction is whole)."""
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._pool, lambda: with_connection(function, args, kwargs))
        running.add_done_callback(_noticed)
        return await asyncio.shield(running)

    def close(self) -> None:
        """Wait for what runs, then close every thread's connection; idempotent."""
        self._pool.shutdown(wait=True)
        # Aside, because Django closes no connection on a thread with a running event loop.
        closing = threading.Thread(target=self._close_connections, name="database-closing")
        closing.start()
        closing.join()

    def _begin_thread(self) -> None:
        mine = connections[DEFAULT_DB_ALIAS]
        # Closed by another thread, when this one has ended.
        mine.inc_thread_sharing()
        self._opened.append(mine)

    def _close_connections(self) -> None:
        while self._opened:
            self._opened.pop().close()


def with_connection(function: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]) -> T:
    """Call it; a deadlock is tried again, a connection that broke is dropped."""
    for attempt in range(1, DEADLOCK_ATTEMPTS + 1):
        try:
            return function(*args, **kwargs)
        except OperationalError as error:
            # Each function is a transaction of its own: one that lost a deadlock has left nothing and may begin again.
            if getattr(error.__cause__, "sqlstate", None) == DEADLOCK and attempt < DEADLOCK_ATTEMPTS:
                continue
            connection.close()
            raise
        except InterfaceError:
            connection.close()
            raise
    raise AssertionError("unreachable: the last attempt returns or raises")


def _noticed(done: "asyncio.Future[T]") -> None:
    """Whoever waited may have been cancelled meanwhile; asyncio complains of errors that nobody reads."""
    if not done.cancelled():
        done.exception()
