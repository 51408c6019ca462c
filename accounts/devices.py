"""Browsers that an account knows: a signed cookie that says "this browser has signed in to it before".

It signs nobody in. Whoever has it is not slowed down by what strangers do to the account (the "device cookie" of
https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies), and its sign-ins are no news.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

REMEMBERED = timedelta(days=180)
_SALT = "known-device"
# People share browsers, but not with very many.
_MOST_ACCOUNTS = 8
_ID_BYTES = 12


@dataclass(frozen=True, slots=True)
class Device:
    """A browser with our cookie: a random name, and the accounts (blurred) that have signed in with it."""

    name: str
    accounts: tuple[str, ...]

    def knows(self, account: str) -> bool:
        """Whether the account (as `blurred`) has signed in with it."""
        return account in self.accounts


def blurred(email: str) -> str:
    """A key for an address that does not show it."""
    return hashlib.sha256(email.strip().lower().encode("utf-8", "replace")).hexdigest()[:32]


def device_from(request: HttpRequest) -> Device | None:
    """The device that the request's cookie names; None without one, or for one that we did not sign."""
    text = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    if not text:
        return None
    try:
        kept: Any = signing.loads(text, salt=_SALT, max_age=REMEMBERED)
    except signing.BadSignature:
        return None
    return Device(name=kept["d"], accounts=tuple(kept["a"]))


def remember_device(request: HttpRequest, response: HttpResponse, *, account: str) -> None:
    """Have the browser known to the account (as `blurred`) from now on."""
    device = device_from(request)
    others = [one for one in (device.accounts if device else ()) if one != account]
    name = device.name if device else secrets.token_urlsafe(_ID_BYTES)
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps({"d": name, "a": [account, *others][:_MOST_ACCOUNTS]}, salt=_SALT),
        max_age=REMEMBERED,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
