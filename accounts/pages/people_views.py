"""Who is in the workspace, and who is invited into it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import Access, WorkspaceRequest
from accounts.models import Invitation, Membership, Role
from accounts.pages.forms import InviteForm, RoleForm
from accounts.pages.frame import member_page
from accounts.people.invitations import invite, open_invitations, send_again, withdraw
from accounts.people.members import change_role, find_member, remove_member
from accounts.roles import MANAGED, Permission
from analyticbot.core.errors import AppError

# What the table of permissions comes to, in words.
_ROLES = (
    (Role.VIEWER.label, gettext_lazy("Looks at everything.")),
    (Role.ANALYST.label, gettext_lazy("Also adds channels; makes exports, reports, shared links and notes.")),
    (Role.ADMIN.label, gettext_lazy("Also makes API tokens, and manages people up to analysts.")),
    (Role.OWNER.label, gettext_lazy("Also names admins, changes the workspace, hands it over or deletes it.")),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A member as others of the workspace see them; `form` where who looks may change their role."""

    pk: int
    name: str
    email: str
    role: str
    since: datetime
    is_you: bool
    form: RoleForm | None


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who has not come yet; `can_change` where who looks may mail them again or withdraw it."""

    row: Invitation
    role: str
    is_over: bool
    not_sent: bool
    can_change: bool


@require_http_methods(["GET", "HEAD", "POST"])
@member_page(Permission.MEMBERS_READ)
def people(request: WorkspaceRequest) -> HttpResponse:
    """Members and invitations of the workspace; sent: an invitation."""
    if request.method == "POST":
        return _invite(request)
    return _shown(request, InviteForm(roles=MANAGED[request.access.role]))


@member_page(Permission.MEMBERS_WRITE)
def _invite(request: WorkspaceRequest) -> HttpResponse:
    form = InviteForm(request.POST, roles=MANAGED[request.access.role])
    if form.is_valid():
        try:
            row = invite(request.access, **form.cleaned_data, now=timezone.now())
        except AppError as error:
            form.add_error("email", error.message)
        else:
            messages.success(request, _("An invitation goes to %(email)s.") % {"email": row.email})
            return redirect("settings:people")
    return _shown(request, form, status=422)


def _shown(request: WorkspaceRequest, form: InviteForm, *, status: int = 200) -> HttpResponse:
    access = request.access
    context = {
        "people": people_of(access),
        "can_manage": access.allows(Permission.MEMBERS_WRITE),
        "form": form,
        "roles": _ROLES,
    }
    if context["can_manage"]:
        context["invited"] = _invited(access, now=timezone.now())
    return render(request, "settings/people.html", context, status=status)


@require_POST
@member_page(Permission.MEMBERS_WRITE)
def role(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Give a member another role."""
    find_member(request.access.workspace, pk=pk)
    form = RoleForm(request.POST, roles=MANAGED[request.access.role], pk=pk)
    if not form.is_valid():
        messages.error(request, _("Choose a role."))
        return redirect("settings:people")
    changed = change_role(request.access, pk=pk, role=form.cleaned_data["role"], now=timezone.now())
    messages.success(
        request, _("%(email)s: %(role)s.") % {"email": changed.user.email, "role": Role(changed.role).label}
    )
    return redirect("settings:people")


@require_POST
@member_page(Permission.MEMBERS_WRITE)
def remove(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """End the membership of another."""
    gone = remove_member(request.access, pk=pk, now=timezone.now())
    messages.success(request, _("%(email)s is no longer a member.") % {"email": gone.user.email})
    return redirect("settings:people")


@require_POST
@member_page(Permission.MEMBERS_WRITE)
def invite_again(request: WorkspaceRequest, public_id: UUID) -> HttpResponse:
    """Mail an invitation once more."""
    row = send_again(request.access, public_id=public_id, now=timezone.now())
    messages.success(request, _("An invitation goes to %(email)s.") % {"email": row.email})
    return redirect("settings:people")


@require_POST
@member_page(Permission.MEMBERS_WRITE)
def withdraw_invitation(request: WorkspaceRequest, public_id: UUID) -> HttpResponse:
    """End an invitation before it is accepted."""
    row = withdraw(request.access, public_id=public_id, now=timezone.now())
    messages.success(request, _("The invitation of %(email)s is withdrawn.") % {"email": row.email})
    return redirect("settings:people")


def people_of(access: Access) -> list[Person]:
    """Who is in the workspace, in the order in which they came."""
    members = Membership.objects.filter(workspace=access.workspace).select_related("user").order_by("created_at", "pk")
    return [_person(one, access) for one in members]


def _person(one: Membership, access: Access) -> Person:
    reach = MANAGED[access.role] if access.allows(Permission.MEMBERS_WRITE) else ()
    is_you = one.user_id == access.user.pk
    return Person(
        pk=one.pk,
        name=one.user.name or one.user.email.partition("@")[0],
        email=one.user.email,
        role=str(Role(one.role).label),
        since=one.created_at,
        is_you=is_you,
        form=None if is_you or one.role not in reach else RoleForm(initial={"role": one.role}, roles=reach, pk=one.pk),
    )


def _invited(access: Access, *, now: datetime) -> list[Invited]:
    return [
        Invited(
            row=row,
            role=str(Role(row.role).label),
            is_over=row.expires_at <= now,
            not_sent=row.parked_at is not None,
            can_change=row.role in MANAGED[access.role],
        )
        for row in open_invitations(access.workspace)
    ]
