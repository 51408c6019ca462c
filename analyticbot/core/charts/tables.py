"""The table beside a chart over time: for a reader, and for the script that follows the pointer."""

from dataclasses import dataclass
from datetime import datetime
from html import escape

from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analyticbot.core.charts.curves import piles
from analyticbot.core.charts.frame import Bucket, Layout, is_close, rows_of
from analyticbot.core.charts.markup import heading, value_cell
from analyticbot.core.charts.notes import notes_of
from analyticbot.core.charts.shapes import Point, Row


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as values and as markup."""

    rows: tuple[Row, ...]
    head: str
    body: str


def table_of(layout: Layout) -> Table:
    """A row for each moment, a column for each series, and one for notes where there are any."""
    chart = layout.chart
    found = rows_of(layout)
    noted = _noted(layout, found)
    tops = piles(layout) if layout.stacked else None
    close = is_close([bucket[2] for bucket, _points in found])
    name_of = words.moment_words if close else words.day
    rows, parts = [], []
    for index, (bucket, points) in enumerate(found):
        left, right, point = bucket
        x = round((left + right) / 2, 2)
        label = name_of(point.at, chart.language, chart.zone)
        places = [_place(layout, tops, column, one) for column, one in enumerate(points)]
        texts = [words.full_number(one.known if one else None, chart.language, digits=chart.digits) for one in points]
        rows.append(Row(label, texts[0], x, places[0]) if texts else Row(label, words.UNKNOWN, x, None))
        cells = "".join(
            value_cell(text, known=y is not None, place="" if y is None else f' data-y="{y:g}"')
            for text, y in zip(texts, places, strict=True)
        )
        note = f'<td class="chart__note">{escape(noted.get(index, ""))}</td>' if noted else ""
        parts.append(f'<tr data-x="{x:g}"><th scope="row">{escape(label)}</th>{cells}{note}</tr>')
    names = [one.name for one in layout.everything]
    head = heading([_("Time") if close else _("Day"), *names])
    if noted:
        note_words = escape(_("Notes"))
        head = head.replace("</tr>", f'<th scope="col" class="chart__note">{note_words}</th></tr>')
    return Table(tuple(rows), mark_safe(head), mark_safe("".join(parts)))  # noqa: S308 - every text is escaped


def _place(
    layout: Layout, tops: list[dict[datetime, tuple[float, float]]] | None, column: int, point: Point | None
) -> float | None:
    """How many pixels below the top a value is drawn: on top of the stack below it."""
    if point is None or (value := point.known) is None:
        return None
    if tops is not None and column < len(tops):
        value = tops[column][point.at][1]
    return round(layout.frame.top + layout.frame.y(value), 1)


def _noted(layout: Layout, found: list[tuple[Bucket, tuple[Point | None, ...]]]) -> dict[int, str]:
    """Which row has which notes: the last one that begins by the moment of the note, or the first."""
    noted: dict[int, list[str]] = {}
    starts = [bucket[2].at for bucket, _points in found]
    for note in notes_of(layout.chart) if starts else ():
        begun = [index for index, start in enumerate(starts) if start <= note.mark.at]
        noted.setdefault(max(begun, default=0), []).append(f"{note.label}: {note.mark.text}")
    return {index: "; ".join(texts) for index, texts in noted.items()}
