"""Ends sessions that have outlived themselves, and tells whether this one was opened with a second factor."""

from collections.abc import Callable
from functools import partial

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import User
from accounts.sessions.limits import has_outlived_itself, is_over

# Sent by pages that ask again by themselves: an open page is nobody's presence.
POLLED = "X-Polled"
# A code that was sent is a second factor, but not one that opens the SuperAdmin panel.
_STRONG = frozenset({Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES})


class SessionMiddleware:
    """After Django's authentication. Requests without the cookie of a session cost nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and isinstance(request.user, User):
            ended = has_outlived_itself if POLLED in request.headers else is_over
            if ended(request, request.user, now=timezone.now()):
                logout(request)
            else:
                # What django-otp asks; it keeps no devices of its own here.
                request.user.is_verified = partial(is_verified, request, request.user)  # type: ignore[attr-defined]
        return self.get_response(request)


def is_verified(request: HttpRequest, user: User) -> bool:
    """Whether the person has shown an app, a key or a recovery code in this session."""
    return any(
        record["method"] == "mfa" and record.get("type") in _STRONG
        for record in get_authentication_records(request, user)
    )
