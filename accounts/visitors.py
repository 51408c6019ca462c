"""Who sends a request, asked before Django has read it."""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import InterfaceError, OperationalError, connections


async def has_session(scope: Mapping[str, Any]) -> bool:
    """True if an ASGI request carries the cookie of somebody who is signed in."""
    cookies = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    try:
        found = SimpleCookie(cookies.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return False
    if found is None or not found.value:
        return False
    return bool(await sync_to_async(_is_signed_in)(found.value))


def _is_signed_in(key: str) -> bool:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    try:
        return SESSION_KEY in store(key)
    except (OperationalError, InterfaceError):
        return False  # nobody is known while the database is away
    finally:
        # No request has begun whose end would give it back.
        connections.close_all()
