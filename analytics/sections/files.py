"""Files of what a section shows: its answers as CSV, XLSX and JSON, its charts as PNG and SVG.

They are made of the very answers and drawings that the page was made of (`Visit.shown`), so the question, the period,
what it is compared with, filters, language and zone are those of the page. Nothing is asked anew but the further pages
of a list.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analyticbot.core.charts import Chart, Drawable, words
from analyticbot.core.charts.files import chart_document, chart_png
from analyticbot.core.csv_text import Cell, csv_blocks
from analytics.comparison import COMPARE, change_of
from analytics.export_pages import label_of_question
from analytics.exports.sheets import Sheet
from analytics.exports.writers import write_xlsx
from analytics.metrics import METRICS
from analytics.queries.segments import SEGMENT_NAMES
from analytics.questions import CHANNEL_QUESTIONS, WORKSPACE_QUESTIONS
from analytics.questions.answering import Answer, body_of
from analytics.questions.asking import Asked
from analytics.questions.columns import Kind, columns_of
from analytics.questions.declaring import Question
from analytics.questions.tables import Table, provenance_rows, table_of
from analytics.sections.audience import label_of_graph
from analytics.sections.visit import CURSOR, Visit
from analytics.sections.words import segment_words

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
}
_TABLES, _PICTURES = ("csv", "xlsx", "json"), ("png", "svg")
_QUESTIONS: tuple[Question[Any], ...] = (*CHANNEL_QUESTIONS, *WORKSPACE_QUESTIONS)
_SCHEMAS = {question.name: question.schema for question in _QUESTIONS}
# Automatic notes stand on the charts; some of them are of the workspace alone.
_NOT_GIVEN = {"events"}
LISTED = "posts"
# Posts in one file that is made at once; more are due work (`exports`).
MOST_ROWS = 5_000
_PAGE = "100"
_MARK = "\ufeff"
_HEIGHT = 400
_TOTALS: Mapping[str, Kind] = {
    "metric": Kind.TEXT,
    "value": Kind.NUMBER,
    "compared": Kind.NUMBER,
    "difference": Kind.NUMBER,
    "percent": Kind.NUMBER,
    "source": Kind.TEXT,
    "observed_at": Kind.MOMENT,
    "coverage": Kind.NUMBER,
    "note": Kind.TEXT,
}


@dataclass(frozen=True, slots=True)
class Given:
    """One thing that can be downloaded: its name in the address, what it is called, its forms, and how it is made.

    `listed`: the parameters of a list that may be longer than what is made at once; None for everything else.
    """

    name: str
    label: Promise | str
    forms: tuple[str, ...]
    make: Callable[[str], bytes]
    listed: Mapping[str, str] | None = None

    @property
    def drawn(self) -> bool:
        """Whether it is a picture."""
        return self.forms == _PICTURES


def given_of(visit: Visit) -> tuple[Given, ...]:
    """What can be downloaded of a section that was built: its answers, then its charts."""
    found: dict[str, Given] = {}
    for question, asked, answer in list(visit.shown.answers):
        if question in _NOT_GIVEN:
            continue
        if question == "statistics" and "headline" not in found:
            found["headline"] = _headline(visit, asked, answer)
        name = question
        while name in found:
            name = f"{question}-{sum(one.startswith(question) for one in found) + 1}"
        found[name] = _table(name, question, visit, asked, answer)
    for name, chart in visit.shown.drawings.items():
        found[f"chart-{name}"] = _picture(f"chart-{name}", visit, chart)
    return tuple(found.values())


def named(given: tuple[Given, ...], name: str, form: str) -> Given | None:
    """The thing of that name in that form."""
    return next((one for one in given if one.name == name and form in one.forms), None)


def _headline(visit: Visit, asked: Asked, answer: Answer) -> Given:
    def make(form: str) -> bytes:
        rows = list(_totals(answer))
        if form == "json":
            lines = [dict(zip(_TOTALS, row, strict=True)) for row in rows]
            return orjson.dumps({"data": lines, "meta": body_of(answer, asked)["meta"]}, default=str)
        sheet = Sheet(str(label), asked, _TOTALS, iter(rows), len(rows), _notes(visit, answer, asked), answer=answer)
        return _csv(sheet) if form == "csv" else _xlsx(sheet)

    label = _("Headline numbers")
    return Given("headline", label, _TABLES, make)


def _totals(answer: Answer) -> Iterator[tuple[Cell, ...]]:
    comparison = answer.data["comparison"] or {"totals": {}}
    for name, value in answer.data["totals"].items():
        # As on the page: where the two cannot be compared there is no change.
        told, change = answer.provenance[name], change_of(name, answer)
        yield (
            name,
            value,
            comparison["totals"].get(name),
            change.difference if change else None,
            change.relative if change else None,
            told.source,
            told.observed_at,
            told.coverage,
            told.note,
        )


def _table(name: str, question: str, visit: Visit, asked: Asked, answer: Answer) -> Given:
    def make(form: str) -> bytes:
        whole = _whole(visit, question, asked, answer) if question == LISTED else answer
        if form == "json":
            return _json(whole, asked)
        sheet = _sheet(visit, question, whole, asked)
        return _csv(sheet) if form == "csv" else _xlsx(sheet)

    forms = _TABLES if columns_of(_SCHEMAS[question]).names else ("json",)
    return Given(name, _label(question, asked), forms, make, listed=_parameters(asked) if question == LISTED else None)


def _label(question: str, asked: Asked) -> Promise | str:
    if question == LISTED:
        return _("Posts of this list, all pages")
    label = label_of_question(question)
    if "graph" in asked.path:
        return label_of_graph(str(asked.path["graph"]))
    more = {"ewma": _("by the moving mean")}.get(asked.parameters.text("method") or "", "")
    return f"{label}: {more}" if more else label


def _parameters(asked: Asked) -> dict[str, str]:
    """Parameters of a list, whatever page of it is shown."""
    return {name: text for name, text in asked.parameters.texts.items() if name not in {CURSOR, "limit", "from", "to"}}


def _whole(visit: Visit, question: str, asked: Asked, answer: Answer) -> Answer:
    """The whole list, from its first page on, whatever page is shown."""
    rows: list[Any] = []
    cursor: str | None = ""
    while cursor is not None and len(rows) < MOST_ROWS:
        more = {CURSOR: cursor} if cursor else {}
        page = visit.ask(question, {**_parameters(asked), "limit": _PAGE, **more})
        rows += page.data
        cursor = page.next
    return replace(answer, data=rows, next=None)


def _sheet(visit: Visit, question: str, answer: Answer, asked: Asked) -> Sheet:
    columns = columns_of(_SCHEMAS[question])
    names = tuple(answer.data["totals"]) if question == "statistics" else ()
    table = table_of(answer, asked, columns, wanted=("t", "to", *names) if names else None)
    kinds, rows = _beside(table, answer, names) if names else (table.kinds, table.rows)
    title, notes = str(label_of_question(question)), _notes(visit, answer, asked)
    return Sheet(title, asked, kinds, iter(rows), len(rows), notes, answer=answer)


def _beside(
    table: Table, answer: Answer, names: Sequence[str]
) -> tuple[Mapping[str, Kind], Sequence[tuple[Cell, ...]]]:
    """The steps with those that they are compared with: their moment, their values, and the differences."""
    comparison = answer.data["comparison"]
    if comparison is None:
        return table.kinds, table.rows
    kinds = {
        **table.kinds,
        "compared_t": Kind.MOMENT,
        **{f"compared_{name}": Kind.NUMBER for name in names},
        **{f"difference_{name}": Kind.NUMBER for name in names},
    }
    rows = []
    for index, (point, row) in enumerate(zip(answer.data["points"], table.rows, strict=True)):
        then = comparison["points"][index] if index < len(comparison["points"]) else {}
        values = [then.get(name) for name in names]
        gone = [
            None if point[name] is None or value is None else round(point[name] - value, METRICS[name].digits or 4)
            for name, value in zip(names, values, strict=True)
        ]
        rows.append((*row, datetime.fromisoformat(then["t"]) if then else None, *values, *gone))
    return kinds, rows


def _notes(visit: Visit, answer: Answer, asked: Asked) -> list[tuple[str, Cell]]:
    """What stands beside the table: sources, and how the page was narrowed."""
    lines = provenance_rows(answer, asked)
    lines += [(name, str(value)) for name, value in _held(visit)]
    if asked.parameters.text(COMPARE):
        lines.append((COMPARE, asked.parameters.text(COMPARE)))
    return lines


def _held(visit: Visit) -> list[tuple[str, Any]]:
    segment = visit.segment
    return [(name, value) for name in SEGMENT_NAMES if (value := getattr(segment, name)) is not None]


def _csv(sheet: Sheet) -> bytes:
    blocks = csv_blocks(tuple(sheet.kinds), sheet.rows, zone=sheet.asked.period.zone)
    return "".join([_MARK, *blocks]).encode()


def _xlsx(sheet: Sheet) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sheet.xlsx"
        write_xlsx(sheet, path, language=get_language() or "en", progress=_untold)
        return path.read_bytes()


def _untold(done: int, *, last: bool = False) -> None:
    """Nobody waits for progress."""


def _json(answer: Answer, asked: Asked) -> bytes:
    return orjson.dumps(body_of(answer, asked), default=str)


def _picture(name: str, visit: Visit, chart: Drawable) -> Given:
    def make(form: str) -> bytes:
        larger = replace(chart, height=_HEIGHT) if isinstance(chart, Chart) else chart
        document = chart_document(larger, subtitle=_subtitle(visit), footer=_footer(visit))
        return chart_png(document) if form == "png" else document.encode()

    return Given(name, chart.title, _PICTURES, make)


def _subtitle(visit: Visit) -> str:
    """Which channel, which days, which posts."""
    period, language = visit.picked.period, get_language() or "en"
    span = words.span(period.start, period.end, language, period.zone)
    filters = (segment_words(name, value) for name, value in _held(visit))
    return " · ".join([visit.card.title, span, str(period.zone), *filters])


def _footer(visit: Visit) -> str:
    moment = words.moment_words(visit.now, get_language() or "en", visit.picked.period.zone)
    return " · ".join([_("as of %(moment)s") % {"moment": moment}, "AnalyticBot"])
