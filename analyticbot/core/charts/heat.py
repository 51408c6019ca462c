"""Hours of the week as a heat map: shades of one hue, empty hatched cells where there is too little to say."""

from dataclasses import dataclass

from babel.dates import get_day_names
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analyticbot.core.charts.markup import (
    SHADES,
    document,
    gutter_of,
    hatch,
    label,
    legend_of,
    nothing,
    plane,
    px,
    value_cell,
)
from analyticbot.core.charts.shapes import Key, RenderedChart
from analyticbot.core.charts.words import is_known

DAYS, HOURS, STEPS = 7, 24, 5
_TOP, _BOTTOM, _ROW = 4, 24, 28


@dataclass(frozen=True, slots=True)
class Cell:
    """What is known of an hour of the week: None is too little to say. `count` observations stand behind it."""

    value: float | int | None
    count: int | None = None

    @property
    def known(self) -> float | None:
        """The value if there is one that can be drawn."""
        return float(self.value) if is_known(self.value) else None


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Seven rows from Monday of 24 hours from midnight, in local time. `unit` names the value: "views per post"."""

    name: str
    title: str
    cells: tuple[tuple[Cell, ...], ...]
    language: str = "en"
    unit: str = ""
    digits: int = 0


@dataclass(frozen=True, slots=True)
class _Steps:
    """Lower bounds of the shades; a value belongs to the last one that it reaches."""

    bounds: tuple[float, ...]
    high: float

    def of(self, value: float) -> int:
        """1 (least) to 5 (most)."""
        return max(sum(value >= bound for bound in self.bounds), 1)


def draw_heat_map(heat: HeatMap) -> RenderedChart:
    """The map as markup, sentence and table of seven rows. Raises ValueError for a grid that is not 7 × 24."""
    if len(heat.cells) != DAYS or any(len(row) != HOURS for row in heat.cells):
        raise ValueError("a heat map needs seven days of 24 hours")
    known = sorted(value for row in heat.cells for cell in row if (value := cell.known) is not None)
    steps = _steps_of(known)
    names = day_names(heat.language, "abbreviated")
    height = _TOP + DAYS * _ROW + _BOTTOM
    body = "".join([_axes(names), _cells(heat, steps)]) if steps else nothing(height)
    summary = _summary(heat, known)
    keys = _keys(heat, steps, whole=len(known) == DAYS * HOURS) if steps else ()
    return RenderedChart(
        name=heat.name,
        title=heat.title,
        svg=document(heat.name, heat.title, summary=summary, height=height, body=body),
        summary=summary,
        rows=(),
        table=_table(heat),
        head=_head(),
        gutter=gutter_of(names) if known else 0,
        has_data=bool(known),
        has_gaps=False,
        legend=legend_of(keys),
        keys=keys,
        reading="cells",
    )


def _steps_of(known: list[float]) -> _Steps | None:
    """Fifths of the values rather than of their span: one great hour would leave all others in one shade."""
    if not known:
        return None
    if known[0] == known[-1]:
        return _Steps((known[0],), known[-1])
    bounds = [known[0], *(known[len(known) * step // STEPS] for step in range(1, STEPS))]
    return _Steps(tuple(sorted(set(bounds))), known[-1])


def _shade(steps: _Steps, value: float) -> int:
    # Of fewer steps the strongest are kept, so that the best hour is always the darkest.
    return STEPS - len(steps.bounds) + steps.of(value)


def _cells(heat: HeatMap, steps: _Steps) -> str:
    """Cells of a shade are one path; the hatched ground shows where there is none."""
    paths: dict[int, list[str]] = {}
    for day, row in enumerate(heat.cells):
        for hour, cell in enumerate(row):
            value = cell.known
            if value is not None:
                left, right = (px(edge * 1000 / HOURS) for edge in (hour, hour + 1))
                paths.setdefault(_shade(steps, value), []).append(f"M{left} {day * _ROW}H{right}v{_ROW}H{left}Z")
    drawn = "".join(
        f'<path class="chart__step chart__step--{shade}" fill="{SHADES[shade]}" d="{"".join(parts)}"/>'
        for shade, parts in sorted(paths.items())
    )
    ground = (
        f'<rect class="chart__gap" y="{_TOP}" width="100%" height="{DAYS * _ROW}" '
        f'fill="url(#{escape(heat.name)}-hatch)"/>'
    )
    lines = "".join(f"M0 {day * _ROW}H1000" for day in range(DAYS + 1))
    lines += "".join(f"M{px(hour * 1000 / HOURS)} 0V{DAYS * _ROW}" for hour in range(HOURS + 1))
    seams = (
        f'<path class="chart__seams" d="{lines}" fill="none" stroke="#ffffff" stroke-width="2" '
        'vector-effect="non-scaling-stroke"/>'
    )
    return hatch(heat.name) + ground + plane(_TOP, DAYS * _ROW, drawn + seams)


def _axes(names: tuple[str, ...]) -> str:
    days = "".join(
        label("-8", _TOP + (day + 0.5) * _ROW, name, anchor="end", more=' dy=".32em"') for day, name in enumerate(names)
    )
    y = _TOP + DAYS * _ROW + 18
    hours = "".join(
        label(
            f"{px((hour + 0.5) * 100 / HOURS)}%",
            y,
            _clock(hour),
            kind="chart__label chart__label--minor" if hour % 6 else "chart__label",
        )
        for hour in range(0, HOURS, 3)
    )
    return days + hours


def _clock(hour: int) -> str:
    return f"{hour:02}:00"


def day_names(language: str, width: str) -> tuple[str, ...]:
    """Monday to Sunday in the language, "abbreviated" or "wide", as they stand alone."""
    names = get_day_names(width, context="stand-alone", locale=words.locale_of(language))
    return tuple(str(names[day]).capitalize() for day in range(DAYS))


def _keys(heat: HeatMap, steps: _Steps, *, whole: bool) -> tuple[Key, ...]:
    least = STEPS - len(steps.bounds)
    ends = [*steps.bounds[1:], None]
    keys = [
        Key(_range(heat, low, high, steps.high), least + number, "step")
        for number, (low, high) in enumerate(zip(steps.bounds, ends, strict=True), 1)
    ]
    return tuple(keys if whole else [*keys, Key(_("too little data"), 1, "hatch")])


def _range(heat: HeatMap, low: float, high: float | None, highest: float) -> str:
    digits = heat.digits or 1
    first = words.compact_number(low, heat.language, digits=digits)
    last = words.compact_number(highest if high is None else high, heat.language, digits=digits)
    return first if first == last else f"{first} – {last}"


def _summary(heat: HeatMap, known: list[float]) -> str:
    title = heat.title + "."
    if not known:
        return title + " " + _("No data for this period") + "."
    best = max(_known_cells(heat), key=lambda cell: cell[2])
    least = min(_known_cells(heat), key=lambda cell: cell[2])
    names = day_names(heat.language, "wide")
    sentences = [title]
    for pattern, (day, hour, value) in (
        (_("Most: %(when)s, %(value)s."), best),
        (_("Least: %(when)s, %(value)s."), least),
    ):
        sentences.append(pattern % {"when": f"{names[day]} {_clock(hour)}", "value": _with_unit(heat, value)})
    if any(cell.count is not None for row in heat.cells for cell in row):
        sentences.append(_("In brackets: how many observations a value rests on."))
    missing = DAYS * HOURS - len(known)
    if missing:
        sentences.append(_("Too little data for %(count)s of 168 hours of the week.") % {"count": missing})
    return " ".join(sentences)


def _known_cells(heat: HeatMap) -> list[tuple[int, int, float]]:
    return [
        (day, hour, value)
        for day, row in enumerate(heat.cells)
        for hour, cell in enumerate(row)
        if (value := cell.known) is not None
    ]


def _with_unit(heat: HeatMap, value: float) -> str:
    text = words.full_number(value, heat.language, digits=heat.digits)
    return f"{text} {heat.unit}" if heat.unit else text


def _head() -> str:
    first = escape(_("Day"))
    cells = "".join(f'<th scope="col" class="number">{_clock(hour)}</th>' for hour in range(HOURS))
    return mark_safe(f'<tr><th scope="col">{first}</th>{cells}</tr>')  # noqa: S308 - escaped


def _table(heat: HeatMap) -> str:
    names = day_names(heat.language, "wide")
    parts = []
    for day, row in enumerate(heat.cells):
        cells = "".join(_table_cell(heat, day, hour, cell) for hour, cell in enumerate(row))
        parts.append(f'<tr><th scope="row">{escape(names[day])}</th>{cells}</tr>')
    return mark_safe("".join(parts))  # noqa: S308 - every text in it went through escape()


def _table_cell(heat: HeatMap, day: int, hour: int, cell: Cell) -> str:
    # Empty cells have a place too: the pointer shall be told that there is too little.
    place = f' data-x="{px((hour + 0.5) * 100 / HOURS)}" data-y="{px(_TOP + (day + 0.5) * _ROW)}"'
    text = words.full_number(cell.known, heat.language, digits=heat.digits)
    if cell.known is not None and cell.count is not None:
        text += f" ({words.full_number(cell.count, heat.language)})"
    return value_cell(text, known=cell.known is not None, place=place)
