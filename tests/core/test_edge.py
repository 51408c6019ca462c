"""Management commands as processes while a server is away: one sentence that names the variable, exit code 1."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
NOBODY_THERE = "postgres://app:app@127.0.0.1:1/app"

COMMANDS = [
    ["sync_history"],
    ["load_stats", "@news"],
    ["collect_updates", "--once"],
    ["import_channel", "pyproject.toml"],
    ["load_preview", "news"],
    ["check_cells"],
    ["prepare_demo"],
    ["create_api_token", "a@example.org", "--name", "n"],
    ["add_telegram_account", "+998901234567", "--workspace", "a@example.org"],
    ["migrate"],
]


def _run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "TELEGRAM_API_ID": "1",
        "TELEGRAM_API_HASH": "sandbox",
        "TELEGRAM_SERVER": "127.0.0.1:1",
        "SANDBOX": "1",
        **variables,
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_absent_database_is_one_sentence(command: list[str]) -> None:
    done = _run(*command, DATABASE_URL=NOBODY_THERE)

    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert "app:app" not in done.stderr


def test_absent_database_is_shown_in_full_on_demand() -> None:
    done = _run("check_cells", "--traceback", DATABASE_URL=NOBODY_THERE)

    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_mistake_of_ours_is_not_called_an_absence() -> None:
    from django.db import OperationalError, ProgrammingError
    from psycopg.errors import DeadlockDetected

    from analyticbot.core.edge import explain_absence

    deadlock = OperationalError("deadlock detected")
    deadlock.__cause__ = DeadlockDetected("deadlock detected")
    assert explain_absence(deadlock) is None
    assert explain_absence(ProgrammingError("relation does not exist")) is None
    assert explain_absence(ZeroDivisionError()) is None


def test_absent_redis_names_its_variable() -> None:
    from redis import Redis
    from redis.exceptions import ConnectionError as RedisAway

    from analyticbot.core.edge import explain_absence

    with pytest.raises(RedisAway) as caught:
        Redis(port=1).ping()
    told = explain_absence(caught.value)
    assert told is not None
    assert "REDIS_URL" in told
