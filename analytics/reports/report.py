"""A report as a value: made of answers to declared questions, and of nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import translation

from analyticbot.core.charts import Drawable, Gap, words
from analytics.comparison import Direction, change_of
from analytics.period import Period
from analytics.questions.answering import Answer
from analytics.questions.asking import ChannelHead, Reader
from analytics.reports.asking import Inquiry
from analytics.reports.brand import Brand
from analytics.reports.charts import charts_of
from analytics.reports.models import Section
from analytics.reports.sentences import Sentence, sentences_of
from analytics.sections.figures import figure_of
from analytics.sections.over_time import merged

HEADLINE = ("followers", "avg_reach", "err", "er_views", "views", "posts", "forwards", "reactions")
# What the sheet of days holds, in its order.
DAILY = ("posts", "views", "avg_reach", "views_gained", "followers", "followers_change", "forwards", "reactions")
OWNERS_DAILY = ("joined", "left")
# What sentences tell of beside those.
_TOLD = ("followers_change", "growth_rate")
TOP_POSTS = "10"
SOURCES = "10"


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """A headline number and what stands behind it. `coverage` in percent; None is unknown."""

    name: str
    label: str
    formula: str
    value: float | int | None
    percent: bool
    shown: str
    previous: float | int | None
    previous_shown: str
    # How far it stands from the period before; None where the two cannot be compared.
    difference: float | None
    change: str | None
    direction: Direction | None
    source: str | None
    observed_at: datetime | None
    coverage: float | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All that any form of a report shows."""

    head: ChannelHead
    period: Period
    previous: Period
    language: str
    made_at: datetime
    brand: Brand
    sections: frozenset[Section]
    figures: tuple[ReportFigure, ...]
    sentences: tuple[Sentence, ...]
    charts: tuple[Drawable, ...]
    posts: tuple[Mapping[str, Any], ...]
    sources: tuple[Mapping[str, Any], ...]
    source_posts: int | None
    days: tuple[Mapping[str, Any], ...]
    daily: tuple[str, ...]
    gaps: tuple[Gap, ...]
    # The answers themselves, by question: what the figures are held against.
    answers: Mapping[str, Answer] = field(default_factory=dict, repr=False)

    @property
    def title(self) -> str:
        """What the channel is called."""
        return title_of(self.head)

    @property
    def handle(self) -> str | None:
        """@username; None for a private channel."""
        return f"@{self.head.username}" if self.head.username else None

    @property
    def days_words(self) -> str:
        """From day to day, in the report's language."""
        return words.span(self.period.start, self.period.end, self.language, self.period.zone)

    @property
    def previous_words(self) -> str:
        """The days of comparison."""
        return words.span(self.previous.start, self.previous.end, self.language, self.period.zone)

    @property
    def made_words(self) -> str:
        """When it was made, in its zone."""
        return words.moment_words(self.made_at, self.language, self.period.zone)

    @property
    def gap_words(self) -> tuple[str, ...]:
        """Spans without observation, from moment to moment."""
        return tuple(
            " – ".join(
                words.moment_words(edge, self.language, self.period.zone, year=False)
                for edge in (max(gap.start, self.period.start), min(gap.end, self.period.end))
            )
            for gap in self.gaps
        )

    def shows(self, section: Section) -> bool:
        """Whether that part was asked for."""
        return section in self.sections


def title_of(head: ChannelHead) -> str:
    """What a channel is called: its title, else the name it is known by."""
    return head.title or (f"@{head.username}" if head.username else str(head.tg_id or ""))


def build_report(
    reader: Reader,
    head: ChannelHead,
    period: Period,
    *,
    now: datetime,
    brand: Brand,
    sections: Iterable[Section] = tuple(Section),
) -> Report:
    """Ask, and put the answers into words of the reader's language. Raises what the questions raise."""
    with translation.override(reader.language):
        return _build(Inquiry(reader, head, period, now), brand, frozenset(sections))


def _build(inquiry: Inquiry, brand: Brand, sections: frozenset[Section]) -> Report:
    daily = (*DAILY, *OWNERS_DAILY) if inquiry.head.owned else DAILY
    metrics = ",".join(dict.fromkeys((*HEADLINE, *daily, *_TOLD)))
    answers = {
        "statistics": inquiry.ask("statistics", metrics=metrics, window="D", compare="previous"),
        "reach": inquiry.ask("reach"),
        "top-posts": inquiry.ask("top-posts", limit=TOP_POSTS),
        "sources": inquiry.ask("sources", limit=SOURCES),
        "best-time": inquiry.ask("best-time", without_from=True),
    }
    numbers = answers["statistics"]
    language, zone, before = inquiry.reader.language, inquiry.period.zone, numbers.data["comparison"]["period"]
    return Report(
        head=inquiry.head,
        period=inquiry.period,
        previous=Period(_moment(before["from"]), _moment(before["to"]), zone),
        language=language,
        made_at=inquiry.now,
        brand=brand,
        sections=sections,
        figures=tuple(_figure(name, numbers, language) for name in HEADLINE),
        sentences=sentences_of(answers, language=language, zone=zone) if Section.SENTENCES in sections else (),
        charts=charts_of(answers, inquiry) if Section.CHARTS in sections else (),
        posts=tuple(answers["top-posts"].data) if Section.POSTS in sections else (),
        sources=tuple(answers["sources"].data) if Section.SOURCES in sections else (),
        source_posts=answers["sources"].more["total_posts"],
        days=tuple(point for point in numbers.data["points"] if _moment(point["t"]) <= inquiry.now),
        daily=daily,
        gaps=merged(Gap(*gap) for answer in answers.values() for gap in answer.gaps or ()),
        answers=answers,
    )


def _figure(name: str, answer: Answer, language: str) -> ReportFigure:
    found, change = figure_of(name, answer), change_of(name, answer)
    return ReportFigure(
        name=name,
        label=str(found.label),
        formula=str(found.formula),
        value=found.value,
        percent=found.percent,
        shown=shown(found.value, percent=found.percent, language=language),
        previous=found.previous,
        previous_shown=shown(found.previous, percent=found.percent, language=language),
        difference=change.difference if change else None,
        change=found.change,
        direction=found.direction,
        source=None if found.source is None else str(found.source),
        observed_at=found.observed_at,
        coverage=found.coverage,
        notes=tuple(str(note) for note in found.notes),
    )


def shown(value: float | int | None, *, percent: bool, language: str) -> str:
    """A headline number as it is read."""
    return words.percent(value, language) if percent else words.compact_number(value, language)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
