"""The list of channels: filter and order by the address, add one, follow its collecting."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from accounts.roles import Permission
from analyticbot.core.errors import AppError, InvalidInput
from analytics.forms import AddChannelForm
from analytics.list_pages import ADDED, SORTS, ListEntry, entry_of, sorted_entries
from analytics.period import zone_named
from analytics.queries.channel_list import list_channels
from analytics.questions.several import MAX_CHANNELS
from analytics.views import is_partial, page
from channels_app.tracking import track_channel

_LIST_ID = "channel-list"
# Below so many there is nothing to search, to order, or to compare.
_FEW = 2


@require_safe
@page(Permission.CHANNELS_READ)
def channels(request: WorkspaceRequest) -> HttpResponse:
    """The channels of the workspace."""
    return _shown(request, AddChannelForm())


@page(Permission.CHANNELS_WRITE)
def add_channel(request: WorkspaceRequest) -> HttpResponse:
    """Track a channel; what is wrong is said at the input."""
    if request.method != "POST":  # somebody changed the language below an error, or reloaded
        return redirect("pages:channels")
    form = AddChannelForm(request.POST)
    if form.is_valid():
        access = request.access
        try:
            track_channel(
                workspace=access.workspace,
                reference=form.cleaned_data["ref"],
                actor=access.actor,
                user=access.user,
                now=timezone.now(),
            )
        except AppError as error:
            form.add_error("ref", error.message)
        else:
            return _shown(request, AddChannelForm()) if is_partial(request) else redirect("pages:channels")
    return _shown(request, form, status=422)


@require_safe
@page(Permission.CHANNELS_READ)
def channel_progress(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The part of a channel's card that moves while it is being collected."""
    entries = _entries(request, tracked_id=pk)
    if not entries:
        raise Http404
    return render(request, "channels.html#live", {"entry": entries[0]})


def _shown(request: WorkspaceRequest, form: AddChannelForm, *, status: int = 200) -> HttpResponse:
    search, sort = request.GET.get("q", "").strip(), request.GET.get("sort", ADDED)
    error = None
    try:
        entries = _entries(request, search=search)
    except InvalidInput as problem:
        entries, error = (), problem.message
    context: dict[str, Any] = {
        "section": "channels",
        "form": form,
        "entries": sorted_entries(entries, sort),
        "search": search,
        "search_error": error,
        "sort": sort if sort in SORTS else ADDED,
        "sorts": SORTS,
        "has_tools": bool(search) or len(entries) >= _FEW,
        "most": MAX_CHANNELS,
        "can_write": request.access.allows(Permission.CHANNELS_WRITE),
    }
    return render(request, _template(request), context, status=status)


def _template(request: WorkspaceRequest) -> str:
    if not is_partial(request):
        return "channels.html"
    target = request.htmx.target  # type: ignore[attr-defined]  # set by django-htmx's middleware
    return "channels.html#list" if target == _LIST_ID else "channels.html#body"


def _entries(request: WorkspaceRequest, *, search: str = "", tracked_id: int | None = None) -> tuple[ListEntry, ...]:
    workspace = request.access.workspace
    zone = zone_named(workspace.time_zone)
    found = list_channels(workspace, now=timezone.now(), zone=zone, search=search, tracked_id=tracked_id)
    return tuple(map(entry_of, found))
