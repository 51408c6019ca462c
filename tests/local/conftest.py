"""Fixtures for the launcher: real servers in folders that their user can reach."""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analyticbot.local.binaries import postgres_programs
from analyticbot.local.places import open_to_all, server_account, shared_folder
from analyticbot.local.postgres import Cluster
from analyticbot.local.processes import Account


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may pass through, unlike pytest's own."""
    base = Path(tempfile.gettempdir())
    if os.geteuid() == 0 and not open_to_all(base):
        base = shared_folder()
    folder = Path(tempfile.mkdtemp(prefix="analyticbot-launcher-", dir=base))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def account() -> Account | None:
    """The user PostgreSQL runs as, if we are root."""
    return server_account() if os.geteuid() == 0 else None


@pytest.fixture
def make_cluster(open_folder: Path, account: Account | None) -> Iterator[Callable[[], Cluster]]:
    """Makes clusters over one and the same folder; whatever runs over it is stopped afterwards."""
    programs = postgres_programs(account, shared=open_folder / "shared")
    password = secrets.token_urlsafe(8)

    def make() -> Cluster:
        return Cluster(
            folder=open_folder / "postgres",
            programs=programs,
            password=password,
            account=account,
            durable=False,
            log=open_folder / "postgres.log",
        )

    yield make
    make().stop_running()


def wait_until(condition: Callable[[], bool], *, seconds: float = 30.0, what: str = "the condition") -> None:
    """Poll until the condition holds; fails the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come within {seconds:g} s"
        time.sleep(0.02)
