"""What `.ci/run` installs on a bare machine."""

import shutil
import subprocess
from pathlib import Path

_PROJECT = Path(__file__).resolve().parent.parent.parent
_REAL = ("bash", "dirname", "mktemp", "chmod", "rm", "tail", "sed", "timeout", "cat")


def _program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def _machine(folder: Path, *, python: str) -> Path:
    """A PATH with what every Debian has, git that clones nothing, and an apt-get that knows no Chromium."""
    folder.mkdir()
    for name in _REAL:
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    _program(folder, "id", "echo 0")
    _program(folder, "git", "exit 1")
    _program(folder, "make", "exit 0")
    _program(folder, "xgettext", "exit 0")
    _program(folder, "python3", python)
    refuse = "case $* in *chromium*) echo 'E: Unable to locate package' >&2; exit 100;; esac"
    _program(folder, "apt-get", f'echo "$@" >> {folder}/asked; {refuse}')
    return folder


def _judge(folder: Path) -> tuple[str, list[str]]:
    answer = subprocess.run(
        [_PROJECT / ".ci" / "run"], env={"PATH": str(folder)}, capture_output=True, text=True, check=False, timeout=60
    )
    assert answer.returncode == 2, answer.stderr
    asked = folder / "asked"
    return answer.stdout, asked.read_text().splitlines() if asked.exists() else []


def test_python_that_makes_no_environments_is_completed_and_a_missing_package_stops_nothing(tmp_path: Path) -> None:
    output, asked = _judge(_machine(tmp_path / "bin", python="exit 1"))

    assert [words.split()[-1] for words in asked] == ["update", "python3-venv", "chromium"]
    assert "python3-venv failed" not in output
    assert "chromium failed (exit code 100)" in output
    assert "  E: Unable to locate package" in output


def test_whole_machine_is_left_alone(tmp_path: Path) -> None:
    machine = _machine(tmp_path / "bin", python="exit 0")
    _program(machine, "google-chrome", "exit 0")

    assert _judge(machine)[1] == []
