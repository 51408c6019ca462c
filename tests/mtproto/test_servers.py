"""Accounts belong to the Telegram at which they signed in."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analyticbot.core.audit import SYSTEM
from analyticbot.core.errors import NotAllowed
from mtproto.accounts import lease_account, open_gateway
from mtproto.models import AccountState, TelegramAccount
from mtproto.records import AccountRecord
from mtproto.servers import present_server
from mtproto.sign_in import add_account, sign_out_account
from tests.factories import WHEN
from tests.mtproto.rows import make_account


@pytest.fixture
def other_server(settings: Any, tmp_path: Path) -> Any:
    """Settings that can be led to another server and back."""
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN RSA PUBLIC KEY-----\nabc\n-----END RSA PUBLIC KEY-----\n")
    settings.TELEGRAM_SERVER, settings.TELEGRAM_SERVER_KEY = None, None

    def lead(*, there: bool) -> None:
        settings.TELEGRAM_SERVER = "127.0.0.1:4430" if there else None
        settings.TELEGRAM_SERVER_KEY = key if there else None

    return lead


def test_server_is_known_by_its_key_and_not_by_its_address(settings: Any, tmp_path: Path) -> None:
    settings.TELEGRAM_SERVER = None
    assert present_server() == "telegram"

    settings.TELEGRAM_SERVER, settings.TELEGRAM_SERVER_KEY = "127.0.0.1:4430", tmp_path / "a.pem"
    by_address = present_server()
    settings.TELEGRAM_SERVER_KEY = None
    assert present_server() == by_address
    assert by_address.startswith("address:")

    settings.TELEGRAM_SERVER_KEY = tmp_path / "a.pem"
    (tmp_path / "a.pem").write_text("key\nof a server\n")
    first = present_server()
    settings.TELEGRAM_SERVER, settings.TELEGRAM_SERVER_KEY = "10.0.0.1:5000", tmp_path / "b.pem"
    (tmp_path / "b.pem").write_text("key\r\nof a server")
    assert present_server() == first
    assert first.startswith("key:")
    (tmp_path / "b.pem").write_text("another key")
    assert present_server() != first


@pytest.mark.django_db
def test_account_of_another_server_is_not_used(other_server: Any) -> None:
    real = make_account()
    other_server(there=True)
    theirs = make_account(tg_id=real.tg_id)

    assert [account.pk for account in TelegramAccount.objects.usable()] == [theirs.pk]
    assert lease_account(owner="a", lease=timedelta(minutes=1), account=real) is None
    other_server(there=False)
    assert [account.pk for account in TelegramAccount.objects.usable()] == [real.pk]


@pytest.mark.django_db
def test_same_number_at_two_servers_is_two_accounts(other_server: Any) -> None:
    who = AccountRecord(77, None, None, "Ann")

    def add() -> TelegramAccount:
        return add_account(who=who, session="s", phone=None, workspace_id=None, actor=SYSTEM, now=WHEN)

    real = add()
    other_server(there=True)
    theirs = add()

    assert real.pk != theirs.pk
    assert (real.server, add().pk) == ("telegram", theirs.pk)
    assert TelegramAccount.objects.count() == 2


@pytest.mark.django_db
def test_account_of_another_server_is_neither_opened_nor_signed_out(other_server: Any) -> None:
    real = make_account()
    other_server(there=True)

    with pytest.raises(NotAllowed):
        open_gateway(real, receive_updates=False)
    with pytest.raises(NotAllowed):
        sign_out_account(real, actor=SYSTEM, now=WHEN)

    real.refresh_from_db()
    assert (real.state, real.session) == (AccountState.ACTIVE, "session-secret")
