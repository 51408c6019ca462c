"""A report as a value: made of answers to declared questions, and of nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.functional import Promise

from analyticbot.core.charts import Drawable, words
from analytics import wording
from analytics.comparison import Direction, change_of
from analytics.metrics import METRICS, Unit
from analytics.period import Period
from analytics.queries import Number, Overview, Provenance
from analytics.questions.answering import Answer
from analytics.questions.asking import ChannelHead, Reader
from analytics.reports.asking import Inquiry
from analytics.reports.brand import Brand
from analytics.reports.charts import charts_of
from analytics.reports.models import Section
from analytics.reports.sentences import Sentence, sentences_of
from analytics.sections.words import NOTES

HEADLINE = ("followers", "avg_reach", "err", "er_views", "views", "posts", "forwards", "reactions")
# What the sheet of days holds, in its order.
DAILY = ("posts", "views", "avg_reach", "views_gained", "followers", "followers_change", "forwards", "reactions")
OWNERS_DAILY = ("joined", "left")
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
    gaps: tuple[tuple[datetime, datetime], ...]
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
    answers = {
        "overview": inquiry.ask("overview"),
        "statistics": inquiry.ask("statistics", metrics=",".join(daily), window="D"),
        "growth": inquiry.ask("growth", window="D"),
        "reach": inquiry.ask("reach"),
        "top-posts": inquiry.ask("top-posts", limit=TOP_POSTS),
        "sources": inquiry.ask("sources", limit=SOURCES),
        "best-time": inquiry.ask("best-time", without_from=True),
    }
    overview = overview_of(answers["overview"], inquiry.period)
    language, zone = inquiry.reader.language, inquiry.period.zone
    begun = [point for point in answers["statistics"].data["points"] if _moment(point["t"]) <= inquiry.now]
    return Report(
        head=inquiry.head,
        period=inquiry.period,
        previous=overview.previous_period,
        language=language,
        made_at=inquiry.now,
        brand=brand,
        sections=sections,
        figures=tuple(figure_of(name, overview, language) for name in HEADLINE),
        sentences=sentences_of(answers, overview, language=language, zone=zone)
        if Section.SENTENCES in sections
        else (),
        charts=charts_of(answers, inquiry) if Section.CHARTS in sections else (),
        posts=tuple(answers["top-posts"].data) if Section.POSTS in sections else (),
        sources=tuple(answers["sources"].data) if Section.SOURCES in sections else (),
        source_posts=answers["sources"].more["total_posts"],
        days=tuple(begun),
        daily=daily,
        gaps=_merged(answers),
        answers=answers,
    )


def overview_of(answer: Answer, period: Period) -> Overview:
    """The answer of `overview` as the value that comparisons are made of."""
    previous = answer.more["previous_period"]
    before = Period(_moment(previous["from"]), _moment(previous["to"]), period.zone)
    told = answer.more["previous_provenance"]
    names = [name for name in answer.data if name != "previous"]
    return Overview(
        current={name: Number(answer.data[name], answer.provenance[name]) for name in names},
        previous={name: Number(answer.data["previous"][name], _provenance(told[name])) for name in names},
        period=period,
        previous_period=before,
    )


def figure_of(name: str, overview: Overview, language: str) -> ReportFigure:
    """A headline number in words."""
    metric, number, before = METRICS[name], overview.current[name], overview.previous[name]
    change, percent = change_of(name, overview), metric.unit is Unit.PERCENT
    told: str | None = None
    if change and (change.difference or change.relative is not None):
        told = (
            words.signed_percent(change.relative, language)
            if change.relative is not None
            else words.signed_number(change.difference, language, digits=2)
        )
    return ReportFigure(
        name=name,
        label=str(metric.label),
        formula=str(metric.formula),
        value=number.value,
        percent=percent,
        shown=shown(number.value, percent=percent, language=language),
        previous=before.value,
        previous_shown=shown(before.value, percent=percent, language=language),
        change=told,
        # A change too small to be told is none.
        direction=change.direction if change and told and not told[0].isdigit() else None,
        source=source_words(number.provenance.source),
        observed_at=number.provenance.observed_at,
        coverage=None if number.provenance.coverage is None else number.provenance.coverage * 100,
        notes=_notes(number.provenance.note),
    )


def shown(value: float | int | None, *, percent: bool, language: str) -> str:
    """A headline number as it is read."""
    return words.percent(value, language) if percent else words.compact_number(value, language)


def source_words(source: str | None) -> str | None:
    """Whose word it is, in words; None: nothing was observed."""
    found: Promise | None = wording.SOURCES.get(source or "")
    return None if found is None else str(found)


def _notes(note: str | None) -> tuple[str, ...]:
    return tuple(str(NOTES[word]) for word in (note or "").split() if word in NOTES)


def _provenance(told: Mapping[str, Any]) -> Provenance:
    observed = told["observed_at"]
    return Provenance(told["source"], _moment(observed) if observed else None, told["coverage"], told.get("note"))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _merged(answers: Mapping[str, Answer]) -> tuple[tuple[datetime, datetime], ...]:
    """Spans without observation that any of the answers tells of, without overlaps."""
    merged: list[tuple[datetime, datetime]] = []
    gaps: Sequence[tuple[datetime, datetime]] = sorted({gap for one in answers.values() for gap in one.gaps or ()})
    for start, end in gaps:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)
