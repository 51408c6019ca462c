"""Which sections a channel's page has, in the order of its tabs, and what each is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analytics.comparison import NONE, PREVIOUS
from analytics.queries.segments import SEGMENT_NAMES, Segment
from analytics.questions.freshness import MOVES_EVERY
from analytics.sections import (
    audience,
    changes,
    content,
    growth,
    notes,
    now,
    overview,
    posts,
    sources,
    timing,
    trending,
)
from analytics.sections.visit import Visit
from analytics.sections.words import segment_words

OVERVIEW = "overview"


@dataclass(frozen=True, slots=True)
class Section:
    """One section: the last part of its address, its tab, what fills it, and which parts of the state it heeds."""

    name: str
    label: Promise
    build: Callable[[Visit], Mapping[str, Any]]
    own: tuple[str, ...] = ()
    has_period: bool = True
    has_filters: bool = False
    # Whether its numbers are told beside those of another time, and of another channel.
    compares: bool = False
    # What they are compared with before the reader chooses.
    usual: str = PREVIOUS
    beside: bool = False
    # Whether it has charts over time, on which notes stand.
    has_notes: bool = False
    # How long what it shows may lag behind the clock (not behind the data).
    moves_every: timedelta = MOVES_EVERY

    @property
    def template(self) -> str:
        """Its body."""
        return f"sections/{self.name}.html"


SECTIONS: Mapping[str, Section] = {
    section.name: section
    for section in (
        Section("now", _("Now"), now.build, has_period=False, moves_every=now.MOVES_EVERY),
        Section("growth", _("Growth"), growth.build, growth.OWN, compares=True, beside=True, has_notes=True),
        Section("posts", _("Posts"), posts.build, posts.OWN, has_filters=True, compares=True, beside=True),
        Section("timing", _("Timing"), timing.build, has_filters=True, compares=True, usual=NONE),
        Section("content", _("Content"), content.build, content.OWN, has_filters=True, compares=True, usual=NONE),
        Section("trending", _("Trending"), trending.build, trending.OWN, has_period=False, has_filters=True),
        Section("sources", _("Sources"), sources.build, sources.OWN, compares=True, usual=NONE),
        Section("audience", _("Audience"), audience.build, has_notes=True),
        Section("changes", _("Changes"), changes.build, changes.OWN, has_filters=True),
        Section("notes", _("Notes"), notes.build, notes.OWN),
    )
}


# The channel's first page: it stands before the sections and has the channel's own address.
FIRST = Section(OVERVIEW, _("Overview"), overview.build, has_filters=True, compares=True, beside=True, has_notes=True)


def section_named(name: str) -> Section:
    """A section, or the first page. KeyError for one that there is not."""
    return FIRST if name == OVERVIEW else SECTIONS[name]


@dataclass(frozen=True, slots=True)
class Tab:
    """A way to a section."""

    label: Promise | str
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that holds, and the address without it."""

    text: str
    without: str


def tabs_of(channel: str, chosen: str, kept: str) -> tuple[Tab, ...]:
    """The tab bar of a channel. `kept`: the query string that goes along."""
    query = "" if kept == "?" else kept
    first = Tab(_("Overview"), reverse("pages:channel", args=[channel]) + query, chosen == OVERVIEW)
    rest = (
        Tab(one.label, reverse(f"pages:{one.name}", args=[channel]) + query, one.name == chosen)
        for one in SECTIONS.values()
    )
    return (first, *rest)


def chips_of(visit: Visit) -> tuple[Chip, ...]:
    """The filters of a visit, each with the way to be rid of it."""
    segment: Segment = visit.segment
    held = ((name, getattr(segment, name)) for name in SEGMENT_NAMES)
    return tuple(
        Chip(segment_words(name, value), visit.address(**{name: None})) for name, value in held if value is not None
    )
