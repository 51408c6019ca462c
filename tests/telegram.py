"""A sandbox Telegram as a real process, for any test that needs one.

>>> with SandboxProcess(channels=folder) as telegram:          # doctest: +SKIP
...     telegram.control("post", channel="news", text="hello")
...     os.environ["TELEGRAM_SERVER"] = telegram.server         # with TELEGRAM_SERVER_KEY = telegram.public_key
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
DEMO_PHONE = "+99890000001"
TWO_FACTOR_PHONE = "+99890000002"
TWO_FACTOR_PASSWORD = "sandbox"
LOGIN_CODE = "12345"


class SandboxProcess:
    """``python -m sandbox`` started, ready, and stopped again.

    Options become command line flags: ``seed=3`` is ``--seed 3``, ``gzip=True`` is ``--gzip``.
    """

    def __init__(self, channels: Path | None = None, **options: Any) -> None:
        self._channels = channels
        self._options = options
        self._process: subprocess.Popen[str] | None = None
        self._control: socket.socket | None = None
        self._control_file: Any = None
        self._log: Any = None
        self.ready: dict[str, Any] = {}

    # -- life

    def start(self, *, timeout: float = 60.0) -> Self:
        """Start and wait for the ready line; raises ``RuntimeError`` with the log when it does not come."""
        command = [sys.executable, "-m", "sandbox", "--parent-pid", str(os.getpid())]
        if self._channels is not None:
            command += ["--channels", str(self._channels)]
        for name, value in self._options.items():
            flag = "--" + name.replace("_", "-")
            if value is True:
                command.append(flag)
            elif value is not None and value is not False:
                command += [flag, str(value)]
        if self._log is not None:
            self._log.close()
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed in stop()
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=self._log, text=True)
        line = self._first_line(timeout)
        try:
            self.ready = json.loads(line)
        except ValueError:
            log = self.log()
            self.stop()
            raise RuntimeError(f"the sandbox did not start: {line!r}\n{log}") from None
        return self

    def _first_line(self, timeout: float) -> str:
        assert self._process is not None and self._process.stdout is not None
        lines: list[str] = []
        stdout = self._process.stdout
        reader = threading.Thread(target=lambda: lines.append(stdout.readline()), daemon=True)
        reader.start()
        reader.join(timeout)
        return lines[0] if lines else ""

    def stop(self) -> None:
        """Stop it in order (SIGTERM), by force after five seconds."""
        self._close_control()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def kill(self) -> None:
        """Kill it as a power cut does (SIGKILL); ``start`` may be called again."""
        self._close_control()
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- where it is

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def port(self) -> int:
        """MTProto port of the home data centre."""
        return int(self.ready["port"])

    @property
    def stats_port(self) -> int:
        """MTProto port of the statistics data centre."""
        return int(self.ready["stats_port"])

    @property
    def control_port(self) -> int:
        """Control port."""
        return int(self.ready["control_port"])

    @property
    def bot_port(self) -> int:
        """Bot API port."""
        return int(self.ready["bot_port"])

    @property
    def public_key(self) -> Path:
        """The server's public key file (PEM)."""
        return Path(self.ready["public_key"])

    @property
    def server(self) -> str:
        """``HOST:PORT`` as ``TELEGRAM_SERVER`` wants it."""
        return f"127.0.0.1:{self.port}"

    @property
    def bot_api_url(self) -> str:
        """Base address of the Bot API."""
        return f"http://127.0.0.1:{self.bot_port}"

    def log(self) -> str:
        """What it has written to standard error so far."""
        if self._log is None:
            return ""
        self._log.flush()
        position = self._log.tell()
        self._log.seek(0)
        text: str = self._log.read()
        self._log.seek(position)
        return text

    # -- control

    def control(self, cmd: str, **fields: Any) -> dict[str, Any]:
        """Send one control command; returns its answer, raises ``RuntimeError`` when it was refused."""
        answer = self.try_control(cmd, **fields)
        if not answer.get("ok"):
            raise RuntimeError(f"{cmd}: {answer.get('error')}")
        return answer

    def try_control(self, cmd: str, **fields: Any) -> dict[str, Any]:
        """Send one control command and return its answer, refused or not."""
        if self._control is None:
            self._control = socket.create_connection(("127.0.0.1", self.control_port), timeout=30)
            self._control_file = self._control.makefile("rwb")
        self._control_file.write(json.dumps({"cmd": cmd, **fields}).encode() + b"\n")
        self._control_file.flush()
        answer: dict[str, Any] = json.loads(self._control_file.readline())
        return answer

    def _close_control(self) -> None:
        if self._control is not None:
            self._control_file.close()
            self._control.close()
            self._control = None

    def wait_for(self, condition: Any, *, timeout: float = 30.0, what: str = "condition") -> Any:
        """Poll *condition* until it is true and return its value; ``TimeoutError`` after *timeout* seconds."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            value = condition()
            if value:
                return value
            time.sleep(0.02)
        raise TimeoutError(f"{what} did not come true within {timeout} s")


def telethon_client(telegram: SandboxProcess, session: Any = None, **options: Any) -> Any:
    """A real Telethon client that talks to *telegram* (not yet connected), for tests of the sandbox itself."""
    from telethon import TelegramClient
    from telethon.crypto import rsa
    from telethon.sessions import StringSession

    rsa.add_key(telegram.public_key.read_text(), old=False)
    TelegramClient._config = None  # Telethon keeps the data centre list on the class, across servers
    options = {"connection_retries": 3, "retry_delay": 0.2, "request_retries": 1} | options
    client = TelegramClient(session if session is not None else StringSession(), 1, "sandbox", **options)
    if client.session.auth_key is None:
        client.session.set_dc(2, "127.0.0.1", telegram.port)
    return client


async def close(client: Any) -> None:
    """Disconnect a client with the senders it borrowed for other data centres (Telethon keeps those for a minute)."""
    for _, sender in client._borrowed_senders.values():
        await sender.disconnect()
    await client.disconnect()


async def signed_in(telegram: SandboxProcess, phone: str = DEMO_PHONE, **options: Any) -> Any:
    """A connected Telethon client signed in with *phone*."""
    client = telethon_client(telegram, **options)
    await client.connect()
    await client.send_code_request(phone)
    await client.sign_in(phone, LOGIN_CODE)
    return client
