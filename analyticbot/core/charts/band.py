"""A post's curve against what is usual at each age: a band from the tenth to the ninetieth percent, and its median."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any, TypeVar

from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analyticbot.core.charts.drawing import grid
from analyticbot.core.charts.figure import compact
from analyticbot.core.charts.frame import BOTTOM, TOP
from analyticbot.core.charts.markup import (
    COMPARED_DASH,
    INKS,
    SOFT,
    axis_label,
    document,
    gutter_of,
    heading,
    legend_of,
    nothing,
    path_of,
    plane,
    px,
    stroke_of,
    value_cell,
)
from analyticbot.core.charts.scales import ValueScale, tick_labels, value_scale
from analyticbot.core.charts.shapes import Key, RenderedChart
from analyticbot.core.charts.words import is_known

_HOUR = timedelta(hours=1)
# Ages of the ticks, in hours.
_TICKS = (1, 6, 24, 48, 168, 720, 2160, 8760)
# Below this the axis is nearly even, above it logarithmic: the first hour matters, and so does the first month.
_KNEE = timedelta(minutes=30)
_DAY_FROM = 72
_MINOR = {48, 6}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Usual:
    """What posts of the channel had at an age: tenth, fiftieth and ninetieth percent; None where nobody knows."""

    age: timedelta
    low: float | int | None
    median: float | int | None
    high: float | int | None


@dataclass(frozen=True, slots=True)
class Reached:
    """What this post had at an age."""

    age: timedelta
    value: float | int | None


@dataclass(frozen=True, slots=True)
class Band:
    """The usual band and the curve of one post, by age; either may be empty. Names are shown in the legend."""

    name: str
    title: str
    usual: tuple[Usual, ...]
    curve: tuple[Reached, ...] = ()
    curve_name: str = ""  # "This post" stands in for it
    language: str = "en"
    height: int = 260
    digits: int = 0


@dataclass(frozen=True, slots=True)
class _Frame:
    """The scales of ages and values."""

    oldest: timedelta
    scale: ValueScale
    plot: int

    def x(self, age: timedelta) -> float:
        """Percent of the width."""
        return min(max(math.log1p(max(age / _KNEE, 0.0)) / math.log1p(self.oldest / _KNEE) * 100, 0.0), 100.0)

    def y(self, value: float) -> float:
        """Pixels below the top of the plot."""
        return (1 - min(max(self.scale.share(value), 0.0), 1.0)) * self.plot


def draw_band(band: Band) -> RenderedChart:
    """The band as markup, sentence and table."""
    values = [float(v) for one in band.usual for v in (one.low, one.median, one.high) if is_known(v)]
    values += [float(one.value) for one in band.curve if is_known(one.value)]
    ages = [*(one.age for one in band.usual), *(one.age for one in band.curve)]
    scale = value_scale(values, holds_zero=True, whole=all(value.is_integer() for value in values))
    frame = _Frame(max([*ages, _HOUR]), scale, band.height - TOP - BOTTOM)
    labels = tick_labels(scale, band.language) if values else ()
    summary = _summary(band)
    body = (
        grid(scale, labels, top=TOP, plot=frame.plot)
        + _ages(band, frame)
        + (_drawn(band, frame) if values else nothing(band.height))
    )
    keys = _keys(band) if values else ()
    return RenderedChart(
        name=band.name,
        title=band.title,
        svg=document(band.name, band.title, summary=summary, height=band.height, body=body),
        summary=summary,
        rows=(),
        table=_table(band, frame),
        head=heading([_("Age"), *_columns(band)]),
        gutter=gutter_of(labels),
        has_data=bool(values),
        has_gaps=False,
        legend=legend_of(keys),
        keys=keys,
        figure=_figure(band, frame) if values else "",
    )


def _figure(band: Band, frame: _Frame) -> str:
    """The same for the script: places along the uneven axis in percent, as the script knows no such axis."""
    usual, curve = {one.age: one for one in band.usual}, {one.age: one.value for one in band.curve}
    ages = sorted({*usual, *curve})
    names = _columns(band)[-3:] if band.usual else []
    looks = ("low", "compared", "high")
    series: list[dict[str, Any]] = [
        {"name": name, "ink": 5, "look": look, "y": [_known(usual, age, part) for age in ages]}
        for name, look, part in zip(names, looks, ("low", "median", "high"), strict=False)
    ]
    if band.curve:
        values = [value if is_known(value := curve.get(age)) else None for age in ages]
        series.insert(0, {"name": _curve_name(band), "ink": 1, "look": "line", "y": values})
    ticks = [timedelta(hours=hours) for hours in _TICKS if timedelta(hours=hours) <= frame.oldest]
    return compact(
        {
            "kind": "band",
            "span": [0, 100],
            "at": [round(frame.x(age), 2) for age in ages],
            "ticks": [[round(frame.x(age), 2), age_words(age, band.language)] for age in ticks],
            "digits": band.digits,
            "series": series,
        }
    )


def _known(usual: dict[timedelta, Usual], age: timedelta, part: str) -> float | int | None:
    value = getattr(usual[age], part) if age in usual else None
    return value if is_known(value) else None


def _curve_name(band: Band) -> str:
    return band.curve_name or _("This post")


def _columns(band: Band) -> list[str]:
    """Of the table; a band or a curve that is not there has none."""
    usual = [_("Low (10%)"), _("Usual (median)"), _("High (90%)")] if band.usual else []
    return [_curve_name(band), *usual] if band.curve else usual


def _keys(band: Band) -> tuple[Key, ...]:
    keys = [Key(_curve_name(band), 1, "line")] if band.curve else []
    if band.usual:
        keys += [Key(_("usual (median)"), 5, "compared"), Key(_("eight of ten posts"), 5, "band")]
    return tuple(keys)


def age_words(age: timedelta, language: str) -> str:
    """An age in the largest unit that leaves it whole: 48 h, 7 d."""
    minutes = round(age / timedelta(minutes=1))
    if minutes % 60:
        if minutes < 60:  # noqa: PLR2004 - an hour
            return _("%(count)s min") % {"count": minutes}
        return _("%(hours)s h %(minutes)s min") % {"hours": minutes // 60, "minutes": minutes % 60}
    hours = minutes // 60
    if hours % 24 or hours < _DAY_FROM:
        return _("%(count)s h") % {"count": words.full_number(hours, language)}
    return _("%(count)s d") % {"count": words.full_number(hours // 24, language)}


def _ages(band: Band, frame: _Frame) -> str:
    parts = []
    for hours in _TICKS:
        age = timedelta(hours=hours)
        if age > frame.oldest:
            break
        x = frame.x(age)
        parts.append(
            f'<line class="chart__grid" x1="{px(x)}%" x2="{px(x)}%" y1="{TOP}" y2="{TOP + frame.plot}" '
            'stroke="#888" stroke-opacity=".25"/>'
        )
        # Of ages past the first month, those before it give way.
        minor = hours in _MINOR and frame.oldest > timedelta(days=2)
        parts.append(axis_label(x, band.height - 4, age_words(age, band.language), minor=minor))
    return "".join(parts)


def _drawn(band: Band, frame: _Frame) -> str:
    usual = sorted(band.usual, key=lambda one: one.age)
    bands = _stretches(usual, lambda one: is_known(one.low) and is_known(one.high))
    shades = "".join(_shade(run, frame) for run in bands)
    typical = _stretches(usual, lambda one: is_known(one.median))
    medians = [[_spot(frame, one.age, one.median) for one in run] for run in typical]
    reached = _stretches(sorted(band.curve, key=lambda one: one.age), lambda one: is_known(one.value))
    runs = [[_spot(frame, one.age, one.value) for one in run] for run in reached]
    body = (
        f'<path class="chart__band" fill="{SOFT}" fill-opacity=".18" d="{shades}"/>'
        f'<path class="chart__compared" d="{_lines(medians)}" {stroke_of(SOFT, COMPARED_DASH, 1.5)}/>'
        f'<path class="chart__line" d="{_lines(runs)}" {stroke_of(INKS[1], "", 2.5)}/>'
    )
    dots = [run[0] for run in runs if len(run) == 1] + [run[-1] for run in runs[-1:] if len(run) > 1]
    marks = "".join(
        f'<circle class="chart__dot" cx="{px(x / 10)}%" cy="{px(TOP + y)}" r="4" fill="{INKS[1]}"/>' for x, y in dots
    )
    return plane(TOP, frame.plot, body) + marks


def _stretches(items: Iterable[T], is_good: Callable[[T], bool]) -> list[list[T]]:
    """Neighbours that are good: what is unknown breaks a line."""
    return [list(group) for good, group in groupby(items, key=is_good) if good]


def _spot(frame: _Frame, age: timedelta, value: float | int | None) -> tuple[float, float]:
    """Units of the plane."""
    return frame.x(age) * 10, frame.y(float(value or 0))


def _lines(runs: list[list[tuple[float, float]]]) -> str:
    return "".join(path_of(run) for run in runs if len(run) > 1)


def _shade(run: list[Usual], frame: _Frame) -> str:
    """There along the upper edge, back along the lower."""
    upper = [_spot(frame, one.age, one.high) for one in run]
    lower = [_spot(frame, one.age, one.low) for one in reversed(run)]
    return f"{path_of(upper)}L{path_of(lower)[1:]}Z" if len(run) > 1 else ""


def _table(band: Band, frame: _Frame) -> str:
    usual = {one.age: one for one in band.usual}
    curve = {one.age: one.value for one in band.curve}
    parts = []
    for age in sorted({*usual, *curve}):
        one = usual.get(age)
        values = [curve.get(age)] if band.curve else []
        values += ([one.low, one.median, one.high] if one else [None] * 3) if band.usual else []
        cells = "".join(_cell(band, frame, value) for value in values)
        name = escape(age_words(age, band.language))
        parts.append(f'<tr data-x="{round(frame.x(age), 2):g}"><th scope="row">{name}</th>{cells}</tr>')
    return mark_safe("".join(parts))  # noqa: S308 - every text in it went through escape()


def _cell(band: Band, frame: _Frame, value: float | int | None) -> str:
    known = is_known(value)
    place = f' data-y="{px(TOP + frame.y(float(value)))}"' if is_known(value) else ""
    return value_cell(words.full_number(value, band.language, digits=band.digits), known=known, place=place)


def _summary(band: Band) -> str:
    title = band.title + "."
    reached = [(one.age, one.value) for one in band.curve if is_known(one.value)]
    whole = [one for one in band.usual if is_known(one.low) and is_known(one.median) and is_known(one.high)]
    if not reached and not whole:
        return title + " " + _("No data for this period") + "."
    sentences = [title]
    last = max(reached, default=None)
    if last:
        values = {"name": _curve_name(band), "value": _number(band, last[1]), "age": age_words(last[0], band.language)}
        sentences.append(_("%(name)s: %(value)s at %(age)s.") % values)
    # Compared at the greatest age that both have reached.
    same = [one for one in whole if not last or one.age <= last[0]]
    if same:
        at = max(same, key=lambda one: one.age)
        values = {
            "age": age_words(at.age, band.language),
            "median": _number(band, at.median),
            "low": _number(band, at.low),
            "high": _number(band, at.high),
        }
        sentences.append(_("Usual at %(age)s: %(median)s, in eight of ten posts %(low)s to %(high)s.") % values)
    return " ".join(sentences)


def _number(band: Band, value: float | int | None) -> str:
    return words.full_number(value, band.language, digits=band.digits)
