"""The whole of `make run` after the virtual environment: up, used from a second shell, stopped, killed, up again."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from analyticbot.local.ports import free_port, is_free
from analyticbot.local.processes import kill_leftovers, leftovers
from tests.local.conftest import wait_until

pytestmark = pytest.mark.slow

_PROJECT = Path(__file__).resolve().parent.parent.parent
_START_SECONDS = 150.0  # on a machine that runs other tests meanwhile
_STOP_SECONDS = 25.0


@dataclass
class LocalRun:
    """A run with its own state folder and port."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def variables(self) -> dict[str, str]:
        """A bare shell."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {"ANALYTICBOT_HOME": str(self.home), "PORT": str(self.port)}

    @property
    def output(self) -> str:
        """What it printed."""
        return (self.home.parent / "output").read_text()

    def start(self) -> None:
        """Start it and wait for the address."""
        with (self.home.parent / "output").open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "analyticbot.local"],
                cwd=_PROJECT,
                env=self.variables,
                stdout=output,
                stderr=output,
            )
        process = self.process
        wait_until(
            lambda: "Ctrl-C stops" in self.output or process.poll() is not None,
            seconds=_START_SECONDS,
            what="the address",
        )
        assert process.poll() is None, self.output

    def stop(self, number: int) -> int:
        """Send it a signal and wait; its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=_STOP_SECONDS)


@pytest.fixture
def run(open_folder: Path) -> Iterator[LocalRun]:
    run = LocalRun(open_folder / "home", free_port())
    yield run
    if run.process is not None and run.process.poll() is None:
        run.process.kill()
        run.process.wait()
    kill_leftovers(run.home)
    try:
        database = Path(json.loads((run.home / "where").read_text())["database"])
    except OSError:
        return
    shutil.rmtree(database, ignore_errors=True)  # as root it lies outside the state folder


def _status(run: LocalRun) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{run.port}/health/live", timeout=10) as answer:
        return int(answer.status)


def test_run_serves_survives_a_kill_and_stops(run: LocalRun) -> None:
    run.start()
    assert _status(run) == 200
    assert run.stop(signal.SIGKILL) == -signal.SIGKILL
    wait_until(lambda: leftovers(run.home) == [], what="the children's end")

    run.start()
    assert "up to date" in run.output
    assert _status(run) == 200
    _check_second_shell(run)
    _check_second_run_is_refused(run)
    _check_mail_is_told(run)

    assert run.stop(signal.SIGINT) == 0
    assert leftovers(run.home) == []
    assert is_free(run.port)
    assert "Traceback" not in run.output


def _check_second_shell(run: LocalRun) -> None:
    """A management command finds the servers without being told."""
    command = [sys.executable, "manage.py", "migrate", "--check"]
    answer = subprocess.run(command, cwd=_PROJECT, env=run.variables, capture_output=True, text=True, check=False)

    assert answer.returncode == 0, answer.stderr
    assert (run.home / "env").stat().st_mode & 0o777 == 0o600


def _check_second_run_is_refused(run: LocalRun) -> None:
    command = [sys.executable, "-m", "analyticbot.local"]
    answer = subprocess.run(command, cwd=_PROJECT, env=run.variables, capture_output=True, text=True, check=False)

    assert run.process is not None
    assert answer.returncode == 1
    assert f"pid {run.process.pid}, http://127.0.0.1:{run.port}" in answer.stdout


def _check_mail_is_told(run: LocalRun) -> None:
    """Through the servers of the run, with a form, as a person does who forgot the password."""
    page = f"http://127.0.0.1:{run.port}/account/password/reset/"
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with opener.open(page, timeout=30) as answer:
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', answer.read().decode())
    assert token is not None
    form = {"csrfmiddlewaretoken": token[1], "email": "demo@analyticbot.local"}
    with opener.open(page, data=urllib.parse.urlencode(form).encode(), timeout=30) as answer:
        assert answer.status == 200

    wait_until(lambda: "/account/password/reset/key/" in run.output, what="the link")
    assert "to demo@analyticbot.local: " in run.output
    assert "reset/key" not in (run.home / "logs" / "web.log").read_text()
    assert (run.home.stat().st_mode & 0o777, (run.home / "logs" / "web.log").stat().st_mode & 0o777) == (0o700, 0o600)


def test_run_port_in_use_is_told_before_anything_starts(run: LocalRun) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", run.port))
        other.listen()
        command = [sys.executable, "-m", "analyticbot.local"]
        answer = subprocess.run(command, cwd=_PROJECT, env=run.variables, capture_output=True, text=True, check=False)

    assert answer.returncode == 1
    assert f"Port {run.port} is in use" in answer.stdout
    assert f"PORT={run.port + 1} make run" in answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr
