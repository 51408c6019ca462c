"""Posts: the list with its search and filters, and the best of the period."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.metrics import METRICS
from analytics.queries.segments import SEGMENT_NAMES
from analytics.sections.choices import choices_of
from analytics.sections.explaining import formulas_of, told
from analytics.sections.figures import figures_of
from analytics.sections.over_time import compared_words, statistics
from analytics.sections.visit import CURSOR, STATE_NAMES, Visit
from analytics.sections.words import FORWARDED, LENGTHS, MEDIA, NOTES, ORDERS, SHORT_WEEKDAYS, TOP_ORDERS, WEEKDAYS

OWN = ("show", "order", "q", CURSOR)
_PAGE = "25"
# Of all posts that the filters leave, whatever page of them is shown.
_SUMS = ("posts", "views", "avg_reach", "er_views")
_TOP = "20"
_SHOWN = {"all": gettext_lazy("All posts"), "top": gettext_lazy("Top posts")}
_HASHTAG = re.compile(r"#(\w+)")
# The filters of the form; the others are set by clicking a value.
_IN_FORM = ("media", "length", "hashtag", "weekday", "hour", "author", "forwarded")


@dataclass(frozen=True, slots=True)
class Row:
    """A post of the list with the addresses that its values lead to."""

    post: Mapping[str, Any]
    media: str | None
    to_media: str
    weekday: str
    to_weekday: str
    hour: str
    to_hour: str
    hashtags: tuple[tuple[str, str], ...]
    to_forwarded: str


def build(visit: Visit) -> Mapping[str, Any]:
    """What the section shows."""
    shown = visit.word("show", _SHOWN, "all")
    found = _top(visit) if shown == "top" else _list(visit)
    sums = statistics(visit, _SUMS)
    return {
        "figures": figures_of(_SUMS, sums),
        "compared": compared_words(visit, sums),
        "total_posts": sums.data["totals"]["posts"],
        "shown": shown,
        "shows": choices_of(_without_order(visit), "show", _SHOWN, shown, default="all"),
        "form": _form(visit),
        **found,
    }


def _without_order(visit: Visit) -> "Visit":
    """An order of one list may be none of the other."""
    return visit.with_own(tuple(name for name in OWN if name != "order"))


def _list(visit: Visit) -> Mapping[str, Any]:
    order = visit.word("order", ORDERS, "published")
    asked = {"order": order, "limit": _PAGE}
    if search := visit.text("q"):
        asked["q"] = search
    if cursor := visit.text(CURSOR):
        asked[CURSOR] = cursor
    answer = visit.ask("posts", asked)
    note = answer.more.get("note")
    return {
        "rows": rows_of(visit, answer.data),
        "order": order,
        "orders": ORDERS,
        "q": search,
        "older": visit.address(cursor=answer.next) if answer.next else None,
        "first": visit.address() if cursor else None,
        "note": NOTES.get(note) if note else None,
        "told": told(
            answer.provenance["views"], formulas_of("views", "er_views", "forwards", "reactions", "replies"), *_COUNTED
        ),
    }


def _top(visit: Visit) -> Mapping[str, Any]:
    order = visit.word("order", TOP_ORDERS, "views")
    answer = visit.ask("top-posts", {"order": order, "limit": _TOP})
    formulas = formulas_of("views", "er_views")
    if order == "growth":
        formulas = ((METRICS["views_gained"].label, METRICS["views_gained"].formula), *formulas)
    return {
        "rows": rows_of(visit, answer.data),
        "order": order,
        "orders": TOP_ORDERS,
        "told": told(answer.provenance.get(order, answer.provenance["views"]), formulas, *_COUNTED),
    }


_COUNTED = (gettext_lazy("Each row shows the latest counters. An album is one post; a dash is unknown, never zero."),)


def rows_of(visit: Visit, posts: Iterable[Mapping[str, Any]]) -> tuple[Row, ...]:
    """The posts of an answer, with the filters that their values lead to."""
    return tuple(_row(visit, post) for post in posts)


def _row(visit: Visit, post: Mapping[str, Any]) -> Row:
    local = datetime.fromisoformat(post["date"]).astimezone(visit.picked.period.zone)
    weekday, kind = str(local.isoweekday()), post["media"]
    hashtags = dict.fromkeys(_HASHTAG.findall(post["title"] or ""))
    return Row(
        post=post,
        media=str(MEDIA[kind]) if kind in MEDIA and kind != "none" else None,
        to_media=visit.address(media=kind),
        weekday=str(SHORT_WEEKDAYS[weekday]),
        to_weekday=visit.address(weekday=weekday),
        hour=f"{local:%H:%M}",
        to_hour=visit.address(hour=str(local.hour)),
        hashtags=tuple((tag, visit.address(hashtag=tag)) for tag in hashtags),
        to_forwarded=visit.address(forwarded="true"),
    )


def _form(visit: Visit) -> Mapping[str, Any]:
    """What the form of filters holds, and what it carries along unseen."""
    carried = (*STATE_NAMES, *(name for name in SEGMENT_NAMES if name not in _IN_FORM), "show")
    return {
        "carried": [(name, visit.parameters[name]) for name in carried if visit.parameters.get(name)],
        "fields": [
            _field("media", _("Kind"), MEDIA, visit),
            _field("length", _("Length"), LENGTHS, visit),
            _field("weekday", _("Weekday"), WEEKDAYS, visit),
            _field("hour", _("Hour"), {str(hour): f"{hour:02d}:00" for hour in range(24)}, visit),
            _field("forwarded", _("Origin"), {"false": FORWARDED["own"], "true": FORWARDED["forwarded"]}, visit),
        ],
        "hashtag": visit.segment.hashtag or "",
        "author": visit.segment.author or "",
    }


def _field(name: str, label: str, options: Mapping[str, Any], visit: Visit) -> Mapping[str, Any]:
    return {
        "name": name,
        "label": label,
        "options": [(value, text, visit.parameters.get(name) == value) for value, text in options.items()],
    }
