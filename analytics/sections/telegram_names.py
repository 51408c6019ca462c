"""The lines of Telegram's graphs in the reader's language: their names come in English, whoever reads them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from babel import Locale
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from analytics.sections.explaining import Text

_NAMES: Mapping[str, Text] = {
    "Followers": _("Followers"),
    "URL": _("Links"),
    "Search": _("Search"),
    "Groups": _("Groups"),
    "Channels": _("Channels"),
    "Similar Channels": _("Similar channels"),
    "PM": _("Private messages"),
    "Other": _("Other"),
    "Joined": _("Joined"),
    "Left": _("Left"),
    "Muted": _("Muted"),
    "Unmuted": _("Unmuted"),
    "Views": _("Views"),
    "Shares": _("Shares"),
    "This week": _("This week"),
    "Last week": _("Last week"),
}


def spoken(name: str) -> str:
    """A line's name as the reader says it: a source, a language; any other name as Telegram has it."""
    if name in _NAMES:
        return str(_NAMES[name])
    code = _codes().get(name)
    language = get_language() or "en"
    return capfirst(Locale.parse(language, sep="-").languages.get(code, name)) if code else name


def spoken_lines(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer of a graph with its lines named for the reader."""
    return {**data, "series": [{**one, "name": spoken(one["name"])} for one in data["series"]]}


@cache
def _codes() -> Mapping[str, str]:
    """Codes of languages by their English names."""
    return {name: code for code, name in Locale("en").languages.items()}
