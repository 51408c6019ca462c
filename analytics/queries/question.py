"""Questions and answers as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from analytics.period import Period
from analytics.queries.segments import Segment


class Window(StrEnum):
    """Width of a series' step."""

    HOUR = "H"
    DAY = "D"
    WEEK = "W"


class PostOrder(StrEnum):
    """What the best posts are best by."""

    VIEWS = "views"
    ER = "er"  # engagement by views
    FORWARDS = "forwards"
    REACTIONS = "reactions"
    REPLIES = "replies"
    GROWTH = "growth"  # views gained within the period
    CTR = "ctr"  # clicks on the post's links by views, where a link counts its clicks


@dataclass(frozen=True, slots=True)
class StatsQuery:
    """What is asked: one channel (our row id) over a period, by a reader who owns it or only watches it."""

    channel_id: int
    period: Period
    # Official figures are for workspaces that own the channel.
    owned: bool = False
    # Series end with the next local day after this: the future has no steps.
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    # Which posts are meant; an empty segment means all of them.
    segment: Segment = field(default_factory=Segment)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a number comes from: whose word, when last observed, and the share 0..1 of posts or days behind it."""

    source: str | None
    observed_at: datetime | None
    coverage: float | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A value with its provenance; None is unknown."""

    value: float | int | None
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Overview:
    """Headline numbers by metric name, and the same of the equal period before."""

    current: Mapping[str, Number]
    previous: Mapping[str, Number]
    period: Period
    previous_period: Period


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """One step: its first moment, its value (None: unknown), what belongs to it by name, and whose word it is."""

    t: datetime
    y: float | int | None
    extra: Mapping[str, int | None]
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Steps in order; `gaps` are spans (start, end) in which nothing was observed."""

    points: tuple[SeriesPoint, ...]
    gaps: tuple[tuple[datetime, datetime], ...]
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post as a list shows it. Unknown counters are None."""

    id: int
    message_id: int
    published_at: datetime
    text: str
    media_kind: str
    item_count: int
    is_forward: bool
    forward_from_name: str | None
    views: int | None
    forwards: int | None
    replies: int | None
    reactions: int | None
    counters_source: str | None
    counters_at: datetime | None
    counters_approximate: bool
    edited_at: datetime | None
    permalink: str | None
    pinned: bool = False
    deleted_at: datetime | None = None
    # (Forwards + reactions + comments) ÷ views × 100, and forwards ÷ views.
    er_views: float | None = None
    virality: float | None = None
    # Views gained within the asked period; None also where it was not asked for.
    gained: int | None = None

    @property
    def title(self) -> str:
        """The first line of the text, at most 120 characters; empty for a post without text."""
        return title_of(self.text)


TITLE_LENGTH = 120


def title_of(text: str) -> str:
    """The first line of a post's text that is not empty, at most 120 characters."""
    line = next((part.strip() for part in text.splitlines() if part.strip()), "")
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"
