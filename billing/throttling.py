"""Rate limits of the API: by workspace and token as the plan says, by address for everybody else."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.access import Access, access_of, visits_demo
from accounts.throttling import for_here, keep_verdict, take_for_address
from analyticbot.core.address import client_network
from analyticbot.core.ratelimit import (
    ANONYMOUS,
    DEMO,
    EXPORTS,
    Limit,
    LimiterAway,
    Verdict,
    take_each,
    take_or_refuse,
)
from billing.limits import limits_for
from billing.plans import Limits

# What every plan allows of anything: who may only do a thing once cannot correct a mistake.
LEAST = 3


class WorkspaceThrottle(BaseThrottle):
    """Counts a workspace's requests and each of its tokens' own; a view adds its own limits in `rate_limits`."""

    def __init__(self) -> None:
        self._verdict: Verdict | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """False if a limit is reached. Without Redis everything passes: slower is better than broken."""
        try:
            if request.user.is_authenticated:
                verdict = take_each(_buckets(access_of(request), _limits_of_view(view, request.method or "")))
            else:
                # The charts of the demo ask more often than a stranger may; each visitor is counted for themselves.
                verdict = take_for_address(request, DEMO if visits_demo(request) else ANONYMOUS)
        except LimiterAway:
            return True
        self._verdict = verdict
        keep_verdict(request, verdict)
        return verdict.allowed

    def wait(self) -> float | None:
        """Seconds until the next try, for Retry-After."""
        return self._verdict.retry_after if self._verdict else None


def _buckets(access: Access, of_view: Sequence[Limit]) -> list[tuple[Limit, str]]:
    plan = limits_for(access.workspace)
    of_plan = [_by_plan(limit, plan) for limit in of_view]
    buckets = [(for_here(limit), f"w{access.workspace.pk}") for limit in (*plan.api, *of_plan)]
    if access.token is not None:
        buckets += [(for_here(limit), f"t{access.token.pk}") for limit in plan.api_token]
    return buckets


def _by_plan(limit: Limit, plan: Limits) -> Limit:
    return replace(limit, amount=max(LEAST, round(limit.amount * plan.api_factor)))


def count_file(request: HttpRequest, access: Access, *, message: str) -> None:
    """Files made from pages and by programs count together, visitors of the demo by their address.

    Raises LimitReached with the message.
    """
    whose = f"d{client_network(request)}" if access.is_demo else f"w{access.workspace.pk}"
    take_or_refuse(for_here(_by_plan(EXPORTS, limits_for(access.workspace))), key=whose, message=message)


def _limits_of_view(view: Any, method: str) -> Sequence[Limit]:
    """`rate_limits` of a view: some limits, or some for each method."""
    named = getattr(view, "rate_limits", ())
    found: Sequence[Limit] = named.get(method, ()) if isinstance(named, Mapping) else named
    return found
