"""The first things a person does: add a channel by name or by file, and put the list of first steps away."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.access import WorkspaceRequest
from accounts.preferences import hide_steps
from accounts.roles import Permission
from analyticbot.core.errors import AppError
from analytics.forms import AddChannelForm
from analytics.import_views import take_file, takes_files
from analytics.list_views import channel_list
from analytics.views import is_partial, page
from channels_app.tracking import track_channel


@takes_files
@page(Permission.CHANNELS_WRITE)
def add_channel(request: WorkspaceRequest) -> HttpResponse:
    """Track the channel that is named, or import the file that is given; what is wrong is said at the input."""
    if request.method != "POST":  # somebody changed the language below an error, or reloaded
        return redirect("pages:channels")
    form = AddChannelForm(request.POST, request.FILES)
    if not form.is_valid():
        return channel_list(request, form, status=422)
    given = form.cleaned_data
    try:
        _add(request, given)
    except AppError as error:
        form.add_error("file" if given["file"] else "ref", error.message)
        return channel_list(request, form, status=422)
    if not given["file"]:
        return channel_list(request, AddChannelForm()) if is_partial(request) else redirect("pages:channels")
    imports = reverse("pages:import")
    return HttpResponseClientRedirect(imports) if is_partial(request) else redirect(imports)


def _add(request: WorkspaceRequest, given: dict[str, Any]) -> None:
    if given["file"]:
        take_file(request, given, channel=request.POST["ref"].strip())
        return
    access = request.access
    track_channel(
        workspace=access.workspace,
        reference=given["ref"],
        actor=access.actor,
        user=access.user,
        now=timezone.now(),
    )


@require_POST
@page(Permission.CHANNELS_WRITE)
def put_steps_away(request: WorkspaceRequest) -> HttpResponse:
    """The list of first steps is not shown in this workspace again."""
    hide_steps(request.access.workspace, actor=request.access.actor, now=timezone.now())
    return HttpResponse() if is_partial(request) else redirect("pages:channels")
