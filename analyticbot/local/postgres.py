"""An embedded PostgreSQL: one server over one data folder, that survives kills and never runs twice.

A folder given to `Cluster` holds `data/` (the cluster itself) and `start.lock`. The server listens on a loopback
TCP port only, asks for a SCRAM password, and runs as `account` where we are root, since PostgreSQL refuses root.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from analyticbot.local import ports
from analyticbot.local.binaries import PostgresPrograms
from analyticbot.local.problems import StartError, last_lines
from analyticbot.local.processes import MARKER, Account, credentials, is_alive, spawn

ROLE = DATABASE = "analyticbot"
STOP_SIGNAL = signal.SIGINT  # a fast shutdown: sessions are cut, everything committed is kept
_KILL_SIGNAL = signal.SIGQUIT  # an immediate one: like a crash, repaired at the next start
_START_SECONDS = 90.0  # a start after a crash replays up to max_wal_size of log
_BUSY_SECONDS = 20.0  # how long the remains of a killed server may take to go
_BUILTIN_LOCALES_SINCE = 17

# For a laptop or a small server; documented in PostgreSQL's own manual, chapter "Server Configuration".
_SETTINGS = {
    "listen_addresses": ports.LOOPBACK,
    "unix_socket_directories": "",  # a socket's path may be too long, and TCP does for all
    "max_connections": "80",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "max_parallel_workers_per_gather": "0",  # parallel plans need more /dev/shm than a container has
    "max_parallel_maintenance_workers": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class PidFile:
    """What `postmaster.pid` says. Lines: pid, data folder, start, port, socket folder, address, memory key, status."""

    pid: int
    port: int | None
    status: str

    @property
    def is_ready(self) -> bool:
        """True if that server accepts sessions."""
        return self.status == "ready" and self.port is not None and ports.answers(self.port)


@dataclass
class Cluster:
    """One PostgreSQL over one folder."""

    folder: Path
    programs: PostgresPrograms
    password: str
    account: Account | None = None
    durable: bool = True
    log: Path = field(default=Path("/dev/null"))
    port: int | None = None
    marker: str = ""

    @property
    def data(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.folder / "data"

    @property
    def url(self) -> str:
        """The database's address with its password, as DATABASE_URL takes it."""
        return f"postgres://{ROLE}:{quote(self.password, safe='')}@{ports.LOOPBACK}:{self.port}/{DATABASE}"

    def start(self) -> subprocess.Popen[bytes] | None:
        """Have the server run and set `port`; the process, or None if it ran already.

        Steps: take the lock, attach to a server that runs over this data, otherwise create the cluster if it is new,
        clear what a killed server left, start, wait until sessions are accepted. Raises StartError.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.account:
            self.folder.chmod(0o711)  # whatever our umask is: the server's user passes through it to its data
        with self._locked():
            running = self._wait_for_running()
            if running:
                self.port = running.port
                return None
            self._create()
            return self._start_server()

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server on `port` without waiting; what a killed one left behind is cleared first."""
        self._disown_pid_file()
        if self.port is None:
            raise StartError("The database has no port yet.")
        settings = _SETTINGS | {"port": str(self.port)} | ({} if self.durable else _NOT_DURABLE)
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return spawn(
            [self.programs.folder / "postgres", "-D", self.data, *options],
            log=self.log,
            cwd=self.data,
            env=self._environment(),
            account=self.account,
            orphan_signal=STOP_SIGNAL,
        )

    def is_ready(self) -> bool:
        """True if the server over this data accepts sessions."""
        found = self.pid_file()
        return found is not None and found.is_ready

    def pid_file(self) -> PidFile | None:
        """What the server over this data wrote about itself; None if there is no (readable) pid file."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            port = int(lines[3]) if len(lines) > 3 and lines[3].strip() else None
            return PidFile(int(lines[0]), port, lines[7].strip() if len(lines) > 7 else "starting")
        except (OSError, ValueError, IndexError):
            return None

    def stop_running(self) -> None:
        """Stop whatever server runs over this data (one that an earlier run left); returns when it is gone."""
        found = self.pid_file()
        if found is None or not self._is_ours(found):
            return
        for number, seconds in ((STOP_SIGNAL, 10.0), (_KILL_SIGNAL, 5.0), (signal.SIGKILL, 5.0)):
            try:
                os.kill(found.pid, number)
            except (ProcessLookupError, PermissionError):
                return
            if _wait_until_gone(found.pid, seconds):
                return

    # --- creating ---------------------------------------------------------------------------------------------

    def _create(self) -> None:
        """Make the cluster and its database once; a creation that was cut short is started anew."""
        if (self.data / "PG_VERSION").exists():
            self._check_version()
            return
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        secret = self.folder / "password.new"
        secret.write_text(self.password)
        secret.chmod(0o600)
        if self.account:
            os.chown(fresh, self.account.uid, self.account.gid)
            os.chown(secret, self.account.uid, self.account.gid)
        try:
            self._run("initdb", "-D", fresh, "-U", ROLE, f"--pwfile={secret}", *self._initdb_options())
            # Single-user mode needs no client program and no server that others could reach meanwhile.
            self._run("postgres", "--single", "-D", fresh, "postgres", stdin=f"CREATE DATABASE {DATABASE}\n")
        finally:
            secret.unlink(missing_ok=True)
        fresh.rename(self.data)

    def _initdb_options(self) -> list[str]:
        builtin = ["--locale-provider=builtin"] if self.programs.major >= _BUILTIN_LOCALES_SINCE else []
        return [
            *builtin,
            "--locale=C.UTF-8",
            "-E",
            "UTF8",
            "--auth=scram-sha-256",
            "--no-sync",
            "--no-instructions",
        ]

    def _run(self, program: str, *arguments: str | Path, stdin: str = "") -> None:
        """Run one of PostgreSQL's programs to its end; StartError with its last words if it fails."""
        answer = subprocess.run(
            [self.programs.folder / program, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self._environment(),
            check=False,
            **credentials(self.account),
        )
        self.log.touch(mode=0o600)
        with self.log.open("a") as log:
            log.write(answer.stdout + answer.stderr)
        if answer.returncode != 0:
            raise StartError(_explain(f"{program} failed", answer.stdout + answer.stderr, self.log))

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != str(self.programs.major):
            raise StartError(
                f"The data in {self.data} was written by PostgreSQL {made_by}, but this is {self.programs.version}.\n"
                "Move the folder away to start with an empty database, or run that version and set DATABASE_URL."
            )

    def _environment(self) -> dict[str, str]:
        """A bare environment: nothing of the caller's PG… variables may change the server."""
        base = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        return base | ({MARKER: self.marker} if self.marker else {})

    # --- starting ---------------------------------------------------------------------------------------------

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.folder / "start.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _wait_for_running(self) -> PidFile | None:
        """The server that runs over this data, waited for while it is starting or stopping; None if there is none."""
        deadline = time.monotonic() + _BUSY_SECONDS
        while (found := self.pid_file()) and self._is_ours(found):
            if found.is_ready:
                return found
            if time.monotonic() > deadline:
                raise StartError(
                    f"A PostgreSQL server (pid {found.pid}) holds the data in {self.data} but does not answer "
                    f"(it says: {found.status or 'nothing'}).\nEnd it with `kill -QUIT {found.pid}` and start again."
                )
            time.sleep(0.1)
        return None

    def _is_ours(self, found: PidFile) -> bool:
        """True if the pid of the pid file is a living server over this data (and not a pid that was used again)."""
        if not is_alive(found.pid):
            return False
        try:
            folder = Path(f"/proc/{found.pid}/cwd").readlink()
        except OSError:  # no /proc (macOS), or not ours to look at
            command = Path(f"/proc/{found.pid}/cmdline")
            if command.exists():
                return os.fsencode(self.data) in command.read_bytes()
            return found.port is not None and ports.answers(found.port)
        return folder == self.data.resolve()

    def _disown_pid_file(self) -> None:
        """Make the pid file of a server that was killed harmless.

        PostgreSQL refuses to start while the pid in the file belongs to any process, also to a zombie nobody has
        collected yet or to a stranger that got the number. The file is not deleted, because it also names the shared
        memory by which PostgreSQL notices that sessions of the killed server still write: only the pid is replaced,
        by our own, which the new server (our child) knows to be no server.
        """
        path = self.data / "postmaster.pid"
        found = self.pid_file()
        if found is None:
            path.unlink(missing_ok=True)  # empty or torn: the disk was full when it was written
        elif not self._is_ours(found):
            lines = path.read_text().splitlines(keepends=True)
            path.write_text("".join([f"{os.getpid()}\n", *lines[1:]]))

    def _start_server(self) -> subprocess.Popen[bytes]:
        self.port = ports.keep_or_choose(self.port)
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            position = self.log.stat().st_size if self.log.is_file() else 0
            process = self.spawn()
            if self._wait_ready(process):
                return process
            words = last_lines(self.log, since=position, count=12)
            if "Address already in use" in words or "could not bind" in words:
                self.port = ports.free_port()
            elif not _is_passing(words) or time.monotonic() > deadline:
                raise StartError(_explain("PostgreSQL does not start", words, self.log))
            time.sleep(0.3)

    def _wait_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait until this very server accepts sessions; False if it ended instead."""
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None:
            found = self.pid_file()
            if found and found.pid == process.pid and found.is_ready:
                return True
            if time.monotonic() > deadline:
                process.send_signal(_KILL_SIGNAL)
                process.wait()
                raise StartError(f"PostgreSQL did not become ready within {_START_SECONDS:.0f} s; see {self.log}.")
            time.sleep(0.02)
        return False


def _is_passing(words: str) -> bool:
    """True if a failed start will work in a moment: the last sessions of a killed server are still ending."""
    return "pre-existing shared memory block" in words or "lock file" in words


def _explain(what: str, words: str, log: Path) -> str:
    if "No space left on device" in words:
        return "The disk is full, so the database cannot start. Free some space and start again."
    tail = "\n".join(f"  {line}" for line in words.strip().splitlines()[-6:])
    return f"{what}. Its last words (all of them in {log}):\n{tail}"


def _wait_until_gone(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not is_alive(pid):
            return True
        time.sleep(0.02)
    return False
