"""Which Telegram to speak to, and as which application."""

import importlib.util
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from telethon.crypto import rsa

# The data centre that Telegram gives to newcomers; TELEGRAM_SERVER stands in its place.
HOME_DC = 2


@dataclass(frozen=True, slots=True)
class TelegramConfig:
    """Application id and hash, and the address of another Telegram when it is not Telegram's own."""

    api_id: int
    api_hash: str
    server: tuple[str, int] | None = None

    def __repr__(self) -> str:
        return f"TelegramConfig(api_id={self.api_id}, server={self.server})"


def telegram_config() -> TelegramConfig:
    """The configuration from the settings; ImproperlyConfigured names the variable that is missing or wrong.

    Beside an id and hash, TELEGRAM_SERVER_KEY is made known to Telethon: only a server that holds the private key
    of one of the known public keys passes the handshake.
    """
    if importlib.util.find_spec("cryptg") is None:
        raise ImproperlyConfigured(
            "The package cryptg is not installed; without it Telegram's encryption is 15 times slower. "
            "Install the requirements again."
        )
    server = _server(settings.TELEGRAM_SERVER) if settings.TELEGRAM_SERVER else None
    if server:
        _trust(settings.TELEGRAM_SERVER_KEY)
    api_id, api_hash = settings.TELEGRAM_API_ID, settings.TELEGRAM_API_HASH
    if settings.SANDBOX and server:
        api_id, api_hash = api_id or 1, api_hash or "sandbox"
    missing = [name for name, value in (("TELEGRAM_API_ID", api_id), ("TELEGRAM_API_HASH", api_hash)) if not value]
    if missing or api_id is None:
        raise ImproperlyConfigured(
            f"{' and '.join(missing)} not set: get both at https://my.telegram.org (API development tools)."
        )
    return TelegramConfig(api_id=api_id, api_hash=str(api_hash), server=server)


def _server(text: str) -> tuple[str, int]:
    """Address and port of HOST:PORT; a session string holds an address, so a name is looked up here."""
    host, _, port = text.rpartition(":")
    try:
        return ip_address(host.strip("[]")).compressed, int(port)
    except ValueError:
        pass
    try:
        return socket.gethostbyname(host), int(port)
    except OSError as error:
        raise ImproperlyConfigured(f"TELEGRAM_SERVER: {host} cannot be found: {error}") from None


def _trust(path: Path | None) -> None:
    if path is None:
        return
    try:
        rsa.add_key(Path(path).read_text(), old=False)
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"TELEGRAM_SERVER_KEY: {path} holds no public key in PEM: {error}") from None
