"""The owner's switch: whether members of the workspace must have a second factor."""

from typing import Any

from django import template
from django.template.context import RequestContext

from accounts.access import access_of
from accounts.factors.rules import members_without_factor
from accounts.roles import Permission

register = template.Library()


@register.inclusion_tag("settings/factor_rule.html", takes_context=True)
def factor_rule(context: RequestContext) -> dict[str, Any]:
    """The switch and what it would do; nothing for who may not change the workspace."""
    access = access_of(context["request"])
    shown = access.allows(Permission.WORKSPACE_WRITE)
    return {
        "shown": shown,
        "required": access.workspace.factor_required_at is not None,
        "without": members_without_factor(access.workspace) if shown else 0,
        "csrf_token": context.get("csrf_token"),
    }
