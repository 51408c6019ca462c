"""All workspaces of a person: switch, leave, make a new one, bring a deleted one back."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import choose_workspace, memberships_of, user_actor
from accounts.models import Membership, Role, Workspace
from accounts.pages.forms import NewWorkspaceForm
from accounts.pages.frame import PersonRequest, access_or_none, person_page
from accounts.people.closing import UNDO_FOR, deleted_workspaces, restore_workspace
from accounts.people.members import leave
from accounts.workspaces import create_workspace


@require_http_methods(["GET", "HEAD", "POST"])
@person_page
def workspaces(request: PersonRequest) -> HttpResponse:
    """The person's workspaces; sent: the name of a new one."""
    form = NewWorkspaceForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        person, now = request.person, timezone.now()
        made = create_workspace(person, name=form.cleaned_data["name"], now=now, actor=user_actor(person))
        choose_workspace(request, public_id=made.public_id, now=now)
        messages.success(request, _("You are in “%(name)s” now.") % {"name": made.name})
        return redirect("settings:workspaces")
    return render(request, "settings/workspaces.html", _context(request, form), status=422 if form.is_bound else 200)


def _context(request: PersonRequest, form: NewWorkspaceForm) -> dict[str, object]:
    now = timezone.now()
    access = access_or_none(request)
    memberships = sorted(memberships_of(request.person), key=lambda one: (one.created_at, one.pk))
    return {
        "form": form,
        "mine": [
            {
                "workspace": one.workspace,
                "role": Role(one.role).label,
                "is_current": access is not None and one.workspace_id == access.workspace.pk,
                "is_owner": one.role == Role.OWNER,
            }
            for one in memberships
        ],
        "suspended": Workspace.objects.filter(
            memberships__user=request.person, suspended_at__isnull=False, deleted_at__isnull=True
        ),
        "deleted": [
            (one, one.deleted_at + UNDO_FOR) for one in deleted_workspaces(request.person, now=now) if one.deleted_at
        ],
    }


@require_POST
@person_page
def leave_workspace(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """End one's own membership."""
    mine = Membership.objects.select_related("workspace").filter(user=request.person)
    membership = mine.filter(workspace__public_id=public_id, workspace__deleted_at__isnull=True).first()
    if membership is None:
        raise Http404
    leave(membership.workspace, user=request.person, now=timezone.now())
    messages.success(request, _("You have left “%(name)s”.") % {"name": membership.workspace.name})
    return redirect("settings:workspaces")


@require_POST
@person_page
def restore(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """Bring a deleted workspace back."""
    now = timezone.now()
    workspace = deleted_workspaces(request.person, now=now).filter(public_id=public_id).first()
    if workspace is None:
        raise Http404
    restore_workspace(workspace, user=request.person, now=now)
    choose_workspace(request, public_id=public_id, now=now)
    messages.success(request, _("“%(name)s” is back.") % {"name": workspace.name})
    return redirect("settings:workspaces")
