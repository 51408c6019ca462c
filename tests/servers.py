"""A PostgreSQL and a Valkey of their own for one pytest run: started once, gone afterwards, whatever happens."""

import atexit
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from analyticbot.local.binaries import postgres_programs, valkey_program
from analyticbot.local.places import open_to_all, server_account, shared_folder
from analyticbot.local.postgres import STOP_SIGNAL, Cluster
from analyticbot.local.processes import is_alive, stop
from analyticbot.local.valkey import Valkey

_PREFIX = "analyticbot-test-"


def ensure_servers() -> None:
    """Set DATABASE_URL and REDIS_URL, starting a server for each that is not set.

    Call it when conftest.py is imported. With pytest-xdist the controller starts the servers and the workers inherit
    the addresses. The servers forget everything (no fsync, no append-only file); they end with this process, and even
    when it is killed with -9 (the kernel tells them), and the next run removes the folder it could not remove.
    """
    wanted = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if not wanted:
        return
    folder = _new_folder()
    owner = os.getpid()  # forked children run atexit functions too; only the starter may stop the servers
    started: list[tuple[subprocess.Popen[bytes], int]] = []

    def end() -> None:
        if os.getpid() == owner:
            for process, number in started:
                stop(process, number=number, grace=5)
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(end)
    if "DATABASE_URL" in wanted:
        os.environ["DATABASE_URL"] = _start_postgres(folder, started)
    if "REDIS_URL" in wanted:
        os.environ["REDIS_URL"] = _start_valkey(folder, started)


def _start_postgres(folder: Path, started: list[tuple[subprocess.Popen[bytes], int]]) -> str:
    account = server_account() if os.geteuid() == 0 else None
    programs = postgres_programs(account, shared=shared_folder() if account else folder)
    cluster = Cluster(
        folder=folder / "postgres",
        programs=programs,
        password=secrets.token_urlsafe(16),
        account=account,
        durable=False,
        log=folder / "postgres.log",
    )
    process = cluster.start()
    if process is not None:
        started.append((process, STOP_SIGNAL))
    return cluster.url


def _start_valkey(folder: Path, started: list[tuple[subprocess.Popen[bytes], int]]) -> str:
    server = Valkey(
        folder=folder / "valkey",
        program=valkey_program(),
        password=secrets.token_urlsafe(16),
        log=folder / "valkey.log",
        durable=False,
    )
    started.append((server.start(), signal.SIGTERM))
    return server.url


def _new_folder() -> Path:
    """A temporary folder that the database's user can reach; folders of runs that were killed are removed."""
    base = Path(tempfile.gettempdir())
    if os.geteuid() == 0 and not open_to_all(base):
        base = shared_folder()
    for old in base.glob(f"{_PREFIX}*"):
        owner = old.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdigit() and not is_alive(int(owner)):
            shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=base))
    folder.chmod(0o711)
    return folder
