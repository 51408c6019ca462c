"""Which Telegram this process speaks to: an account of one is nobody at another."""

import hashlib
from pathlib import Path

from django.conf import settings

TELEGRAM = "telegram"


def present_server() -> str:
    """The name under which accounts of the configured server are kept.

    `telegram` for Telegram itself. Another server (TELEGRAM_SERVER) is known by its public key, wherever it listens:
    `key:` and 16 hexadecimal digits; one without a readable key by its address, `address:` and 16 digits.
    """
    if not settings.TELEGRAM_SERVER:
        return TELEGRAM
    try:
        key = Path(settings.TELEGRAM_SERVER_KEY or "").read_text()
    except (OSError, ValueError):
        return f"address:{_digest(settings.TELEGRAM_SERVER)}"
    return f"key:{_digest(''.join(key.split()))}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
