"""A visit of one section: who looks at which channel, over which time, narrowed to what. The address is its state."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from analyticbot.core.charts import Drawable, RenderedChart, draw
from analyticbot.core.errors import InvalidInput
from analytics.comparison import CHANNEL, COMPARE, PREVIOUS, compare_asked
from analytics.pages import ChannelCard
from analytics.picker import Picked, pick
from analytics.queries import StatsQuery
from analytics.queries.segments import SEGMENT_NAMES, Segment, parse_segment
from analytics.queries.statistics import Comparison, compared_period
from analytics.questions import CHANNEL_QUESTIONS, WORKSPACE_QUESTIONS
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import Asked, AskedOfChannel, ChannelHead, Parameters, Reader
from analytics.questions.declaring import ChannelQuestion, WorkspaceQuestion
from analytics.sections.doors import AppDoors, Doors

PERIOD_NAMES = ("period", "first", "last", "from", "to")
# Whose days: the workspace's, or the reader's own.
ZONE = "zone"
# What goes along from section to section beside the filters.
STATE_NAMES = (*PERIOD_NAMES, ZONE, COMPARE)
# A cursor belongs to the list it was given with: whatever else changes, it is dropped.
CURSOR = "cursor"
# Name of a period that a question chose by itself.
LATELY = "lately"
Q = TypeVar("Q", ChannelQuestion, WorkspaceQuestion)


def _by_name(questions: tuple[Q, ...]) -> dict[str, Q]:
    return {question.name: question for question in questions}


_OF_CHANNEL = _by_name(CHANNEL_QUESTIONS)
_OF_WORKSPACE = _by_name(WORKSPACE_QUESTIONS)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a section was told and what it drew, for files of exactly that: answers by question, drawings by name."""

    answers: list[tuple[str, Asked, Answer]] = field(default_factory=list)
    drawings: dict[str, Drawable] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at a section. `chosen`: the address names the period; `own`: names of the section's own parameters."""

    card: ChannelCard
    head: ChannelHead
    reader: Reader
    parameters: Mapping[str, str]
    own: tuple[str, ...]
    picked: Picked
    chosen: bool
    segment: Segment
    now: datetime
    # Where addresses lead; None: into the app.
    opened: Doors | None = None
    # What numbers are compared with unless the address says otherwise.
    usual: str = PREVIOUS
    shown: Shown = field(default_factory=Shown)
    # Whether what people noted is told: a shared link says so itself.
    shows_notes: bool = True

    @property
    def compared(self) -> str | None:
        """What the questions' parameter `compare` is: the reader's choice, else the period before; None for nothing."""
        return compare_asked(self.parameters, self.picked, usual=self.usual)

    @property
    def before(self) -> "Visit | None":
        """The same visit over the days that it is compared with; None where these are no other days."""
        if self.compared is None or self.compared.startswith(CHANNEL) or self.doors.locked:
            return None
        period = compared_period(self.picked.period, Comparison(self.compared))
        return replace(self, picked=replace(self.picked, period=period), chosen=True, shown=Shown())

    def draw(self, chart: Drawable) -> RenderedChart:
        """Draw, and remember what was drawn."""
        self.shown.drawings[chart.name] = chart
        return draw(chart)

    @property
    def doors(self) -> Doors:
        """Where addresses of other pages lead."""
        return self.opened or AppDoors(self.card.status.name)

    def text(self, name: str) -> str:
        """A parameter of the section as it was sent, without spaces around it; empty when absent."""
        return self.parameters.get(name, "").strip()

    def word(self, name: str, known: Mapping[str, object], default: str) -> str:
        """A parameter that is one of the known words; anything else is the default, as a person may mistype it."""
        text = self.text(name)
        return text if text in known else default

    def ask(
        self,
        question: str,
        parameters: Mapping[str, str] | None = None,
        *,
        lately: bool = False,
        path: Mapping[str, str | int] | None = None,
    ) -> Answer:
        """Ask a question of the channel over the picked period. InvalidInput if it refuses a parameter.

        `lately`: a question that chooses its own time while the reader has not chosen one.
        """
        period = self.picked.period
        bounds = {} if lately and not self.chosen else {"from": iso(period.start), "to": iso(period.end)}
        declared = _OF_CHANNEL[question]
        asked = AskedOfChannel(
            self.reader,
            period,
            self.now,
            Parameters({**bounds, **(parameters or {})}),
            path or {},
            channel=self.head,
            segment=self.segment if declared.takes_segment else Segment(),
        )
        answer = declared.answer(asked)
        self.shown.answers.append((question, asked, answer))
        return answer

    def ask_workspace(self, question: str, **parameters: str) -> Answer:
        """Ask a question of the workspace over the picked period."""
        asked = Asked(self.reader, self.picked.period, self.now, Parameters(parameters))
        answer = _OF_WORKSPACE[question].answer(asked)
        self.shown.answers.append((question, asked, answer))
        return answer

    @property
    def query(self) -> StatsQuery:
        """The question as the readers of statistics take it, of all posts."""
        return StatsQuery(self.head.id, self.picked.period, owned=self.head.owned, now=self.now)

    def address(self, **changes: str | None) -> str:
        """The query string of this page with some parameters changed (None: removed), and back on the first page."""
        return address_of(self.parameters, (*STATE_NAMES, *SEGMENT_NAMES, *self.own), changes)

    def with_own(self, own: tuple[str, ...]) -> "Visit":
        """The same visit whose addresses carry other parameters of its own."""
        return replace(self, own=own)

    def settled(self, answer: Answer) -> "Visit":
        """The visit as a question that chose its own time answered it: of the days of the answer, still not chosen."""
        if self.chosen:
            return self
        found, zone = answer.more["period"], self.picked.period.zone
        first = datetime.fromisoformat(found["from"]).astimezone(zone).date()
        last = (datetime.fromisoformat(found["to"]) - timedelta(microseconds=1)).astimezone(zone).date()
        days = {"first": first.isoformat(), "last": last.isoformat()}
        picked = pick(days, now=self.now, zone=zone, oldest=None, keep=dict(self.picked.kept))
        return replace(self, picked=replace(picked, name=LATELY))

    @property
    def elsewhere(self) -> str:
        """The query string for another section: period, zone, comparison and filters go along."""
        return elsewhere(self.parameters)


def elsewhere(parameters: Mapping[str, str]) -> str:
    """What of an address goes along to another section: period, zone, comparison and filters."""
    return address_of(parameters, (*STATE_NAMES, *SEGMENT_NAMES), {})


def address_of(parameters: Mapping[str, str], names: tuple[str, ...], changes: Mapping[str, str | None]) -> str:
    """A query string with its question mark; `?` alone where nothing is left to say."""
    kept = {name: parameters[name] for name in names if parameters.get(name) and name != CURSOR}
    changed = {**kept, **changes}
    return "?" + urlencode([(name, value) for name, value in changed.items() if value])


def segment_of(parameters: Mapping[str, str]) -> tuple[Segment, str | None]:
    """The filters of the address, or none and why they were not understood."""
    try:
        return parse_segment(parameters), None
    except InvalidInput as problem:
        return Segment(), problem.message
