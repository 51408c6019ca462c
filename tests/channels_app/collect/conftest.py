"""A sandbox Telegram with files for each test, and settings that lead to it.

Imports of the product stand inside the fixtures: this file is read before Django is set up.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from tests.telegram import SandboxProcess

if TYPE_CHECKING:
    from accounts.models import Workspace
    from mtproto.models import TelegramAccount


@pytest.fixture
def channel_files(tmp_path: Path) -> Path:
    """The folder of channel files; tests that need other ones override this."""
    from tests.channels_app.collect.world import write_channel

    folder = tmp_path / "channels"
    folder.mkdir()
    write_channel(folder, "alpha", 1234)
    write_channel(folder, "beta", 30)
    write_channel(folder, "fresh", 30, start=timezone.now() - timedelta(hours=4))
    return folder


@pytest.fixture
def telegram(channel_files: Path) -> Iterator[SandboxProcess]:
    """A sandbox over the files."""
    with SandboxProcess(channels=channel_files) as process:
        yield process


@pytest.fixture
def leading_there(telegram: SandboxProcess, settings: Any) -> Any:
    """Settings that make our adapter speak to the sandbox; all of collecting is switched on."""
    settings.TELEGRAM_SERVER = telegram.server
    settings.TELEGRAM_SERVER_KEY = telegram.public_key
    settings.TELEGRAM_API_ID, settings.TELEGRAM_API_HASH = 1, "sandbox"
    settings.SANDBOX = True
    settings.MTPROTO_HISTORY_ENABLED = settings.MTPROTO_UPDATES_ENABLED = settings.MTPROTO_STATS_ENABLED = True
    return settings


@pytest.fixture
def account(leading_there: Any, telegram: SandboxProcess, transactional_db: None) -> "TelegramAccount":
    """The sandbox's demo account, signed in."""
    from mtproto.sign_in import sign_in_sandbox

    return sign_in_sandbox(workspace_id=None, now=timezone.now())


@pytest.fixture
def workspace(transactional_db: None) -> "Workspace":
    """Who tracks."""
    from tests.channels_app.collect.world import make_workspace

    return make_workspace()
