"""`python -m analyticbot.local`: everything of `make run` once the virtual environment stands.

Steps: take the lock on the state folder, end what a killed run left behind, start the stages in order, then watch
the children until a stop signal comes, and stop them in order. A problem is told in a sentence, never as a trace.
"""

import os
import signal
import sys
import time
from pathlib import Path

from analyticbot.local import processes, stages
from analyticbot.local.console import Progress, plain, say, started_at
from analyticbot.local.identity import keep_secrets
from analyticbot.local.instance import Instance
from analyticbot.local.mail import NewMail
from analyticbot.local.places import find_places
from analyticbot.local.problems import StartError, explain_os_error
from analyticbot.local.supervisor import Supervisor
from analyticbot.local.variables import given_variables, run_variables, value_of, web_port

_TICK = 0.25  # seconds between two looks at the children
_PROGRESS_EVERY = 2.0


class _Stop(BaseException):
    """A stop signal came while starting. Not an Exception, so that no stage swallows it."""


class _Signals:
    """Turns stop signals into `_Stop` while starting, into a flag while running, into haste while stopping."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self.raising = True
        self.stopping = False
        self.why = "a stage failed"

    def install(self) -> None:
        for number in stages.STOP_SIGNALS:
            if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # nohup: the run outlives its terminal
            signal.signal(number, self._handle)

    def _handle(self, number: int, _frame: object) -> None:
        if self.stopping:
            self._supervisor.hurry()
            return
        self.stopping = True
        self.why = signal.Signals(number).name
        if self.raising:
            raise _Stop


def main(project: Path) -> int:
    """Run until stopped; the exit code: 0 after a stop, 1 if it could not start."""
    started_at()
    _follow_make()
    try:
        return _run(project)
    except StartError as problem:
        plain(f"\n{problem}")
    except OSError as error:
        plain(f"\n{explain_os_error(error)}")
    except _Stop:
        plain("\nStopped.")
        return 0
    return 1


def _follow_make() -> None:
    """If make started us, stop when make is killed: nobody would be left to press Ctrl-C."""
    if os.environ.get("MAKELEVEL"):
        processes.obey_parent(signal.SIGTERM)


def _run(project: Path) -> int:
    given = given_variables(project)
    port = web_port(given)
    places = find_places(project, own_database=not value_of(given, "DATABASE_URL"))
    supervisor = Supervisor(where_logs_are=str(places.logs))
    signals = _Signals(supervisor)
    signals.install()
    address = f"http://127.0.0.1:{port}"
    with Instance(places.home, address=address):
        killed = processes.kill_leftovers(places.home)
        if killed:
            say("clean-up", f"ended {killed} processes of an earlier run")
        secrets = keep_secrets(places.home)
        variables = run_variables(given, home=places.home, secrets=secrets, address=address)
        new_mail = NewMail(places.home / "mail")
        run = stages.Run(places, secrets, given, variables, port, supervisor)
        try:
            _start(run)
            signals.raising = False
            if not signals.stopping:
                _watch(run, signals, new_mail)
        finally:
            signals.raising = False
            signals.stopping = True
            _stop(supervisor, signals.why)
    return 0


def _start(run: stages.Run) -> None:
    stages.check_room(run)
    stages.start_database(run)
    stages.start_redis(run)
    sandbox = stages.start_sandbox(run)
    stages.compile_translations(run)
    stages.prepare(run, "base")
    stages.await_sandbox(run, sandbox)
    stages.remember(run)
    web = stages.start_web(run)
    stages.prepare(run, "demo")
    stages.await_web(run, web)
    stages.start_work(run)
    stages.print_welcome(run)


def _watch(run: stages.Run, signals: _Signals, new_mail: NewMail) -> None:
    """Keep the children running, and tell of new mail and of the first collection, until a stop signal comes."""
    from analyticbot.local.progress import read_progress  # third party inside: the database driver

    progress: Progress | None = Progress("collecting", every=_PROGRESS_EVERY)
    shown = False
    next_look = 0.0
    while not signals.stopping:
        run.supervisor.tick()
        for line in new_mail.lines():
            say("mail", line)
        if progress and time.monotonic() >= next_look:
            next_look = time.monotonic() + _PROGRESS_EVERY
            state = read_progress(run.variables["DATABASE_URL"])
            if state is not None and not state.is_over:
                progress.show(str(state))
                shown = True
            elif state is not None:
                if shown:
                    say("collecting", f"complete: {state}")
                progress = None
        time.sleep(_TICK)


def _stop(supervisor: Supervisor, why: str) -> None:
    if not supervisor.services:
        return
    begun = time.monotonic()
    plain("")
    say("stopping", f"({why}) web, collector and workers, sandbox, redis, database")
    supervisor.stop_all()
    say("stopped", f"in {time.monotonic() - begun:.1f} s; the data is kept")


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent.parent))
