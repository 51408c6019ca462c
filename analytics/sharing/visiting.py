"""A look at a shared link: the same visit as a member's, with the period, the sections and the rights of the link."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise

from analytics.comparison import compare_asked
from analytics.pages import card_of
from analytics.period import zone_named
from analytics.picker import Picked, pick
from analytics.queries.segments import SEGMENT_NAMES, Segment
from analytics.questions.answering import Answer
from analytics.questions.asking import ChannelHead, Reader
from analytics.sections.places import Section, Tab, chips_of, section_named
from analytics.sections.visit import Visit, segment_of
from analytics.sharing.doors import SharedDoors
from analytics.sharing.models import SHAREABLE, SharedLink
from channels_app.models import Relation, TrackedChannel
from channels_app.queries import status_of, tracked_by_id

# The window of posts that run ahead, where nobody chooses one, and its parameter.
_WINDOW, _USUAL_HOURS = "window_hours", 48


@dataclass(frozen=True, slots=True)
class SharedVisit(Visit):
    """A visit that cannot leave the period of its link. `compares`: whether the period before is told beside it."""

    compares: bool = False

    @property
    def compared(self) -> str | None:
        """The period before, or nothing: what the address asks for does not count."""
        return compare_asked({}, self.picked) if self.compares else None

    def ask(
        self,
        question: str,
        parameters: Mapping[str, str] | None = None,
        *,
        lately: bool = False,
        path: Mapping[str, str | int] | None = None,
    ) -> Answer:
        """Ask within the period: a window that ends with it begins no earlier than it does."""
        asked = dict(parameters or {})
        if question == "trending":
            hours = (self.picked.period.end - self.picked.period.start) // timedelta(hours=1)
            asked[_WINDOW] = str(max(1, min(int(asked.get(_WINDOW, _USUAL_HOURS)), hours)))
        return Visit.ask(self, question, asked, lately=lately, path=path)


@dataclass(frozen=True, slots=True)
class SharedPage:
    """What a template needs to show a section of a link."""

    visit: Visit
    section: Section
    doors: SharedDoors
    problem: str | None
    unreadable: bool

    @property
    def tabs(self) -> tuple[Tab, ...]:
        """The sections of the link; none where there is one only."""
        if len(self.doors.sections) == 1:
            return ()
        return tuple(
            Tab(label_of(name), self.doors.section(name) or "", name == self.section.name)
            for name in self.doors.sections
        )

    def context(self) -> dict[str, Any]:
        """What the template of the section reads, as in the app."""
        visit = self.visit
        context: dict[str, Any] = {"picked": visit.picked, "problem": self.problem, "visit": visit}
        context |= {} if self.unreadable else dict(self.section.build(visit))
        return context | {
            "card": visit.card,
            "part": self.section,
            "unreadable": self.unreadable,
            "chips": chips_of(visit),
            "unfiltered": visit.address(**dict.fromkeys(SEGMENT_NAMES)),
            "doors": self.doors,
            "shared_tabs": self.tabs,
        }


def sections_of(link: SharedLink) -> tuple[str, ...]:
    """The sections of a link, in the order of their tabs."""
    return tuple(name for name in SHAREABLE if name in link.sections)


def label_of(name: str) -> Promise:
    """What a section is called."""
    return section_named(name).label


def open_page(
    link: SharedLink, name: str, parameters: Mapping[str, str], *, root: str, language: str, now: datetime
) -> SharedPage | None:
    """A section of a link; None where it shows no such section, or the channel is gone.

    `root`: the address of the link. Of the parameters only filters and the section's own are read.
    """
    doors = SharedDoors(root, sections_of(link))
    tracked = tracked_by_id(link.workspace, link.tracked_id) if name in doors.sections else None
    if tracked is None:
        return None
    section = section_named(name)
    texts = {key: parameters[key] for key in (*SEGMENT_NAMES, *section.own) if parameters.get(key)}
    segment, problem = segment_of(texts)
    visit = visit_of(link, tracked, section=section, texts=texts, segment=segment, language=language, now=now)
    if visit.picked.error:
        return None  # what stands in for a period that is not understood is not what was shared
    visit = replace(visit, opened=doors)
    return SharedPage(visit, section, doors, problem, visit.card.failed and visit.card.posts is None)


def visit_of(
    link: SharedLink,
    tracked: TrackedChannel,
    *,
    section: Section,
    texts: Mapping[str, str] | None = None,
    segment: Segment | None = None,
    language: str,
    now: datetime,
) -> Visit:
    """The visit of a link: what owners only know is there only if its creator said so."""
    status, head = status_of(tracked), head_of(link, tracked)
    card = card_of(replace(status, relation=Relation.OWNED if head.owned else Relation.WATCHED))
    return SharedVisit(
        card=card,
        head=head,
        reader=reader_of(link, language),
        parameters=texts or {},
        own=section.own,
        picked=picked_of(link, oldest=status.sync.oldest, now=now, kept=texts),
        chosen=True,
        segment=segment or Segment(),
        now=now,
        shows_notes=False,
        compares=link.compares,
    )


def head_of(link: SharedLink, tracked: TrackedChannel) -> ChannelHead:
    """The channel as visitors know it."""
    channel, owned = tracked.channel, link.owner_facts and tracked.relation == Relation.OWNED
    return ChannelHead(channel.pk, channel.tg_id, channel.username, channel.title, channel.version, owned=owned)


def reader_of(link: SharedLink, language: str) -> Reader:
    """Who reads: the workspace's zone, the visitor's language."""
    return Reader(link.workspace_id, link.workspace.time_zone, language)


def picked_of(
    link: SharedLink, *, oldest: datetime | None, now: datetime, kept: Mapping[str, str] | None = None
) -> Picked:
    """The period of a link, as its picker would stand."""
    asked = {"period": link.preset} if link.preset else {"first": str(link.first_day), "last": str(link.last_day)}
    return pick(asked, now=now, zone=zone_named(link.workspace.time_zone), oldest=oldest, keep=kept)
