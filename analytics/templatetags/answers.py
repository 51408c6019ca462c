"""What answers hold, for templates: moments written as text, changes in percent, spans of hours."""

from datetime import datetime

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analytics.sections.doors import AppDoors, Doors

register = template.Library()
_HOURS_OF_DAY = 24
_HOURS_IN_DAYS = 48


def _language() -> str:
    return get_language() or "en"


@register.simple_tag(takes_context=True)
def doors_of(context: Context) -> Doors:
    """Where addresses of this page lead: what the view said (`doors`), else into the app."""
    return context.get("doors") or AppDoors(context["card"].status.name)


@register.simple_tag(takes_context=True)
def post_address(context: Context, msg_id: int, permalink: str | None) -> str | None:
    """The address of a post for who looks at this page; None where there is none."""
    return doors_of(context).post(msg_id, permalink)


@register.filter
def moment(text: str | None) -> datetime | None:
    """A moment of an answer (ISO with Z); None stays."""
    return datetime.fromisoformat(text) if text else None


@register.filter
def signed(value: float | int | None) -> str:
    """A difference with its sign and all digits; unknown is a dash that says so."""
    if not words.is_known(value):
        return format_html('<span class="unknown" title="{}">{}</span>', _("Unknown"), words.UNKNOWN)
    return words.signed_number(value, _language(), digits=1)


@register.filter
def signed_percent(value: float | int | None) -> str:
    """A difference in percent with its sign."""
    if not words.is_known(value):
        return format_html('<span class="unknown" title="{}">{}</span>', _("Unknown"), words.UNKNOWN)
    return words.signed_percent(value, _language(), digits=2 if abs(value) < 1 else 1)


@register.filter
def decimals(value: float | int | None) -> str:
    """A score or a rank: two decimals."""
    return words.full_number(value, _language(), digits=2)


@register.filter
def hours(value: float | int | None) -> str:
    """A span given in hours, in words: minutes below one hour, days from two on."""
    if not words.is_known(value):
        return words.UNKNOWN
    if value < 1:
        minutes = round(value * 60)
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    if value < _HOURS_IN_DAYS:
        whole = round(value)
        return ngettext("%(count)d hour", "%(count)d hours", whole) % {"count": whole}
    days = round(value / _HOURS_OF_DAY)
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


@register.filter
def signed_whole(value: float | int | None) -> str:
    """A difference with its sign, rounded to a whole number: for cells where there is no room."""
    return words.signed_number(value, _language())


@register.filter
def thousandths(value: float | int | None) -> str:
    """A ratio: four decimals."""
    return words.full_number(value, _language(), digits=4)
