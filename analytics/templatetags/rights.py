"""What the reader of a page may do."""

from typing import Any

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def may(context: dict[str, Any], permission: str) -> bool:
    """Whether the person behind the request may do this; False on pages that nobody signed in for."""
    access = getattr(context.get("request"), "access", None)
    return bool(access) and access.allows(permission)
