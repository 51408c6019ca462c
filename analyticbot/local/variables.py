"""The variables that every process of a local run gets."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from analyticbot.local.environment import read_variables
from analyticbot.local.identity import Secrets
from analyticbot.local.problems import StartError
from analyticbot.local.processes import MARKER

DEFAULT_PORT = 8000
_FLAGS = (
    "MTPROTO_HISTORY_ENABLED",
    "MTPROTO_UPDATES_ENABLED",
    "MTPROTO_STATS_ENABLED",
    "EXPORT_ENABLED",
    "SHARE_LINKS_ENABLED",
    "ALERTS_ENABLED",
)
# Of the caller's shell and of make: they would change how our processes run, and say nothing about the product.
_NOT_PASSED_ON = frozenset(
    {
        "MAKEFLAGS",
        "MAKELEVEL",
        "MFLAGS",
        "MAKEOVERRIDES",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONHOME",
        "PYTHONPATH",
    }
)


_OF_THE_PRODUCT = re.compile(
    r"(ANALYTICBOT_(ENV|HOME)|TELEGRAM_|MTPROTO_|SANDBOX|DATABASE_URL|REDIS_URL|SECRET_KEY|ENC_KEYS|EMAIL_URL|SITE_URL)"
    r"|.*_ENABLED$"
)
_OF_THIS_RUN_ONLY = frozenset({MARKER, "PYTHONUNBUFFERED"})


def given_variables(project: Path) -> dict[str, str]:
    """What the person gave: the `.env` file of the project, and over it the variables of the shell."""
    from_shell = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
    return read_variables(project / ".env") | from_shell


def value_of(variables: Mapping[str, str], name: str) -> str | None:
    """The value of a variable, also when it is given as a file (`NAME_FILE`); None if neither is set."""
    if variables.get(name):
        return variables[name]
    path = variables.get(f"{name}_FILE")
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise StartError(f"{name}_FILE={path} cannot be read: {error.strerror}.") from error


def web_port(variables: Mapping[str, str]) -> int:
    """The port of the web server: PORT, or 8000. Raises StartError for what is no port."""
    text = variables.get("PORT") or str(DEFAULT_PORT)
    if not text.isdigit() or not 1 <= int(text) <= 65_535:
        raise StartError(f"PORT={text} is not a port. Give a number from 1024 to 65535: PORT=8001 make run")
    return int(text)


def run_variables(given: Mapping[str, str], *, home: Path, secrets: Secrets, address: str) -> dict[str, str]:
    """The variables of every process: what was given, and where nothing was given the values of a local run."""
    defaults = {
        "SECRET_KEY": secrets.secret_key,
        "ENC_KEYS": secrets.enc_keys,
        "SITE_URL": address,
        "LOG_FORMAT": "console",
        **dict.fromkeys(_FLAGS, "1"),
        **({"PUBLIC_DEMO": "1"} if uses_sandbox(given) else {}),
    }
    chosen = {name: value for name, value in defaults.items() if not given.get(name) and not given.get(f"{name}_FILE")}
    fixed = {
        "ANALYTICBOT_ENV": "local",  # this is what a local run is, also beside a production's `.env`
        "ANALYTICBOT_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "analyticbot.settings",
        "PYTHONUNBUFFERED": "1",
        MARKER: str(home),
    }
    return {**given, **chosen, **fixed}


def uses_sandbox(given: Mapping[str, str]) -> bool:
    """True if the sandbox plays Telegram: no other was named, or SANDBOX_CHANNELS says what to play."""
    return bool(given.get("SANDBOX_CHANNELS")) or not names_telegram(given)


def names_telegram(given: Mapping[str, str]) -> bool:
    """True if an account at Telegram itself, or another server, was given."""
    return any(given.get(name) for name in ("TELEGRAM_API_ID", "TELEGRAM_API_ID_FILE", "TELEGRAM_SERVER"))


def for_second_shell(variables: Mapping[str, str]) -> dict[str, str]:
    """The part of the run's variables that another shell lacks: what we chose, and what is about the product."""
    return {
        name: value
        for name, value in variables.items()
        if (os.environ.get(name) != value or _OF_THE_PRODUCT.match(name)) and name not in _OF_THIS_RUN_ONLY
    }
