"""Drawings of the sections, made of what questions answered."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analyticbot.core.charts import Cell, Chart, Effect, Effects, HeatMap, Mark, Point, RenderedChart, Series, Shape
from analyticbot.core.charts.shapes import MOST_SERIES
from analytics.sections.visit import Visit

Values = tuple[datetime, Sequence[float | int | None]]


def movement_chart(
    visit: Visit, points: Iterable[Mapping[str, Any]], marks: tuple[Mark, ...] = ()
) -> RenderedChart | None:
    """Joined above and left below zero, step by step; None where neither is known of any step."""
    known = [point for point in points if point["joined"] is not None or point["left"] is not None]
    if not known:
        return None
    period = visit.picked.period
    return visit.draw(
        Chart(
            name="movement",
            title=_("Joined and left"),
            shape=Shape.STACKED,
            points=(),
            series=(
                Series(_("Joined"), tuple(_point(point, point["joined"]) for point in known)),
                Series(_("Left"), tuple(_point(point, _below(point["left"])) for point in known)),
            ),
            start=min(period.start, _moment(known[0]["t"])),
            end=period.end,
            zone=period.zone,
            language=get_language() or "en",
            marks=marks,
            colour=3,
        )
    )


def _point(point: Mapping[str, Any], value: int | None) -> Point:
    return Point(_moment(point["t"]), value, _moment(point["to"]))


def _below(value: int | None) -> int | None:
    return None if value is None else -value


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def effects_chart(visit: Visit, groups: Iterable[tuple[str, Mapping[str, Any]]]) -> RenderedChart | None:
    """Effects with their ranges; None while no group has enough posts."""
    known = [(label, found) for label, found in groups if found["enough"] and found["effect"] is not None]
    if not known:
        return None
    effects = tuple(Effect(label, found["effect"], found["low"], found["high"], found["n"]) for label, found in known)
    return visit.draw(Effects("effects-drawing", _("Effect on reach"), effects, language=get_language() or "en"))


def graph_chart(
    visit: Visit,
    name: str,
    title: str,
    names: Sequence[str],
    rows: Sequence[Values],
    *,
    shape: Shape,
    marks: tuple[Mark, ...] = (),
    digits: int = 0,
) -> RenderedChart | None:
    """An official graph over time, its largest series; None where there is nothing to draw. `rows` oldest first."""
    if not rows or not names:
        return None
    order = sorted(range(len(names)), key=lambda index: -_size(rows, index))[:MOST_SERIES]
    day = timedelta(days=1)
    series = tuple(
        Series(names[index], tuple(Point(at, values[index], at + day) for at, values in rows))
        for index in sorted(order)
    )
    period = visit.picked.period
    return visit.draw(
        Chart(
            name=name,
            title=title,
            shape=shape,
            points=(),
            series=series,
            start=min(period.start, rows[0][0]),
            end=max(period.end, rows[-1][0] + day),
            zone=period.zone,
            language=get_language() or "en",
            digits=digits,
            marks=marks,
        )
    )


def _size(rows: Sequence[Values], index: int) -> float:
    """For choosing which series are drawn; it is shown nowhere."""
    return sum(values[index] or 0 for _at, values in rows)


def week_chart(visit: Visit, cells: Sequence[Mapping[str, Any]]) -> RenderedChart:
    """The hours of the week: effects in percent, only where there are enough posts. `cells`: 168 from Monday 00:00."""
    rows = tuple(
        tuple(Cell(cell["effect"] if cell["enough"] else None, cell["posts"]) for cell in cells[day : day + 24])
        for day in range(0, len(cells), 24)
    )
    unit = _("percent above or below the usual reach")
    return visit.draw(
        HeatMap("week-drawing", _("Best time to post"), rows, language=get_language() or "en", unit=unit, digits=1)
    )
