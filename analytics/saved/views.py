"""Saved filters on the pages: save what holds, rename, remove; then back to where one was."""

from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import WorkspaceRequest
from accounts.roles import Permission
from analyticbot.core.errors import AppError
from analytics.saved.models import SavedSegment
from analytics.saved.work import find_segment, remove_segment, rename_segment, save_segment
from analytics.views import page

_LONGEST_ADDRESS = 4000


@require_POST
@page(Permission.SEGMENTS_WRITE)
def add_segment(request: WorkspaceRequest) -> HttpResponse:
    """Save the filters that the address of the page holds."""
    access, back = request.access, _back(request)
    filters = dict(parse_qsl(urlsplit(back).query))
    name = request.POST.get("name", "")
    try:
        row = save_segment(access.workspace, name=name, filters=filters, actor=access.actor, now=timezone.now())
    except AppError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("“%(name)s” was saved.") % {"name": row.name})
    return redirect(back)


@require_POST
@page(Permission.SEGMENTS_WRITE)
def change_segment(request: WorkspaceRequest, public_id: UUID) -> HttpResponse:
    """Rename saved filters."""
    row = _found(request, public_id)
    try:
        rename_segment(row, name=request.POST.get("name", ""), actor=request.access.actor, now=timezone.now())
    except AppError as error:
        messages.error(request, error.message)
    return redirect(_back(request))


@require_POST
@page(Permission.SEGMENTS_WRITE)
def delete_segment(request: WorkspaceRequest, public_id: UUID) -> HttpResponse:
    """Remove saved filters; the page that shows them goes on showing the same posts."""
    row = _found(request, public_id)
    remove_segment(row, actor=request.access.actor, now=timezone.now())
    messages.success(request, _("“%(name)s” was removed.") % {"name": row.name})
    return redirect(_back(request))


def _found(request: WorkspaceRequest, public_id: UUID) -> SavedSegment:
    row = find_segment(request.access.workspace, public_id=public_id)
    if row is None:
        raise Http404
    return row


def _back(request: WorkspaceRequest) -> str:
    """The page that sent the form; never another site."""
    address = request.POST.get("next", "")[:_LONGEST_ADDRESS]
    safe = url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}, require_https=False)
    return address if safe and address.startswith("/") else reverse("pages:channels")
