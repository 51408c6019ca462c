"""Who may listen to what: the same sign-in, workspace and rights as of the pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie
from django.http.request import split_domain_port, validate_host
from django.utils import timezone

from accounts.access import access_of
from accounts.models import User
from accounts.roles import Permission
from accounts.sessions.limits import has_outlived_itself
from analyticbot.core.address import client_network
from analyticbot.core.errors import AppError, NotSignedIn
from channels_app.models import TrackedChannel

Scope = Mapping[str, Any]
# Of a list that is longer, the rest is noticed by asking.
MOST_CHANNELS = 200


class Close(IntEnum):
    """Why a socket is closed (RFC 6455 §7.4.2: 4000 to 4999 are the application's)."""

    TRY_LATER = 1013
    SPOKE = 4400
    SIGN_IN = 4401
    NOT_FOUND = 4404
    TOO_MANY = 4429


@dataclass(frozen=True, slots=True)
class Admitted:
    """A listener: its cookies, and the channels it may hear of, by primary key with the name its addresses have."""

    cookies: Mapping[str, str]
    channels: Mapping[int, str]


def is_own_origin(scope: Scope) -> bool:
    """True if the page that opens the socket is ours (a browser always says so; what is no browser need not)."""
    headers = _headers(scope)
    domain, _port = split_domain_port(headers.get("host", ""))
    allowed = settings.ALLOWED_HOSTS
    if not domain or not validate_host(domain, allowed):
        return False
    origin = headers.get("origin")
    if origin is None:
        return False
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    secure = settings.PRODUCTION or scope.get("scheme") == "wss"
    try:
        parts = urlsplit(origin)
    except ValueError:  # half of an IPv6 address
        return False
    return parts.netloc == headers["host"] and (parts.scheme == "https" or not secure)


def cookies_of(scope: Scope) -> dict[str, str]:
    """The cookies that came with the handshake; none is ours that holds what no column can."""
    found = parse_cookie(_headers(scope).get("cookie", ""))
    return {name: value for name, value in found.items() if "\x00" not in value}


def session_key(cookies: Mapping[str, str]) -> str:
    """The session's key; empty where nobody is signed in."""
    return cookies.get(settings.SESSION_COOKIE_NAME, "")


def address_of(scope: Scope) -> str:
    """What sockets are counted by."""
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = (scope.get("client") or ("",))[0]
    request.META["HTTP_X_FORWARDED_FOR"] = _headers(scope).get("x-forwarded-for", "")
    return client_network(request)


def admit(cookies: Mapping[str, str], name: str | None) -> Admitted | Close:
    """Whether these cookies may listen to the channel `name` (None: to all of the workspace), read anew each time.

    A channel that nobody tracks and one that others track are refused alike.
    """
    request = HttpRequest()
    request.COOKIES = dict(cookies)
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key(cookies) or None)
    request.user = get_user(request)
    if isinstance(request.user, User) and has_outlived_itself(request, request.user, now=timezone.now()):
        return Close.SIGN_IN
    try:
        access = access_of(request)
    except NotSignedIn:
        return Close.SIGN_IN
    except AppError:
        return Close.NOT_FOUND
    if not (access.is_demo or access.allows(Permission.ANALYTICS_READ)):
        return Close.NOT_FOUND
    rows: Any = TrackedChannel.objects.for_workspace(access.workspace)
    if name is not None:
        rows = rows.named(name.replace("\x00", ""))
    found = rows.values_list("channel_id", "channel__username", "channel__tg_id").order_by("pk")[:MOST_CHANNELS]
    channels = {pk: f"@{username}" if username else str(tg_id or "") for pk, username, tg_id in found}
    if name is not None and not channels:
        return Close.NOT_FOUND
    return Admitted(cookies, channels)


def _headers(scope: Scope) -> dict[str, str]:
    """Header fields by lower-case name; those that come several times are joined."""
    joined: dict[str, str] = {}
    for name, value in scope["headers"]:
        field, text = name.decode("latin-1").lower(), value.decode("latin-1")
        between = "; " if field == "cookie" else ", "
        joined[field] = f"{joined[field]}{between}{text}" if field in joined else text
    return joined
