"""The way from a page of a channel to a link that shows it."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse

from accounts.roles import Permission
from analyticbot.core import runtime
from analytics.picker import LABELS
from analytics.sharing.models import SHAREABLE

register = template.Library()


@register.simple_tag(takes_context=True)
def share_address(context: Context) -> str:
    """The form for a new link, begun with the channel, section and period on screen; empty for who may make none."""
    access: Any = getattr(context["request"], "access", None)
    section = context["part"].name
    if access is None or not runtime.SHARED_LINKS.now() or section not in SHAREABLE:
        return ""
    if not access.allows(Permission.SHARES_WRITE):
        return ""
    picked, started = context["picked"], {"channel": context["card"].status.name, "section": section}
    if picked.name in LABELS:
        started["period"] = picked.name
    else:
        started |= {"first": picked.period.first_day.isoformat(), "last": picked.last_day.isoformat()}
    return f"{reverse('pages:share')}?{urlencode(started)}"
