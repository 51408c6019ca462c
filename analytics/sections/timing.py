"""When to post, and what each day brought."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from babel.dates import format_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analyticbot.core.errors import InvalidInput
from analytics.period import parse_moment
from analytics.questions.answering import Answer
from analytics.sections.drawing import week_chart
from analytics.sections.explaining import formulas_of, told
from analytics.sections.figures import row_change
from analytics.sections.over_time import days_words
from analytics.sections.spans import Stretch, stretch_of
from analytics.sections.visit import Visit
from analytics.sections.words import SHORT_WEEKDAYS, WEEKDAYS, hour_words

# Steps of shade of a cell, away from "as usual" on both sides, in percent.
_STEPS = (5, 15, 30)


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of the week. `shade` -3..3, None without enough posts."""

    weekday: str
    hours: str
    posts: int
    effect: float | None
    enough: bool
    shade: int | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Day:
    """A square of the calendar. `shade` 0..4; None: nothing is known."""

    day: date
    number: int
    point: Mapping[str, Any]
    shade: int | None
    address: str | None
    changes: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar: rows of seven, None outside the period."""

    title: str
    weeks: tuple[tuple[Day | None, ...], ...]


def build(visit: Visit) -> Mapping[str, Any]:
    """What the section shows."""
    answer = visit.ask("best-time", lately=True)
    settled = visit.settled(answer)
    return {"picked": settled.picked, **_best_time(answer, visit), **_calendar(settled)}


def _best_time(answer: Answer, visit: Visit) -> Mapping[str, Any]:
    cells = [_cell(cell, visit) for cell in answer.data["points"]]
    stretch: Stretch = stretch_of(answer, visit)
    return {
        "stretch": stretch,
        "least": answer.more["least_posts"],
        "hours": [(f"{hour:02d}", cells[hour::24]) for hour in range(24)],
        "weekdays": [(SHORT_WEEKDAYS[str(number)], WEEKDAYS[str(number)]) for number in range(1, 8)],
        "best": [_cell(cell, visit) for cell in answer.data["best"]],
        "any_enough": any(cell.enough for cell in cells),
        "heat": week_chart(visit, answer.data["points"]),
        "told": told(
            answer.provenance["effect"],
            [
                (
                    _("Effect of an hour"),
                    _(
                        "The median of how far posts of this hour and weekday stand above the channel's usual reach, "
                        "drawn towards the whole weekday and the whole hour where there are few posts. The usual is "
                        "the median of the 31 posts nearest in time, so growth of the channel is taken out."
                    ),
                )
            ],
            *stretch.measures,
        ),
    }


def _cell(cell: Mapping[str, Any], visit: Visit) -> Cell:
    effect, enough = cell["effect"], cell["enough"]
    return Cell(
        weekday=str(WEEKDAYS[str(cell["weekday"])]),
        hours=hour_words(cell["hour"]),
        posts=cell["posts"],
        effect=effect,
        enough=enough,
        shade=_shade(effect) if enough and effect is not None else None,
        address=_posts_address(visit, weekday=str(cell["weekday"]), hour=str(cell["hour"])),
    )


def _posts_address(visit: Visit, **changes: str | None) -> str | None:
    posts = visit.doors.section("posts")
    return posts + visit.address(**changes) if posts else None


def _shade(effect: float) -> int:
    steps = sum(abs(effect) >= step for step in _STEPS)
    return steps if effect > 0 else -steps


def _calendar(visit: Visit) -> Mapping[str, Any]:
    try:
        answer = visit.ask("calendar")
    except InvalidInput as problem:
        return {"calendar_problem": problem.message}
    points = [point for point in answer.data["points"] if _begun(point, visit)]
    earlier = visit.before.ask("calendar").data["points"] if visit.before else []
    gained = sorted(point["views_gained"] for point in points if point["views_gained"] is not None)
    counted = "views_gained" if gained else "views"
    scale = sorted(point[counted] for point in points if point[counted])
    days = [
        _day(point, point[counted], scale, visit, earlier[place] if place < len(earlier) else None)
        for place, point in enumerate(points)
    ]
    months = groupby(days, key=lambda one: (one.day.year, one.day.month))
    return {
        "months": tuple(_month(list(group)) for _key, group in months)[::-1],
        "counted": counted,
        "days": days[::-1],
        "compared": days_words(visit.before),
        "owned": visit.head.owned,
        "calendar_told": told(
            answer.provenance.get(counted), formulas_of("posts", "views", "views_gained", "avg_reach", "joined", "left")
        ),
    }


def _begun(point: Mapping[str, Any], visit: Visit) -> bool:
    return parse_moment(point["t"], field="t", zone=visit.picked.period.zone) <= visit.now


def _day(
    point: Mapping[str, Any],
    value: int | None,
    scale: Sequence[int],
    visit: Visit,
    then: Mapping[str, Any] | None,
) -> Day:
    day = date.fromisoformat(point["day"])
    only = {"period": None, "from": None, "to": None, "first": point["day"], "last": point["day"]}
    address = None if visit.doors.locked else _posts_address(visit, **only)
    changes = {name: row_change(name, point, then) for name in ("posts", "views", "views_gained", "joined", "left")}
    return Day(day, day.day, point, _quarter(value, scale), address, changes)


def _quarter(value: int | None, scale: Sequence[int]) -> int | None:
    """Which quarter of the days' values this one is in, 1 to 4; 0 for nothing, None for not known."""
    if value is None:
        return None
    if not value or not scale:
        return 0
    below = sum(other < value for other in scale)
    return min(4, 1 + below * 4 // len(scale))


def _month(days: Sequence[Day]) -> Month:
    first = days[0].day
    blank: list[Day | None] = [None] * (first.isoweekday() - 1)
    squares: list[Day | None] = [*blank, *days]
    squares += [None] * (-len(squares) % 7)
    return Month(_month_title(first), tuple(_sevens(squares)))


def _sevens(squares: Sequence[Day | None]) -> Iterable[tuple[Day | None, ...]]:
    return (tuple(squares[start : start + 7]) for start in range(0, len(squares), 7))


def _month_title(day: date) -> str:
    locale = words.locale_of(get_language() or "en")
    return str(format_date(day, "LLLL y", locale=locale)).capitalize()
