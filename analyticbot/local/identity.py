"""What one installation keeps for itself: secrets made once, and the ports it was given."""

import base64
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from analyticbot.local.environment import read_variables, write_private, write_variables

_DEMO_PASSWORD = "demo-password"  # noqa: S105  # the name of a file
_SECRETS = "secrets"
_PORTS = "ports.json"


@dataclass(frozen=True)
class Secrets:
    """Secrets of one installation; losing them loses the sessions, or with `enc_keys` what is sealed at rest."""

    secret_key: str
    enc_keys: str
    database_password: str
    redis_password: str
    demo_password: str


def keep_secrets(home: Path) -> Secrets:
    """The installation's secrets, made the first time; files of mode 0600 below `home`."""
    path = home / _SECRETS
    known = read_variables(path)
    fresh = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ENC_KEYS": f"k1:{base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}",
        "DATABASE_PASSWORD": secrets.token_urlsafe(24),
        "REDIS_PASSWORD": secrets.token_urlsafe(24),
    }
    values = fresh | known
    if set(fresh) - set(known):
        write_variables(path, values)
    return Secrets(
        secret_key=values["SECRET_KEY"],
        enc_keys=values["ENC_KEYS"],
        database_password=values["DATABASE_PASSWORD"],
        redis_password=values["REDIS_PASSWORD"],
        demo_password=_keep_demo_password(home / _DEMO_PASSWORD),
    )


def _keep_demo_password(path: Path) -> str:
    try:
        known = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        known = ""
    if not known:
        known = secrets.token_urlsafe(12)
        write_private(path, known + "\n")
    return known


def read_ports(home: Path) -> dict[str, int]:
    """The ports that were used last, by server; empty the first time or when the file is damaged."""
    try:
        ports = json.loads((home / _PORTS).read_text())
        return {str(name): int(port) for name, port in ports.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def write_ports(home: Path, ports: dict[str, int]) -> None:
    """Remember the ports, so that addresses stay the same over restarts."""
    write_private(home / _PORTS, json.dumps(ports) + "\n")
