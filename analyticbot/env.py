"""The environment, read once and typed; a wrong or missing value stops the start and names its variable.

Every variable may also be given as ``NAME_FILE``: the path of a file that holds the value (for secrets).
"""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class EnvironmentInvalid(SystemExit):
    """The process cannot start with this environment; the text names each variable and what to do."""


class Environment(BaseSettings):
    """What the process is told from outside. Names are the environment variables, in lower case."""

    model_config = SettingsConfigDict(case_sensitive=False, extra="ignore", env_ignore_empty=True)

    analyticbot_env: Literal["local", "test", "production"] = "production"
    analyticbot_home: Path | None = None
    secret_key: SecretStr = Field(min_length=32)
    enc_keys: SecretStr
    database_url: SecretStr
    redis_url: SecretStr
    debug: bool = False
    site_url: str = "http://127.0.0.1:8000"
    allowed_hosts: str = ""
    trusted_proxy_count: int = Field(default=0, ge=0, le=5)
    email_url: SecretStr | None = None
    default_from_email: str = "AnalyticBot <noreply@analyticbot.local>"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    metrics_token: SecretStr | None = None

    telegram_api_id: int | None = None
    telegram_api_hash: SecretStr | None = None
    telegram_bot_token: SecretStr | None = None
    telegram_server: str | None = None
    telegram_server_key: Path | None = None
    telegram_bot_api_url: str | None = None
    telegram_preview_url: str = "https://t.me"
    sandbox: bool = False
    sandbox_channels: Path | None = None

    mtproto_history_enabled: bool = False
    mtproto_updates_enabled: bool = False
    mtproto_stats_enabled: bool = False
    mtproto_join_enabled: bool = False
    export_enabled: bool = False
    share_links_enabled: bool = False
    alerts_enabled: bool = False

    @field_validator("telegram_server")
    @classmethod
    def _host_and_port(cls, value: str | None) -> str | None:
        if value is not None and not value.rpartition(":")[2].isdigit():
            raise ValueError("must be HOST:PORT")
        return value


def read_environment() -> Environment:
    """Read and check the environment; raise EnvironmentInvalid with one line per wrong variable."""
    overrides = _values_from_files()
    try:
        return Environment(**overrides)  # type: ignore[arg-type]  # pydantic parses the text of each file
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc'])).upper()}: {_explain(e['type'], e['msg'])}" for e in error.errors()]
        text = "AnalyticBot cannot start: the environment is not right.\n" + "\n".join(lines)
        raise EnvironmentInvalid(text + "\nSee .env.example for what each variable means.") from None


def _explain(kind: str, message: str) -> str:
    return "is not set" if kind == "missing" else message


def _values_from_files() -> dict[str, str]:
    """Values of NAME_FILE variables, for the names that are not set directly."""
    values: dict[str, str] = {}
    for name in Environment.model_fields:
        path = os.environ.get(f"{name.upper()}_FILE")
        if path and not os.environ.get(name.upper()):
            try:
                values[name] = Path(path).read_text().strip()
            except OSError as error:
                raise EnvironmentInvalid(
                    f"AnalyticBot cannot start: {name.upper()}_FILE={path} cannot be read: {error.strerror}."
                ) from None
    return values
