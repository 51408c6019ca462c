"""What it costs to know who asks, what they may, and whether they ask too often: the fixed price of every request.

Measured where it happens: a view's steps before its own work, on a request that the handler made, once with a token
(header → row → role → permission → buckets) and once with a session (cookie → session → person → memberships →
permission → buckets). Everything else of a request is in the other benchmarks.
"""

import time
from collections.abc import Callable
from typing import Any

from django.contrib.auth import login
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from rest_framework.views import APIView

from accounts.models import User, Workspace
from accounts.roles import Permission
from benchmarks.timing import timed, times_of

ROUNDS = 1_500
WARM = 100
_NAME = "bench-guards"
_STEPS = ("perform_authentication", "check_permissions", "check_throttles")


class _Door(APIView):
    """A view like every other of the API, with nothing behind it."""

    required_scope = Permission.CHANNELS_READ

    def get(self, _request: Any) -> HttpResponse:
        return HttpResponse()


def run() -> None:
    """Prints milliseconds of each step and of all together, for both ways to say who one is."""
    from tests.factories import bearer, make_token, make_user, make_workspace, owner_of

    _leave()
    workspace = make_workspace(owner=make_user(f"{_NAME}@example.org"), name=_NAME)
    headers, cookie = bearer(make_token(workspace)), _signed_in(owner_of(workspace))
    try:
        # Buckets are counted, and wide enough to let all pass.
        with override_settings(API_LIMIT_FACTOR=100_000):
            _measure("token", lambda: RequestFactory().get("/api/v2/channels", headers=headers))
            _measure("session", lambda: _with_session(cookie))
    finally:
        _leave()


def _measure(how: str, make: Callable[[], HttpRequest]) -> None:
    steps: dict[str, list[float]] = {name: [] for name in (*_STEPS, "together")}
    for _round in range(WARM):
        _spend(make(), steps)
    busy = time.process_time()
    for _round in range(ROUNDS):
        _spend(make(), steps)
    busy = (time.process_time() - busy) / ROUNDS * 1000
    for name, found in steps.items():
        print(f"{how:8} {name:24} p50, p95 ms: {times_of(found[WARM:])}")
    print(f"{how:8} processor time here, making the request included: {busy:.2f} ms")


def _spend(bare: HttpRequest, steps: dict[str, list[float]]) -> None:
    view = _Door()
    view.setup(bare)
    seconds, request = timed(lambda: view.initialize_request(bare))
    view.request, view.headers = request, {}
    together = seconds
    for name in _STEPS:
        seconds, _ = timed(lambda: getattr(view, name)(request))  # noqa: B023 - called at once
        steps[name].append(seconds)
        together += seconds
    steps["together"].append(together)


def _signed_in(user: User) -> str:
    request = RequestFactory().get("/")
    SessionMiddleware(lambda _request: HttpResponse())(request)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session.save()
    return str(request.session.session_key)


def _with_session(key: str) -> HttpRequest:
    """A request as these two middlewares leave it; both work only when they are asked who it is."""
    request = RequestFactory().get("/api/v2/channels")
    request.COOKIES["sessionid"] = key
    for middleware in (SessionMiddleware, AuthenticationMiddleware):
        middleware(lambda _request: HttpResponse()).process_request(request)
    return request


def _leave() -> None:
    Workspace.objects.filter(name=_NAME).delete()
    User.objects.filter(email=f"{_NAME}@example.org").delete()
