"""The environment: what stops the start, and that each message names its variable."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from analyticbot.env import Environment, EnvironmentInvalid, read_environment
from analyticbot.local.environment import read_variables
from analyticbot.local.identity import keep_secrets
from analyticbot.local.variables import run_variables, uses_sandbox, value_of, web_port

ROOT = Path(__file__).parents[2]
ENVS = ("local", "test", "production")
GOOD = {
    "ANALYTICBOT_ENV": "production",
    "SECRET_KEY": "kR7-xQz2mVw9Lp4Tn8Yb1Hd6Sf3Gj5Uc0Ea_oIiAvXMZDqBWtNyKl",
    "ENC_KEYS": "k1:3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=",
    "DATABASE_URL": "postgres://u:p@db.internal:5432/analytic",
    "REDIS_URL": "redis://:p@redis.internal:6379/0",
    "SITE_URL": "https://stats.example.org",
    "EMAIL_URL": "smtp+tls://u:p@mail.example.org:587",
}


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment with only our variables, good for production."""
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def refusal() -> Any:
    with pytest.raises(EnvironmentInvalid) as refused:
        read_environment()
    return str(refused.value)


def test_good_production_environment_is_read(environ: pytest.MonkeyPatch) -> None:
    env = read_environment()

    assert env.secret_key.get_secret_value() == GOOD["SECRET_KEY"]
    assert not any(value for name, value in env if name.endswith("_enabled"))


@pytest.mark.parametrize("name", ["SECRET_KEY", "ENC_KEYS", "DATABASE_URL", "REDIS_URL"])
@pytest.mark.parametrize("empty", [False, True])
def test_missing_secret_stops_the_start(environ: pytest.MonkeyPatch, name: str, empty: Any) -> None:
    environ.setenv(name, "") if empty else environ.delenv(name)

    assert f"{name}: is not set" in refusal()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "1"),
        ("SANDBOX", "1"),
        ("SANDBOX_CHANNELS", "/srv/channels"),
        ("TELEGRAM_SERVER", "127.0.0.1:4430"),
        ("TELEGRAM_SERVER_KEY", "/srv/key.pem"),
        ("SECRET_KEY", "development-development-development-development-development"),
        ("SECRET_KEY", "django-insecure-kR7-xQz2mVw9Lp4Tn8Yb1Hd6Sf3Gj5Uc0Ea_oIiAv"),
        ("SECRET_KEY", "x" * 64),
        ("SECRET_KEY", "kR7-xQz2mVw9Lp4Tn8Yb1Hd6Sf3Gj5U"),
        ("SECRET_KEY", "kR7-xQz2mVw9Lp4Tn8Yb1Hd6Sf3Gj5Uc"),
        ("ENC_KEYS", "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("ENC_KEYS", "k1:short"),
        ("AUDIT_KEYS", "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("AUDIT_KEYS", "k1:short"),
        ("ENC_KEYS", "3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs="),
        ("SITE_URL", "http://stats.example.org"),
        ("SITE_URL", "stats.example.org"),
        ("ALLOWED_HOSTS", "*"),
        ("DATABASE_URL", "mysql://u:p@host/name"),
        ("DATABASE_URL", "postgres://u:p@host"),
        ("DATABASE_URL", "postgres://u:p@host/"),
        ("DATABASE_URL", "postgres://u:p@host/name?sslmodes=require"),
        ("DATABASE_URL", "postgres://u:p@host/name?sslmode=always"),
        ("DATABASE_URL", "postgres://u:p@host/name?sslmode"),
        ("DATABASE_URL", "postgres://u:p@host/name?sslmode=require&sslmode=disable"),
        ("DATABASE_URL", "postgres://u:p@host/name#fragment"),
        ("REDIS_URL", "localhost"),
        ("REDIS_URL", "redis://:p@host:6379/cache"),
        ("REDIS_URL", "redis://:p@host:6379/-1"),
        ("REDIS_URL", "redis://:p@host:6379/0/1"),
        ("EMAIL_URL", "mail.example.org"),
        ("TELEGRAM_API_ID", "abc"),
        ("TRUSTED_PROXY_COUNT", "-1"),
        ("LOG_LEVEL", "LOUD"),
        ("ANALYTICBOT_ENV", "prod"),
    ],
)
def test_wrong_or_dangerous_value_stops_the_start(environ: pytest.MonkeyPatch, name: str, value: Any) -> None:
    environ.setenv(name, value)

    text = refusal()

    assert re.search(rf"^  {name}: .{{10,}}", text, re.MULTILINE)
    if name in {"SECRET_KEY", "ENC_KEYS", "DATABASE_URL", "REDIS_URL", "EMAIL_URL"}:
        assert value not in text


