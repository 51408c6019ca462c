"""Children that are kept running, and stopped in order.

A `Service` says how to start one process. The `Supervisor` starts it again when it dies (after a pause that doubles
while it keeps dying), and stops all services phase by phase: those of one phase together, the highest phase first.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from analyticbot.local.console import say
from analyticbot.local.problems import StartError
from analyticbot.local.processes import kill_group

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before a dead service is started again
_STEADY_SECONDS = 60.0  # a service that ran this long is healthy: its next pause is the first one again
STOP_SECONDS = 23.0  # all services together; then they are killed


@dataclass
class Service:
    """One process to keep running."""

    name: str
    spawn: Callable[[], subprocess.Popen[bytes]]
    phase: int
    stop_signal: int = signal.SIGTERM
    grace: float = 5.0  # seconds between the stop signal and the kill
    process: subprocess.Popen[bytes] | None = None
    pause: float = FIRST_PAUSE
    started: float = 0.0
    due: float | None = field(default=None)


class Supervisor:
    """Starts, restarts and stops services. Used from one thread: the kernel ties children to it."""

    def __init__(self, *, where_logs_are: str = "the logs") -> None:
        self.services: list[Service] = []
        self._logs = where_logs_are
        self._hurry = False

    def add(self, service: Service, process: subprocess.Popen[bytes] | None = None) -> None:
        """Take over a running process, or start the service now."""
        self.services.append(service)
        service.process = process or service.spawn()
        service.started = time.monotonic()

    def tick(self) -> None:
        """Note the dead, and start those whose pause is over. Call it a few times a second."""
        now = time.monotonic()
        for service in self.services:
            if service.process is not None and service.process.poll() is not None:
                self._note_death(service, now)
            if service.due is not None and now >= service.due:
                self._start_again(service, now)

    def _note_death(self, service: Service, now: float) -> None:
        process = service.process
        if process is None:
            return
        kill_group(process.pid)  # what it had started would otherwise go on beside its successor
        if now - service.started > _STEADY_SECONDS:
            service.pause = FIRST_PAUSE
        say(
            service.name,
            f"{describe_exit(process.returncode)}; starts again in {service.pause:g} s (see {self._logs})",
        )
        service.process = None
        service.due = now + service.pause
        service.pause = min(service.pause * 2, LONGEST_PAUSE)

    def _start_again(self, service: Service, now: float) -> None:
        service.due = None
        try:
            service.process = service.spawn()
        except (OSError, StartError) as error:
            say(service.name, f"cannot start: {error}; tries again in {service.pause:g} s")
            service.due = now + service.pause
            service.pause = min(service.pause * 2, LONGEST_PAUSE)
            return
        service.started = now

    def hurry(self) -> None:
        """From now on stop without waiting for work in hand (a second Ctrl-C)."""
        self._hurry = True

    def stop_all(self, *, seconds: float = STOP_SECONDS) -> None:
        """Stop every service, the highest phase first, within `seconds`; what does not go is killed."""
        deadline = time.monotonic() + seconds
        for phase in sorted({service.phase for service in self.services}, reverse=True):
            running = [s for s in self.services if s.phase == phase and s.process is not None]
            for service in running:
                _send(service, service.stop_signal)
            for service in running:
                self._await_end(service, deadline)
        self.services.clear()

    def _await_end(self, service: Service, deadline: float) -> None:
        process = service.process
        if process is None:
            return
        until = min(time.monotonic() + service.grace, deadline)
        while process.poll() is None and time.monotonic() < until and not self._hurry:
            time.sleep(0.02)
        if process.poll() is None:
            say(service.name, "did not stop in time and was killed")
        kill_group(process.pid)
        process.wait()
        service.process = None


def _send(service: Service, number: int) -> None:
    if service.process is not None and service.process.poll() is None:
        os.kill(service.process.pid, number)


def describe_exit(code: int) -> str:
    """`ended with exit code 1` or `was ended by SIGKILL`."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
