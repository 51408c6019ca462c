"""The page of tags: put one on the chosen channels, rename or remove one everywhere."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest
from accounts.roles import Permission
from analyticbot.core.errors import AppError, InvalidInput
from analytics.tags.work import counted, key_of, put_tag, remove_tag, rename_tag, tags_of, take_tag
from analytics.views import page
from analytics.wording import title_of
from channels_app.queries import ChannelStatus, channels_for_workspace, status_of

_CHANNELS = "channels"
# More than a page of the list holds cannot be chosen there.
_MOST_CHOSEN = 100
_LONGEST_ADDRESS = 2000


@require_safe
@page(Permission.CHANNELS_READ)
def tags(request: WorkspaceRequest) -> HttpResponse:
    """All tags of the workspace, and the channels that were chosen to be tagged."""
    workspace = request.access.workspace
    chosen = _chosen(request, request.GET.getlist(_CHANNELS))
    found = tags_of(workspace)
    on_chosen = {tag for status in chosen for tag in found.get(status.tracked_id, ())}
    context: dict[str, Any] = {
        "section": "channels",
        "chosen": [(status, title_of(status), found.get(status.tracked_id, ())) for status in chosen],
        "on_chosen": sorted(on_chosen),
        "tags": counted(found),
        "back": _back(request, default=request.get_full_path()),
        "can_write": request.access.allows(Permission.CHANNELS_WRITE),
    }
    return render(request, "tags.html", context)


@require_POST
@page(Permission.CHANNELS_WRITE)
def put(request: WorkspaceRequest) -> HttpResponse:
    """Put a tag on channels, or take it off."""
    workspace, actor, now = request.access.workspace, request.access.actor, timezone.now()
    chosen = _chosen(request, request.POST.getlist(_CHANNELS))
    ids = [status.tracked_id for status in chosen]
    try:
        if not ids:
            raise InvalidInput(_("Choose channels first."))
        if taken := request.POST.get("take", ""):
            take_tag(workspace, ids, text=taken[:200], actor=actor, now=now)
        else:
            put_tag(workspace, ids, text=request.POST.get("tag", "")[:200], actor=actor, now=now)
    except AppError as error:
        messages.error(request, error.message)
    return redirect(_back(request))


@require_POST
@page(Permission.CHANNELS_WRITE)
def change(request: WorkspaceRequest) -> HttpResponse:
    """Rename a tag everywhere, or remove it everywhere."""
    workspace, actor, now = request.access.workspace, request.access.actor, timezone.now()
    key = key_of(request.POST.get("key", "")[:200])
    try:
        if "remove" in request.POST:
            gone = remove_tag(workspace, key=key, actor=actor, now=now)
            told = ngettext("Taken off %(count)s channel.", "Taken off %(count)s channels.", gone)
            messages.success(request, told % {"count": gone})
        else:
            renamed = rename_tag(workspace, key=key, text=request.POST.get("tag", "")[:200], actor=actor, now=now)
            messages.success(request, _("The tag is called “%(word)s” now.") % {"word": renamed.word})
    except AppError as error:
        messages.error(request, error.message)
    return redirect("pages:tags")


def _chosen(request: WorkspaceRequest, names: list[str]) -> list[ChannelStatus]:
    """Channels of the workspace by the names or row ids that the address gives; others are passed over."""
    wanted = {part for name in names[:_MOST_CHOSEN] for part in name.split(",")[:_MOST_CHOSEN]}
    if not wanted:
        return []
    rows = channels_for_workspace(request.access.workspace).order_by("-pk")
    return [status for row in rows if (status := status_of(row)).name in wanted]


def _back(request: WorkspaceRequest, *, default: str = "") -> str:
    wanted = (request.POST.get("next") or request.GET.get("next") or "")[:_LONGEST_ADDRESS]
    ours = wanted.startswith("/app/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else default or reverse("pages:tags")
