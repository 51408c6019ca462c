"""What the page of a post shows, made of the answer that the API gives too. Nothing is computed here but words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from analyticbot.core.charts import Band, Reached, RenderedChart, Usual, draw, words
from analytics import wording
from analytics.metrics import METRICS
from analytics.queries import Provenance
from analytics.queries.neighbours import Neighbours
from analytics.questions.answering import Answer
from analytics.rich_text import rich_text
from analytics.wording_posts import AGES, HALF_LIFE_NOTES, changes, duration, reaction_name

# Earlier texts than the last so many edits are in the API.
_MOST_EDITS = 20
_MOST_FORWARDS = 50

_FORMULAS: dict[str, Promise] = {
    "views": gettext_lazy("The post's view counter, as it was last read."),
    "forwards": gettext_lazy("The post's forward counter, as it was last read."),
    "reactions": gettext_lazy("Reactions of all kinds together, as they were last read."),
    "replies": gettext_lazy("The post's comment counter, as it was last read."),
    "er_views": gettext_lazy("(Forwards + reactions + comments) ÷ views × 100."),
    "half_life": gettext_lazy("The age at which half of the views of the first 7 days had come."),
}


@dataclass(frozen=True, slots=True)
class PostFigure:
    """A number of the post with all that explains it; `value` for counts, `text` for what is in words."""

    name: str
    label: Promise | str
    formula: Promise
    value: float | int | None
    percent: bool
    text: str | None
    source: Promise | None
    observed_at: datetime | None
    coverage: float | None
    notes: tuple[Promise, ...]
    # A post is compared with the usual, further below, and not with an earlier time.
    compared: bool = False


@dataclass(frozen=True, slots=True)
class AgeRow:
    """Views at an age beside what is usual; None unknown. `share` in percent of the latest views."""

    age: Promise
    views: float | None
    share: float | None
    low: float | None
    median: float | None
    high: float | None
    posts: int


@dataclass(frozen=True, slots=True)
class ReactionRow:
    """Reactions of one kind; `most` is the count of the most frequent kind, for the bar beside it."""

    sign: str
    name: str
    count: int
    most: int


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit: the text before and after as one marked text, and when it was seen."""

    at: datetime | None
    stood_since: datetime | None
    marked: SafeString


@dataclass(frozen=True, slots=True)
class PostReport:
    """All that the page shows."""

    data: Mapping[str, Any]
    published_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    text: SafeString
    media: Promise | None
    figures: tuple[PostFigure, ...]
    curve: RenderedChart
    ages: tuple[AgeRow, ...]
    reactions: tuple[ReactionRow, ...]
    edits: tuple[Edit, ...]
    older_edits: int
    public_forwards: tuple[Mapping[str, Any], ...] | None
    more_forwards: int
    neighbours: Neighbours

    @property
    def title(self) -> str:
        """The first line of the text, else what the post is."""
        return self.data["title"] or str(self.media or _("Post without text"))


def post_report(answer: Answer, neighbours: Neighbours) -> PostReport:
    """Put the answer of the question `post` into words and drawings."""
    data = answer.data
    edits = _edits(data)
    forwards = data["public_forwards"]
    return PostReport(
        data=data,
        published_at=_moment(data["date"]),
        edited_at=_moment_or_none(data["edited_at"]),
        deleted_at=_moment_or_none(data["deleted_at"]),
        text=rich_text(data["text"], data["entities"]),
        media=wording.MEDIA.get(data["media"]),
        figures=_figures(data, answer.provenance["views"]),
        curve=_curve(data),
        ages=_ages(data["ages"]),
        reactions=_reactions(data["reactions_by_kind"]),
        edits=edits[:_MOST_EDITS],
        older_edits=len(edits[_MOST_EDITS:]),
        public_forwards=None if forwards is None else tuple(map(_forward, forwards[:_MOST_FORWARDS])),
        more_forwards=len(forwards[_MOST_FORWARDS:]) if forwards else 0,
        neighbours=neighbours,
    )


