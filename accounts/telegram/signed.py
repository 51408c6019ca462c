"""What Telegram signed about a person: the data of its Login Widget and of Mini Apps, verified. Pure: no clock, no I/O.

Sources: https://core.telegram.org/widgets/login#checking-authorization and
https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app (with its part for third parties).
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# Telegram's own key for signing the data of Mini Apps on its production servers.
PRODUCTION_KEY = bytes.fromhex("e7bf03a2fa4602af4580703d88dda5bb59f32ed8b02a56c187fe7d34caed242d")
# Who signs in does so within moments; what is older was copied from somewhere.
MAX_AGE = timedelta(minutes=10)
# Clocks differ a little.
MAX_AHEAD = timedelta(seconds=30)

_LONGEST = 4096
_MOST_FIELDS = 32
_LONGEST_NAME = 64
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NUMBER = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)
_KEY = re.compile(r"[a-z_]{1,40}", re.ASCII)
_SIGNATURE = re.compile(r"[A-Za-z0-9_-]{86}(==)?", re.ASCII)

Fields = Sequence[tuple[str, str]]


class Untrusted(Exception):
    """The data is not what Telegram signed for this bot just now. `reason` is one word for logs and counters."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TelegramPerson:
    """Who signed in, as Telegram says. `once` names this very sign-in: it must not be used a second time."""

    telegram_id: int
    name: str
    username: str
    may_write: bool
    signed_at: datetime
    once: str


def read_widget(fields: Fields, *, bot_token: str, now: datetime) -> TelegramPerson:
    """The person of a Login Widget's answer: all its fields as they came, in any order. Raises Untrusted."""
    values = _unique(fields)
    secret = hashlib.sha256(bot_token.encode()).digest()
    once = _check_hash(values, secret=secret)
    signed_at = _check_age(values, now=now)
    return _person(values, signed_at=signed_at, once=once, may_write=False)


def read_init_data(text: str, *, bot_token: str, now: datetime, telegram_key: bytes | None = None) -> TelegramPerson:
    """The person of a Mini App's `initData`, given as the Mini App received it. Raises Untrusted.

    With `telegram_key` Telegram's own signature must be there and right as well: then not even who has stolen the
    bot's token can make up people.
    """
    values = _parse(text)
    secret = hmac.new(b"WebAppData", bot_token.encode(), hashlib.sha256).digest()
    once = _check_hash(values, secret=secret)
    if telegram_key is not None:
        check_signature(values, bot_id=bot_token.partition(":")[0], telegram_key=telegram_key)
    signed_at = _check_age(values, now=now)
    return _mini_app_person(values, signed_at=signed_at, once=once)


def read_signed_init_data(text: str, *, bot_id: str, now: datetime, telegram_key: bytes) -> TelegramPerson:
    """The same by Telegram's signature alone, which needs no bot token. Raises Untrusted."""
    values = _parse(text)
    check_signature(values, bot_id=bot_id, telegram_key=telegram_key)
    signed_at = _check_age(values, now=now)
    return _mini_app_person(values, signed_at=signed_at, once=values["signature"].rstrip("="))


def check_signature(values: dict[str, str], *, bot_id: str, telegram_key: bytes) -> None:
    """Whether Telegram itself signed the fields for this bot: Ed25519 over all but hash and signature."""
    given = values.get("signature", "")
    if not _SIGNATURE.fullmatch(given):
        raise Untrusted("unsigned")
    message = f"{bot_id}:WebAppData\n{_check_string(values, without=('hash', 'signature'))}"
    try:
        signature = base64.urlsafe_b64decode(given.rstrip("=") + "==")
        Ed25519PublicKey.from_public_bytes(telegram_key).verify(signature, message.encode())
    except (InvalidSignature, binascii.Error):
        raise Untrusted("signature") from None


def _parse(text: str) -> dict[str, str]:
    if len(text) > _LONGEST:
        raise Untrusted("too_long")
    try:
        fields = parse_qsl(
            text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise Untrusted("malformed") from None
    return _unique(fields)


def _unique(fields: Fields) -> dict[str, str]:
    """The fields by name. One that is there twice could be signed as one thing and read as another."""
    values = dict(fields)
    if len(values) != len(fields):
        raise Untrusted("doubled")
    if len(values) > _MOST_FIELDS or sum(map(len, values.values())) > _LONGEST:
        raise Untrusted("too_long")
    # A line break or `=` in a name would let one field pass for two.
    if not all(_KEY.fullmatch(name) for name in values) or any("\x00" in value for value in values.values()):
        raise Untrusted("malformed")
    return values


def _check_string(values: dict[str, str], *, without: tuple[str, ...]) -> str:
    return "\n".join(f"{name}={value}" for name, value in sorted(values.items()) if name not in without)


def _check_hash(values: dict[str, str], *, secret: bytes) -> str:
    given = values.get("hash", "")
    if not _HASH.fullmatch(given):
        raise Untrusted("unsigned")
    wanted = hmac.new(secret, _check_string(values, without=("hash",)).encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted, given):
        raise Untrusted("hash")
    return given


def _check_age(values: dict[str, str], *, now: datetime) -> datetime:
    text = values.get("auth_date", "")
    if not _NUMBER.fullmatch(text) or len(text) > len("9999999999"):
        raise Untrusted("undated")
    signed_at = datetime.fromtimestamp(int(text), UTC)
    if signed_at > now + MAX_AHEAD:
        raise Untrusted("future")
    if signed_at < now - MAX_AGE:
        raise Untrusted("stale")
    return signed_at


def _mini_app_person(values: dict[str, str], *, signed_at: datetime, once: str) -> TelegramPerson:
    try:
        user: Any = json.loads(values.get("user", ""))
    except (ValueError, RecursionError):
        raise Untrusted("nobody") from None
    if not isinstance(user, dict) or type(user.get("id")) is not int or user.get("is_bot") not in {None, False}:
        raise Untrusted("nobody")
    told = {name: str(value) for name, value in user.items() if isinstance(value, str | int)}
    return _person(told, signed_at=signed_at, once=once, may_write=user.get("allows_write_to_pm") is True)


def _person(told: dict[str, str], *, signed_at: datetime, once: str, may_write: bool) -> TelegramPerson:
    if not _NUMBER.fullmatch(told.get("id", "")):
        raise Untrusted("nobody")
    parts = (told.get("first_name", "")[:_LONGEST_NAME], told.get("last_name", "")[:_LONGEST_NAME])
    return TelegramPerson(
        telegram_id=int(told["id"]),
        name=" ".join(part for part in parts if part),
        username=told.get("username", "")[:_LONGEST_NAME],
        may_write=may_write,
        signed_at=signed_at,
        once=once,
    )
