"""The environment, read once and typed; a wrong or missing value stops the start and names its variable.

Every variable may also be given as ``NAME_FILE``: the path of a file that holds the value (for secrets).
"""

import binascii
import os
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel, ConfigDict, Field, Json, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_KEY_BYTES = 32
# Django's own bar for a production key, and ours: typed words repeat themselves, random text does not.
_STRONG_LENGTH = 50
_STRONG_DISTINCT = 20
_KNOWN_WEAK = ("insecure", "development", "changeme", "change-me", "tests-only", "secret", "password", "example")
_SCHEMES = {
    "database_url": ("postgres", "postgresql"),
    "database_replica_url": ("postgres", "postgresql"),
    "redis_url": ("redis", "rediss"),
    "email_url": ("smtp", "smtps", "smtp+tls"),
}
# Parameters of DATABASE_URL, as libpq knows them; where it takes certain words only, these.
_DATABASE_PARAMETERS: dict[str, frozenset[str] | None] = {
    "sslmode": frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}),
    "sslrootcert": None,
    "sslcert": None,
    "sslkey": None,
    "options": None,
    "application_name": None,
    "target_session_attrs": frozenset({"any", "read-write", "read-only", "primary", "standby", "prefer-standby"}),
}


class EnvironmentInvalid(SystemExit):
    """The process cannot start with this environment; the text names each variable and what to do."""


class OidcProvider(BaseModel):
    """A service that people may sign in with: OpenID Connect, found by its discovery document."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9-]{1,30}$")
    name: str = Field(min_length=1, max_length=40)
    server_url: str = Field(pattern=r"^https?://[^/?#\s]+[^?#\s]*$")
    client_id: str = Field(min_length=1)
    secret: SecretStr


class Environment(BaseSettings):
    """What the process is told from outside. Names are the environment variables, in lower case."""

    model_config = SettingsConfigDict(case_sensitive=False, extra="ignore", env_ignore_empty=True)

    analyticbot_env: Literal["local", "test", "production"] = "production"
    analyticbot_home: Path | None = None
    secret_key: SecretStr = Field(min_length=32)
    enc_keys: SecretStr
    audit_keys: SecretStr | None = None
    database_url: SecretStr
    redis_url: SecretStr
    debug: bool = False
    site_url: str = "http://127.0.0.1:8000"
    allowed_hosts: str = ""
    trusted_proxy_count: int = Field(default=0, ge=0, le=5)
    email_url: SecretStr | None = None
    default_from_email: str = "AnalyticBot <noreply@analyticbot.local>"
    # What the page about privacy says: who answers for the data, and where it lies.
    operator_name: str = ""
    operator_email: str = ""
    storage_place: str = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    metrics_token: SecretStr | None = None

    oidc_providers: Json[tuple[OidcProvider, ...]] = "[]"  # type: ignore[assignment]  # pydantic parses the text

    telegram_api_id: int | None = None
    telegram_api_hash: SecretStr | None = None
    telegram_bot_token: SecretStr | None = None
    telegram_bot_username: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_]{5,32}$")
    telegram_server: str | None = None
    telegram_server_key: Path | None = None
    telegram_bot_api_url: str | None = None
    telegram_preview_url: str = "https://t.me"
    upload_most_megabytes: int = 2_500
    sandbox: bool = False
    public_demo: bool = False
    sandbox_channels: Path | None = None

    mtproto_history_enabled: bool = False
    mtproto_updates_enabled: bool = False
    mtproto_stats_enabled: bool = False
    mtproto_join_enabled: bool = False
    export_enabled: bool = False
    share_links_enabled: bool = False
    alerts_enabled: bool = False

    # The plan of a workspace that was given none; the plans are in `billing.plans`.
    default_plan: Literal["free", "pro", "business", "agency", "unlimited"] = "unlimited"
    # Days after the end of a month before its snapshots, all packed by then, are dropped: at least these, and as
    # many as the plans in use say.
    snapshot_raw_days: int = Field(default=35, ge=31, le=3650)
    database_replica_url: SecretStr | None = None
    database_replica_max_lag: int = Field(default=30, ge=1, le=86_400)
    database_pooler: Literal["none", "transaction"] = "none"

    @field_validator("telegram_server")
    @classmethod
    def _host_and_port(cls, value: str | None) -> str | None:
        if value is not None and not (value.rpartition(":")[0] and value.rpartition(":")[2].isdigit()):
            raise ValueError("must be HOST:PORT")
        return value

    @field_validator("enc_keys", "audit_keys")
    @classmethod
    def _named_keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        parts = [part.strip() for part in value.get_secret_value().split(",") if part.strip()]
        if not parts or not all(_is_named_key(part) for part in parts):
            raise ValueError("must be NAME:KEY, newest first, comma between; KEY is 32 bytes as URL-safe base64")
        return value

    @field_validator("database_url", "database_replica_url", "redis_url", "email_url")
    @classmethod
    def _url_of_its_kind(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        schemes = _SCHEMES[str(info.field_name)]
        if value is not None and not _is_url(value.get_secret_value(), schemes):
            raise ValueError(f"must be an address that begins with {' or '.join(f'{one}://' for one in schemes)}")
        return value

    @field_validator("database_url", "database_replica_url")
    @classmethod
    def _names_a_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        parts = urlsplit(value.get_secret_value())
        if not parts.path.strip("/"):
            raise ValueError("names no database: postgres://user:password@host:port/NAME")
        if parts.fragment:
            raise ValueError("has a # in it; write it as %23")
        database_parameters(value.get_secret_value())
        return value

    @field_validator("redis_url")
    @classmethod
    def _numbers_a_database(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"/?|/[0-9]{1,4}", urlsplit(value.get_secret_value()).path):
            raise ValueError("must end with the host and port, or with the number of a database: redis://host:6379/0")
        return value

    @field_validator("site_url", "telegram_bot_api_url", "telegram_preview_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is not None and not _is_url(value, ("http", "https")):
            raise ValueError("must be an address that begins with https:// or http://")
        return value


def _live_keys_with_debug(env: Environment) -> Iterator[tuple[str, str]]:
    """Debug pages show settings and requests to whoever causes an error; keys to real accounts must not be near."""
    if not env.debug:
        return
    if env.telegram_api_hash and not (env.telegram_server or env.sandbox):
        yield "debug", "must be off while TELEGRAM_API_HASH is a live key (no TELEGRAM_SERVER of your own is set)"
    if env.telegram_bot_token and not (env.telegram_bot_api_url or env.sandbox):
        yield "debug", "must be off while TELEGRAM_BOT_TOKEN is a live key (no TELEGRAM_BOT_API_URL of your own is set)"


def _not_for_production(env: Environment) -> Iterator[tuple[str, str]]:
    if env.debug:
        yield "debug", "must be off in production"
    for name in ("sandbox", "sandbox_channels", "telegram_server", "telegram_server_key"):
        if getattr(env, name):
            yield name, "names a sandbox Telegram; remove it in production"
    if why := _weakness(env.secret_key.get_secret_value()):
        yield "secret_key", why
    for name, spec in (("enc_keys", env.enc_keys), ("audit_keys", env.audit_keys)):
        parts = spec.get_secret_value().split(",") if spec else []
        keys = [urlsafe_b64decode(part.partition(":")[2]) for part in parts]
        if any(len(set(key)) < _STRONG_DISTINCT // 2 for key in keys):
            yield name, "holds a key that is not random"
    if any(not provider.server_url.startswith("https://") for provider in env.oidc_providers):
        yield "oidc_providers", "must name their servers by https://"
    site = urlsplit(env.site_url)
    if site.scheme != "https":
        yield "site_url", "must be the https:// address at which people reach this installation"
    if "*" in env.allowed_hosts:
        yield "allowed_hosts", "must name the hosts; * would let links in mails lead anywhere"


def _weakness(key: str) -> str | None:
    if any(word in key.lower() for word in _KNOWN_WEAK):
        return "is a development key; set 50 or more random characters"
    if len(key) < _STRONG_LENGTH or len(set(key)) < _STRONG_DISTINCT:
        return "is too weak; set 50 or more random characters"
    return None


def _is_named_key(part: str) -> bool:
    name, colon, key = part.partition(":")
    try:
        return bool(name and colon) and len(urlsafe_b64decode(key)) == _KEY_BYTES
    except (binascii.Error, ValueError):
        return False


def database_parameters(url: str) -> dict[str, str]:
    """What DATABASE_URL says after its ``?``, for the driver. Raises ValueError for what it does not take."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True):
        if name not in _DATABASE_PARAMETERS:
            raise ValueError(
                f"has a parameter {name[:40]} that is not known; known are {', '.join(_DATABASE_PARAMETERS)}"
            )
        words = _DATABASE_PARAMETERS[name]
        if not value or name in found:
            raise ValueError(f"must give {name} one value")
        if words and value not in words:
            raise ValueError(f"must give {name} one of {', '.join(sorted(words))}")
        found[name] = value
    return found