def _figures(data: Mapping[str, Any], told: Provenance) -> tuple[PostFigure, ...]:
    source = wording.SOURCES.get(told.source or "")
    notes = tuple(wording.NOTES[word] for word in (told.note or "").split() if word in wording.NOTES)

    def figure(
        name: str, label: Promise, value: Any, *, text: str | None = None, why: Promise | None = None
    ) -> PostFigure:
        return PostFigure(
            name=name,
            label=label,
            formula=_FORMULAS[name],
            value=value,
            percent=name == "er_views",
            text=text,
            source=source,
            observed_at=told.observed_at,
            coverage=None if told.coverage is None else told.coverage * 100,
            notes=(why, *notes) if why else notes,
        )

    counted = [
        figure(name, METRICS[name].label, data[name])
        for name in ("views", "forwards", "reactions", "replies", "er_views")
    ]
    seconds, why = data["half_life_seconds"], HALF_LIFE_NOTES.get(data["half_life_note"] or "")
    text = None if seconds is None else duration(seconds)
    return (*counted, figure("half_life", gettext_lazy("Half-life"), seconds, text=text, why=why))


def _curve(data: Mapping[str, Any]) -> RenderedChart:
    usual = tuple(
        Usual(timedelta(seconds=one["age_seconds"]), one["expected_low"], one["expected_median"], one["expected_high"])
        for one in data["ages"]
    )
    reached = tuple(
        Reached(timedelta(seconds=one["age_seconds"]), one["views"])
        for one in data["curve"]
        if one["age_seconds"] >= 0 and not one["approximate"]
    )
    band = Band(
        name="curve",
        title=_("Views by age"),
        # Ages that this post has not lived yet would squeeze the rest.
        usual=_lived(usual, reached),
        curve=reached,
        language=get_language() or "en",
    )
    return draw(band)


def _lived(usual: tuple[Usual, ...], reached: tuple[Reached, ...]) -> tuple[Usual, ...]:
    """The usual ages up to the first one after the last reading."""
    last = max((one.age for one in reached), default=None)
    if last is None:
        return usual
    lived = [one for one in usual if one.age <= last]
    return (*lived, *usual[len(lived) : len(lived) + 1])


def _ages(ages: Sequence[Mapping[str, Any]]) -> tuple[AgeRow, ...]:
    """The ages that this post or any other was seen at; none where that tells no number at all."""
    if all(one["views"] is None and one["expected_median"] is None for one in ages):
        return ()
    return tuple(_age_row(one) for one in ages if one["views"] is not None or one["expected_n"])


def _age_row(one: Mapping[str, Any]) -> AgeRow:
    share = one["share"]
    return AgeRow(
        age=AGES[one["age"]],
        views=one["views"],
        share=None if share is None else share * 100,
        low=one["expected_low"],
        median=one["expected_median"],
        high=one["expected_high"],
        posts=one["expected_n"],
    )


def _reactions(kinds: list[Mapping[str, Any]] | None) -> tuple[ReactionRow, ...]:
    most = max((one["count"] for one in kinds or ()), default=0)
    return tuple(ReactionRow(*reaction_name(one["kind"]), one["count"], most) for one in kinds or () if one["count"])


def _edits(data: Mapping[str, Any]) -> tuple[Edit, ...]:
    """Newest first. Each earlier text gave way to the next one, the last of them to what stands now."""
    texts = [*(one["text"] for one in data["revisions"]), data["text"]]
    edits = [
        Edit(_moment_or_none(one["replaced_at"]), _moment_or_none(one["seen_at"]), changes(before, after))
        for one, (before, after) in zip(data["revisions"], pairwise(texts), strict=True)
    ]
    return tuple(reversed(edits))


def _forward(one: Mapping[str, Any]) -> dict[str, Any]:
    name = one["title"] or (f"@{one['username']}" if one["username"] else words.full_number(one["channel_id"], "en"))
    return {**one, "name": name, "date": _moment_or_none(one["date"])}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _moment_or_none(text: str | None) -> datetime | None:
    return None if text is None else _moment(text)
