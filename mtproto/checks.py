"""System checks: what collecting from Telegram needs of this machine and its settings."""

import importlib.util
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import ImproperlyConfigured

from analyticbot.core.secrets import seal, unseal


@register
def check_cryptg(**_: Any) -> list[CheckMessage]:
    """Encryption in C must be there."""
    if importlib.util.find_spec("cryptg") is not None:
        return []
    return [
        Error(
            "The package cryptg is not installed.",
            hint="Without it Telegram's encryption is 15 times slower: install the requirements again.",
            id="mtproto.E001",
        )
    ]


@register
def check_keys(**_: Any) -> list[CheckMessage]:
    """Account sessions are sealed: the keys must work."""
    try:
        unseal(seal("check", purpose="mtproto.check"), purpose="mtproto.check")
    except ImproperlyConfigured as error:
        return [Error(str(error), hint="Account sessions cannot be kept without a key.", id="mtproto.E002")]
    return []


@register
def check_server_key(**_: Any) -> list[CheckMessage]:
    """Another Telegram is trusted by its public key."""
    if not settings.TELEGRAM_SERVER:
        return []
    path = settings.TELEGRAM_SERVER_KEY
    if path is not None and path.is_file():
        return []
    return [
        CheckWarning(
            f"TELEGRAM_SERVER is set, and TELEGRAM_SERVER_KEY ({path}) is no file.",
            hint="Name the file with the server's public key (PEM), or the handshake will fail.",
            id="mtproto.W001",
        )
    ]


@register
def check_application(**_: Any) -> list[CheckMessage]:
    """An application id is needed to speak to Telegram itself."""
    wanted = settings.MTPROTO_HISTORY_ENABLED or settings.MTPROTO_UPDATES_ENABLED or settings.MTPROTO_STATS_ENABLED
    given = settings.TELEGRAM_API_ID and settings.TELEGRAM_API_HASH
    if not wanted or given or settings.SANDBOX or settings.TESTING:
        return []
    return [
        CheckWarning(
            "Collecting is switched on, but TELEGRAM_API_ID and TELEGRAM_API_HASH are not set.",
            hint="Get both at https://my.telegram.org (API development tools).",
            id="mtproto.W002",
        )
    ]
