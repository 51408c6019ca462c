"""Our long-running processes as they are in production: real worker, beat and collector over the test's database."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

from tests.telegram import ROOT, SandboxProcess

WORKER = [
    *("celery", "--app", "analyticbot", "worker", "--queues", "sync,statistics,default", "--concurrency", "2"),
    *("--loglevel", "INFO", "--without-gossip", "--without-mingle", "--hostname", "test@%h"),
]
BEAT = ["celery", "--app", "analyticbot", "beat", "--pidfile", "", "--loglevel", "INFO"]
COLLECTOR = ["manage", "collect_updates"]


def environment(telegram: SandboxProcess, *, redis_url: str | None = None, **flags: str) -> dict[str, str]:
    """Variables that lead a process of ours to the test's database, a Redis and the sandbox."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(parts._replace(path="/" + str(settings.DATABASES["default"]["NAME"])))
    return {
        **os.environ,
        "DATABASE_URL": database,
        "REDIS_URL": redis_url or os.environ["REDIS_URL"],
        "TELEGRAM_SERVER": telegram.server,
        "TELEGRAM_SERVER_KEY": str(telegram.public_key),
        "TELEGRAM_API_ID": "1",
        "TELEGRAM_API_HASH": "sandbox",
        "SANDBOX": "1",
        "LOG_FORMAT": "console",
        "MTPROTO_HISTORY_ENABLED": "1",
        "MTPROTO_UPDATES_ENABLED": "1",
        "MTPROTO_STATS_ENABLED": "1",
        "PYTHONUNBUFFERED": "1",
        **flags,
    }


class Process:
    """One of our processes in a group of its own, that can be killed with all its children and started again."""

    def __init__(self, arguments: list[str], *, log: Path, env: Mapping[str, str]) -> None:
        self._arguments = arguments
        self._log = log
        self._env = env
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; the log goes on where it was."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self._arguments],
                cwd=ROOT,
                env=dict(self._env),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL to the whole group, as a power cut would."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def stop(self, *, seconds: float = 12) -> float:
        """SIGTERM and the seconds until it had ended; killed after `seconds`."""
        import time

        assert self._process is not None
        began = time.monotonic()
        self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        return time.monotonic() - began

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    def log(self, last: int = 3000) -> str:
        """The end of what it wrote."""
        return self._log.read_text(errors="replace")[-last:] if self._log.exists() else ""

    def __enter__(self) -> "Process":
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.kill()
