"""One run per state folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from analyticbot.local.instance import Instance, refuse_if_running
from analyticbot.local.problems import StartError


def test_second_run_is_refused_naming_pid_and_address(tmp_path: Path) -> None:
    with Instance(tmp_path, address="http://127.0.0.1:8000"):
        with pytest.raises(StartError) as refused, Instance(tmp_path, address="http://127.0.0.1:8001"):
            pass
        with pytest.raises(StartError, match="already runs"):
            refuse_if_running(tmp_path)

    assert f"pid {os.getpid()}, http://127.0.0.1:8000" in str(refused.value)


def test_lock_is_free_after_the_run(tmp_path: Path) -> None:
    with Instance(tmp_path, address="http://127.0.0.1:8000"):
        pass

    refuse_if_running(tmp_path)
    with Instance(tmp_path, address="http://127.0.0.1:8000"):
        pass


def test_lock_is_free_after_the_run_was_killed(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys; from analyticbot.local.instance import Instance\n"
        "Instance(pathlib.Path(sys.argv[1]), address='http://127.0.0.1:8000').__enter__()\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], check=False)
    assert "8000" in (tmp_path / "lock").read_text()

    refuse_if_running(tmp_path)


def test_refuse_if_running_without_state_says_nothing(tmp_path: Path) -> None:
    refuse_if_running(tmp_path / "absent")
