"""The pages: authorise, read the address, ask, render. The address is the whole state of a page."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.access import WorkspaceRequest, require
from accounts.factors.rules import FactorRequired
from accounts.roles import Permission
from analyticbot.core.errors import AppError
from analytics.pages import ChannelCard, card_of
from analytics.period import zone_named
from channels_app.queries import status_of, tracked_by_id
from channels_app.tracking import untrack_channel

P = ParamSpec("P")
# The value of the parameter `zone`; without it days are those of the workspace.
OWN_ZONE = "own"


def page(
    permission: Permission,
) -> Callable[[Callable[Concatenate[WorkspaceRequest, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Decorate a page of a workspace: rights first, moments in the workspace's zone, our errors as a page."""

    def decorate(view: Callable[Concatenate[WorkspaceRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @require(permission)
        def in_zone(request: WorkspaceRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            with timezone.override(zone_of(request)):
                return view(request, *args, **kwargs)

        @wraps(view)
        def explained(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                response = in_zone(request, *args, **kwargs)
            except FactorRequired:
                raise  # its middleware leads to where one is added
            except AppError as error:
                response = _problem(request, error)
            # The same address answers with a part of the page when htmx asks.
            patch_vary_headers(response, ["HX-Request", "Cookie"])
            return response

        return explained

    return decorate


def _problem(request: HttpRequest, error: AppError) -> HttpResponse:
    """The error as a page, or as the sentence that htmx shows beside what was pressed."""
    too_often = error.status == HTTPStatus.TOO_MANY_REQUESTS
    template = "problem.html#told" if is_partial(request) else "429.html" if too_often else "problem.html"
    response = render(request, template, {"message": error.message}, status=int(error.status))
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    return response


def zone_of(request: WorkspaceRequest) -> ZoneInfo:
    """Whose days the reader looks at: the workspace's, or with `?zone=own` those of their profile."""
    access = request.access
    return zone_named(access.user.time_zone if request.GET.get("zone") == OWN_ZONE else access.workspace.time_zone)


@require_safe
@page(Permission.CHANNELS_READ)
def collecting(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The progress on the channel's own page; when collecting ends, the whole page is asked for anew."""
    card = _card(request, pk)
    if card.busy:
        return render(request, "parts/progress.html", {"card": card})
    return HttpResponseClientRefresh()


@require_POST
@page(Permission.CHANNELS_WRITE)
def remove_channel(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Let go of a channel; asking was the page's business."""
    card = _card(request, pk)
    tracked = tracked_by_id(request.access.workspace, pk)
    if tracked:
        untrack_channel(tracked, actor=request.access.actor, now=timezone.now())
    messages.success(request, _("%(title)s was removed from this workspace.") % {"title": card.title})
    return redirect("pages:channels")


def _card(request: WorkspaceRequest, pk: int) -> ChannelCard:
    tracked = tracked_by_id(request.access.workspace, pk)
    if tracked is None:
        raise Http404
    return card_of(status_of(tracked))


def is_partial(request: HttpRequest) -> bool:
    """Whether htmx wants a part of the page, and not the whole of it to restore its history."""
    htmx = request.htmx  # type: ignore[attr-defined]  # set by django-htmx's middleware
    return bool(htmx) and not htmx.history_restore_request
