"""Rate limits of the API: by workspace and token for members, by address for everybody else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.access import Access, access_of
from accounts.models import Workspace
from analyticbot.core.address import client_network
from analyticbot.core.ratelimit import (
    ANONYMOUS,
    API,
    API_HOURLY,
    TOKEN,
    TOKEN_FAILURES,
    Limit,
    LimiterAway,
    Verdict,
    take,
    take_each,
)

VERDICT = "_rate_limit"


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """What a plan allows: of all the workspace's requests together, and of each of its tokens.

    `factor` widens what a view limits by itself (`rate_limits`).
    """

    workspace: tuple[Limit, ...]
    token: tuple[Limit, ...]
    factor: float = 1.0


def limits_of(workspace: Workspace) -> PlanLimits:  # noqa: ARG001 - the hook for plans
    """The limits of a workspace's plan. There is one plan today; whatever sells others changes this function only."""
    return PlanLimits(workspace=(API, API_HOURLY), token=(TOKEN,))


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
                verdict = take([_for_here(ANONYMOUS)], key=f"a{client_network(request)}")
        except LimiterAway:
            return True
        self._verdict = verdict
        keep_verdict(request, verdict)
        return verdict.allowed

    def wait(self) -> float | None:
        """Seconds until the next try, for Retry-After."""
        return self._verdict.retry_after if self._verdict else None


def _buckets(access: Access, of_view: Sequence[Limit]) -> list[tuple[Limit, str]]:
    plan = limits_of(access.workspace)
    widened = [replace(limit, amount=max(1, round(limit.amount * plan.factor))) for limit in of_view]
    buckets = [(_for_here(limit), f"w{access.workspace.pk}") for limit in (*plan.workspace, *widened)]
    if access.token is not None:
        buckets += [(_for_here(limit), f"t{access.token.pk}") for limit in plan.token]
    return buckets


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