def _is_url(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def read_environment() -> Environment:
    """Read and check the environment; raise EnvironmentInvalid with one line per wrong variable."""
    overrides = _values_from_files()
    try:
        env = Environment(**overrides)  # type: ignore[arg-type]  # pydantic parses the text of each file
    except ValidationError as error:
        raise _refusal((str(e["loc"][0]), _explain(e["type"], e["msg"])) for e in error.errors()) from None
    complaints = [
        *_live_keys_with_debug(env),
        *(_not_for_production(env) if env.analyticbot_env == "production" else ()),
    ]
    if complaints:
        raise _refusal(complaints)
    return env


def _refusal(complaints: Iterable[tuple[str, str]]) -> EnvironmentInvalid:
    lines = "\n".join(f"  {name.upper()}: {why}" for name, why in complaints)
    return EnvironmentInvalid(
        "AnalyticBot cannot start: the environment is not right.\n"
        f"{lines}\nSee .env.example for what each variable means."
    )


def _explain(kind: str, message: str) -> str:
    return "is not set" if kind == "missing" else message.removeprefix("Value error, ")


def _values_from_files() -> dict[str, str]:
    """Values of NAME_FILE variables, for the names that are not set directly."""
    values: dict[str, str] = {}
    for name in Environment.model_fields:
        path = os.environ.get(f"{name.upper()}_FILE")
        if path and not os.environ.get(name.upper()):
            try:
                values[name] = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                why = getattr(error, "strerror", None) or "it is not text"
                raise _refusal([(f"{name}_file", f"{path} cannot be read: {why}")]) from None
    return values
