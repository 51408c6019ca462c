"""What the reader of a page may do."""

from typing import Any

from django import template

from accounts.access import Access

register = template.Library()


@register.simple_tag(takes_context=True)
def may(context: dict[str, Any], permission: str) -> bool:
    """Whether the person behind the request may do this; False on pages that nobody signed in for."""
    access: Access | None = getattr(context.get("request"), "access", None)
    return access is not None and access.allows(permission)
