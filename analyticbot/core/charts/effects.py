"""Effects with their intervals as horizontal bars: what is told from noise is full, what is not is hollow."""

import math
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analyticbot.core.charts.markup import (
    INKS,
    axis_label,
    document,
    heading,
    label,
    legend_of,
    nothing,
    px,
    sure_look,
    value_cell,
)
from analyticbot.core.charts.scales import ValueScale, value_scale
from analyticbot.core.charts.shapes import Key, RenderedChart
from analyticbot.core.charts.words import is_known

_TOP, _ROW, _BOTTOM = 4, 44, 26
_BAR_AT, _BAR = 22, 12
# What stands beside the value on a screen of 320 pixels.
_LONGEST_NAME = 30
_EMPTY_HEIGHT = 120


@dataclass(frozen=True, slots=True)
class Effect:
    """An estimate and its interval; without an interval nothing tells it from noise. `count` cases stand behind it."""

    name: str
    estimate: float | int | None
    low: float | int | None = None
    high: float | int | None = None
    count: int | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Its ends in order, if both are known."""
        if not (is_known(self.low) and is_known(self.high)):
            return None
        return min(float(self.low), float(self.high)), max(float(self.low), float(self.high))

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out zero."""
        ends = self.interval
        return bool(ends and (ends[0] > 0 or ends[1] < 0))


@dataclass(frozen=True, slots=True)
class Effects:
    """Effects in the order of the page. `percent`: values are changes in percent, else differences in units."""

    name: str
    title: str
    effects: tuple[Effect, ...]
    language: str = "en"
    percent: bool = True
    digits: int = 1
    value_name: str = ""  # of the column of estimates; "Effect" stands in for it


def draw_effects(chart: Effects) -> RenderedChart:
    """The bars as markup, sentence and table. An effect whose estimate is unknown is in the table only."""
    drawn = [one for one in chart.effects if is_known(one.estimate)]
    values = [float(one.estimate) for one in drawn if is_known(one.estimate)]
    values += [end for one in drawn for end in one.interval or ()]
    scale = value_scale(values, holds_zero=True, whole=False)
    height = _TOP + len(drawn) * _ROW + _BOTTOM if drawn else _EMPTY_HEIGHT
    body = _axis(chart, scale, height) if drawn else nothing(height)
    body += "".join(_bar(chart, scale, one, _TOP + index * _ROW) for index, one in enumerate(drawn))
    summary = _summary(chart, drawn)
    keys = _keys(drawn)
    return RenderedChart(
        name=chart.name,
        title=chart.title,
        svg=document(chart.name, chart.title, summary=summary, height=height, body=body),
        summary=summary,
        rows=(),
        table=_table(chart, scale),
        head=heading([_("What"), chart.value_name or _("Effect"), _("95% interval"), _("Cases")]),
        gutter=0,
        has_data=bool(drawn),
        has_gaps=False,
        legend=legend_of(keys),
        keys=keys,
        reading="rows",
    )


def _x(scale: ValueScale, value: float) -> float:
    """Percent of the width."""
    return min(max(scale.share(value), 0.0), 1.0) * 100


def _axis(chart: Effects, scale: ValueScale, height: int) -> str:
    parts = []
    for index, tick in enumerate(scale.ticks):
        x = px(_x(scale, tick))
        kind = "chart__grid chart__grid--zero" if tick == 0 else "chart__grid"
        parts.append(
            f'<line class="{kind}" x1="{x}%" x2="{x}%" y1="{_TOP}" y2="{height - _BOTTOM}" stroke="#888" '
            f'stroke-opacity="{".9" if tick == 0 else ".25"}"/>'
        )
        minor = tick != 0 and index not in {0, len(scale.ticks) - 1}
        parts.append(axis_label(_x(scale, tick), height - 6, _told(chart, tick), minor=minor))
    return "".join(parts)


def _bar(chart: Effects, scale: ValueScale, one: Effect, top: int) -> str:
    estimate = float(one.estimate or 0)
    left, right = sorted((_x(scale, 0.0), _x(scale, estimate)))
    name = one.name if len(one.name) <= _LONGEST_NAME else one.name[: _LONGEST_NAME - 1].rstrip() + "…"
    kind = "sure" if one.sure else "unsure"
    bar = (
        f'<rect class="chart__{kind}" x="{px(left)}%" y="{top + _BAR_AT}" width="{px(max(right - left, 0.2))}%" '
        f'height="{_BAR}" rx="2" {sure_look(INKS[1], sure=one.sure)}/>'
    )
    named = label("0", top + 15, name, anchor="start", kind="chart__label chart__label--name")
    valued = label("100%", top + 15, _told(chart, estimate), anchor="end", kind="chart__label chart__label--name")
    return named + valued + bar + _whiskers(scale, one, top)


def _whiskers(scale: ValueScale, one: Effect, top: int) -> str:
    if one.interval is None:
        return ""
    left, right = (px(_x(scale, end)) for end in one.interval)
    middle, reach = top + _BAR_AT + _BAR / 2, 5
    ends = ((left, right, 0), (left, left, reach), (right, right, reach))
    lines = "".join(
        f'<line x1="{x1}%" x2="{x2}%" y1="{px(middle - up)}" y2="{px(middle + up)}"/>' for x1, x2, up in ends
    )
    return f'<g class="chart__whisker" stroke="#1b1d22" stroke-width="1.5">{lines}</g>'


def _told(chart: Effects, value: float | int | None) -> str:
    tell = words.signed_percent if chart.percent else words.signed_number
    return tell(value, chart.language, digits=chart.digits)


def _keys(drawn: list[Effect]) -> tuple[Key, ...]:
    keys = [Key(_("told from noise"), 1, "sure")] if any(one.sure for one in drawn) else []
    return tuple([*keys, Key(_("not told from noise"), 1, "unsure")] if any(not one.sure for one in drawn) else keys)


def _table(chart: Effects, scale: ValueScale) -> str:
    parts = []
    middle = _TOP + _BAR_AT + _BAR / 2
    for one in chart.effects:
        place = ""
        if is_known(one.estimate):
            place = f' data-x="{px(_x(scale, float(one.estimate)))}" data-y="{middle:g}"'
            middle += _ROW
        ends = one.interval
        span = words.UNKNOWN if ends is None else " … ".join(_told(chart, end) for end in ends)
        count = words.full_number(one.count, chart.language)
        parts.append(
            f'<tr><th scope="row">{escape(one.name)}</th>'
            + value_cell(_told(chart, one.estimate), known=is_known(one.estimate), place=place)
            + value_cell(span, known=ends is not None)
            + value_cell(count, known=one.count is not None)
            + "</tr>"
        )
    return mark_safe("".join(parts))  # noqa: S308 - every text in it went through escape()


def _summary(chart: Effects, drawn: list[Effect]) -> str:
    title = chart.title + "."
    if not drawn:
        return title + " " + _("No data for this period") + "."
    sure = [one for one in drawn if one.sure]
    if not sure:
        return title + " " + _("Nothing is told from noise.")
    told = sorted(sure, key=lambda one: -math.fabs(float(one.estimate or 0)))
    return title + " " + "; ".join(_sentence(chart, one) for one in told) + "."


def _sentence(chart: Effects, one: Effect) -> str:
    low, high = (_told(chart, end) for end in one.interval or (None, None))
    return _("%(name)s: %(estimate)s (%(low)s to %(high)s)") % {
        "name": one.name,
        "estimate": _told(chart, one.estimate),
        "low": low,
        "high": high,
    }
