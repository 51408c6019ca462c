"""Numbers and moments in templates, in the reader's language and zone. Unknown is a dash with a title, never 0."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from analyticbot.core.charts import words

register = template.Library()


def _language() -> str:
    return get_language() or "en"


def _zone() -> ZoneInfo:
    return ZoneInfo(timezone.get_current_timezone_name())


def _unknown() -> SafeString:
    return format_html('<span class="unknown" title="{}">{}</span>', gettext("Unknown"), words.UNKNOWN)


@register.filter
def compact(value: float | int | None) -> str:
    """12.4K, with all digits as a title; an unknown value as a dash that says so."""
    if not words.is_known(value):
        return _unknown()
    short, exact = words.compact_number(value, _language()), words.full_number(value, _language(), digits=1)
    if short == exact:
        return short
    number, _space, unit = short.rpartition(words.NO_BREAK)
    if not number:
        return format_html('<span title="{}">{}</span>', exact, short)
    return format_html('<span title="{}">{}<span class="unit">{}{}</span></span>', exact, number, words.NO_BREAK, unit)


@register.filter
def full(value: float | int | None) -> str:
    """All digits, at most one decimal."""
    if not words.is_known(value):
        return _unknown()
    return words.full_number(value, _language(), digits=1)


@register.filter
def in_percent(value: float | int | None) -> str:
    """A figure that is already in percent."""
    if not words.is_known(value):
        return _unknown()
    return words.percent(value, _language())


@register.filter
def day(moment: datetime | None) -> str:
    """The local day of a moment."""
    return words.day(moment, _language(), _zone()) if moment else _unknown()


@register.filter
def span_of(start: datetime, end: datetime) -> str:
    """The local days of [start, end)."""
    return words.span(start, end, _language(), _zone())


@register.filter
def day_and_time(moment: datetime | None) -> str:
    """The local day and time of a moment; the year only when it is not this one."""
    if moment is None:
        return _unknown()
    this_year = moment.astimezone(_zone()).year == timezone.now().astimezone(_zone()).year
    return words.moment_words(moment, _language(), _zone(), year=not this_year)


@register.filter
def ago(moment: datetime | None) -> str:
    """How long ago, in the largest unit, as a `<time>` with the exact moment as its title."""
    if moment is None:
        return _unknown()
    exact = words.moment_words(moment, _language(), _zone())
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, _distance(timezone.now() - moment, exact)
    )


def _distance(passed: timedelta, exact: str) -> str:
    minutes = int(passed.total_seconds() // 60)
    hours, days = minutes // 60, minutes // 60 // 24
    if passed < timedelta(minutes=-1):
        return exact
    if minutes < 1:
        return gettext("just now")
    if hours < 1:
        return ngettext("%(count)d min ago", "%(count)d min ago", minutes) % {"count": minutes}
    if days < 1:
        return ngettext("%(count)d h ago", "%(count)d h ago", hours) % {"count": hours}
    if days < _DAYS_IN_WORDS:
        return ngettext("%(count)d day ago", "%(count)d days ago", days) % {"count": days}
    return exact.rpartition(", ")[0]


_DAYS_IN_WORDS = 14
