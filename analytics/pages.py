"""What the channel pages show, as frozen values made of query results. Nothing is computed here but words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analyticbot.core.charts import Chart, Gap, Point, RenderedChart, Shape, draw, words
from analytics import wording
from analytics.comparison import Change, Direction, change_of
from analytics.metrics import METRICS, Unit
from analytics.picker import Picked
from analytics.queries import (
    Number,
    Overview,
    PostRow,
    Series,
    SeriesPoint,
    StatsQuery,
    Window,
    growth,
    latest_posts,
    overview,
    reach,
)
from channels_app.models import Relation, SyncState
from channels_app.queries import ChannelStatus

HEADLINE = ("followers", "avg_reach", "err", "er_views", "views", "posts", "forwards", "reactions")
LATEST_POSTS = 20
# Up to two days by the hour, up to some thirteen months by the day, longer by the week.
_HOURLY_UNTIL = timedelta(days=2)
_DAILY_UNTIL = timedelta(days=400)
# Four fifths of a week's views have come by this age (docs/sandbox.md has the curve).
_GATHERING = timedelta(days=3)
_BUSY = {SyncState.PENDING, SyncState.RUNNING}


@dataclass(frozen=True, slots=True)
class ChannelCard:
    """A channel of the list."""

    status: ChannelStatus
    title: str
    initial: str
    colour: int  # of its avatar, 1 to 4
    state: str
    problem: str | None

    @property
    def handle(self) -> str | None:
        """The username with its @, unless it already stands in for the title."""
        handle = f"@{self.status.username}" if self.status.username else None
        return None if handle == self.title else handle

    @property
    def posts(self) -> int | None:
        """Posts collected; unknown while there are none and the history is not read to its end."""
        sync = self.status.sync
        return None if not sync.posts and sync.state != SyncState.COMPLETE else sync.posts

    @property
    def done_percent(self) -> int | None:
        """How much of Telegram's count of messages is here, for a bar while collecting; None when not known."""
        sync = self.status.sync
        return min(100, sync.posts * 100 // sync.total) if sync.total and self.busy else None

    @property
    def busy(self) -> bool:
        """Whether it may look different in two seconds."""
        return self.status.sync.state in _BUSY

    @property
    def failed(self) -> bool:
        """Whether collecting stopped for good or for long."""
        return self.status.sync.state == SyncState.FAILED

    @property
    def owned(self) -> bool:
        """Whether this workspace proved to be an admin."""
        return self.status.relation == Relation.OWNED

    @property
    def has_page(self) -> bool:
        """Whether there is an address for it: not for an invite link that was not resolved yet."""
        return bool(self.status.username or self.status.id)

    @property
    def telegram(self) -> str | None:
        """Its address in Telegram; None for a private channel."""
        return f"https://t.me/{self.status.username}" if self.status.username else None


@dataclass(frozen=True, slots=True)
class Figure:
    """A headline number with all that explains it."""

    name: str
    label: Promise
    formula: Promise
    value: float | int | None
    percent: bool
    previous: float | int | None
    change: str | None
    direction: Direction | None
    source: Promise | None
    observed_at: datetime | None
    coverage: float | None  # percent
    notes: tuple[Promise, ...]


@dataclass(frozen=True, slots=True)
class ListedPost:
    """A post of the list."""

    row: PostRow
    media: Promise | None

    @property
    def album(self) -> int | None:
        """How many items an album has; None for a single message."""
        return self.row.item_count if self.row.item_count > 1 else None


@dataclass(frozen=True, slots=True)
class ChannelReport:
    """All that the channel page shows of a period."""

    figures: tuple[Figure, ...]
    subscribers: RenderedChart
    reach: RenderedChart
    posts: tuple[ListedPost, ...]
    # The period holds posts so young that their views still grow: comparing them with older ones misleads.
    still_gathering: bool

    @property
    def charts(self) -> tuple[RenderedChart, ...]:
        """In the order of the page."""
        return (self.subscribers, self.reach)


def card_of(status: ChannelStatus) -> ChannelCard:
    """The list's view of a channel."""
    title = wording.title_of(status)
    return ChannelCard(
        status=status,
        title=title,
        initial=next((letter for letter in title if letter.isalnum()), "?").upper(),
        colour=status.channel_id % 4 + 1,
        state=wording.state_label(status.sync.state),
        problem=wording.problem_of(status.sync),
    )


def channel_report(status: ChannelStatus, picked: Picked, *, now: datetime) -> ChannelReport:
    """Ask the queries and put their answers into words and drawings: one value for the whole page."""
    query = StatsQuery(status.channel_id, picked.period, owned=status.relation == Relation.OWNED, now=now)
    answer = overview(query)
    return ChannelReport(
        figures=tuple(_figure(name, answer, compares=picked.compares) for name in HEADLINE),
        subscribers=subscribers_chart(query, now=now),
        reach=_reach_chart(query, status, now=now),
        posts=tuple(ListedPost(row, wording.MEDIA.get(row.media_kind)) for row in latest_posts(status.channel_id)),
        still_gathering=picked.period.end > now - _GATHERING,
    )


def _figure(name: str, answer: Overview, *, compares: bool) -> Figure:
    metric, number = METRICS[name], answer.current[name]
    change = change_of(name, answer) if compares else None
    told = _change_words(change) if change else None
    provenance = number.provenance
    return Figure(
        name=name,
        label=metric.label,
        formula=metric.formula,
        value=number.value,
        percent=metric.unit is Unit.PERCENT,
        previous=answer.previous[name].value if compares else None,
        change=told,
        # A change too small to be told is none.
        direction=change.direction if change and told and not told[0].isdigit() else None,
        source=wording.SOURCES.get(provenance.source or ""),
        observed_at=provenance.observed_at,
        coverage=None if provenance.coverage is None else provenance.coverage * 100,
        notes=_notes(number),
    )


def _notes(number: Number) -> tuple[Promise, ...]:
    return tuple(wording.NOTES[word] for word in (number.provenance.note or "").split() if word in wording.NOTES)


def _change_words(change: Change) -> str | None:
    """The change in words; nothing where there was and is nothing."""
    if not change.difference and change.relative is None:
        return None
    language = get_language() or "en"
    if change.relative is not None:
        return words.signed_percent(change.relative, language)
    return words.signed_number(change.difference, language, digits=2)


def subscribers_chart(query: StatsQuery, *, now: datetime) -> RenderedChart:
    """Subscribers over the period, by the hour up to two days, by the week from some thirteen months on."""
    span = query.period.end - query.period.start
    if span <= _HOURLY_UNTIL:
        series = growth(query, window=Window.HOUR)
        # Subscribers are written down on change: an hour without a count is an hour without a change.
        points = tuple(Point(point.t, point.y) for point in series.points if point.y is not None)
        return _draw("subscribers", _("Subscribers"), Shape.LINE, points, query, tuple(_gaps(series)))
    series = growth(query, window=_step_of(query))
    unknown = _unknown_spans(series.points, query, now=now, is_unknown=lambda point: point.y is None)
    return _draw("subscribers", _("Subscribers"), Shape.LINE, _steps(series, query), query, (*_gaps(series), *unknown))


def _reach_chart(query: StatsQuery, status: ChannelStatus, *, now: datetime) -> RenderedChart:
    series = reach(query, window=_step_of(query))
    # Before the oldest post of an unfinished history nobody knows whether anything was published.
    known_from = None if status.sync.state == SyncState.COMPLETE else status.sync.oldest or now

    def is_unknown(point: SeriesPoint) -> bool:
        return (point.y is None and bool(point.extra.get("posts"))) or bool(known_from and point.t < known_from)

    unknown = _unknown_spans(series.points, query, now=now, is_unknown=is_unknown)
    by_day, by_week = _("Average reach by day of publication"), _("Average reach by week of publication")
    title = by_day if _step_of(query) is Window.DAY else by_week
    return _draw("reach", title, Shape.BARS, _steps(series, query), query, (*_gaps(series), *unknown))


def _step_of(query: StatsQuery) -> Window:
    """The step that keeps a chart readable."""
    return Window.DAY if query.period.end - query.period.start <= _DAILY_UNTIL else Window.WEEK


def _steps(series: Series, query: StatsQuery) -> tuple[Point, ...]:
    """Each step of a series, from its first moment to the next one's."""
    width = timedelta(days=1) if _step_of(query) is Window.DAY else timedelta(weeks=1)
    ends = [*(point.t for point in series.points[1:]), *(point.t + width for point in series.points[-1:])]
    ends = [min(end, query.period.end) for end in ends]
    return tuple(Point(point.t, point.y, until) for point, until in zip(series.points, ends, strict=False))


def _draw(
    name: str, title: str, shape: Shape, points: tuple[Point, ...], query: StatsQuery, gaps: tuple[Gap, ...]
) -> RenderedChart:
    period = query.period
    return draw(
        Chart(
            name=name,
            title=title,
            shape=shape,
            points=points,
            # The first week of a long period begins before it.
            start=min([period.start, *(point.at for point in points[:1])]),
            end=period.end,
            zone=period.zone,
            language=get_language() or "en",
            gaps=_merged(gaps),
            colour=1 if shape is Shape.LINE else 3,
        )
    )


def _gaps(series: Series) -> Iterator[Gap]:
    return (Gap(start, end) for start, end in series.gaps)


def _unknown_spans(
    points: tuple[SeriesPoint, ...], query: StatsQuery, *, now: datetime, is_unknown: Callable[[SeriesPoint], bool]
) -> Iterator[Gap]:
    """Stretches of steps, begun by now, whose value is unknown."""
    ends = [point.t for point in points[1:]] + [query.period.end]
    steps = [(point, end) for point, end in zip(points, ends, strict=True) if point.t <= now]
    for unknown, group in groupby(steps, key=lambda step: is_unknown(step[0])):
        if unknown:
            run = list(group)
            yield Gap(run[0][0].t, min(run[-1][1], now))


def _merged(gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    """The same spans without overlaps, in order."""
    merged: list[Gap] = []
    for gap in sorted(gaps, key=lambda one: one.start):
        if merged and gap.start <= merged[-1].end:
            merged[-1] = Gap(merged[-1].start, max(merged[-1].end, gap.end))
        else:
            merged.append(gap)
    return tuple(merged)
