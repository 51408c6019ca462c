"""Settings of the workspace itself."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import WorkspaceRequest
from accounts.pages.forms import WorkspaceForm
from accounts.pages.frame import member_page
from accounts.preferences import change_workspace
from accounts.roles import Permission


@require_http_methods(["GET", "HEAD", "POST"])
@member_page(Permission.CHANNELS_READ)
def workspace(request: WorkspaceRequest) -> HttpResponse:
    """Name and zone of the workspace; changed by its owner."""
    access = request.access
    can_change = access.allows(Permission.WORKSPACE_WRITE)
    if request.method == "POST" and not can_change:
        raise PermissionDenied(_("Only its owner can change the workspace."))
    current = {"name": access.workspace.name, "time_zone": access.workspace.time_zone}
    form = WorkspaceForm(request.POST if request.method == "POST" else None, initial=current)
    if form.is_bound and form.is_valid():
        change_workspace(access.workspace, **form.cleaned_data, actor=access.actor, now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("settings:workspace")
    context = {"form": form, "can_change": can_change}
    return render(request, "settings/workspace.html", context, status=422 if form.is_bound else 200)
