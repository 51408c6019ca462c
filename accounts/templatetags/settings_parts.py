"""Navigation of the settings, the same on each of their pages."""

from typing import Any

from django import template
from django.http import HttpRequest

from accounts.pages.frame import access_or_none, parts_of

register = template.Library()


@register.simple_tag(takes_context=True)
def settings_parts(context: dict[str, Any]) -> dict[str, Any]:
    """`person` and `workspace`: pages as (label, URL name, whether it is this one); `access` of who looks, or None."""
    request: HttpRequest = context["request"]
    match = request.resolver_match
    here = match.view_name if match else ""
    access = access_or_none(request) if request.user.is_authenticated else None
    person, workspace = ([(part.label, part.page, part.holds(here)) for part in parts] for parts in parts_of(access))
    return {"person": person, "workspace": workspace, "access": access}
