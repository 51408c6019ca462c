"""The pages: authorise, read the address, ask, render. The address is the whole state of a page."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.access import WorkspaceRequest, require
from accounts.roles import Permission
from analyticbot.core.errors import AppError
from analytics.live.page import live_of, stamped, unchanged
from analytics.pages import ChannelCard, card_of, channel_report
from analytics.period import zone_named
from analytics.picker import pick
from analytics.sections.places import OVERVIEW, tabs_of
from analytics.sections.visit import elsewhere
from channels_app.queries import find_tracked, status_of, tracked_by_id
from channels_app.tracking import untrack_channel

P = ParamSpec("P")


def page(
    permission: Permission,
) -> Callable[[Callable[Concatenate[WorkspaceRequest, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Decorate a page of a workspace: rights first, moments in the workspace's zone, our errors as a page."""

    def decorate(view: Callable[Concatenate[WorkspaceRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @require(permission)
        def in_zone(request: WorkspaceRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            with timezone.override(zone_named(request.access.workspace.time_zone)):
                return view(request, *args, **kwargs)

        @wraps(view)
        def explained(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                response = in_zone(request, *args, **kwargs)
            except AppError as error:
                response = render(request, "problem.html", {"message": error.message}, status=int(error.status))
            # The same address answers with a part of the page when htmx asks.
            patch_vary_headers(response, ["HX-Request", "Cookie"])
            return response

        return explained

    return decorate


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What this is, and the ways in."""
    has_demo = not settings.PRODUCTION and (settings.STATE_DIR / "demo-password").is_file()
    return render(request, "landing.html", {"has_demo": has_demo})


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


@require_safe
@page(Permission.ANALYTICS_READ)
def channel(request: WorkspaceRequest, name: str) -> HttpResponse:
    """One channel over a period."""
    if (same := unchanged(request, name)) is not None:
        return same
    tracked = find_tracked(request.access.workspace, name)
    if tracked is None:
        raise Http404
    card, now = card_of(status_of(tracked)), timezone.now()
    zone = zone_named(request.access.workspace.time_zone)
    picked = pick(request.GET, now=now, zone=zone, oldest=card.status.sync.oldest)
    live = live_of(request, tracked, until=picked.period.end, now=now)
    # Of a channel that never could be read there is nothing to report but why.
    report = None if card.failed and card.posts is None else channel_report(card.status, picked, now=now)
    context = {
        "section": "channels",
        "card": card,
        "picked": picked,
        "report": report,
        "tabs": tabs_of(card.status.name, OVERVIEW, elsewhere(request.GET)),
        "live": live,
    }
    template = "channel.html#report" if is_partial(request) else "channel.html"
    return stamped(render(request, template, context), live)


def _card(request: WorkspaceRequest, pk: int) -> ChannelCard:
    tracked = tracked_by_id(request.access.workspace, pk)
    if tracked is None:
        raise Http404
    return card_of(status_of(tracked))


def is_partial(request: HttpRequest) -> bool:
    """Whether htmx wants a part of the page, and not the whole of it to restore its history."""
    htmx = request.htmx  # type: ignore[attr-defined]  # set by django-htmx's middleware
    return bool(htmx) and not htmx.history_restore_request
