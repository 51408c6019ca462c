"""One run per state folder: the lock that a living run holds, and what it says to the next one."""

import fcntl
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from analyticbot.local.problems import StartError

_LOCK = "lock"


class Instance:
    """The lock on a state folder. The kernel drops it when its holder ends, however it ends."""

    def __init__(self, home: Path, *, address: str) -> None:
        self._path = home / _LOCK
        self._address = address
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        """Take the lock; StartError naming pid and address if another run holds it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise StartError(_who_runs(self._path)) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "address": self._address}).encode(), 0)
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)


def refuse_if_running(home: Path) -> None:
    """Raise StartError if a run holds this state folder now; changes nothing."""
    try:
        descriptor = os.open(home / _LOCK, os.O_RDONLY)
    except OSError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        raise StartError(_who_runs(home / _LOCK)) from None
    finally:
        os.close(descriptor)


def _who_runs(path: Path) -> str:
    try:
        record = json.loads(path.read_text())
        pid, address = int(record["pid"]), str(record["address"])
    except (OSError, ValueError, KeyError, TypeError):
        return f"AnalyticBot is being started or stopped in {path.parent} right now. Wait a moment and try again."
    return (
        f"AnalyticBot already runs with the data in {path.parent}: pid {pid}, {address}\n"
        f"Use that one, or stop it first: kill {pid}"
    )
