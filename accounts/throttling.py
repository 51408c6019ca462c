"""Rate limits of the API: by workspace for members, by address for everybody else."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.access import access_of
from analyticbot.core.address import client_network
from analyticbot.core.ratelimit import (
    ANONYMOUS,
    API,
    API_HOURLY,
    TOKEN_FAILURES,
    Limit,
    LimiterAway,
    Verdict,
    take,
)

VERDICT = "_rate_limit"


class WorkspaceThrottle(BaseThrottle):
    """Counts a workspace's requests, whichever of its tokens sends them; a view adds its own in `rate_limits`."""

    def __init__(self) -> None:
        self._verdict: Verdict | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """False if a limit is reached. Without Redis everything passes: slower is better than broken."""
        try:
            if request.user.is_authenticated:
                limits = [API, API_HOURLY, *_limits_of_view(view, request.method or "")]
                verdict = take([_for_here(limit) for limit in limits], key=f"w{access_of(request).workspace.pk}")
            else:
                verdict = take([_for_here(ANONYMOUS)], key=f"a{client_network(request)}")
        except LimiterAway:
            return True
        self._verdict = verdict
        keep_verdict(request, verdict)
        return verdict.allowed

    def wait(self) -> float | None:
        """Seconds until the next try, for Retry-After."""
        return self._verdict.retry_after if self._verdict else None


def _limits_of_view(view: Any, method: str) -> Sequence[Limit]:
    """`rate_limits` of a view: some limits, or some for each method."""
    named = getattr(view, "rate_limits", ())
    found: Sequence[Limit] = named.get(method, ()) if isinstance(named, Mapping) else named
    return found


def limit_strangers(request: HttpRequest) -> None:
    """Throttled (429) when an address asks too often without signing in."""
    _limit_address(request, ANONYMOUS)


def limit_guessing(request: HttpRequest) -> None:
    """Throttled (429) when an address sends too many tokens that are not valid."""
    _limit_address(request, TOKEN_FAILURES)


def _limit_address(request: HttpRequest, limit: Limit) -> None:
    try:
        verdict = take([_for_here(limit)], key=f"a{client_network(request)}")
    except LimiterAway:
        return  # the request is refused anyway
    keep_verdict(request, verdict)
    if not verdict.allowed:
        raise Throttled(wait=verdict.retry_after)


def _for_here(limit: Limit) -> Limit:
    """A local run belongs to one person, who may well let programs poll it; there the limits are wider."""
    return replace(limit, amount=limit.amount * settings.API_LIMIT_FACTOR)


def keep_verdict(request: HttpRequest, verdict: Verdict) -> None:
    """Leave the verdict where the middleware finds it for the headers of the answer."""
    setattr(getattr(request, "_request", request), VERDICT, verdict)
