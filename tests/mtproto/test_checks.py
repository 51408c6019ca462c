"""A machine that cannot collect is told so before it starts."""

from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django.fixtures import Settings


def found() -> set[str]:
    return {str(message.id) for message in run_checks() if str(message.id).startswith("mtproto.")}


def test_machine_in_order_passes() -> None:
    assert found() == set()


def test_broken_keys_are_an_error(settings: Settings) -> None:
    settings.ENC_KEYS = "k1:short"

    assert found() == {"mtproto.E002"}


def test_server_without_key_file_is_named(settings: Settings, tmp_path: Path) -> None:
    settings.TELEGRAM_SERVER = "127.0.0.1:1"
    settings.TELEGRAM_SERVER_KEY = tmp_path / "absent.pem"

    assert found() == {"mtproto.W001"}


@pytest.mark.parametrize(("sandbox", "expected"), [(False, {"mtproto.W002"}), (True, set())])
def test_missing_application_id_is_named_unless_on_the_sandbox(
    settings: Settings, sandbox: bool, expected: set[str]
) -> None:
    settings.TESTING = False
    settings.SANDBOX = sandbox
    settings.MTPROTO_HISTORY_ENABLED = True
    settings.TELEGRAM_API_ID = None

    assert found() == expected
