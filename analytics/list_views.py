"""The list of channels: filter and order by the address, add one, follow its collecting."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from accounts.roles import Permission
from analyticbot.core.errors import InvalidInput
from analytics.first_steps import first_steps
from analytics.forms import AddChannelForm
from analytics.list_pages import entry_of, headings_of, shown_tag
from analytics.list_state import RELATIONS, SORTS, STATES, VIEWS, ListState, read_state
from analytics.live.page import live_list, stamped, unchanged_list
from analytics.period import zone_named
from analytics.queries.channel_list import ChannelPage, ListFilter, list_channels
from analytics.questions.several import MAX_CHANNELS
from analytics.tags.work import counted, tags_of
from analytics.views import is_partial, page

_LIST_ID = "channel-list"
# Below so many there is nothing to search, to order, or to compare.
_FEW = 2


@require_safe
@page(Permission.CHANNELS_READ)
def channels(request: WorkspaceRequest) -> HttpResponse:
    """The channels of the workspace."""
    if (same := unchanged_list(request)) is not None:
        return same
    return channel_list(request, AddChannelForm())


@require_safe
@page(Permission.CHANNELS_READ)
def channel_progress(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The part of a channel's card that moves while it is being collected."""
    found = _listed(request, wanted=ListFilter(tracked_id=pk)).rows
    if not found:
        raise Http404
    return render(request, "channels.html#live", {"entry": entry_of(found[0])})


def channel_list(request: WorkspaceRequest, form: AddChannelForm, *, status: int = 200) -> HttpResponse:
    """The list, or the part of it that htmx asks for, with the form to add a channel."""
    state, error = read_state(request.GET), None
    live = live_list(request, now=timezone.now()) if status == HTTPStatus.OK else None
    try:
        found = _listed(request, state=state)
    except InvalidInput as problem:
        found, error = ChannelPage((), 0, None), problem.message
    tags = tags_of(request.access.workspace)
    context: dict[str, Any] = {
        "section": "channels",
        "live": live,
        "form": form,
        "steps": first_steps(request.access),
        "entries": [entry_of(row, tags.get(row.status.tracked_id, ()), state) for row in found.rows],
        "total": found.total,
        "next": state.address(after=found.next) if found.next else None,
        "first": state.address() if state.after else None,
        "search": state.search,
        "search_error": error,
        "narrowed": state.narrowed,
        "unfiltered": state.address(q="", tag=(), state="", relation=""),
        "tags": [shown_tag(tag, state, count) for tag, count in counted(tags)],
        "list": state,
        "headings": headings_of(state),
        "views": [(name, label, state.address(view="" if name == "cards" else name)) for name, label in VIEWS.items()],
        "sorts": SORTS,
        "states": STATES,
        "relations": RELATIONS,
        "has_tools": state.narrowed or found.total >= _FEW,
        "most": MAX_CHANNELS,
        "can_write": request.access.allows(Permission.CHANNELS_WRITE),
    }
    return stamped(render(request, _template(request), context, status=status), live)


def _template(request: WorkspaceRequest) -> str:
    if not is_partial(request):
        return "channels.html"
    target = request.htmx.target  # type: ignore[attr-defined]  # set by django-htmx's middleware
    return "channels.html#list" if target == _LIST_ID else "channels.html#body"


def _listed(
    request: WorkspaceRequest, *, state: ListState | None = None, wanted: ListFilter | None = None
) -> ChannelPage:
    workspace = request.access.workspace
    return list_channels(
        workspace,
        now=timezone.now(),
        zone=zone_named(workspace.time_zone),
        wanted=wanted or (state.wanted if state else None),
        order=state.order if state else None,
        after=state.after if state else None,
    )
