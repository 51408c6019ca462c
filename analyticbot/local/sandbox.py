"""The sandbox Telegram as a service of a local run, and what it tells the other processes."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from analyticbot.local import ports, services
from analyticbot.local.problems import StartError, last_lines
from analyticbot.local.processes import spawn
from analyticbot.local.supervisor import Service

_START_SECONDS = 120.0  # large dumps are parsed before it listens
_PORT_NAMES = {"--port": "sandbox", "--control-port": "sandbox_control", "--bot-port": "sandbox_bot"}


@dataclass
class Sandbox:
    """A sandbox that was started, and where its output of this start begins."""

    service: Service
    log: Path
    position: int


def sandbox_service(
    *, home: Path, project: Path, variables: Mapping[str, str], chosen: dict[str, int], channels: str | None
) -> Sandbox:
    """The sandbox as a service, not yet started; it keeps its ports over runs (`chosen` is read and updated)."""
    command = [sys.executable, "-m", "sandbox", "--state", str(home / "sandbox")]
    for option, name in _PORT_NAMES.items():
        chosen[name] = ports.keep_or_choose(chosen.get(name), taken=frozenset(chosen.values()) - {chosen.get(name, 0)})
        command += [option, str(chosen[name])]
    if channels:
        folder = Path(channels).expanduser().absolute()
        if not folder.is_dir():
            raise StartError(f"SANDBOX_CHANNELS={channels} is not a folder.")
        command += ["--channels", str(folder)]
    log = services.log_of("sandbox", home / "logs")
    start = partial(spawn, command, log=log, cwd=project, env=variables)
    position = log.stat().st_size if log.is_file() else 0
    return Sandbox(Service("sandbox", start, phase=services.SANDBOX, grace=3.0), log, position)


def wait_ready(sandbox: Sandbox, *, home: Path) -> tuple[dict[str, str], str]:
    """Wait for the line by which the sandbox says that it listens.

    Returns the variables that lead others to it, and what it serves, in words.
    """
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        ready = _ready_line(sandbox)
        if ready is not None:
            return _variables(ready, home), _in_words(ready)
        if _has_ended(sandbox.service.process):
            break
        time.sleep(0.05)
    tail = "\n".join(f"  {line}" for line in last_lines(sandbox.log, since=sandbox.position).splitlines())
    raise StartError(f"The sandbox Telegram does not start. Its last words (all of them in {sandbox.log}):\n{tail}")


def _has_ended(process: subprocess.Popen[bytes] | None) -> bool:
    return process is not None and process.poll() is not None


def _ready_line(sandbox: Sandbox) -> dict[str, object] | None:
    try:
        with sandbox.log.open("rb") as handle:
            handle.seek(sandbox.position)
            lines = handle.read(1_000_000).splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith(b"{"):
            try:
                record = json.loads(line)
            except ValueError:  # half written, or something else
                continue
            if isinstance(record, dict) and record.get("ready") is True:
                return record
    return None


def _in_words(ready: dict[str, object]) -> str:
    channels, failed = ready.get("channels"), ready.get("failed")
    count = len(channels) if isinstance(channels, list) else 0
    text = "1 channel" if count == 1 else f"{count} channels"
    if isinstance(failed, dict) and failed:
        text += "; not readable: " + ", ".join(f"{name} ({why})" for name, why in failed.items())
    notes = ready.get("notes")
    return "; ".join([text, *(map(str, notes) if isinstance(notes, list) else ())])


def _variables(ready: dict[str, object], home: Path) -> dict[str, str]:
    key = str(ready["public_key"])
    if key.startswith("-----BEGIN"):
        path = home / "sandbox" / "public-key.pem"
        path.parent.mkdir(exist_ok=True)
        path.write_text(key if key.endswith("\n") else key + "\n")
        key = str(path)
    bot = {"TELEGRAM_BOT_API_URL": f"http://{ports.LOOPBACK}:{ready['bot_port']}"} if ready.get("bot_port") else {}
    return bot | {
        "SANDBOX": "1",
        "TELEGRAM_API_ID": "1",
        "TELEGRAM_API_HASH": "sandbox",
        "TELEGRAM_SERVER": f"{ports.LOOPBACK}:{ready['port']}",
        "TELEGRAM_SERVER_KEY": key,
        "SANDBOX_CONTROL_PORT": str(ready["control_port"]),
    }
