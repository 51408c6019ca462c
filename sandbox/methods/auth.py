"""Signing in: phone and code, two-step password, QR token, and export to another data centre."""

from __future__ import annotations

import hashlib
import secrets
import sys
from dataclasses import dataclass
from typing import Any

from sandbox.errors import RpcFault
from sandbox.rpc import Call, method
from sandbox.srp import Challenge, algorithm
from sandbox.tl import functions, types
from sandbox.world.accounts import BANNED_PHONE, LOGIN_CODE, Account, phone_digits

QR_SECONDS = 30
_SHORTEST_PHONE, _LONGEST_PHONE = 7, 15


@dataclass(slots=True)
class QrLogin:
    """A token shown as a QR code: for which key, until when, and by whom it was scanned."""

    key_id: bytes
    expires: float
    account: Account | None = None


def _code_hash(phone: str) -> str:
    return hashlib.sha256(f"sandbox-code:{phone}".encode()).hexdigest()[:18]


@method(functions.auth.SendCodeRequest, public=True)
def send_code(call: Call) -> Any:
    """Print and remember the code (always the same); refuse impossible and banned phones."""
    phone = phone_digits(call.request.phone_number)
    if not _SHORTEST_PHONE <= len(phone) <= _LONGEST_PHONE:
        raise RpcFault("PHONE_NUMBER_INVALID")
    if phone == BANNED_PHONE:
        raise RpcFault("PHONE_NUMBER_BANNED")
    call.server.codes[phone] = LOGIN_CODE
    print(f"login code for +{phone}: {LOGIN_CODE}", file=sys.stderr, flush=True)
    return types.auth.SentCode(
        type=types.auth.SentCodeTypeApp(length=len(LOGIN_CODE)), phone_code_hash=_code_hash(phone), timeout=120
    )


@method(functions.auth.ResendCodeRequest, public=True)
def resend_code(call: Call) -> Any:
    """The same code again."""
    return send_code(call)


@method(functions.auth.SignInRequest, public=True)
def sign_in(call: Call) -> Any:
    """Check the code; an account with a password still has to give it."""
    phone = phone_digits(call.request.phone_number)
    expected = call.server.codes.get(phone)
    if call.request.phone_code_hash != _code_hash(phone) or expected is None:
        raise RpcFault("PHONE_CODE_EXPIRED")
    if not call.request.phone_code:
        raise RpcFault("PHONE_CODE_EMPTY")
    if call.request.phone_code != expected:
        raise RpcFault("PHONE_CODE_INVALID")
    del call.server.codes[phone]
    return _let_in(call, call.server.account(phone))


def _let_in(call: Call, account: Account) -> Any:
    if account.password is not None:
        call.key.pending_phone = account.phone
        raise RpcFault("SESSION_PASSWORD_NEEDED", 401)
    return _authorise(call, account)


def _authorise(call: Call, account: Account) -> Any:
    call.server.keys.sign_in(call.key, account)
    return types.auth.Authorization(user=account.to_user(account))


@method(functions.account.GetPasswordRequest, public=True)
def get_password(call: Call) -> Any:
    """The state of two-step verification with a fresh challenge."""
    account = _pending(call)
    unknown = types.SecurePasswordKdfAlgoUnknown()
    if account is None or account.password is None:
        return types.account.Password(
            new_algo=algorithm(), new_secure_algo=unknown, secure_random=secrets.token_bytes(16)
        )
    challenge = Challenge.for_password(account.password)
    call.server.challenges[call.key.id] = challenge
    return types.account.Password(
        has_password=True,
        current_algo=algorithm(),
        srp_B=challenge.public.to_bytes(256, "big"),
        srp_id=challenge.id,
        hint="the name of this server",
        new_algo=algorithm(),
        new_secure_algo=unknown,
        secure_random=secrets.token_bytes(16),
    )


def _pending(call: Call) -> Account | None:
    if call.key.account is not None:
        return call.key.account
    if call.key.pending_phone is None:
        raise RpcFault("AUTH_KEY_UNREGISTERED", 401)
    return call.server.account(call.key.pending_phone)


@method(functions.auth.CheckPasswordRequest, public=True)
def check_password(call: Call) -> Any:
    """Finish a sign-in with the password."""
    account = _pending(call)
    challenge = call.server.challenges.pop(call.key.id, None)
    if account is None or challenge is None:
        raise RpcFault("SRP_ID_INVALID")
    challenge.check(call.request.password)
    return _authorise(call, account)


@method(functions.auth.ExportLoginTokenRequest, public=True)
def export_login_token(call: Call) -> Any:
    """A QR token, or the authorisation once a signed-in device has accepted the last one."""
    now = call.world.clock.now()
    token = call.key.qr_token
    login: QrLogin | None = call.server.qr_tokens.get(token) if token else None
    if login is not None and login.account is not None:
        call.server.qr_tokens.pop(token or b"", None)
        call.key.qr_token = None
        return types.auth.LoginTokenSuccess(authorization=_let_in(call, login.account))
    if login is None or login.expires <= now:
        token = secrets.token_bytes(32)
        login = QrLogin(call.key.id, now + QR_SECONDS)
        call.server.qr_tokens[token] = login
        call.key.qr_token = token
    return types.auth.LoginToken(expires=int(login.expires), token=token)


@method(functions.auth.ImportLoginTokenRequest, public=True)
def import_login_token(_call: Call) -> Any:
    """The same for a client that was moved here (nobody is: there is one home data centre)."""
    raise RpcFault("AUTH_TOKEN_INVALID")


@method(functions.auth.AcceptLoginTokenRequest)
def accept_login_token(call: Call) -> Any:
    """A signed-in device scans the code of another one."""
    call.server.accept_login_token(call.request.token, call.account)
    return types.Authorization(
        hash=1,
        device_model="sandbox",
        platform="sandbox",
        system_version="1",
        api_id=1,
        app_name="sandbox",
        app_version="1",
        date_created=call.now,
        date_active=call.now,
        ip="127.0.0.1",
        country="UZ",
        region="",
    )


@method(functions.auth.LogOutRequest)
def log_out(call: Call) -> Any:
    """Forget who was behind this key."""
    call.server.keys.sign_in(call.key, None)
    return types.auth.LoggedOut()


@method(functions.auth.ExportAuthorizationRequest)
def export_authorization(call: Call) -> Any:
    """A ticket for another data centre."""
    if call.request.dc_id not in call.server.ports or call.request.dc_id == call.connection.dc:
        raise RpcFault("DC_ID_INVALID")
    ticket = secrets.token_bytes(32)
    call.server.exported[ticket] = call.account.id
    return types.auth.ExportedAuthorization(id=call.account.id, bytes=ticket)


@method(functions.auth.ImportAuthorizationRequest, public=True)
def import_authorization(call: Call) -> Any:
    """Sign in here with a ticket from the other data centre."""
    user_id = call.server.exported.pop(call.request.bytes, None)
    if user_id is None or user_id != call.request.id:
        raise RpcFault("AUTH_BYTES_INVALID")
    account = call.world.account_by_id(user_id)
    if account is None:
        raise RpcFault("USER_ID_INVALID")
    return _authorise(call, account)
