"""Which Telegram is spoken to."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from mtproto.telethon_adapter.client import Client
from mtproto.telethon_adapter.config import TelegramConfig, telegram_config


@pytest.fixture(autouse=True)
def application(settings: Settings) -> None:
    settings.SANDBOX = False
    settings.TELEGRAM_API_ID = 7
    settings.TELEGRAM_API_HASH = "hash"
    settings.TELEGRAM_SERVER = None
    settings.TELEGRAM_SERVER_KEY = None


def test_telegram_itself_is_the_default() -> None:
    assert telegram_config() == TelegramConfig(7, "hash", None)


@pytest.mark.parametrize(
    ("text", "address"),
    [("127.0.0.1:443", ("127.0.0.1", 443)), ("localhost:8443", ("127.0.0.1", 8443)), ("[::1]:80", ("::1", 80))],
)
def test_server_is_an_address_and_a_port(settings: Settings, text: str, address: tuple[str, int]) -> None:
    settings.TELEGRAM_SERVER = text

    assert telegram_config().server == address


def test_file_without_a_key_is_named(settings: Settings, tmp_path: Path) -> None:
    settings.TELEGRAM_SERVER = "127.0.0.1:1"
    settings.TELEGRAM_SERVER_KEY = tmp_path / "key.pem"
    settings.TELEGRAM_SERVER_KEY.write_text("no key")

    with pytest.raises(ImproperlyConfigured, match="TELEGRAM_SERVER_KEY"):
        telegram_config()


def test_one_missing_variable_is_named_alone(settings: Settings) -> None:
    settings.TELEGRAM_API_HASH = None

    with pytest.raises(ImproperlyConfigured, match=r"^TELEGRAM_API_HASH not set"):
        telegram_config()


def test_session_follows_the_server_to_another_port() -> None:
    first = Client(TelegramConfig(1, "h", ("127.0.0.1", 1000)), None, receive_updates=False)
    first.session.auth_key = _key()
    moved = Client(TelegramConfig(1, "h", ("127.0.0.1", 2000)), first.session_string(), receive_updates=False)

    assert (moved.session.dc_id, moved.session.port) == (2, 2000)


def _key() -> object:
    from telethon.crypto import AuthKey

    return AuthKey(bytes(range(256)))
