"""The processes of a local run: their commands, and the order in which they stop (the highest phase first)."""

import signal
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from analyticbot.local import ports
from analyticbot.local.processes import spawn
from analyticbot.local.supervisor import Service

DATABASE, REDIS, SANDBOX, WORK, WEB = range(5)
_LARGE_LOG = 5_000_000  # bytes; a log beyond it starts anew, one older part is kept


def python_service(
    name: str,
    module: str,
    *arguments: str,
    phase: int,
    project: Path,
    logs: Path,
    variables: Mapping[str, str],
    grace: float = 5.0,
) -> Service:
    """A service that runs a module of ours with our own Python."""
    start = partial(
        spawn,
        [sys.executable, "-m", module, *arguments],
        log=log_of(name, logs),
        cwd=project,
        env=variables,
        orphan_signal=signal.SIGTERM,
    )
    return Service(name, start, phase=phase, grace=grace)


def web(port: int, *, project: Path, logs: Path, variables: Mapping[str, str]) -> Service:
    """The web server."""
    options = ["--host", ports.LOOPBACK, "--port", str(port), "--lifespan", "off", "--no-access-log"]
    options += ["--timeout-graceful-shutdown", "3", "--log-level", "warning"]
    return python_service(
        "web",
        "uvicorn",
        "analyticbot.asgi:application",
        *options,
        phase=WEB,
        project=project,
        logs=logs,
        variables=variables,
        grace=4.0,
    )


def worker(*, project: Path, logs: Path, variables: Mapping[str, str]) -> Service:
    """The worker of all queues. A task that is cut short is done again: its row in the database says so."""
    options = ["--queues", "sync,statistics,default", "--concurrency", "2", "--loglevel", "INFO"]
    options += ["--without-gossip", "--without-mingle", "--hostname", "local@%h"]
    return python_service(
        "worker",
        "celery",
        "--app",
        "analyticbot",
        "worker",
        *options,
        phase=WORK,
        project=project,
        logs=logs,
        variables=variables,
        grace=10.0,
    )


def beat(*, project: Path, logs: Path, variables: Mapping[str, str]) -> Service:
    """The clock that rings for due work."""
    # No pid file: one that a killed beat left would keep the next from starting.
    options = ["--pidfile", "", "--loglevel", "INFO"]
    return python_service(
        "beat",
        "celery",
        "--app",
        "analyticbot",
        "beat",
        *options,
        phase=WORK,
        project=project,
        logs=logs,
        variables=variables,
        grace=8.0,
    )


def collector(*, project: Path, logs: Path, variables: Mapping[str, str]) -> Service:
    """The process that listens to live updates."""
    return python_service(
        "collector",
        "django",
        "collect_updates",
        phase=WORK,
        project=project,
        logs=logs,
        variables=variables,
        grace=8.0,
    )


def log_of(name: str, logs: Path) -> Path:
    """The log file of a process; a large one of earlier runs is moved to `<name>.log.1` first."""
    path = logs / f"{name}.log"
    if path.is_file() and path.stat().st_size > _LARGE_LOG:
        path.replace(path.with_name(f"{name}.log.1"))
    return path
