"""The steps of a sign-in on Telethon: code, password, QR; and signing out."""

import asyncio
import base64
from datetime import UTC, datetime
from typing import Any

from telethon import errors
from telethon.password import compute_check
from telethon.tl import functions, types

from mtproto.errors import GatewayError, SignInError, Unreachable
from mtproto.parsing import parse_user
from mtproto.records import AccountRecord
from mtproto.sign_in import CodeSent, PendingSignIn, QrCode
from mtproto.telethon_adapter.client import Client
from mtproto.telethon_adapter.config import TelegramConfig
from mtproto.telethon_adapter.faults import CAUGHT, translate
from mtproto.telethon_adapter.gateway import ANSWER_SECONDS, CONNECT_SECONDS, method_of

_MIGRATIONS = (errors.PhoneMigrateError, errors.NetworkMigrateError, errors.UserMigrateError)
# Where Telegram says that it sent the code, in words that a person reads.
_WHERE = {
    "SentCodeTypeApp": "app",
    "SentCodeTypeSms": "sms",
    "SentCodeTypeSmsWord": "sms",
    "SentCodeTypeSmsPhrase": "sms",
    "SentCodeTypeCall": "call",
    "SentCodeTypeMissedCall": "call",
    "SentCodeTypeFlashCall": "call",
    "SentCodeTypeEmailCode": "email",
    "SentCodeTypeFragmentSms": "fragment",
}


