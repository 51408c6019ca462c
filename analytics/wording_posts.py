"""What a post's codes mean to a person: ages, half-lives, reactions, edits."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

AGES: dict[str, Promise] = {
    "1h": gettext_lazy("1 hour"),
    "3h": gettext_lazy("3 hours"),
    "6h": gettext_lazy("6 hours"),
    "12h": gettext_lazy("12 hours"),
    "24h": gettext_lazy("24 hours"),
    "48h": gettext_lazy("48 hours"),
    "7d": gettext_lazy("7 days"),
    "30d": gettext_lazy("30 days"),
}
HALF_LIFE_NOTES: dict[str, Promise] = {
    "forward": gettext_lazy("The counter of a forwarded post is that of the original."),
    "deleted": gettext_lazy("The post was deleted before it was 7 days old."),
    "too_young": gettext_lazy("Known once the post is 7 days old."),
    "not_kept": gettext_lazy("The readings of that time are no longer kept."),
    "not_observed": gettext_lazy("The post was not looked at when it was about 7 days old."),
    "no_views": gettext_lazy("No views came in the first 7 days."),
    "first_seen_late": gettext_lazy("Half of the views were there before we looked closely."),
}
_CUSTOM, _PAID = "custom:", "paid"
_HOUR, _DAY = 3600, 86_400
# Longer texts are shown whole, before and after: comparing them word by word would take too long.
_MOST_PIECES = 3000
_PIECES = re.compile(r"\s+|\w+|[^\w\s]")


def reaction_name(kind: str) -> tuple[str, str]:
    """The sign of a reaction and what it is called (empty for a plain emoji, which names itself)."""
    if kind == _PAID:
        return "⭐", _("Paid with Stars")
    if kind.startswith(_CUSTOM):
        return "◆", _("Custom emoji %(number)s") % {"number": kind.removeprefix(_CUSTOM)[-4:]}
    return kind, ""


def duration(seconds: float) -> str:
    """A length of time in its two largest units: 5 h 20 min · 2 d 3 h."""
    whole = round(seconds)
    if whole < _HOUR:
        minutes = max(whole // 60, 1)
        return ngettext("%(count)d min", "%(count)d min", minutes) % {"count": minutes}
    if whole < 2 * _DAY:
        return _("%(hours)d h %(minutes)d min") % {"hours": whole // _HOUR, "minutes": whole % _HOUR // 60}
    return _("%(days)d d %(hours)d h") % {"days": whole // _DAY, "hours": whole % _DAY // _HOUR}


def changes(before: str, after: str) -> SafeString:
    """What was taken out and put in between two texts, as one text with <del> and <ins>."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    if len(old) + len(new) > _MOST_PIECES:
        return format_html("<del>{}</del>\n<ins>{}</ins>", before, after)
    return format_html_join("", "{}", ((part,) for part in _compared(old, new)))


def _compared(old: list[str], new: list[str]) -> Iterator[SafeString]:
    for verb, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[first:last]), "".join(new[start:end])
        if verb == "equal":
            yield format_html("{}", gone)
            continue
        if gone:
            yield format_html("<del>{}</del>", gone)
        if come:
            yield format_html("<ins>{}</ins>", come)
