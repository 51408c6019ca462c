"""How often pages may be asked for: by person for who is signed in, by network for forms of strangers.

The API counts by itself (`billing.throttling`), and so do the doors that can be guessed at; this is what keeps one
session, or one machine, from taking everybody's time. Without Redis everything passes: slower is better than broken.
"""

from collections.abc import Callable
from http import HTTPStatus

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import SAFE_METHODS
from accounts.throttling import for_here
from analyticbot.core.address import client_network
from analyticbot.core.api import is_api
from analyticbot.core.ratelimit import Limit, LimiterAway, take

# Pages that watch something ask every few seconds, in each tab that is open.
BY_PERSON = Limit("pages-person", 600, 60)
FORMS_BY_NETWORK = Limit("forms-network", 120, 60)


class PageLimitMiddleware:
    """429 for pages that are asked for too often. After the session is there, before the user is read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wait = None if is_api(request) else self._wait(request)
        if wait is None:
            return self.get_response(request)
        response = render(request, "429.html", status=HTTPStatus.TOO_MANY_REQUESTS)
        response["Retry-After"] = str(wait)
        return response

    @staticmethod
    def _wait(request: HttpRequest) -> int | None:
        """Seconds to wait; None for who may go on."""
        person = request.session.get(SESSION_KEY) if request.session.session_key else None
        if person is None and request.method in SAFE_METHODS:
            return None
        limit, key = (FORMS_BY_NETWORK, client_network(request)) if person is None else (BY_PERSON, f"u{person}")
        try:
            return take([for_here(limit)], key=key).retry_after
        except LimiterAway:
            return None
