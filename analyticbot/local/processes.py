"""Starting, watching and ending child processes that never outlive us. Stdlib only."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

# Every process of a run carries this variable (value: the state folder), so that what an earlier,
# killed run left behind can be told from everything else on the machine.
MARKER = "ANALYTICBOT_RUN_OF"

_PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Account:
    """The user that a server runs as."""

    name: str
    uid: int
    gid: int


class Credentials(TypedDict, total=False):
    """Arguments of `subprocess` that name another user."""

    user: int
    group: int
    extra_groups: list[int]


def spawn(
    argv: Sequence[str | os.PathLike[str]],
    *,
    log: Path,
    cwd: Path,
    env: Mapping[str, str],
    account: Account | None = None,
    orphan_signal: int = signal.SIGTERM,
    stdout: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in its own process group; its output is appended to `log` (`stdout` overrides for one of them).

    A child of its own group does not see the terminal's Ctrl-C: stopping is the parent's to order. Where the
    system can (Linux), the child gets `orphan_signal` when its parent dies, however it dies.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "ab", opener=_private) as output:  # Path.open takes no opener
        return subprocess.Popen(
            [os.fspath(word) for word in argv],
            stdin=subprocess.DEVNULL,
            stdout=output if stdout is None else stdout,
            stderr=output,
            cwd=cwd,
            env=dict(env),
            process_group=0,
            preexec_fn=die_with_parent(orphan_signal),  # noqa: PLW1509  # the parent has one thread
            **credentials(account),
        )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)  # logs may hold names and addresses


def credentials(account: Account | None) -> Credentials:
    """The arguments of `subprocess` that make a child run as `account`; none for our own user."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def die_with_parent(number: int) -> Callable[[], None] | None:
    """A function for the child to call before exec: it will get signal `number` when its parent ends (Linux)."""
    if _LIBC is None:
        return None
    parent = os.getpid()

    def arm() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        _LIBC.prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # the parent ended before we could ask
            os.kill(os.getpid(), number)

    return arm


def obey_parent(number: int) -> None:
    """Have the kernel send signal `number` to this very process when its parent ends (Linux; nothing elsewhere)."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, number)


def stop(process: subprocess.Popen[bytes], *, number: int, grace: float) -> bool:
    """Send signal `number`, wait `grace` seconds, then kill what is left of its group. True if it went by itself."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        process.wait(timeout=grace)
        by_itself = True
    except subprocess.TimeoutExpired:
        by_itself = False
    kill_group(process.pid)
    process.wait()
    return by_itself


def kill_group(group: int) -> None:
    """Kill every process of a group; no error if there is none."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        return


def leftovers(home: Path) -> list[int]:
    """Pids of living processes that an earlier run of this state folder started (Linux; elsewhere empty)."""
    mark = f"{MARKER}={home}".encode()
    found = []
    for pid, folder in _processes():
        try:
            variables = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if mark in variables and pid != os.getpid() and not is_zombie(pid):
            found.append(pid)
    return found


def kill_leftovers(home: Path, *, timeout: float = 10.0) -> int:
    """Kill what an earlier run left behind and wait until it is gone; the number of processes killed."""
    killed: set[int] = set()
    deadline = time.monotonic() + timeout
    while (pids := leftovers(home)) and time.monotonic() < deadline:
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
            killed.add(pid)
        time.sleep(0.05)
    return len(killed)


def _processes() -> Iterator[tuple[int, Path]]:
    for folder in Path("/proc").glob("[0-9]*"):
        yield int(folder.name), folder


def is_zombie(pid: int) -> bool:
    """True if the process has ended but nobody has collected its exit code (Linux; elsewhere False)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] == "Z"


def is_alive(pid: int) -> bool:
    """True if a process with this pid runs (a zombie does not)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return not is_zombie(pid)


def command_of(pid: int) -> str:
    """The command line of a process; empty where it cannot be read."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return ""
