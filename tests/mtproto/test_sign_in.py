"""Signing in by code, password and QR; signing out; the command."""

import asyncio
import io
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings

from analyticbot.core.audit import SYSTEM
from analyticbot.core.errors import Conflict, NotAllowed
from analyticbot.core.models import AuditEntry
from mtproto.accounts import lease_account, open_gateway, renew_lease
from mtproto.errors import AccountUnusable, PasswordNeeded, SignInError
from mtproto.models import AccountState, PeerAccess, TelegramAccount
from mtproto.records import AccountRecord
from mtproto.sign_in import (
    QrCode,
    SignIn,
    add_account,
    open_sign_in,
    qr_sign_in,
    sign_in_sandbox,
    sign_out_account,
)
from tests.factories import WHEN, make_member, make_user, make_workspace
from tests.mtproto.conftest import run
from tests.mtproto.rows import make_account
from tests.telegram import (
    LOGIN_CODE,
    TWO_FACTOR_PASSWORD,
    TWO_FACTOR_PHONE,
    SandboxProcess,
)

THIRD_PHONE = "+99890000003"
FOURTH_PHONE = "+99890000004"


def with_flow(steps: Any) -> Any:
    async def begin() -> Any:
        flow = open_sign_in()
        try:
            return await steps(flow)
        finally:
            await flow.close()

    return run(begin)


def test_code_signs_in_and_the_session_works(sandbox: SandboxProcess) -> None:
    async def steps(flow: SignIn) -> tuple[AccountRecord, str]:
        sent = await flow.request_code("+998 (90) 000-003")
        assert (sent.where, sent.length) == ("app", 5)
        return await flow.enter_code("12-345"), flow.session

    who, session = with_flow(steps)

    assert who.phone == THIRD_PHONE.removeprefix("+")
    assert len(session) > 300


def test_wrong_code_can_be_corrected(sandbox: SandboxProcess) -> None:
    async def steps(flow: SignIn) -> AccountRecord:
        await flow.request_code(THIRD_PHONE)
        with pytest.raises(SignInError, match="not right") as refused:
            await flow.enter_code("99999")
        assert refused.value.code == "PHONE_CODE_INVALID"
        return await flow.enter_code(LOGIN_CODE)

    assert with_flow(steps).tg_id


@pytest.mark.parametrize(("phone", "code"), [("12", "PHONE_NUMBER_INVALID"), ("+99890000099", "PHONE_NUMBER_BANNED")])
def test_impossible_phone_is_refused_with_advice(sandbox: SandboxProcess, phone: str, code: str) -> None:
    async def steps(flow: SignIn) -> None:
        await flow.request_code(phone)

    with pytest.raises(SignInError) as refused:
        with_flow(steps)
    assert refused.value.code == code


def test_password_is_asked_for_and_checked(sandbox: SandboxProcess) -> None:
    async def steps(flow: SignIn) -> AccountRecord:
        await flow.request_code(TWO_FACTOR_PHONE)
        with pytest.raises(PasswordNeeded):
            await flow.enter_code(LOGIN_CODE)
        with pytest.raises(SignInError, match="password is not right"):
            await flow.enter_password("wrong")
        return await flow.enter_password(TWO_FACTOR_PASSWORD)

    assert with_flow(steps).phone == TWO_FACTOR_PHONE.removeprefix("+")


def test_sign_in_goes_on_in_another_process(sandbox: SandboxProcess) -> None:
    async def first(flow: SignIn) -> Any:
        await flow.request_code(THIRD_PHONE)
        await flow.close()
        return flow.pending

    pending = with_flow(first)

    async def second() -> AccountRecord:
        flow = open_sign_in(pending)
        try:
            return await flow.enter_code(LOGIN_CODE)
        finally:
            await flow.close()

    assert run(second).tg_id
    assert pending.session not in repr(pending)


def test_code_before_it_was_asked_for_is_refused(sandbox: SandboxProcess) -> None:
    async def steps(flow: SignIn) -> None:
        await flow.enter_code("1")

    with pytest.raises(SignInError, match="Ask for a code first"):
        with_flow(steps)


def test_qr_code_is_accepted_by_another_device(sandbox: SandboxProcess) -> None:
    async def steps(flow: SignIn) -> AccountRecord:
        async def scan(code: QrCode) -> None:
            assert code.url.startswith("tg://login?token=")
            asyncio.get_running_loop().call_later(
                0.1, lambda: sandbox.control("accept_login_token", token=code.url, phone=THIRD_PHONE)
            )

        return await qr_sign_in(flow, show=scan)

    assert with_flow(steps).phone == THIRD_PHONE.removeprefix("+")


def test_qr_code_of_an_account_with_password_asks_for_it(sandbox: SandboxProcess) -> None:
    async def steps(flow: SignIn) -> AccountRecord:
        code = await flow.make_qr()
        sandbox.control("accept_login_token", token=code.url, phone=TWO_FACTOR_PHONE)
        with pytest.raises(PasswordNeeded):
            await flow.wait_for_qr(seconds=5)
        return await flow.enter_password(TWO_FACTOR_PASSWORD)

    assert with_flow(steps).phone == TWO_FACTOR_PHONE.removeprefix("+")


