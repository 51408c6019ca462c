"""From a clone to a virtual environment: made, kept, repaired."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from analyticbot.local.bootstrap import ensure_environment, main, unusable_because
from analyticbot.local.instance import Instance

_PROJECT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHON", "ANALYTICBOT_HOME", "ANALYTICBOT_STARTED_AT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose lock asks for nothing, so that no network is needed."""
    folder = tmp_path / "project with a space"
    (folder / "requirements").mkdir(parents=True)
    (folder / "requirements" / "run.txt").write_text("# nothing\n")
    return folder


def _venv(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder


def _pretend_version(venv: Path, version: str) -> None:
    """Let the environment's Python answer as another version would."""
    python = venv / "bin" / "python"
    python.unlink()
    answer = json.dumps([[int(part) for part in version.split(".")], str(venv)])
    python.write_text(f"#!/bin/sh\necho '{answer}'\n")
    python.chmod(0o755)


def test_environment_is_made_once_and_kept(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".venv").symlink_to("/no/such/folder")

    python = ensure_environment(project, "run.txt")
    made = (project / ".venv" / "pyvenv.cfg").stat().st_mtime_ns
    ensure_environment(project, "run.txt")

    assert subprocess.run([python, "-c", "import sys"], check=True).returncode == 0
    assert (project / ".venv" / "pyvenv.cfg").stat().st_mtime_ns == made
    lines = capsys.readouterr().out.splitlines()
    assert "its Python does not run" in lines[0]
    assert lines[-1].endswith(".venv is up to date")


def test_environment_of_another_python_is_made_anew(project: Path) -> None:
    _pretend_version(_venv(project / ".venv"), "3.9.18")

    python = ensure_environment(project, "run.txt")

    answer = subprocess.run(
        [python, "-c", "import sys; print(sys.version)"], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == sys.version


def test_environment_too_old_is_named(tmp_path: Path) -> None:
    venv = _venv(tmp_path / ".venv")
    _pretend_version(venv, "3.10.13")

    assert unusable_because(venv) == "it was made by Python 3.10.13"


def test_environment_of_another_suitable_python_is_kept_unless_one_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv = _venv(tmp_path / ".venv")
    _pretend_version(venv, "3.14.1")

    assert unusable_because(venv) is None
    monkeypatch.setenv("PYTHON", sys.executable)
    assert "PYTHON asks for" in str(unusable_because(venv))


def test_environment_whose_python_is_gone_is_unusable(tmp_path: Path) -> None:
    venv = _venv(tmp_path / ".venv")
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").symlink_to("/no/such/python")

    assert unusable_because(venv) == "its Python does not run"


def test_moved_environment_is_unusable(tmp_path: Path) -> None:
    venv = _venv(tmp_path / ".venv")
    (venv / "analyticbot.json").write_text(json.dumps({"path": str(tmp_path / "before" / ".venv")}))

    assert unusable_because(venv) == "it was moved here from another folder"


def test_environment_with_system_packages_is_unusable(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", tmp_path / "v"], check=True
    )

    assert unusable_because(tmp_path / "v") == "it mixes in packages of the system"


def test_package_that_cannot_be_installed_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = project / "requirements" / "run.txt"
    lock.write_text(
        f"nothing @ {(project / 'absent-1.0-py3-none-any.whl').as_uri()} \\\n    --hash=sha256:{'0' * 64}\n"
    )

    code = main(project, ["run"])

    assert code == 1
    assert "The packages cannot be installed" in capsys.readouterr().out


def test_run_beside_a_living_run_is_refused_before_anything_is_touched(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = project / ".local"
    home.mkdir()
    with Instance(home, address="http://127.0.0.1:8000"):
        code = main(project, ["run"])

    assert code == 1
    assert f"pid {os.getpid()}, http://127.0.0.1:8000" in capsys.readouterr().out
    assert not (project / ".venv").exists()


def test_bootstrap_needs_nothing_but_the_standard_library() -> None:
    # -S leaves out site-packages; -I the caller's environment.
    code = f"import sys; sys.path.insert(0, {str(_PROJECT)!r}); import analyticbot.local.bootstrap"

    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)


def test_make_without_a_word_lists_the_targets() -> None:
    answer = subprocess.run(["make", "-C", _PROJECT], capture_output=True, text=True, check=True)

    targets = [line.split()[0] for line in answer.stdout.splitlines() if line.startswith("  ")]
    assert targets == ["help", "run", "test", "check", "bench", "fuzz", "fmt", "messages", "lock"]


def test_make_without_a_suitable_python_says_so(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)

    answer = subprocess.run(
        ["make", "-C", _PROJECT, "run", f"PYTHON={old}"], capture_output=True, text=True, check=False
    )

    assert answer.returncode != 0
    assert "Python 3.11 or newer is needed" in answer.stdout
