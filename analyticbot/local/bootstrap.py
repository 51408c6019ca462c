"""From a fresh clone to a virtual environment with the pinned requirements. Stdlib only: nothing is installed yet.

`python -m analyticbot.local.bootstrap run|test|check|bench|fmt|messages [ARGUMENT …]` makes or repairs `.venv`,
installs what the lock asks for if the lock changed, and then becomes the command itself.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from analyticbot.local.console import Progress, plain, say, started_at
from analyticbot.local.environment import home_folder
from analyticbot.local.instance import refuse_if_running
from analyticbot.local.problems import StartError, explain_os_error

OLDEST_PYTHON = (3, 11)
_STAMP = "analyticbot.json"
_PROBE = "import json, sys; print(json.dumps([sys.version_info[:3], sys.prefix]))"
# Options of pip's configuration that say "use this network path and no other"; uv does not read them.
_PIP_ONLY = {"index-url", "no-index", "proxy"}
_NOTHING: Mapping[str, str] = MappingProxyType({})
_COMMANDS = {
    "run": ("run.txt", ("-m", "analyticbot.local")),
    "bench": ("dev.txt", ("-m", "benchmarks")),
    "test": ("dev.txt", ("-m", "analyticbot.local.development", "test")),
    "check": ("dev.txt", ("-m", "analyticbot.local.development", "check")),
    "fmt": ("dev.txt", ("-m", "analyticbot.local.development", "fmt")),
    "messages": ("dev.txt", ("-m", "analyticbot.local.development", "messages")),
}


def main(project: Path, arguments: list[str]) -> int:
    """Prepare the environment and become the command; returns (1) only if that is not possible."""
    started_at()
    command = arguments[0] if arguments else ""
    if command not in _COMMANDS:
        plain(f"Say one of: {', '.join(_COMMANDS)}")
        return 2
    requirements, words = _COMMANDS[command]
    try:
        if command == "run":
            refuse_if_running(home_folder(project))
        python = ensure_environment(project, requirements)
    except StartError as problem:
        plain(f"\n{problem}")
        return 1
    except OSError as error:
        plain(f"\n{explain_os_error(error)}")
        return 1
    except KeyboardInterrupt:
        plain("\nStopped.")
        return 130
    os.chdir(project)
    return os.execv(python, [str(python), *words, *arguments[1:]])  # noqa: S606  # our own environment's Python


def ensure_environment(project: Path, requirements: str) -> Path:
    """Have `.venv` stand with the requirements of one lock file installed; returns its Python. Raises StartError."""
    venv = project / ".venv"
    lock = project / "requirements" / requirements
    with _alone(project):
        reason = unusable_because(venv)
        if reason:
            _make_environment(venv, reason)
        python = venv / "bin" / "python"
        digest = hashlib.sha256(lock.read_bytes()).hexdigest()
        stamp = _read_stamp(venv)
        if stamp.get(requirements) != digest:
            count = _install(python, lock, home_folder(project) / "logs" / "install.log")
            _write_stamp(venv, stamp | {requirements: digest})
            say("environment", f"{count} packages installed in {venv.name}")
        else:
            say("environment", f"{venv.name} is up to date")
    return python


@contextmanager
def _alone(project: Path) -> Iterator[None]:
    """One process at a time works on `.venv`; the project's folder itself carries the lock."""
    descriptor = os.open(project, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def unusable_because(venv: Path) -> str | None:  # noqa: PLR0911  # one line per reason
    """Why this virtual environment cannot be used as it is (words for a person), or None if it can."""
    if not os.path.lexists(venv):
        return "there is none yet"
    try:
        answer = subprocess.run(
            [venv / "bin" / "python", "-I", "-c", _PROBE], capture_output=True, text=True, timeout=60, check=True
        )
        version, prefix = json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return "its Python does not run"
    made_by = ".".join(map(str, version))
    if tuple(version[:2]) < OLDEST_PYTHON:
        return f"it was made by Python {made_by}"
    if os.environ.get("PYTHON") and version[:2] != list(sys.version_info[:2]):
        return f"it was made by Python {made_by}, and PYTHON asks for {sys.version_info[0]}.{sys.version_info[1]}"
    if Path(prefix).resolve() != venv.resolve() or _read_stamp(venv).get("path", str(venv)) != str(venv):
        return "it was moved here from another folder"
    if "include-system-site-packages = true" in _text_of(venv / "pyvenv.cfg"):
        return "it mixes in packages of the system"
    return None


def _make_environment(venv: Path, reason: str) -> None:
    say("environment", f"making {venv.name} with Python {sys.version.split()[0]} ({reason})")
    if venv.is_symlink() or venv.is_file():
        venv.unlink()
    elif venv.exists():
        shutil.rmtree(venv)
    uv = _working_uv()
    with_pip = not uv and _has_module("ensurepip")  # uv needs no pip beside it, and making one takes seconds
    if not _has_module("venv") or not (with_pip or uv or _has_module("pip")):
        major, minor = sys.version_info[:2]
        raise StartError(
            f"This Python ({sys.executable}) cannot make virtual environments.\n"
            f"On Debian and Ubuntu: apt-get install python{major}.{minor}-venv\n"
            "Or name another one: PYTHON=/path/to/python3.12 make run"
        )
    command = [sys.executable, "-m", "venv", *([] if with_pip else ["--without-pip"]), str(venv)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise StartError(f"The virtual environment cannot be made:\n{_tail(answer.stdout + answer.stderr)}")


def _has_module(name: str) -> bool:
    return subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True, check=False).returncode == 0


# --- installing -----------------------------------------------------------------------------------------------


def _install(python: Path, lock: Path, log: Path) -> int:
    """Install one lock file; the number of packages it pins. uv is used for speed where it may, otherwise pip."""
    total = sum(1 for line in lock.read_text().splitlines() if "==" in line and not line.startswith((" ", "#")))
    log.parent.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    log.parent.mkdir(exist_ok=True, mode=0o700)
    options = ["--no-deps", "--require-hashes", "-r", str(lock)]
    uv, settings = _working_uv(), _pip_settings()
    if uv and not settings.keys() & _PIP_ONLY:
        command = [uv, "pip", "install", "--python", str(python), "--no-python-downloads", "--no-progress", *options]
        say("environment", f"installing {total} packages with uv")
        certificates = {"SSL_CERT_FILE": settings["cert"]} if "cert" in settings else {}
        if _follow(command, log, total, certificates) == 0:
            return total
        say("environment", "uv could not; pip takes over")
    else:
        say("environment", f"installing {total} packages with pip (a minute or two, once)")
    # The packages are compiled when they are first imported, which most of their modules never are.
    quiet = ["--no-compile", "--no-input", "--progress-bar", "off", "--disable-pip-version-check"]
    if _follow([*_pip(python), "install", *quiet, *options], log, total) != 0:
        raise StartError(
            f"The packages cannot be installed. The last words of pip (all of them in {log}):\n"
            f"{_tail(_text_of(log))}\n"
            "pip follows its own configuration (pip config list); behind a mirror set it there."
        )
    return total


def _working_uv() -> str | None:
    """The uv on PATH if it runs (a version manager may put a mere stand-in there)."""
    uv = shutil.which("uv")
    if uv and subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0:
        return uv
    return None


def _pip(python: Path) -> list[str]:
    """The command that runs pip on this environment, also where it has no pip of its own."""
    has_pip = [str(python), "-m", "pip"]
    if subprocess.run([*has_pip, "--version"], capture_output=True, check=False).returncode == 0:
        return has_pip
    repaired = subprocess.run([str(python), "-m", "ensurepip", "--default-pip"], capture_output=True, check=False)
    if repaired.returncode == 0:
        return has_pip
    return [sys.executable, "-m", "pip", "--python", str(python)]


def _pip_settings() -> dict[str, str]:
    """What pip's configuration says (files and PIP_… variables), by option; empty if uv has settings of its own.

    uv does not read it. Where it binds pip to one network path uv must not be used; its certificates uv can be given.
    """
    if any(os.environ.get(name) for name in ("UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_NO_INDEX", "UV_CONFIG_FILE")):
        return {}
    answer = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    pairs = (line.partition("=") for line in answer.stdout.splitlines())
    return {name.rpartition(".")[2]: value.strip("'") for name, _, value in pairs}


def _follow(command: list[str], log: Path, total: int, variables: Mapping[str, str] = _NOTHING) -> int:
    """Run an installer with its output in `log`, telling how far it is; returns its exit code."""
    progress = Progress("environment")
    # A personal default of "user = true" is one that no virtual environment can follow.
    environment = {**variables, **os.environ, "PIP_USER": "0"}
    environment.pop("VIRTUAL_ENV", None)
    environment.pop("PYTHONPATH", None)
    seen, unpacking = 0, False
    log.touch(mode=0o600)
    with log.open("w") as output:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, errors="replace"
        )
        with process:
            for line in process.stdout or ():
                output.write(line)
                seen += line.startswith("Collecting ")
                unpacking = unpacking or line.startswith("Installing collected")
                if unpacking:
                    progress.show(f"{total} packages downloaded, unpacking")
                elif seen:
                    progress.show(f"{seen} of {total} packages downloaded")
    return process.returncode


# --- small ----------------------------------------------------------------------------------------------------


def _read_stamp(venv: Path) -> dict[str, str]:
    try:
        record = json.loads((venv / _STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _write_stamp(venv: Path, stamp: dict[str, str]) -> None:
    (venv / _STAMP).write_text(json.dumps(stamp | {"path": str(venv), "written": time.ctime()}))


def _text_of(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _tail(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-8:])


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent.parent, sys.argv[1:]))
