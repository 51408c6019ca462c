"""Every exception that Telethon or the network can throw becomes one of ours."""

import asyncio
import re
import struct
from typing import Any

from telethon import errors

from mtproto.errors import (
    AccountUnusable,
    FloodWait,
    GatewayError,
    GraphExpired,
    PasswordNeeded,
    PeerNotFound,
    PeerPrivate,
    PeerUnaddressed,
    RequestInvalid,
    ServerTrouble,
    SignInError,
    StatsRefused,
    Unreachable,
)

# What Telethon, asyncio and the operating system throw at a caller. CancelledError is not here: it is ours to obey.
CAUGHT = (
    errors.RPCError,
    errors.AuthKeyNotFound,
    errors.SecurityError,
    errors.TypeNotFoundError,
    errors.BadMessageError,
    errors.InvalidBufferError,
    OSError,
    EOFError,
    asyncio.TimeoutError,
    BufferError,
    struct.error,
    ValueError,
    TypeError,
    OverflowError,
    AssertionError,
)

_NOT_FOUND = {
    "USERNAME_NOT_OCCUPIED",
    "USERNAME_INVALID",
    "INVITE_HASH_INVALID",
    "INVITE_HASH_EXPIRED",
    "INVITE_HASH_EMPTY",
}
_PRIVATE = {
    "CHANNEL_PRIVATE",
    "CHANNEL_PUBLIC_GROUP_NA",
    "CHAT_FORBIDDEN",
    "CHAT_RESTRICTED",
    "INVITE_REQUEST_SENT",
    "USER_BANNED_IN_CHANNEL",
    "USER_NOT_PARTICIPANT",
    "CHAT_ADMIN_REQUIRED",
}
_UNADDRESSED = {"CHANNEL_INVALID", "CHAT_ID_INVALID", "PEER_ID_INVALID", "PEER_ID_NOT_SUPPORTED"}
_STATS = {
    "CHAT_ADMIN_REQUIRED",
    "BROADCAST_REQUIRED",
    "MEGAGROUP_REQUIRED",
    "STATS_UNAVAILABLE",
    "MESSAGE_ID_INVALID",
    "MSG_ID_INVALID",
}
_GRAPH = {"GRAPH_EXPIRED_RELOAD", "GRAPH_INVALID_RELOAD", "GRAPH_OUTDATED_RELOAD"}
# Told with 406: the key is used elsewhere at the same time and Telegram has dropped it. With 420: it is frozen.
_ACCOUNT = {"AUTH_KEY_DUPLICATED", "FROZEN_METHOD_INVALID", "USER_DEACTIVATED", "USER_DEACTIVATED_BAN"}
_ADVICE = {
    "PHONE_CODE_INVALID": "The code is not right.",
    "PHONE_CODE_EMPTY": "The code is not right.",
    "PHONE_CODE_EXPIRED": "The code has expired: ask for a new one.",
    "PHONE_NUMBER_INVALID": "This is not a phone number that Telegram knows how to read.",
    "PHONE_NUMBER_UNOCCUPIED": "Nobody has signed up to Telegram with this phone number.",
    "PHONE_NUMBER_BANNED": "Telegram has banned this phone number.",
    "PHONE_NUMBER_FLOOD": "Too many codes were asked for: try again tomorrow.",
    "PHONE_PASSWORD_FLOOD": "Too many wrong passwords: try again later.",
    "PASSWORD_HASH_INVALID": "The password is not right.",
    "AUTH_TOKEN_EXPIRED": "The QR code has expired: make a new one.",
    "AUTH_TOKEN_INVALID": "The QR code is not valid any more: make a new one.",
}
_NAMED: tuple[tuple[set[str], Any], ...] = (
    (_GRAPH, GraphExpired),
    (_ACCOUNT, AccountUnusable),
    (_STATS, StatsRefused),
    (_NOT_FOUND, PeerNotFound),
    (_PRIVATE, PeerPrivate),
    (_UNADDRESSED, PeerUnaddressed),
)
_CONFIG = {"API_ID_INVALID", "API_ID_PUBLISHED_FLOOD"}
_CODES = {error_class: code for code, error_class in errors.rpc_errors_dict.items()}
# Errors that carry a number in their name are listed by pattern: FLOOD_WAIT_(\d+) is FLOOD_WAIT.
_CODES |= {error_class: re.sub(r"_?\(.*?\)", "", pattern) for pattern, error_class in errors.rpc_errors_re}
_WORD = re.compile(r"[A-Z][A-Z0-9_]+")


