"""Signing Telegram accounts in and out: steps for any door (command, web), and the services that keep the result."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import transaction

from analyticbot.core.audit import SYSTEM, Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict, NotAllowed
from mtproto.accounts import open_gateway
from mtproto.errors import AccountUnusable, PasswordNeeded, SignInError
from mtproto.models import AccountState, TelegramAccount
from mtproto.peers import forget_peers
from mtproto.records import AccountRecord
from mtproto.servers import present_server

# The demo account of the sandbox Telegram.
SANDBOX_PHONE = "+99890000001"
SANDBOX_CODE = "12345"


@dataclass(frozen=True, slots=True)
class CodeSent:
    """Where Telegram sent the code (app, sms, call, email, fragment) and its length, when told."""

    where: str
    length: int | None


@dataclass(frozen=True, slots=True)
class QrCode:
    """A ``tg://login?token=…`` link to be shown as a QR code, and when it runs out."""

    url: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """A sign-in between two steps. Keep it sealed: the session becomes a key to the account."""

    session: str = field(repr=False)
    phone: str | None = field(repr=False)
    code_hash: str | None = field(repr=False)


class SignIn(Protocol):
    """A sign-in under way. After the step that returns an AccountRecord, `session` is the key to the account.

    Steps raise SignInError (the person can try again), PasswordNeeded, FloodWait and Unreachable.
    """

    async def request_code(self, phone: str) -> CodeSent:
        """Ask Telegram to send a code."""

    async def enter_code(self, code: str) -> AccountRecord:
        """Sign in with the code; PasswordNeeded when the account has a second-factor password."""

    async def enter_password(self, password: str) -> AccountRecord:
        """Sign in with the password, after PasswordNeeded."""

    async def make_qr(self) -> QrCode:
        """A fresh QR code."""

    async def wait_for_qr(self, *, seconds: float) -> AccountRecord | None:
        """Wait until the code is accepted; None when it is not: make a new one."""

    @property
    def pending(self) -> PendingSignIn:
        """What another process needs to go on."""

    @property
    def session(self) -> str:
        """The session as text, a secret."""

    @property
    def phone(self) -> str | None:
        """The number that a code was asked for."""

    async def log_out(self) -> None:
        """End the session at Telegram's side."""

    async def close(self) -> None:
        """Close the connection."""


def open_sign_in(pending: PendingSignIn | None = None) -> SignIn:
    """Begin a sign-in, or go on with one. ImproperlyConfigured names TELEGRAM_API_ID or _HASH when it is missing."""
    from mtproto.telethon_adapter.config import telegram_config  # Telethon takes half a second to import
    from mtproto.telethon_adapter.sign_in import TelethonSignIn

    return TelethonSignIn(telegram_config(), pending)


async def qr_sign_in(flow: SignIn, *, show: Callable[[QrCode], Awaitable[None]], minutes: float = 5) -> AccountRecord:
    """Show one QR code after another until one is accepted. PasswordNeeded; SignInError after `minutes`."""
    try:
        async with asyncio.timeout(minutes * 60):
            while True:
                code = await flow.make_qr()
                await show(code)
                left = (code.expires_at - datetime.now(UTC)).total_seconds()
                account = await flow.wait_for_qr(seconds=max(left, 1))
                if account is not None:
                    return account
    except TimeoutError:
        raise SignInError(
            f"Nobody scanned the QR code within {minutes:g} minutes.", code="AUTH_TOKEN_EXPIRED"
        ) from None


