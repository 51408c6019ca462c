"""Services are restarted when they die, stopped in order, and never outlive us."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from analyticbot.local.processes import MARKER, is_alive, kill_leftovers, leftovers, spawn
from analyticbot.local.supervisor import Service, Supervisor
from tests.local.conftest import wait_until

# Says when it is ready, and on SIGTERM writes its name and ends (or, if stubborn, does not).
_CHILD = """
import signal, sys, time
name, stubborn, journal = sys.argv[1], sys.argv[2] == "stubborn", sys.argv[3]
def stop(*_):
    with open(journal, "a") as out: out.write(name + "\\n")
    if not stubborn: sys.exit(0)
signal.signal(signal.SIGTERM, stop)
with open(journal + ".ready", "a") as out: out.write(name + "\\n")
while True: time.sleep(0.05)
"""


def _service(name: str, phase: int, folder: Path, *, stubborn: bool = False, grace: float = 5.0) -> Service:
    kind = "stubborn" if stubborn else "polite"
    command = [sys.executable, "-c", _CHILD, name, kind, str(folder / "journal")]
    start = partial(spawn, command, log=folder / f"{name}.log", cwd=folder, env={})
    return Service(name, start, phase=phase, grace=grace)


def _lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def _supervise(folder: Path, *services: Service) -> Supervisor:
    supervisor = Supervisor()
    for service in services:
        supervisor.add(service)
    ready = folder / "journal.ready"
    wait_until(lambda: len(_lines(ready)) == len(services), what="all children")
    return supervisor


def _after_tick(supervisor: Supervisor, condition: Callable[[], bool]) -> bool:
    supervisor.tick()
    return condition()


def test_stop_all_goes_from_the_highest_phase_down(tmp_path: Path) -> None:
    services = [_service("database", 0, tmp_path), _service("web", 5, tmp_path), _service("worker", 3, tmp_path)]
    supervisor = _supervise(tmp_path, *services)

    supervisor.stop_all()

    assert _lines(tmp_path / "journal") == ["web", "worker", "database"]


def test_stop_all_kills_what_does_not_go(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    service = _service("worker", 1, tmp_path, stubborn=True, grace=0.3)
    supervisor = _supervise(tmp_path, service)
    assert service.process is not None
    pid = service.process.pid

    supervisor.stop_all()

    assert not is_alive(pid)
    assert "did not stop in time and was killed" in capsys.readouterr().out


def test_stop_all_keeps_to_its_total_time(tmp_path: Path) -> None:
    services = [_service(f"stubborn{n}", n, tmp_path, stubborn=True, grace=60) for n in range(3)]
    supervisor = _supervise(tmp_path, *services)

    begun = time.monotonic()
    supervisor.stop_all(seconds=0.5)

    assert time.monotonic() - begun < 60  # less than the grace of the first of them


def test_tick_restarts_a_killed_service_after_a_pause(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    service = _service("worker", 1, tmp_path)
    supervisor = _supervise(tmp_path, service)
    assert service.process is not None
    first = service.process.pid

    os.kill(first, signal.SIGKILL)
    wait_until(
        lambda: _after_tick(supervisor, lambda: len(_lines(tmp_path / "journal.ready")) == 2), what="the successor"
    )

    assert service.process is not None
    assert service.process.pid != first
    assert service.pause == 1.0
    assert "was ended by SIGKILL; starts again in 0.5 s" in capsys.readouterr().out
    supervisor.stop_all()


def test_dead_service_takes_its_children_with_it(tmp_path: Path) -> None:
    code = "import subprocess, sys, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    start = partial(spawn, [sys.executable, "-c", code], log=tmp_path / "log", cwd=tmp_path, env=dict(os.environ))
    service = Service("worker", start, phase=1)
    supervisor = Supervisor()
    supervisor.add(service)
    wait_until(lambda: bool(_lines(tmp_path / "log")), what="the grandchild")
    grandchild = int(_lines(tmp_path / "log")[0])

    assert service.process is not None
    service.process.kill()
    wait_until(lambda: _after_tick(supervisor, lambda: not is_alive(grandchild)), what="its end")

    supervisor.stop_all()


def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    code = textwrap.dedent(f"""
        import time
        from pathlib import Path
        from tests.local.test_supervisor import _service, _supervise
        folder = Path({str(tmp_path)!r})
        supervisor = _supervise(folder, _service("web", 1, folder), _service("worker", 0, folder))
        print(*[service.process.pid for service in supervisor.services], flush=True)
        time.sleep(60)
    """)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        children = [int(word) for word in supervisor.stdout.readline().split()]
        assert len(children) == 2

        supervisor.kill()

        wait_until(lambda: not any(map(is_alive, children)), what="the children's end")


def test_kill_leftovers_ends_only_processes_of_that_folder(tmp_path: Path) -> None:
    command = ["sleep", "60"]
    ours = subprocess.Popen(command, env=os.environ | {MARKER: str(tmp_path)})
    other = subprocess.Popen(command, env=os.environ | {MARKER: str(tmp_path / "elsewhere")})
    wait_until(lambda: leftovers(tmp_path) == [ours.pid], what="the mark in /proc")

    killed = kill_leftovers(tmp_path)

    assert killed == 1
    assert ours.wait(timeout=60) == -signal.SIGKILL
    assert other.poll() is None
    other.kill()
    other.wait()
