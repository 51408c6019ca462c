"""Database work beside an event loop: a few threads of our own, each with its own connection."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

# A statement that takes longer than this when everything ends is given up.
CLOSE_SECONDS = 10.0
DEADLOCK, DEADLOCK_ATTEMPTS = "40P01", 3

P = ParamSpec("P")
T = TypeVar("T")


class Database:
    """Runs synchronous functions in threads. A connection that broke is dropped: the next call has a new one."""

    def __init__(self, *, threads: int = 2) -> None:
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="database")

    async def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result; runs to its end even when the waiting task is cancelled (a transaction is whole)."""
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._pool, lambda: with_connection(function, args, kwargs))
        running.add_done_callback(_noticed)
        return await asyncio.shield(running)

    def close(self) -> None:
        """Wait for what runs, then close every thread's connection."""
        # All wait for each other, so that no thread takes two of these and another none.
        together = threading.Barrier(self._threads)
        for future in [self._pool.submit(_close_connection, together) for _ in range(self._threads)]:
            future.result()
        self._pool.shutdown(wait=True)


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


def _close_connection(together: threading.Barrier) -> None:
    together.wait(timeout=CLOSE_SECONDS)
    connection.close()
