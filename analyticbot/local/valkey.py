"""An embedded Redis (the Valkey server): loopback only, with a password, its data in an append-only file."""

import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from analyticbot.local import ports
from analyticbot.local.environment import write_private
from analyticbot.local.problems import StartError, last_lines
from analyticbot.local.processes import MARKER, spawn

STOP_SIGNAL = signal.SIGTERM
_START_SECONDS = 30.0
_BROKEN = (
    "Bad file format reading the append only file",
    "Unexpected end of file reading the append only file",
)


@dataclass
class Valkey:
    """One Valkey server over one folder."""

    folder: Path
    program: Path
    password: str
    log: Path
    durable: bool = True
    port: int | None = None
    marker: str = ""

    @property
    def url(self) -> str:
        """The server's address with its password, as REDIS_URL takes it."""
        return f"redis://:{self.password}@{ports.LOOPBACK}:{self.port}/0"

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server, set `port`, and wait until it answers. Raises StartError.

        A data file that is damaged beyond the server's own repair is set aside: work lives in the database, Redis
        only carries it, so an empty one delays and loses nothing.
        """
        self.port = ports.keep_or_choose(self.port)
        for _attempt in range(3):
            position = self.log.stat().st_size if self.log.is_file() else 0
            process = self.spawn()
            if self._wait_ready(process):
                return process
            words = last_lines(self.log, since=position, count=12)
            if any(sign in words for sign in _BROKEN):
                self.folder.rename(self.folder.with_name(f"{self.folder.name}.damaged-{int(time.time())}"))
            elif "Address already in use" in words:
                self.port = ports.free_port()
            else:
                break
        if "No space left on device" in words:
            raise StartError("The disk is full, so Redis cannot start. Free some space and start again.")
        tail = "\n".join(f"  {line}" for line in words.splitlines()[-6:])
        raise StartError(f"Redis does not start. Its last words (all of them in {self.log}):\n{tail}")

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server on `port` without waiting."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # The password travels in a private file: an argument could be read by every user of the machine.
        configuration = self.folder / "valkey.conf"
        write_private(configuration, self._configuration())
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
        return spawn(
            [self.program, configuration],
            log=self.log,
            cwd=self.folder,
            env=environment | ({MARKER: self.marker} if self.marker else {}),
            orphan_signal=STOP_SIGNAL,
        )

    def _configuration(self) -> str:
        folder = str(self.folder).replace("\\", "\\\\").replace('"', '\\"')
        lines = [
            f"bind {ports.LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{folder}"',
            f"appendonly {'yes' if self.durable else 'no'}",
            'save ""',
            "maxmemory-policy noeviction",
            "daemonize no",
            "set-proc-title no",  # the title would overwrite the mark by which a leftover is known
            "always-show-logo no",
        ]
        return "\n".join(lines) + "\n"

    def is_ready(self) -> bool:
        """True if the server answers a PING with our password and has loaded its data."""
        if self.port is None:
            return False
        try:
            with socket.create_connection((ports.LOOPBACK, self.port), timeout=1) as link:
                link.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (piece := link.recv(256)):
                    answer += piece
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"

    def _wait_ready(self, process: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None:
            if self.is_ready():
                return True
            if time.monotonic() > deadline:
                process.kill()
                process.wait()
                raise StartError(f"Redis did not answer within {_START_SECONDS:.0f} s; see {self.log}.")
            time.sleep(0.02)
        return False
