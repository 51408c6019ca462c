"""Workspaces in templates."""

from django import template
from django.http import HttpRequest

from accounts.access import access_of, known_memberships
from accounts.models import Workspace

register = template.Library()


@register.simple_tag(takes_context=True)
def other_workspaces(context: template.Context) -> list[Workspace]:
    """Those of the person that this page is not about; none where the page is about no workspace. No query."""
    request: HttpRequest = context["request"]
    memberships = known_memberships(request)
    if not memberships:
        return []
    here = access_of(request).workspace
    return [membership.workspace for membership in memberships if membership.workspace_id != here.pk]