@pytest.mark.parametrize("env", ["local", "production"])
@pytest.mark.parametrize(
    "live", [{"TELEGRAM_API_ID": "1", "TELEGRAM_API_HASH": "h"}, {"TELEGRAM_BOT_TOKEN": "1:t"}], ids=["api", "bot"]
)
def test_live_keys_with_debug_stop_the_start(environ: pytest.MonkeyPatch, env: Any, live: Any) -> None:
    for name, value in {"ANALYTICBOT_ENV": env, "DEBUG": "1", **live}.items():
        environ.setenv(name, value)

    assert "  DEBUG: must be off while TELEGRAM_" in refusal()


def test_debug_against_a_telegram_of_ones_own_is_allowed(environ: pytest.MonkeyPatch) -> None:
    own = {"TELEGRAM_SERVER": "127.0.0.1:4430", "TELEGRAM_API_ID": "1", "TELEGRAM_API_HASH": "h"}
    for name, value in {"ANALYTICBOT_ENV": "local", "DEBUG": "1", **own}.items():
        environ.setenv(name, value)

    assert read_environment().debug


@pytest.mark.parametrize("name", ["SECRET_KEY", "ENC_KEYS", "DATABASE_URL", "REDIS_URL", "EMAIL_URL"])
def test_secret_may_be_given_as_a_file(environ: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    environ.delenv(name)
    path = tmp_path / "value"
    path.write_text(GOOD[name] + "\n")
    environ.setenv(f"{name}_FILE", str(path))

    env = read_environment()

    assert getattr(env, name.lower()).get_secret_value() == GOOD[name]


def test_value_wins_over_its_file(environ: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environ.setenv("LOG_LEVEL", "ERROR")
    environ.setenv("LOG_LEVEL_FILE", str(tmp_path / "absent"))

    assert read_environment().log_level == "ERROR"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_unreadable_file_is_named(environ: pytest.MonkeyPatch, tmp_path: Path, content: Any) -> None:
    path = tmp_path / "value"
    if content:
        path.write_bytes(content)
    environ.delenv("SECRET_KEY")
    environ.setenv("SECRET_KEY_FILE", str(path))

    assert f"SECRET_KEY_FILE: {path} cannot be read" in refusal()


# What a server has to be told, though the last of them has a value for a local run.
MUST = {"SECRET_KEY", "ENC_KEYS", "DATABASE_URL", "REDIS_URL", "SITE_URL"}
# Of `make run` alone; the product does not read them.
OF_A_LOCAL_RUN = {"PORT": "8000", "DEMO_PASSWORD": ""}


def _example(pattern: str) -> dict[str, str]:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return dict(re.findall(rf"^{pattern}([A-Z][A-Z0-9_]+)=(.*)$", text, re.MULTILINE))


def _as_written(default: Any) -> str:
    return "" if default is None else str(int(default)) if isinstance(default, bool) else str(default)


def test_example_names_every_variable_with_its_default_commented_out() -> None:
    fields = {name.upper(): field for name, field in Environment.model_fields.items()}

    assert _example("") == dict.fromkeys(MUST, "")
    defaults = {name: _as_written(field.default) for name, field in fields.items() if name not in MUST}
    assert _example("# ") == defaults | OF_A_LOCAL_RUN
    assert {name for name, field in fields.items() if field.is_required()} == MUST - {"SITE_URL"}


def test_example_copied_unchanged_changes_no_local_run(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".env.example", tmp_path / ".env")
    copied = read_variables(tmp_path / ".env")
    (tmp_path / "home").mkdir()
    told: dict[str, Any] = {
        "home": tmp_path / "home",
        "secrets": keep_secrets(tmp_path / "home"),
        "address": "http://127.0.0.1:8000",
    }

    given = run_variables(copied, **told)

    assert {name: value for name, value in given.items() if value} == run_variables({}, **told)
    assert (web_port(copied), uses_sandbox(copied)) == (8000, True)
    assert value_of(copied, "DATABASE_URL") is value_of(copied, "REDIS_URL") is None


def test_example_lines_uncommented_as_they_are_change_nothing(environ: pytest.MonkeyPatch) -> None:
    before = read_environment()
    for name, value in _example("# ").items():
        environ.setenv(name, value)

    # But for mail, which the good environment has and the example leaves empty.
    assert read_environment().model_dump(exclude={"email_url"}) == before.model_dump(exclude={"email_url"})


def _manage(*arguments: Any, **variables: Any) -> Any:
    return _python("manage.py", *arguments, **variables)


def _python(*arguments: Any, **variables: Any) -> Any:
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=keep | GOOD | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_production_settings_pass_the_deployment_check(tmp_path: Path) -> None:
    done = _manage("check", "--deploy", "--fail-level", "WARNING", ANALYTICBOT_HOME=str(tmp_path))

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "System check identified no issues (0 silenced)."


def test_start_that_is_refused_says_why_without_a_traceback() -> None:
    done = _manage("check", SECRET_KEY="")

    assert done.returncode != 0
    assert done.stdout == ""
    assert "SECRET_KEY: is not set" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variables", "check"),
    [({"EMAIL_URL": ""}, "analyticbot.W001"), ({"ALLOWED_HOSTS": "other.example.org"}, "analyticbot.W002")],
)
def test_deployment_check_tells_what_should_be_known(tmp_path: Path, variables: Any, check: Any) -> None:
    done = _manage("check", "--deploy", ANALYTICBOT_HOME=str(tmp_path), **variables)

    assert done.returncode == 0
    assert check in done.stderr
    assert "HINT" in done.stderr


def _setting(expression: str, tmp_path: Path, **variables: Any) -> Any:
    code = f"import json; from django.conf import settings; print(json.dumps({expression}))"
    variables |= {"ANALYTICBOT_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "analyticbot.settings"}
    done = _python("-c", code, **variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_parameters_of_the_database_address_reach_the_driver(tmp_path: Path) -> None:
    given = {
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ca file.pem",
        "sslcert": "/etc/client.pem",
        "sslkey": "/etc/client.key",
        "options": "-c statement_timeout=5s",
        "application_name": "stats",
        "target_session_attrs": "read-write",
    }

    database = _setting(
        "settings.DATABASES['default']", tmp_path, DATABASE_URL=f"{GOOD['DATABASE_URL']}?{urlencode(given)}"
    )

    assert database["NAME"] == "analytic"
    assert database["OPTIONS"] == {"connect_timeout": 10, **given}


@pytest.mark.parametrize(("path", "cache"), [("", "/1"), ("/", "/1"), ("/0", "/1"), ("/5", "/6")])
def test_cache_takes_the_redis_database_after_the_named_one(tmp_path: Path, path: str, cache: str) -> None:
    address = "redis://:p@redis.internal:6379"

    assert _setting("settings.CACHE_REDIS_URL", tmp_path, REDIS_URL=address + path) == address + cache


def test_links_of_mails_are_printed_in_a_local_run_only(tmp_path: Path) -> None:
    printed = {
        env: _setting("settings.MAIL_LINKS_PRINTED", tmp_path, ANALYTICBOT_ENV=env, EMAIL_URL="") for env in ENVS
    }

    assert printed == {"local": True, "test": False, "production": False}


_ANSWER = """
import django
django.setup()
from django.conf import settings
from django.test import Client
print(settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_DOMAIN)
print(settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_SECURE, settings.CSRF_COOKIE_DOMAIN)
client = Client(SERVER_NAME="stats.example.org")
print(client.get("/health/live", secure=True)["Strict-Transport-Security"])
print(client.get("/app/")["Location"], client.get("/health/live").status_code)
print(Client(SERVER_NAME="evil.example").get("/api/v2/channels", secure=True).status_code)
pod = Client(headers={"Host": "10.42.0.17:8000"})
print([pod.get(path, secure="api" in path).status_code for path in ("/health/live", "/metrics", "/api/v2/channels")])
print(pod.get("/metrics", REMOTE_ADDR="10.42.0.1").status_code)
"""


def test_production_answers_over_https_with_strict_cookies(tmp_path: Path) -> None:
    done = _python("-c", _ANSWER, ANALYTICBOT_HOME=str(tmp_path), DJANGO_SETTINGS_MODULE="analyticbot.settings")

    assert done.stdout.splitlines() == [
        "__Host-sessionid True None",
        "__Host-csrftoken True None",
        "max-age=31536000; includeSubDomains; preload",
        "https://stats.example.org/app/ 200",
        "400",
        "[200, 200, 400]",
        "404",
    ], done.stderr
