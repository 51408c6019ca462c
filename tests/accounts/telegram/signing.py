"""Signs as Telegram does, for tests: written from its documentation, apart from the code that verifies."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

BOT_ID = "7000000001"
TOKEN = f"{BOT_ID}:tests-only-not-a-token"


def widget(*, now: datetime, token: str = TOKEN, **changed: str) -> dict[str, str]:
    """Fields that the Login Widget would give."""
    fields = {"id": "279058397", "first_name": "Vlad + & =", "username": "vdk", "auth_date": str(int(now.timestamp()))}
    fields.update(changed)
    check = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    key = hashlib.sha256(token.encode()).digest()
    return {**fields, "hash": hmac.new(key, check.encode(), hashlib.sha256).hexdigest()}


def init_fields(*, now: datetime, user: Any = None, **changed: str) -> dict[str, str]:
    """Fields of a Mini App's launch, not yet signed."""
    person = user or {"id": 279058397, "first_name": 'Влад "q" + &', "username": "vdk", "allows_write_to_pm": True}
    fields = {
        "query_id": "AAHdF6IQAAAAAN0XohDhrOrc",
        "user": person if isinstance(person, str) else json.dumps(person, separators=(",", ":")),
        "auth_date": str(int(now.timestamp())),
    }
    return {**fields, **changed}


def hashed(fields: dict[str, str], *, token: str = TOKEN) -> dict[str, str]:
    """With the hash that the bot's token makes."""
    check = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    key = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    return {**fields, "hash": hmac.new(key, check.encode(), hashlib.sha256).hexdigest()}


def signed(fields: dict[str, str], *, key: Ed25519PrivateKey, bot_id: str = BOT_ID) -> dict[str, str]:
    """With a signature as Telegram's own."""
    check = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    signature = key.sign(f"{bot_id}:WebAppData\n{check}".encode())
    return {**fields, "signature": base64.urlsafe_b64encode(signature).decode().rstrip("=")}


def init_data(*, now: datetime, token: str = TOKEN, **changed: str) -> str:
    """`initData` of a launch, as a Mini App gets it."""
    return urlencode(hashed(init_fields(now=now, **changed), token=token))
