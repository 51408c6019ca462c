"""Charts over time of what `statistics` answered, with the compared period behind and the notes above."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analyticbot.core.charts import Chart, Comparison, Gap, Mark, Point, RenderedChart, Shape, words
from analytics.comparison import CHANNEL
from analytics.metrics import METRICS
from analytics.questions.answering import Answer
from analytics.sections.visit import Visit

# Up to two days by the hour, up to some thirteen months by the day, longer by the week.
_HOURLY_UNTIL = timedelta(days=2)
_DAILY_UNTIL = timedelta(days=400)
Row = Mapping[str, Any]


def window_of(visit: Visit) -> str:
    """The step that keeps a chart readable: H, D or W."""
    span = visit.picked.period.end - visit.picked.period.start
    return "H" if span <= _HOURLY_UNTIL else "D" if span <= _DAILY_UNTIL else "W"


def statistics(visit: Visit, names: Iterable[str], *, window: str = "") -> Answer:
    """The totals and steps of these metrics, beside what the reader compares them with: everything is asked once."""
    asked = {"metrics": ",".join(dict.fromkeys(names)), "window": window or window_of(visit)}
    if visit.compared:
        asked["compare"] = visit.compared
    return visit.ask("statistics", asked)


def compared_words(visit: Visit, answer: Answer) -> str | None:
    """What the numbers are compared with, for people: other days, or another channel; None for nothing."""
    comparison = answer.data["comparison"]
    if comparison is None:
        return None
    if str(comparison["kind"]).startswith(CHANNEL):
        return str(comparison["kind"]).removeprefix(CHANNEL)
    period, zone = comparison["period"], visit.picked.period.zone
    return words.span(_moment(period["from"]), _moment(period["to"]), get_language() or "en", zone)


def days_words(before: Visit | None) -> str | None:
    """The days of an earlier visit, for people."""
    return None if before is None else before.picked.words


def line_chart(
    visit: Visit, answer: Answer, name: str, title: str, *, metric: str, marks: tuple[Mark, ...] = ()
) -> RenderedChart:
    """A state over time, as subscribers are: what was counted at the end of each step."""
    if window_of(visit) == "H":
        # Subscribers are written down on change: an hour without a count is an hour without a change.
        points = tuple(point for point in _points(answer.data["points"], metric) if point.value is not None)
        gaps = _gaps(answer)
    else:
        points = _points(answer.data["points"], metric)
        gaps = (*_gaps(answer), *_unknown(visit, answer, lambda row: row[metric] is None))
    return _drawn(visit, answer, name, title, Shape.LINE, points, metric, gaps=gaps, marks=marks)


def bar_chart(
    visit: Visit,
    answer: Answer,
    name: str,
    title: str,
    *,
    metric: str,
    is_unknown: Callable[[Row], bool],
    marks: tuple[Mark, ...] = (),
) -> RenderedChart:
    """Amounts step by step; steps of which nothing is known are hatched."""
    gaps = (*_gaps(answer), *_unknown(visit, answer, is_unknown))
    points = _points(answer.data["points"], metric)
    return _drawn(visit, answer, name, title, Shape.BARS, points, metric, gaps=gaps, marks=marks)


def _drawn(
    visit: Visit,
    answer: Answer,
    name: str,
    title: str,
    shape: Shape,
    points: tuple[Point, ...],
    metric: str,
    *,
    gaps: Iterable[Gap],
    marks: tuple[Mark, ...],
) -> RenderedChart:
    period = visit.picked.period
    return visit.draw(
        Chart(
            name=name,
            title=title,
            shape=shape,
            points=points,
            start=period.start,
            end=period.end,
            zone=period.zone,
            language=get_language() or "en",
            gaps=merged(gaps),
            colour=1 if shape is Shape.LINE else 3,
            digits=METRICS[metric].digits and 1,
            label=_("This period") if answer.data["comparison"] else "",
            comparison=_comparison(visit, answer, metric),
            marks=marks,
        )
    )


def _comparison(visit: Visit, answer: Answer, metric: str) -> Comparison | None:
    comparison = answer.data["comparison"]
    if comparison is None:
        return None
    points = _points(comparison["points"], metric)
    if all(point.value is None for point in points):
        return None
    start = _moment(comparison["period"]["from"])
    return Comparison(compared_words(visit, answer) or "", points, start)


def _points(rows: Sequence[Row], metric: str) -> tuple[Point, ...]:
    return tuple(Point(_moment(row["t"]), row[metric], _moment(row["to"])) for row in rows)


def _gaps(answer: Answer) -> tuple[Gap, ...]:
    return tuple(Gap(start, end) for start, end in answer.gaps or ())


def _unknown(visit: Visit, answer: Answer, is_unknown: Callable[[Row], bool]) -> Iterator[Gap]:
    """Stretches of steps, begun by now, whose value is unknown."""
    begun = [row for row in answer.data["points"] if _moment(row["t"]) <= visit.now]
    for unknown, group in groupby(begun, key=is_unknown):
        if unknown:
            run = list(group)
            yield Gap(_moment(run[0]["t"]), min(_moment(run[-1]["to"]), visit.now))


def merged(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """The same spans without overlaps, in order; empty ones are none."""
    found: list[Gap] = []
    for gap in sorted((gap for gap in gaps if gap.start < gap.end), key=lambda one: one.start):
        if found and gap.start <= found[-1].end:
            found[-1] = Gap(found[-1].start, max(found[-1].end, gap.end))
        else:
            found.append(gap)
    return tuple(found)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