def test_qr_code_that_nobody_scans_runs_out(sandbox: SandboxProcess) -> None:
    async def steps(flow: SignIn) -> None:
        await flow.make_qr()
        assert await flow.wait_for_qr(seconds=0.1) is None

        async def show(code: QrCode) -> None:
            pass

        await qr_sign_in(flow, show=show, minutes=0.002)

    with pytest.raises(SignInError, match="Nobody scanned"):
        with_flow(steps)


@pytest.mark.django_db
def test_account_is_kept_sealed_with_audit_row() -> None:
    workspace = make_workspace()
    who = AccountRecord(tg_id=77, phone="99890", username="ann", first_name="Ann")

    account = add_account(
        who=who, session="canary-session", phone="+99890", workspace_id=workspace.pk, actor=SYSTEM, now=WHEN
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(a)::text FROM mtproto_telegramaccount a")
        stored = cursor.fetchone()[0]
    assert "canary-session" not in stored
    assert "99890" not in stored
    account = TelegramAccount.objects.get(pk=account.pk)
    assert (account.session, account.phone, account.label) == ("canary-session", "+99890", "Ann")
    assert "canary" not in repr(account.session)
    entry = AuditEntry.objects.get(action="mtproto:account:added")
    assert (entry.workspace_id, entry.before) == (workspace.pk, None)
    assert "canary" not in str(entry.after)


@pytest.mark.django_db
def test_signing_in_again_renews_the_same_row() -> None:
    revoked = make_account(tg_id=77, state=AccountState.REVOKED, state_reason="gone", label="Mine")

    account = add_account(
        who=AccountRecord(77, None, None, "Ann"), session="new", phone=None, workspace_id=None, actor=SYSTEM, now=WHEN
    )

    account.refresh_from_db()
    assert (account.pk, account.state, account.state_reason) == (revoked.pk, AccountState.ACTIVE, "")
    assert (account.session, account.label) == ("new", "Mine")


@pytest.mark.django_db
def test_new_session_ends_the_lease_on_the_old_one() -> None:
    make_account(tg_id=77)
    leased = lease_account(owner="collector", lease=timedelta(minutes=1))
    assert leased is not None

    add_account(
        who=AccountRecord(77, None, None, "Ann"), session="new", phone=None, workspace_id=None, actor=SYSTEM, now=WHEN
    )

    assert not renew_lease(leased, lease=timedelta(minutes=1))
    again = lease_account(owner="collector", lease=timedelta(minutes=1))
    assert again is not None
    assert again.session == "new"


@pytest.mark.django_db
@pytest.mark.parametrize(("session", "known"), [("session-secret", 1), ("new", 0)])
def test_new_session_must_meet_its_channels_again(session: str, known: int) -> None:
    account, other = make_account(tg_id=77), make_account(tg_id=78)
    for one in (account, other):
        PeerAccess.objects.create(account=one, channel_tg_id=5, access_hash=9, resolved_at=WHEN)

    add_account(
        who=AccountRecord(77, None, None, "Ann"), session=session, phone=None, workspace_id=None, actor=SYSTEM, now=WHEN
    )

    assert PeerAccess.objects.filter(account=account).count() == known
    assert PeerAccess.objects.filter(account=other).count() == 1


@pytest.mark.django_db
def test_account_of_another_workspace_is_not_taken_over() -> None:
    make_account(tg_id=77, workspace_id=make_workspace().pk)

    with pytest.raises(Conflict):
        add_account(
            who=AccountRecord(77, None, None, "Ann"),
            session="new",
            phone=None,
            workspace_id=make_workspace().pk,
            actor=SYSTEM,
            now=WHEN,
        )

    assert TelegramAccount.objects.get().session == "session-secret"


@pytest.mark.django_db
def test_signed_out_session_is_worth_nothing(sandbox: SandboxProcess) -> None:
    account = sign_in_sandbox(phone=THIRD_PHONE, workspace_id=None, now=WHEN)
    stolen = make_account(session=str(account.session))

    sign_out_account(account, actor=SYSTEM, now=WHEN)

    account.refresh_from_db()
    assert (account.state, account.session) == (AccountState.SIGNED_OUT, None)
    assert AuditEntry.objects.filter(action="mtproto:account:signed_out").count() == 1
    with pytest.raises(AccountUnusable):
        run(open_gateway(stolen, receive_updates=False).connect)
    sign_out_account(account, actor=SYSTEM, now=WHEN)


@pytest.mark.django_db
def test_sandbox_account_is_used_again_while_it_works(sandbox: SandboxProcess) -> None:
    workspace = make_workspace()
    # An account of its own: the sessions of the demo account serve other tests.
    first = sign_in_sandbox(phone=FOURTH_PHONE, workspace_id=workspace.pk, now=WHEN)
    again = sign_in_sandbox(phone=FOURTH_PHONE, workspace_id=workspace.pk, now=WHEN)
    assert (again.pk, TelegramAccount.objects.count()) == (first.pk, 1)
    session = str(again.session)

    sandbox.control("revoke", phone=FOURTH_PHONE)
    anew = sign_in_sandbox(phone=FOURTH_PHONE, workspace_id=workspace.pk, now=WHEN)

    assert (anew.pk, anew.state) == (first.pk, AccountState.ACTIVE)
    assert anew.session != session


def test_sandbox_account_is_not_for_the_real_telegram(settings: Settings) -> None:
    settings.SANDBOX = False

    with pytest.raises(NotAllowed):
        sign_in_sandbox(workspace_id=None, now=WHEN)


def test_missing_application_id_is_named(settings: Settings) -> None:
    settings.SANDBOX = False
    settings.TELEGRAM_SERVER = None
    settings.TELEGRAM_API_ID = None
    settings.TELEGRAM_API_HASH = None

    with pytest.raises(ImproperlyConfigured, match="TELEGRAM_API_ID and TELEGRAM_API_HASH not set"):
        open_sign_in()


def piped(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


@pytest.mark.django_db
def test_command_reads_code_and_password_from_a_pipe(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = make_workspace()
    piped(monkeypatch, f"00000\n{LOGIN_CODE}\nwrong\n{TWO_FACTOR_PASSWORD}\n")
    out = io.StringIO()

    call_command("add_telegram_account", TWO_FACTOR_PHONE, label="Mine", stdout=out, stderr=io.StringIO())

    account = TelegramAccount.objects.get()
    assert (account.label, account.workspace_id, account.phone) == ("Mine", workspace.pk, TWO_FACTOR_PHONE)
    assert "Signed in as Mine" in out.getvalue()
    assert TWO_FACTOR_PASSWORD not in out.getvalue()


@pytest.mark.django_db
def test_command_says_that_input_has_ended(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, "")

    with pytest.raises(CommandError, match="Code expected on standard input"):
        call_command("add_telegram_account", THIRD_PHONE, stderr=io.StringIO())
    assert not TelegramAccount.objects.exists()


@pytest.mark.django_db
def test_command_by_qr_prints_the_link(sandbox: SandboxProcess) -> None:
    class Screen(io.StringIO):
        def write(self, text: str) -> int:
            if text.startswith("tg://"):
                sandbox.control("accept_login_token", token=text.strip(), phone=THIRD_PHONE)
            return super().write(text)

    drawn = io.StringIO()

    call_command("add_telegram_account", qr=True, stdout=Screen(), stderr=drawn)

    assert TelegramAccount.objects.get().workspace_id is None
    assert "█" in drawn.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["email", "number", "public_id"])
def test_command_finds_the_workspace(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    owner = make_user("owner@example.org")
    workspace, other = make_workspace(owner=owner), make_workspace()
    make_member(other, owner)
    named = {"email": "Owner@example.org", "number": str(workspace.pk), "public_id": str(workspace.public_id)}[name]
    piped(monkeypatch, f"{LOGIN_CODE}\n")

    call_command("add_telegram_account", THIRD_PHONE, workspace=named, stdout=io.StringIO(), stderr=io.StringIO())

    assert TelegramAccount.objects.get().workspace_id == workspace.pk


@pytest.mark.django_db
def test_command_refuses_unknown_workspace_and_missing_phone() -> None:
    with pytest.raises(CommandError, match="no workspace"):
        call_command("add_telegram_account", THIRD_PHONE, workspace="nobody@example.org")
    with pytest.raises(CommandError, match="phone number"):
        call_command("add_telegram_account")


def started(telegram: SandboxProcess) -> subprocess.Popen[str]:
    """The command as a process on the test database, its input a pipe that stays open."""
    url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    environment = os.environ | {
        "DATABASE_URL": url,
        "SANDBOX": "1",
        "TELEGRAM_SERVER": telegram.server,
        "TELEGRAM_SERVER_KEY": str(telegram.public_key),
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "add_telegram_account", THIRD_PHONE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=Path(__file__).resolve().parents[2],
    )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_command_works_as_a_process_with_piped_input(telegram: SandboxProcess) -> None:
    with started(telegram) as process:
        out, err = process.communicate(f"{LOGIN_CODE}\n", timeout=60)

    assert process.returncode == 0, err
    assert "Signed in as" in out
    assert TelegramAccount.objects.get().phone == THIRD_PHONE


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_command_is_stopped_while_it_waits_for_the_code(telegram: SandboxProcess) -> None:
    with started(telegram) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        while "has sent a code" not in line:
            assert line, "ended before it asked"
            line = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        # Standard input stays open: its end would be another reason to stop.
        process.wait(timeout=20)
        err = process.stderr.read()

    assert process.returncode == 1
    assert err.strip() == "CommandError: Stopped; nothing was kept."
    assert not TelegramAccount.objects.exists()
