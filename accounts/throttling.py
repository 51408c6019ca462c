"""Rate limits by address, for requests that no workspace answers for; members are limited by `billing.throttling`."""

from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import Throttled

from analyticbot.core.address import client_network
from analyticbot.core.ratelimit import ANONYMOUS, TOKEN_FAILURES, Limit, LimiterAway, Verdict, take

VERDICT = "_rate_limit"


def limit_strangers(request: HttpRequest) -> None:
    """Throttled (429) when an address asks too often without signing in."""
    _limit_address(request, ANONYMOUS)


def limit_guessing(request: HttpRequest) -> None:
    """Throttled (429) when an address sends too many tokens that are not valid."""
    _limit_address(request, TOKEN_FAILURES)


def take_for_address(request: HttpRequest, limit: Limit) -> Verdict:
    """Count a request for the network it comes from; raises LimiterAway."""
    return take([for_here(limit)], key=f"a{client_network(request)}")


def for_here(limit: Limit) -> Limit:
    """A local run belongs to one person, who may well let programs poll it; there the limits are wider."""
    return replace(limit, amount=limit.amount * settings.API_LIMIT_FACTOR)


def keep_verdict(request: HttpRequest, verdict: Verdict) -> None:
    """Leave the verdict where the middleware finds it for the headers of the answer."""
    setattr(getattr(request, "_request", request), VERDICT, verdict)


def _limit_address(request: HttpRequest, limit: Limit) -> None:
    try:
        verdict = take_for_address(request, limit)
    except LimiterAway:
        return  # the request is refused anyway
    keep_verdict(request, verdict)
    if not verdict.allowed:
        raise Throttled(wait=verdict.retry_after)
