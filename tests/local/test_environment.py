"""`.env` and `.local/env`: what is read, what is written, who wins."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyticbot.local.environment import home_folder, load_local_environment, read_variables, write_variables
from analyticbot.local.problems import StartError
from analyticbot.local.variables import given_variables, run_variables, uses_sandbox, value_of, web_port

_NAMES = st.from_regex(r"[A-Z][A-Z0-9_]{0,20}", fullmatch=True)
_VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))


@pytest.fixture
def _no_servers_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_URL_FILE", "ANALYTICBOT_HOME", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("_no_servers_named")
def test_load_local_environment_fills_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_variables(tmp_path / ".local" / "env", {"DATABASE_URL": "postgres://kept", "SECRET_KEY": "from the file"})
    monkeypatch.setenv("SECRET_KEY", "from the shell")

    load_local_environment(tmp_path)

    assert (os.environ["DATABASE_URL"], os.environ["SECRET_KEY"]) == ("postgres://kept", "from the shell")
    monkeypatch.delenv("DATABASE_URL")


@pytest.mark.usefixtures("_no_servers_named")
def test_load_local_environment_database_named_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_variables(tmp_path / ".local" / "env", {"DATABASE_URL": "postgres://kept", "SECRET_KEY": "kept"})
    monkeypatch.setenv("DATABASE_URL", "postgres://mine")

    load_local_environment(tmp_path)

    assert "SECRET_KEY" not in os.environ


@pytest.mark.usefixtures("_no_servers_named")
def test_load_local_environment_without_file_does_nothing(tmp_path: Path) -> None:
    load_local_environment(tmp_path)

    assert "DATABASE_URL" not in os.environ


@given(st.dictionaries(_NAMES, _VALUES, max_size=5))
def test_written_variables_come_back(tmp_path_factory: pytest.TempPathFactory, variables: dict[str, str]) -> None:
    path = tmp_path_factory.mktemp("env") / "env"

    write_variables(path, variables)

    assert read_variables(path) == variables
    assert path.stat().st_mode & 0o777 == 0o600


def test_written_variables_suit_a_shell(tmp_path: Path) -> None:
    value = """it's "odd" $HOME `ls` # not a comment"""
    write_variables(tmp_path / "env", {"ODD": value})

    answer = subprocess.run(
        ["sh", "-c", '. ./env; printf %s "$ODD"'], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert answer.stdout == value


def test_read_variables_takes_what_people_write(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# comment\n\nexport A=1\nB = two words # why\nC='x # y'\nD=it's\nnonsense\n1X=2\n")

    assert read_variables(tmp_path / ".env") == {"A": "1", "B": "two words", "C": "x # y", "D": "it's"}


def test_shell_wins_over_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("PORT=1\nTELEGRAM_API_ID=7\n")
    monkeypatch.setenv("PORT", "2")
    monkeypatch.delenv("TELEGRAM_API_ID", raising=False)

    given_here = given_variables(tmp_path)

    assert (given_here["PORT"], given_here["TELEGRAM_API_ID"]) == ("2", "7")
    assert not uses_sandbox(given_here)


@pytest.mark.parametrize("other", ["TELEGRAM_API_ID", "TELEGRAM_API_ID_FILE", "TELEGRAM_SERVER"])
def test_channels_named_for_the_sandbox_win_over_another_telegram(other: str) -> None:
    assert not uses_sandbox({other: "1"})
    assert not uses_sandbox({other: "1", "SANDBOX_CHANNELS": ""})
    assert uses_sandbox({other: "1", "SANDBOX_CHANNELS": "/srv/channels"})
    assert uses_sandbox({})


@pytest.mark.usefixtures("_no_servers_named")
def test_home_may_be_named_in_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert home_folder(tmp_path) == tmp_path / ".local"
    (tmp_path / ".env").write_text(f"ANALYTICBOT_HOME={tmp_path / 'state'}\n")
    assert home_folder(tmp_path) == tmp_path / "state"
    monkeypatch.setenv("ANALYTICBOT_HOME", str(tmp_path / "mine"))
    assert home_folder(tmp_path) == tmp_path / "mine"


def test_value_of_reads_a_secret_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("postgres://x\n")

    assert value_of({"DATABASE_URL_FILE": str(tmp_path / "secret")}, "DATABASE_URL") == "postgres://x"
    assert value_of({}, "DATABASE_URL") is None
    with pytest.raises(StartError, match="cannot be read"):
        value_of({"DATABASE_URL_FILE": str(tmp_path / "absent")}, "DATABASE_URL")


@pytest.mark.parametrize("text", ["0", "-1", "65536", "http", "80.5"])
def test_web_port_refuses_what_is_no_port(text: str) -> None:
    with pytest.raises(StartError, match="is not a port"):
        web_port({"PORT": text})


def test_run_variables_keep_what_was_given(tmp_path: Path) -> None:
    from analyticbot.local.identity import keep_secrets

    secrets = keep_secrets(tmp_path)
    mine = {"EXPORT_ENABLED": "0", "SECRET_KEY_FILE": "/run/secret", "ANALYTICBOT_ENV": "production"}

    variables = run_variables(mine, home=tmp_path, secrets=secrets, address="http://127.0.0.1:8000")

    assert variables["EXPORT_ENABLED"] == "0"
    assert variables["ALERTS_ENABLED"] == "1"
    assert "SECRET_KEY" not in variables
    assert variables["ANALYTICBOT_ENV"] == "local"