class TelethonSignIn:
    """A sign-in under way. Implements `mtproto.sign_in.SignIn`."""

    def __init__(self, config: TelegramConfig, pending: PendingSignIn | None = None) -> None:
        self._config = config
        self._session = pending.session if pending else None
        self._phone = pending.phone if pending else None
        self._code_hash = pending.code_hash if pending else None
        self._client: Client | None = None

    # -- phone and code

    async def request_code(self, phone: str) -> CodeSent:
        """Ask Telegram to send a code to `phone`. SignInError, FloodWait, Unreachable."""
        self._phone = "+" + "".join(filter(str.isdigit, phone))
        request = functions.auth.SendCodeRequest(
            self._phone, self._config.api_id, self._config.api_hash, types.CodeSettings()
        )
        answer = await self._call(request)
        if not isinstance(answer, types.auth.SentCode):
            raise SignInError("Telegram does not send a code for this number to other applications: sign in by QR.")
        if isinstance(answer.type, types.auth.SentCodeTypeSetUpEmailRequired):
            raise SignInError("Telegram wants an e-mail address for this account: add one in a Telegram application.")
        self._code_hash = answer.phone_code_hash
        return CodeSent(
            where=_WHERE.get(answer.type.__class__.__name__, "app"), length=getattr(answer.type, "length", None)
        )

    async def enter_code(self, code: str) -> AccountRecord:
        """Sign in with the code. PasswordNeeded when the account has a password; SignInError for a wrong code."""
        if self._phone is None or self._code_hash is None:
            raise SignInError("Ask for a code first.")
        digits = "".join(filter(str.isdigit, code))
        answer = await self._call(functions.auth.SignInRequest(self._phone, self._code_hash, digits))
        if isinstance(answer, types.auth.AuthorizationSignUpRequired):
            raise SignInError(
                "Nobody has signed up to Telegram with this phone number.", code="PHONE_NUMBER_UNOCCUPIED"
            )
        return parse_user(answer.user)

    async def enter_password(self, password: str) -> AccountRecord:
        """Sign in with the second-factor password, after PasswordNeeded. SignInError for a wrong one."""
        challenge = await self._call(functions.account.GetPasswordRequest())
        # The proof takes a fraction of a second of computing.
        proof = await asyncio.to_thread(compute_check, challenge, password)
        answer = await self._call(functions.auth.CheckPasswordRequest(proof))
        return parse_user(answer.user)

    # -- QR

    async def make_qr(self) -> QrCode:
        """A fresh code to be scanned by a Telegram application that is signed in."""
        answer = await self._export_token()
        if not isinstance(answer, types.auth.LoginToken):
            raise SignInError("The code was accepted already.", code="AUTH_TOKEN_ALREADY_ACCEPTED")
        text = base64.urlsafe_b64encode(answer.token).decode().rstrip("=")
        return QrCode(url=f"tg://login?token={text}", expires_at=answer.expires or datetime.now(UTC))

    async def wait_for_qr(self, *, seconds: float) -> AccountRecord | None:
        """Wait until the last code is accepted; None when it is not within `seconds`. PasswordNeeded as with codes."""
        client = await self._ready()
        try:
            async with asyncio.timeout(seconds):
                await self._accepted(client)
        except TimeoutError:
            return None
        answer = await self._export_token()
        if isinstance(answer, types.auth.LoginTokenMigrateTo):
            await self._guarded("auth.importLoginToken", client._switch_dc(answer.dc_id))
            answer = await self._call(functions.auth.ImportLoginTokenRequest(answer.token))
        if not isinstance(answer, types.auth.LoginTokenSuccess):
            return None
        return parse_user(answer.authorization.user)

    async def _accepted(self, client: Client) -> None:
        """Return when Telegram pushes that the token was accepted. Unreachable when the connection is lost."""
        ended = asyncio.ensure_future(client.lost())
        try:
            while True:
                getting = asyncio.ensure_future(client.pushed.get())
                await asyncio.wait((getting, ended), return_when=asyncio.FIRST_COMPLETED)
                if not getting.done():
                    getting.cancel()
                    raise Unreachable("The connection to Telegram was lost")
                if _names_login_token(getting.result()):
                    return
        finally:
            ended.cancel()

    async def _export_token(self) -> Any:
        request = functions.auth.ExportLoginTokenRequest(self._config.api_id, self._config.api_hash, except_ids=[])
        return await self._call(request)

    # -- what is kept

    @property
    def pending(self) -> PendingSignIn:
        """What another process needs to go on with this sign-in. The session in it is a secret."""
        return PendingSignIn(session=self.session, phone=self._phone, code_hash=self._code_hash)

    @property
    def session(self) -> str:
        """The session as text: after a successful sign-in a full key to the account."""
        return self._client.session_string() if self._client else self._session or ""

    @property
    def phone(self) -> str | None:
        """The number that a code was asked for."""
        return self._phone

    async def log_out(self) -> None:
        """End the session at Telegram's side: the session string is worth nothing afterwards."""
        await self._call(functions.auth.LogOutRequest())

    async def close(self) -> None:
        """Close the connection; idempotent."""
        self._session = self.session
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    # -- calls

    async def _ready(self) -> Client:
        if self._client is not None and self._client.alive:
            return self._client
        await self.close()
        client = Client(self._config, self._session or None, receive_updates=True)
        try:
            await self._guarded("connect", asyncio.wait_for(client.connect(), CONNECT_SECONDS))
        except GatewayError:
            await client.close()
            raise
        self._client = client
        return client

    async def _call(self, request: Any) -> Any:
        """The answer; when the account lives in another data centre, asked again there."""
        client = await self._ready()
        method = method_of(request)
        try:
            return await self._guarded(method, client.send(request, seconds=ANSWER_SECONDS))
        except _MIGRATIONS as error:
            await self._guarded(method, client._switch_dc(error.new_dc))
        return await self._guarded(method, client.send(request, seconds=ANSWER_SECONDS))

    async def _guarded(self, method: str, call: Any) -> Any:
        try:
            return await call
        except _MIGRATIONS:
            raise
        except CAUGHT as error:
            raise translate(error, method=method) from error


def _names_login_token(pushed: Any) -> bool:
    inner = getattr(pushed, "updates", None) or [getattr(pushed, "update", pushed)]
    return any(isinstance(update, types.UpdateLoginToken) for update in inner)
