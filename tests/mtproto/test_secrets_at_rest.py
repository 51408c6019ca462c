"""Sessions and phones are sealed, bound to their row, and sealed anew under a new key."""

import io

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.core.serializers import serialize
from django.db import connection
from pytest_django.fixtures import Settings

from analyticbot.core.secrets import SecretUnreadable
from mtproto.models import TelegramAccount
from tests.mtproto.rows import make_account

CANARY = "canary-4f1d0c"


def key(name: str) -> str:
    return f"{name}:{Fernet.generate_key().decode()}"


def columns(account: TelegramAccount) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session, phone FROM mtproto_telegramaccount WHERE id = %s", [account.pk])
        return dict(zip(("session", "phone"), cursor.fetchone(), strict=True))


def put(account: TelegramAccount, column: str, value: str) -> TelegramAccount:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE mtproto_telegramaccount SET {column} = %s WHERE id = %s", [value, account.pk])
    return TelegramAccount.objects.get(pk=account.pk)


@pytest.mark.django_db
def test_secrets_are_sealed_anew_under_the_newest_key(settings: Settings) -> None:
    account = make_account(session=CANARY, phone="+99890")
    old = columns(account)
    settings.ENC_KEYS = f"{key('k2')},{settings.ENC_KEYS}"
    out = io.StringIO()

    call_command("reencrypt", stdout=out)

    new = columns(account)
    assert "2 secrets sealed anew" in out.getvalue()
    assert all(new[name].startswith("k2$") and old[name].startswith("k1$") for name in old)
    settings.ENC_KEYS = settings.ENC_KEYS.partition(",")[0]
    account = TelegramAccount.objects.get(pk=account.pk)
    assert (account.session, account.phone) == (CANARY, "+99890")


@pytest.mark.django_db
def test_sealing_anew_twice_changes_nothing(settings: Settings) -> None:
    account = make_account(session=CANARY)
    before = columns(account)

    call_command("reencrypt", stdout=(out := io.StringIO()))

    assert "0 secrets" in out.getvalue()
    assert columns(account) == before


@pytest.mark.django_db
def test_unreadable_secret_is_named_and_the_others_are_done(settings: Settings) -> None:
    broken, fine = make_account(), make_account(session=CANARY)
    put(broken, "session", "k1$rubbish")
    settings.ENC_KEYS = f"{key('k2')},{settings.ENC_KEYS}"

    with pytest.raises(CommandError, match=str(broken.public_id)):
        call_command("reencrypt", stdout=io.StringIO())

    assert columns(fine)["session"].startswith("k2$")
    assert columns(broken)["session"] == "k1$rubbish"


@pytest.mark.django_db
def test_secret_moved_to_another_row_or_column_does_not_open() -> None:
    one, other = make_account(session=CANARY, phone="1"), make_account()

    with pytest.raises(SecretUnreadable, match="another row"):
        _ = put(other, "session", columns(one)["session"]).session
    with pytest.raises(SecretUnreadable, match="another row"):
        _ = put(one, "phone", columns(one)["session"]).phone


@pytest.mark.django_db
def test_secret_of_a_deferred_column_is_read_when_asked_for() -> None:
    account = make_account(session=CANARY)

    assert TelegramAccount.objects.defer("session").get(pk=account.pk).session == CANARY


@pytest.mark.django_db
def test_tampered_or_foreign_secret_does_not_open(settings: Settings) -> None:
    account = make_account(session=CANARY)
    token = columns(account)["session"]
    flipped = token[:40] + ("A" if token[40] != "A" else "B") + token[41:]

    with pytest.raises(SecretUnreadable):
        _ = put(account, "session", flipped).session
    with pytest.raises(SecretUnreadable):
        _ = put(account, "session", CANARY).session
    settings.ENC_KEYS = key("k9")
    with pytest.raises(SecretUnreadable, match="'k1'"):
        _ = put(account, "session", token).session


@pytest.mark.django_db
def test_serialised_accounts_hold_no_secret() -> None:
    make_account(session=CANARY, phone=CANARY)

    assert CANARY not in serialize("json", TelegramAccount.objects.all())


def test_keys_are_not_shown_by_the_settings_of_the_gateway() -> None:
    from mtproto.telethon_adapter.config import TelegramConfig

    assert "canary" not in repr(TelegramConfig(1, "canary", None))
    assert django_settings.ENC_KEYS not in repr(TelegramConfig(1, "canary", None))
