"""Signing a Telegram account in through the panel, against the sandbox over real sockets."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import Tier
from analyticbot.core.models import AuditEntry
from mtproto.models import AccountState, TelegramAccount
from superadmin.running import telegram_views
from tests.factories import make_workspace
from tests.superadmin.staff import enter, make_staff
from tests.telegram import DEMO_PHONE, LOGIN_CODE, TWO_FACTOR_PASSWORD, TWO_FACTOR_PHONE, SandboxProcess

pytestmark = pytest.mark.django_db
DOOR = "/superadmin/telegram/sign-in/"


@pytest.fixture(scope="module")
def telegram(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    folder: Path = tmp_path_factory.mktemp("channels")
    (folder / "alpha.csv").write_text("id,date,text,views,forwards,replies\n1,2026-01-01T10:00:00,one,10,1,\n")
    with SandboxProcess(channels=folder) as process:
        yield process


@pytest.fixture
def page(telegram: SandboxProcess, settings: Any) -> Client:
    settings.SANDBOX = True
    settings.TELEGRAM_SERVER, settings.TELEGRAM_SERVER_KEY = telegram.server, telegram.public_key
    settings.TELEGRAM_API_ID = settings.TELEGRAM_API_HASH = None
    return enter(make_staff())


def test_account_is_signed_in_with_its_code(page: Client) -> None:
    workspace = make_workspace()
    asked = page.post(DOOR, {"phone": DEMO_PHONE, "workspace": workspace.pk, "label": "Reader"})
    assert asked["Location"] == f"{DOOR}code/"
    wrong = page.post(f"{DOOR}code/", {"code": "99999"})
    assert wrong.status_code == 422
    done = page.post(f"{DOOR}code/", {"code": LOGIN_CODE})
    account = TelegramAccount.objects.get()
    assert done["Location"] == f"/superadmin/mtproto/telegramaccount/{account.pk}/change/"
    assert (account.label, account.workspace_id, account.state) == ("Reader", workspace.pk, AccountState.ACTIVE)
    entry = AuditEntry.objects.get(action="mtproto:account:added")
    assert entry.actor_kind == "user"
    out = page.post(f"/superadmin/telegram/{account.pk}/sign-out/")
    assert out.status_code == 302
    account.refresh_from_db()
    assert (account.state, account.session) == (AccountState.SIGNED_OUT, None)


def test_account_with_a_password_is_asked_for_it(page: Client) -> None:
    page.post(DOOR, {"phone": TWO_FACTOR_PHONE})
    assert page.post(f"{DOOR}code/", {"code": LOGIN_CODE})["Location"] == f"{DOOR}password/"
    assert page.post(f"{DOOR}password/", {"password": "no"}).status_code == 422
    assert page.post(f"{DOOR}password/", {"password": TWO_FACTOR_PASSWORD}).status_code == 302
    assert TelegramAccount.objects.get().workspace_id is None


def test_what_lies_between_two_steps_is_sealed_and_ends(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    page.post(DOOR, {"phone": DEMO_PHONE})
    kept = page.session["telegram_sign_in"]
    assert DEMO_PHONE not in str(Session.objects.get(pk=page.session.session_key).get_decoded())
    stranger = enter(make_staff(Tier.SUPER_ADMIN))
    session = stranger.session
    session["telegram_sign_in"] = kept
    session.save()
    assert stranger.post(f"{DOOR}code/", {"code": LOGIN_CODE})["Location"] == DOOR
    monkeypatch.setattr(telegram_views, "KEPT_FOR", timedelta(0))
    assert page.post(f"{DOOR}code/", {"code": LOGIN_CODE})["Location"] == DOOR
    assert not TelegramAccount.objects.exists()


@pytest.mark.parametrize("phone", ["", "hello", "+1", "9" * 40])
def test_number_that_is_none_is_refused(page: Client, phone: str) -> None:
    assert page.post(DOOR, {"phone": phone}).status_code == 422


def test_telegram_that_is_away_is_told(page: Client, settings: Any) -> None:
    settings.TELEGRAM_SERVER = "127.0.0.1:1"
    answer = page.post(DOOR, {"phone": DEMO_PHONE})
    assert answer.status_code == 422
    assert not TelegramAccount.objects.exists()
