"""The environment of a local run: `.env` in the project, and `.local/env` for a second shell. Stdlib only."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path


def home_folder(root: Path) -> Path:
    """The folder that keeps the state of a local run of the project at `root`.

    ANALYTICBOT_HOME, in the shell or in the project's `.env`, overrides it.
    """
    chosen = os.environ.get("ANALYTICBOT_HOME") or read_variables(root / ".env").get("ANALYTICBOT_HOME")
    return (Path(chosen).expanduser() if chosen else root / ".local").absolute()


def load_local_environment(root: Path) -> None:
    """Give this process what `make run` told its own, unless the shell already names a database.

    Reads `.local/env` (or `$ANALYTICBOT_HOME/env`); variables that are set already win.
    """
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        return
    for name, value in read_variables(home_folder(root) / "env").items():
        os.environ.setdefault(name, value)


def read_variables(path: Path) -> dict[str, str]:
    """Variables of a file of NAME=value lines (shell quotes, comments and `export` allowed); empty if absent."""
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return {}
    pairs = (_parse_line(line) for line in text.splitlines())
    return dict(pair for pair in pairs if pair)


def _parse_line(line: str) -> tuple[str, str] | None:
    line = line.strip().removeprefix("export ")
    name, equals, value = line.partition("=")
    name = name.strip()
    if not equals or not name.isidentifier():
        return None
    try:
        words = shlex.split(value, comments=True)
    except ValueError:  # an odd quote is part of the value, as in PASSWORD=it's
        return name, value.strip()
    return name, " ".join(words)


def write_variables(path: Path, variables: Mapping[str, str]) -> None:
    """Write NAME=value lines that both a shell and `read_variables` understand, readable by the owner only."""
    lines = [f"{name}={shlex.quote(value)}" for name, value in sorted(variables.items())]
    write_private(path, "# Written by make run: what a second shell needs.\n" + "\n".join(lines) + "\n")


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step with text that only its owner may read (mode 0600)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
    fresh.replace(path)
