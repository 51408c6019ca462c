"""A database that is restarted under the collector: it waits, comes back by itself, and nothing is lost."""

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.models import Workspace
from analyticbot.core.models import Heartbeat
from mtproto.models import PeerAccess, TelegramAccount
from tests.channels_app.collect.world import (
    assert_equal_to_truth,
    running_collector,
    stored,
    track,
    wait_complete,
    wait_for,
)
from tests.telegram import SandboxProcess


@contextmanager
def database_away() -> Iterator[None]:
    """Every session but this thread's is ended, and no new one is let in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), current_database()")
        mine, name = cursor.fetchone()
    parameters = connection.get_connection_params()
    known = {key: parameters[key] for key in ("host", "port", "user", "password") if key in parameters}
    with psycopg.connect(**known, dbname="postgres", autocommit=True) as other:
        other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s", [name, mine]
            )
            yield
        finally:
            other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


@pytest.fixture(autouse=True)
def all_look_first() -> Iterator[None]:
    """Threads of other tests keep their session; each looks whether it still lives before it uses it again.

    Django does the same at the start of each request; its test client does not.
    """
    yield
    for found in gc.get_objects():
        # By its type: asking a lazy object what it is would make it.
        if issubclass(type(found), BaseDatabaseWrapper) and not found.in_atomic_block:
            found.health_check_done = False


def open_sessions() -> set[int]:
    """Process ids of the clients' sessions in this database (a server cleaning up is none)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return {pid for (pid,) in cursor.fetchall()}


def test_collector_rides_out_a_restart_of_the_database(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess, caplog: Any
) -> None:
    channel = track(workspace, "@beta")
    with running_collector():
        wait_complete(channel)
        wait_for(lambda: PeerAccess.objects.filter(pts__isnull=False).exists(), what="followed")
        with database_away():
            telegram.control("post", channel="beta", text="while the database was away", count=3)
            telegram.control("delete", channel="beta", ids=[5])
            wait_for(lambda: "the database is away" in caplog.text, what="noticed")
        wait_for(lambda: 33 in stored(channel) and 5 not in stored(channel), what="caught up")

    assert_equal_to_truth(channel, telegram, "beta")
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("when", ["before", "during"])
def test_account_that_cannot_be_served_leaves_no_session_open(account: TelegramAccount, when: str) -> None:
    Heartbeat.objects.all().delete()
    before = open_sessions()
    with running_collector() as collector:
        wait_for(lambda: collector._connections if when == "during" else True)
        with database_away():
            pass

    wait_for(lambda: open_sessions() <= before, what="all sessions closed")
