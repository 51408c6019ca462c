"""The threads that carry database work beside an event loop: their sessions end with them, whatever happened."""

import asyncio
import time

import pytest
from django.db import ProgrammingError, connection

from channels_app.collect.database import Database


def _sessions() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state IS NOT NULL")
        return {pid for (pid,) in cursor.fetchall()}


def _ask(sql: str = "SELECT pg_sleep(0.05)") -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
        return pid


def _gone(pids: set[int]) -> bool:
    """Whether the sessions end; the server needs a moment to forget them."""
    deadline = time.monotonic() + 10
    while pids & _sessions():
        if time.monotonic() > deadline:
            return False
    return True


@pytest.mark.django_db(transaction=True)
def test_every_session_ends_with_its_thread() -> None:
    async def work() -> set[int]:
        database = Database(threads=4)
        pids = set(await asyncio.gather(*(database(_ask) for _ in range(12))))
        database.close()
        database.close()
        return pids

    pids = asyncio.run(work())

    assert len(pids) > 1
    assert _gone(pids)


@pytest.mark.django_db(transaction=True)
def test_session_ends_after_an_error_and_a_call_that_nobody_waits_for() -> None:
    async def work() -> set[int]:
        database = Database(threads=2)
        pids = {await database(_ask)}
        with pytest.raises(ProgrammingError):
            await database(_ask, "SELECT nonsense")
        left = asyncio.create_task(database(_ask, "SELECT pg_sleep(0.3)"))
        await asyncio.sleep(0.05)
        left.cancel()
        database.close()
        return pids

    assert _gone(asyncio.run(work()))
