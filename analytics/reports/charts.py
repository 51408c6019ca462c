"""The charts of a report, made of what questions answered, for whichever form draws them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from analyticbot.core.charts import Cell, Chart, Drawable, Gap, HeatMap, Point, Series, Shape
from analytics.questions.answering import Answer
from analytics.reports.asking import Inquiry
from analytics.sections.over_time import merged

# More bars than this would be a hedge.
_MOST_BARS = 92


def charts_of(answers: Mapping[str, Answer], inquiry: Inquiry) -> tuple[Drawable, ...]:
    """Those that have something to show."""
    days = answers["statistics"]
    wanted: list[Drawable | None] = [
        _chart("subscribers", _("Subscribers"), Shape.LINE, days, "followers", inquiry, colour=1),
        _movement(days, inquiry) if inquiry.head.owned else None,
        _chart("reach", _("Average reach by day of publication"), Shape.BARS, answers["reach"], "y", inquiry, colour=3),
        _chart("views", _("Views gained by day"), Shape.BARS, days, "views_gained", inquiry, colour=1),
        heat_of(answers["best-time"], inquiry.reader.language),
    ]
    return tuple(chart for chart in wanted if chart is not None)


def heat_of(answer: Answer, language: str) -> HeatMap | None:
    """The hours of the week; None while none has enough posts. Points: 168 from Monday 00:00."""
    cells = answer.data["points"]
    if not any(cell["enough"] for cell in cells):
        return None
    rows = tuple(
        tuple(Cell(cell["effect"] if cell["enough"] else None, cell["posts"]) for cell in cells[day : day + 24])
        for day in range(0, len(cells), 24)
    )
    unit = _("percent above or below the usual reach")
    return HeatMap("best-time", _("Best time to post"), rows, language=language, unit=unit, digits=1)


def _chart(
    name: str, title: str, shape: Shape, answer: Answer, key: str, inquiry: Inquiry, *, colour: int
) -> Chart | None:
    """A series over the days that have begun; None where nothing of it is known."""
    rows = _begun(answer.data["points"], inquiry.now)
    if all(row[key] is None for row in rows):
        return None
    period, ends = inquiry.period, _ends(rows, inquiry)
    many = shape is Shape.BARS and len(rows) > _MOST_BARS
    return Chart(
        name=name,
        title=title,
        shape=Shape.AREA if many else shape,
        points=tuple(Point(_moment(row["t"]), row[key], end) for row, end in zip(rows, ends, strict=True)),
        start=period.start,
        end=period.end,
        zone=period.zone,
        language=inquiry.reader.language,
        gaps=merged([*_observed_gaps(answer), *_unknown(rows, ends, key, inquiry.now)]),
        colour=colour,
    )


def _movement(answer: Answer, inquiry: Inquiry) -> Chart | None:
    """Joined above and left below zero; None where neither is known of any day."""
    rows = _begun(answer.data["points"], inquiry.now)
    if all(row["joined"] is None and row["left"] is None for row in rows):
        return None
    ends, period = _ends(rows, inquiry), inquiry.period
    joined = tuple(Point(_moment(row["t"]), row["joined"], end) for row, end in zip(rows, ends, strict=True))
    left = tuple(Point(_moment(row["t"]), _below(row["left"]), end) for row, end in zip(rows, ends, strict=True))
    return Chart(
        name="movement",
        title=_("Joined and left"),
        shape=Shape.STACKED,
        points=(),
        series=(Series(_("Joined"), joined), Series(_("Left"), left)),
        start=period.start,
        end=period.end,
        zone=period.zone,
        language=inquiry.reader.language,
        colour=3,
    )


def _below(value: int | None) -> int | None:
    return None if value is None else -value


def _begun(rows: Sequence[Mapping[str, Any]], now: datetime) -> list[Mapping[str, Any]]:
    return [row for row in rows if _moment(row["t"]) <= now]


def _ends(rows: Sequence[Mapping[str, Any]], inquiry: Inquiry) -> list[datetime]:
    """Where each step ends: where the next one begins, the last one with the day or the period."""
    last = [min(_moment(row["t"]) + timedelta(days=1), inquiry.period.end) for row in rows[-1:]]
    return [*(_moment(row["t"]) for row in rows[1:]), *last]


def _observed_gaps(answer: Answer) -> Iterator[Gap]:
    return (Gap(start, end) for start, end in answer.gaps or ())


def _unknown(rows: Sequence[Mapping[str, Any]], ends: Sequence[datetime], key: str, now: datetime) -> Iterator[Gap]:
    """Stretches of steps whose value is unknown; a day without posts has no reach, and nothing is missing."""
    steps = list(zip(rows, ends, strict=True))
    for unknown, group in groupby(steps, key=lambda step: step[0][key] is None and step[0].get("posts") != 0):
        run = list(group)
        if unknown:
            start, end = _moment(run[0][0]["t"]), min(run[-1][1], now)
            if start < end:
                yield Gap(start, end)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