def code_of(error: Exception) -> str:
    """Telegram's own name of an error, like CHANNEL_PRIVATE; the class name where it has none."""
    known = _CODES.get(type(error))
    if known:
        return str(known)
    told = getattr(error, "message", None)
    return told if isinstance(told, str) and _WORD.fullmatch(told) else type(error).__name__


def translate(error: Exception, *, method: str) -> GatewayError:
    """Our error for one of `CAUGHT` that ended a call of `method`."""
    if isinstance(error, errors.AuthKeyNotFound):
        return AccountUnusable("Telegram does not know this session any more.", code="AUTH_KEY_UNREGISTERED")
    if not isinstance(error, errors.RPCError):
        return _translate_local(error, method=method)
    code = code_of(error)
    seconds = getattr(error, "seconds", None)
    if isinstance(error, errors.FloodError) and isinstance(seconds, int):
        return _flood(method, seconds, code)
    return _translate_by_name(code, method=method) or _translate_by_class(error, code=code, method=method)


def _translate_by_name(code: str, *, method: str) -> GatewayError | None:
    """Errors that are told by name; statistics read some names differently."""
    if code == "SESSION_PASSWORD_NEEDED":
        return PasswordNeeded("The account has a second-factor password: enter it.")
    if code in _ADVICE:
        return SignInError(_ADVICE[code], code=code)
    if code in _CONFIG:
        return RequestInvalid(f"Telegram does not accept TELEGRAM_API_ID and TELEGRAM_API_HASH: {code}", code=code)
    for codes, kind in _NAMED:
        if code in codes and (kind is not StatsRefused or method.startswith("stats.")):
            return kind(f"Telegram answers {code} to {method}", code=code)
    return None


def _translate_by_class(error: errors.RPCError, *, code: str, method: str) -> GatewayError:
    text = f"Telegram answers {code} to {method}"
    # Of 406 only the names in _ACCOUNT speak of the account; Telethon calls all of them AuthKeyError.
    if isinstance(error, errors.UnauthorizedError):
        return AccountUnusable(f"Telegram does not accept this session any more ({code}).", code=code)
    # 5xx, and the negative codes that Telegram's own front servers give when those behind do not answer.
    if isinstance(error, errors.ServerError | errors.TimedOutError) or abs(error.code or 0) >= 500:  # noqa: PLR2004
        return ServerTrouble(text, code=code)
    if isinstance(error, errors.FloodError):
        return _flood(method, _seconds_in(error), code)
    return RequestInvalid(text, code=code)


def _flood(method: str, seconds: int, code: str) -> FloodWait:
    """FLOOD_WAIT_0 has been seen; asking again at once only makes it longer."""
    error = FloodWait(method=method, seconds=max(seconds, 1))
    error.code = re.sub(r"_\d+$", "", code)
    return error


def _seconds_in(error: errors.RPCError) -> int:
    """Seconds of a flood error that Telethon does not know by name; a minute when it says none."""
    match = re.search(r"_(\d+)$", str(error.message or ""))
    return int(match[1]) if match else 60


def _translate_local(error: Exception, *, method: str) -> GatewayError:
    if isinstance(error, errors.TypeNotFoundError):
        return RequestInvalid(
            f"The answer to {method} is of a kind that this version cannot read", code="TYPE_NOT_FOUND"
        )
    if isinstance(error, struct.error | ValueError | TypeError | OverflowError | AssertionError):
        return RequestInvalid(f"{method} cannot be sent: {error}", code="CANNOT_SEND")
    if isinstance(error, asyncio.TimeoutError):
        return Unreachable(f"No answer to {method} in time", code="TIMEOUT")
    return Unreachable(f"The connection to Telegram was lost: {type(error).__name__} {error}".rstrip())
