"""What kind of posts do better than the channel's usual."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.metrics import METRICS
from analytics.sections import words
from analytics.sections.choices import choices_of
from analytics.sections.drawing import effects_chart
from analytics.sections.explaining import told
from analytics.sections.figures import row_change
from analytics.sections.over_time import days_words
from analytics.sections.spans import stretch_of
from analytics.sections.visit import Visit

OWN = ("by",)
_BY = {
    "media": gettext_lazy("Kind"),
    "length": gettext_lazy("Length"),
    "hashtag": gettext_lazy("Hashtag"),
    "emoji": gettext_lazy("Emoji"),
    "link": gettext_lazy("Link"),
    "forwarded": gettext_lazy("Origin"),
    "weekday": gettext_lazy("Weekday"),
    "hour": gettext_lazy("Hour"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """A row: its name, where its posts are listed (None: no filter says it), and what was found."""

    label: str
    address: str | None
    found: Mapping[str, Any]
    changes: Mapping[str, str | None]


def build(visit: Visit) -> Mapping[str, Any]:
    """What the section shows."""
    by = visit.word("by", _BY, "media")
    answer = visit.ask("content-effects", {"by": by}, lately=True)
    stretch = stretch_of(answer, visit)
    settled = visit.settled(answer)
    before = settled.before
    earlier = {row["group"]: row for row in before.ask("content-effects", {"by": by}).data} if before else {}
    groups = tuple(_group(row, by, visit, earlier) for row in answer.data)
    return {
        "picked": settled.picked,
        "compared": days_words(before),
        "by": by,
        "ways": choices_of(visit, "by", _BY, by, default="media"),
        "by_label": _BY[by],
        "stretch": stretch,
        "groups": groups,
        "drawing": effects_chart(visit, ((group.label, group.found) for group in groups)),
        "tested": answer.more["tested"],
        "left_out": answer.more["left_out"],
        "least": answer.more["least_posts"],
        "told": told(
            answer.provenance["effect"],
            [
                (
                    _("Effect"),
                    _(
                        "How far the median post of the group stands above the channel's usual reach: the median of "
                        "the 31 posts nearest in time. The range holds the true median in 95 of 100 cases."
                    ),
                ),
                (METRICS["er_views"].label, METRICS["er_views"].formula),
            ],
            _("An effect is no cause: videos may be what is posted on good days."),
            *stretch.measures,
        ),
    }


def _group(row: Mapping[str, Any], by: str, visit: Visit, earlier: Mapping[str, Mapping[str, Any]]) -> Group:
    name = row["group"]
    filters = _FILTERS.get(by)
    parameters = filters(name) if filters else None
    posts = visit.doors.section("posts")
    address = posts + visit.address(by=None, **parameters) if parameters and posts else None
    then = earlier.get(name)
    changes = {
        "posts": row_change("posts", row, then),
        "effect": row_change("err", {"err": row["effect"]}, {"err": then["effect"]} if then else None),
        "er_views": row_change("er_views", row, then),
    }
    return Group(_label(by, name), address, row, changes)


def _label(by: str, name: str) -> str:
    if by == "hashtag":
        return f"#{name}" if name else _("No hashtag")
    if by == "hour":
        return words.hour_words(name)
    return str(_LABELS[by].get(name, name))


_LABELS: Mapping[str, Mapping[str, Any]] = {
    "media": words.MEDIA,
    "length": words.LENGTHS,
    "emoji": words.EMOJI,
    "link": words.LINKS,
    "forwarded": words.FORWARDED,
    "weekday": words.WEEKDAYS,
}
# The filter that lists a group's posts. Effects leave forwarded posts out, so their lists do too.
_OWN_POSTS = {"forwarded": "false"}
_FILTERS: Mapping[str, Callable[[str], dict[str, str] | None]] = {
    "media": lambda name: {"media": name, **_OWN_POSTS},
    "length": lambda name: {"length": name, **_OWN_POSTS},
    "hashtag": lambda name: {"hashtag": name, **_OWN_POSTS} if name else None,
    "link": lambda name: {"with_link": "true" if name == "with" else "false", **_OWN_POSTS},
    "forwarded": lambda name: {"forwarded": "true" if name == "forwarded" else "false"},
    "weekday": lambda name: {"weekday": name, **_OWN_POSTS},
    "hour": lambda name: {"hour": name, **_OWN_POSTS},
}
