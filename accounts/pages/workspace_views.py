"""The workspace itself: its name, its handing over, its end."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import WorkspaceRequest
from accounts.models import Membership
from accounts.pages.forms import DeleteForm, HeirForm, WorkspaceForm
from accounts.pages.frame import member_page
from accounts.people.closing import UNDO_FOR, delete_workspace
from accounts.people.ownership import accept_ownership, end_offer, offer_ownership, open_offer
from accounts.preferences import change_workspace
from accounts.roles import Permission
from accounts.stepup import confirm_first


@require_http_methods(["GET", "HEAD", "POST"])
@member_page(Permission.CHANNELS_READ)
def workspace(request: WorkspaceRequest) -> HttpResponse:
    """Name and zone of the workspace, changed by its owner; what they can do with it as a whole."""
    access = request.access
    if request.method == "POST" and not access.allows(Permission.WORKSPACE_WRITE):
        raise PermissionDenied(_("Only its owner can change the workspace."))
    current = {"name": access.workspace.name, "time_zone": access.workspace.time_zone}
    form = WorkspaceForm(request.POST if request.method == "POST" else None, initial=current)
    if form.is_bound and form.is_valid():
        change_workspace(access.workspace, **form.cleaned_data, actor=access.actor, now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("settings:workspace")
    return _shown(request, {"form": form}, status=422 if form.is_bound else 200)


def _shown(request: WorkspaceRequest, forms: dict[str, Any], *, status: int = 200) -> HttpResponse:
    access, now = request.access, timezone.now()
    current = {"name": access.workspace.name, "time_zone": access.workspace.time_zone}
    owns = access.allows(Permission.WORKSPACE_OWN)
    others = _others(request) if owns else []
    context = {
        "form": WorkspaceForm(initial=current),
        "can_change": access.allows(Permission.WORKSPACE_WRITE),
        "owns": owns,
        "heir_form": HeirForm(members=others) if others else None,
        "delete_form": DeleteForm(expected=access.workspace.name, prefix="delete"),
        "days": UNDO_FOR.days,
        **_offer(request, now=now),
        **forms,
    }
    return render(request, "settings/workspace.html", context, status=status)


def _others(request: WorkspaceRequest) -> list[Membership]:
    members = Membership.objects.select_related("user").filter(workspace=request.access.workspace)
    return list(members.exclude(user=request.access.user).filter(user__is_active=True).order_by("created_at", "pk"))


def _offer(request: WorkspaceRequest, *, now: datetime) -> dict[str, Any]:
    offer = open_offer(request.access.workspace, now=now)
    mine = request.access.user.pk
    return {
        "offer": offer if offer and mine in {offer.owner_id, offer.heir_id} else None,
        "is_heir": offer is not None and offer.heir_id == mine,
    }


@require_POST
@member_page(Permission.WORKSPACE_OWN)
@confirm_first
def offer(request: WorkspaceRequest) -> HttpResponse:
    """Offer the workspace to another member."""
    form = HeirForm(request.POST, members=_others(request))
    if not form.is_valid():
        return _shown(request, {"heir_form": form}, status=422)
    made = offer_ownership(request.access, heir_id=form.cleaned_data["heir"], now=timezone.now())
    messages.success(
        request, _("Offered to %(email)s. You stay the owner until they accept.") % {"email": made.heir.email}
    )
    return redirect("settings:workspace")


@require_POST
@member_page(Permission.CHANNELS_READ)
def drop_offer(request: WorkspaceRequest) -> HttpResponse:
    """Take the offer back, or refuse it."""
    end_offer(request.access.workspace, user=request.access.user, now=timezone.now())
    messages.success(request, _("The workspace stays with its owner."))
    return redirect("settings:workspace")


@require_POST
@member_page(Permission.CHANNELS_READ)
@confirm_first
def take_over(request: WorkspaceRequest) -> HttpResponse:
    """Accept the workspace as its new owner."""
    accept_ownership(request.access.workspace, user=request.access.user, now=timezone.now())
    messages.success(request, _("The workspace is yours now."))
    return redirect("settings:workspace")


@require_POST
@member_page(Permission.WORKSPACE_OWN)
@confirm_first
def delete(request: WorkspaceRequest) -> HttpResponse:
    """Delete the workspace; it can be brought back for a while."""
    form = DeleteForm(request.POST, expected=request.access.workspace.name, prefix="delete")
    if not form.is_valid():
        return _shown(request, {"delete_form": form}, status=422)
    access = request.access
    gone = delete_workspace(access.workspace, actor=access.actor, now=timezone.now())
    messages.success(
        request,
        _("“%(name)s” is deleted. You can bring it back for %(days)s days.")
        % {"name": gone.name, "days": UNDO_FOR.days},
    )
    return redirect("settings:workspaces")
