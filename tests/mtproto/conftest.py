"""A sandbox Telegram for the tests of the gateway, and settings that point at it."""

import json
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from asgiref.sync import async_to_sync
from pytest_django.fixtures import Settings

from mtproto.models import AccountState, TelegramAccount
from mtproto.telethon_adapter.config import TelegramConfig, telegram_config
from tests.telegram import DEMO_PHONE, LOGIN_CODE, SandboxProcess

T = TypeVar("T")

MISSING = {7, 8, 100}
POSTS = 250


def dumped(post_id: int, **fields: Any) -> dict[str, Any]:
    """A row of a Telethon dump."""
    return {
        "_": "Message",
        "id": post_id,
        "peer_id": {"_": "PeerChannel", "channel_id": 1500000001},
        "date": f"2026-02-{1 + post_id // 24 % 28:02d}T{post_id % 24:02d}:00:00+00:00",
        "message": f"post {post_id}",
        "views": 1000 + post_id,
        "forwards": post_id % 7,
    } | fields


def write_channels(folder: Path) -> Path:
    """``alpha``: 247 posts with gaps, an album and reactions; ``beta``: three posts, counters partly unknown."""
    rows = [dumped(i) for i in range(1, POSTS + 1) if i not in MISSING]
    by_id = {row["id"]: row for row in rows}
    for i in (20, 21, 22):
        by_id[i]["grouped_id"] = 13000000000000001
    reactions = [("ReactionEmoji", {"emoticon": "👍"}, 5), ("ReactionPaid", {}, 2)]
    by_id[30]["reactions"] = {
        "_": "MessageReactions",
        "results": [
            {"_": "ReactionCount", "reaction": {"_": name, **values}, "count": count}
            for name, values, count in reactions
        ],
    }
    (folder / "alpha.json").write_text(json.dumps(rows))
    (folder / "alpha.meta.json").write_text(json.dumps({"title": "Alpha", "about": "first", "subscribers": 5000}))
    (folder / "beta.csv").write_text(
        "id,date,text,views,forwards,replies\n1,2026-01-01T10:00:00,one,10,1,\n2,2026-01-01 11:00:00,two,20,,3\n"
    )
    return folder


@pytest.fixture(scope="session")
def telegram(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One sandbox process for the tests of this folder."""
    with SandboxProcess(channels=write_channels(tmp_path_factory.mktemp("channels"))) as process:
        yield process


@pytest.fixture
def sandbox(telegram: SandboxProcess, settings: Settings) -> Iterator[SandboxProcess]:
    """The sandbox without faults left over, and the settings of a product that runs on it."""
    settings.SANDBOX = True
    settings.TELEGRAM_SERVER = telegram.server
    settings.TELEGRAM_SERVER_KEY = telegram.public_key
    settings.TELEGRAM_API_ID = None
    settings.TELEGRAM_API_HASH = None
    telegram.control("clear_faults")
    yield telegram
    telegram.control("clear_faults")


@pytest.fixture
def config(sandbox: SandboxProcess) -> TelegramConfig:
    """Where the sandbox is."""
    return telegram_config()


@pytest.fixture(scope="session")
def sessions() -> dict[str, str]:
    """Session strings by phone: signing in once is enough."""
    return {}


@pytest.fixture
def session(config: TelegramConfig, sessions: dict[str, str]) -> str:
    """The session string of the demo account, signed in."""
    if DEMO_PHONE not in sessions:
        sessions[DEMO_PHONE] = run(sign_in, config)
    return sessions[DEMO_PHONE]


async def sign_in(config: TelegramConfig, phone: str = DEMO_PHONE) -> str:
    """A fresh session of an account without password."""
    from mtproto.telethon_adapter.sign_in import TelethonSignIn

    flow = TelethonSignIn(config)
    try:
        await flow.request_code(phone)
        await flow.enter_code(LOGIN_CODE)
        return flow.session
    finally:
        await flow.close()


def run(function: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:
    """Run a coroutine function; database work inside happens on this thread's connection."""
    result: T = async_to_sync(function)(*args, **kwargs)
    return result


@pytest.fixture
def account(db: None, session: str) -> TelegramAccount:
    """A row with the demo account's session."""
    from tests.factories import WHEN

    account = TelegramAccount(tg_id=int.from_bytes(os.urandom(5), "big"), label="Demo", created_at=WHEN)
    account.session = session
    account.state = AccountState.ACTIVE
    account.save()
    return account
