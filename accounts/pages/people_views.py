"""Who is in the workspace."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import Access, WorkspaceRequest
from accounts.models import Membership, Role
from accounts.pages.frame import member_page
from accounts.roles import Permission


@dataclass(frozen=True, slots=True)
class Person:
    """A member as others of the workspace see them."""

    name: str
    email: str
    role: str
    since: datetime
    is_you: bool


@require_safe
@member_page(Permission.MEMBERS_READ)
def people(request: WorkspaceRequest) -> HttpResponse:
    """Members of the workspace, in the order in which they came."""
    return render(request, "settings/people.html", {"people": people_of(request.access)})


def people_of(access: Access) -> list[Person]:
    """Who is in the workspace, in the order in which they came."""
    members = Membership.objects.filter(workspace=access.workspace).select_related("user").order_by("created_at", "pk")
    return [
        Person(
            name=one.user.name or one.user.email.partition("@")[0],
            email=one.user.email,
            role=str(Role(one.role).label),
            since=one.created_at,
            is_you=one.user_id == access.user.pk,
        )
        for one in members
    ]