@transaction.atomic
def add_account(
    *,
    who: AccountRecord,
    session: str,
    phone: str | None,
    workspace_id: int | None,
    label: str = "",
    actor: Actor,
    now: datetime,
) -> TelegramAccount:
    """Keep a signed-in account (session and phone sealed), or renew the session of a known one.

    With another session its access hashes go: on some servers they belong to the authorisation.
    `workspace_id` None: the operator's, shared by all. Conflict when the account already belongs to another workspace.
    """
    server = present_server()
    account = TelegramAccount.objects.select_for_update().filter(server=server, tg_id=who.tg_id).first()
    before = {"state": account.state} if account else None
    if account is None:
        account = TelegramAccount(server=server, tg_id=who.tg_id, created_at=now)
    elif account.workspace_id not in {None, workspace_id}:
        raise Conflict("This Telegram account already collects for another workspace.")
    elif account.session != session:
        forget_peers(account)
    account.workspace_id = workspace_id
    account.label = label or account.label or who.first_name or who.username or str(who.tg_id)
    account.session = session
    account.phone = phone or (f"+{who.phone}" if who.phone else None)
    account.state, account.state_reason = AccountState.ACTIVE, ""
    # Whoever works with the old session loses its lease, and takes the account anew with the new one.
    account.leased_by, account.leased_until = "", None
    # A row that is new is inserted; of a known one only these columns are ours to write.
    written = ["workspace_id", "label", "session", "phone", "state", "state_reason", "leased_by", "leased_until"]
    account.save(update_fields=written if account.pk else None)
    record_audit(
        AuditAction.ACCOUNT_ADDED,
        account,
        actor=actor,
        now=now,
        workspace_id=workspace_id,
        before=before,
        after={"state": account.state, "label": account.label},
    )
    return account


def sign_out_account(account: TelegramAccount, *, actor: Actor, now: datetime) -> TelegramAccount:
    """End the account's session at Telegram and forget it here. Unreachable when Telegram cannot be told: try again.

    A session that Telegram no longer knows is simply forgotten. NotAllowed for an account of another server.
    """
    if account.session is not None and account.server != present_server():
        raise NotAllowed("This account belongs to another Telegram server than the one that is configured.")
    if account.session is not None:
        flow = open_sign_in(PendingSignIn(session=str(account.session), phone=None, code_hash=None))
        async_to_sync(_log_out)(flow)
    with transaction.atomic():
        before = account.state
        account.session, account.state, account.state_reason = None, AccountState.SIGNED_OUT, ""
        account.leased_by, account.leased_until = "", None
        account.save(update_fields=["session", "state", "state_reason", "leased_by", "leased_until"])
        record_audit(
            AuditAction.ACCOUNT_SIGNED_OUT,
            account,
            actor=actor,
            now=now,
            workspace_id=account.workspace_id,
            before={"state": before},
            after={"state": account.state},
        )
    return account


async def _log_out(flow: SignIn) -> None:
    try:
        await flow.log_out()
    except AccountUnusable:
        pass
    finally:
        await flow.close()


def sign_in_sandbox(
    *, phone: str = SANDBOX_PHONE, code: str = SANDBOX_CODE, workspace_id: int | None, now: datetime, password: str = ""
) -> TelegramAccount:
    """An account of the sandbox Telegram for the demo: the one that is there and works, or a new sign-in.

    NotAllowed unless the product runs on the sandbox (settings.SANDBOX). Unreachable when the sandbox is not up.
    """
    if not settings.SANDBOX:
        raise NotAllowed("The sandbox account exists only where the sandbox Telegram is used.")
    for known in TelegramAccount.objects.usable().filter(workspace_id=workspace_id).order_by("pk"):
        if known.phone == phone and async_to_sync(_works)(known):
            return known
    who, session = async_to_sync(_sign_in_by_code)(phone, code, password)
    return add_account(
        who=who, session=session, phone=phone, workspace_id=workspace_id, label=who.first_name, actor=SYSTEM, now=now
    )


async def _works(account: TelegramAccount) -> bool:
    gateway = open_gateway(account, receive_updates=False)
    try:
        return (await gateway.me()).tg_id == account.tg_id
    except AccountUnusable:
        return False
    finally:
        await gateway.disconnect()


async def _sign_in_by_code(phone: str, code: str, password: str) -> tuple[AccountRecord, str]:
    flow = open_sign_in()
    try:
        await flow.request_code(phone)
        try:
            who = await flow.enter_code(code)
        except PasswordNeeded:
            if not password:
                raise
            who = await flow.enter_password(password)
        return who, flow.session
    finally:
        await flow.close()
