"""Files of what a shared page shows: its answers as CSV, XLSX and JSON, its charts as PNG. Nothing is asked anew but
the further pages of a list."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analyticbot.core.charts.files import chart_document, chart_png
from analytics.export_pages import label_of_question
from analytics.exports.csv_text import csv_blocks
from analytics.exports.sheets import Sheet
from analytics.exports.writers import write_xlsx
from analytics.questions import CHANNEL_QUESTIONS, WORKSPACE_QUESTIONS
from analytics.questions.answering import Answer, body_of
from analytics.questions.asking import Asked
from analytics.questions.columns import columns_of
from analytics.questions.tables import provenance_rows, table_of
from analytics.sections.visit import CURSOR, Visit

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "png": "image/png",
}
_TABLES = ("csv", "xlsx", "json")
_SCHEMAS = {question.name: question.schema for question in (*CHANNEL_QUESTIONS, *WORKSPACE_QUESTIONS)}
# Automatic notes stand on the charts; some of them are of the workspace alone.
_NOT_GIVEN = {"events"}
_LISTED = {"posts"}
# Posts in one file; more are had through exports.
_MOST_ROWS = 5_000
_PAGE = "50"
_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Given:
    """One thing that can be downloaded: its name in the address, what it is called, its forms, and how it is made."""

    name: str
    label: Promise | str
    forms: tuple[str, ...]
    make: Callable[[str], bytes]


def given_of(visit: Visit) -> tuple[Given, ...]:
    """What can be downloaded of a section that was built: its answers, then its charts."""
    found: dict[str, Given] = {}
    for question, asked, answer in list(visit.shown.answers):
        if question in _NOT_GIVEN:
            continue
        name = question
        while name in found:
            name = f"{question}-{sum(one.startswith(question) for one in found) + 1}"
        found[name] = _table(name, question, visit, asked, answer)
    for name, chart in visit.shown.drawings.items():
        found[f"chart-{name}"] = _picture(f"chart-{name}", visit, chart)
    return tuple(found.values())


def _table(name: str, question: str, visit: Visit, asked: Asked, answer: Answer) -> Given:
    def make(form: str) -> bytes:
        whole = _whole(visit, question, asked, answer) if question in _LISTED else answer
        if form == "json":
            return _json(whole, asked)
        sheet = _sheet(question, whole, asked)
        return _csv(sheet) if form == "csv" else _xlsx(sheet)

    return Given(name, _label(question, asked), _TABLES if _has_table(question) else ("json",), make)


def _label(question: str, asked: Asked) -> Promise | str:
    label = label_of_question(question)
    graph = str(asked.path.get("graph", "")).removesuffix("_graph").replace("_", " ")
    return f"{label}: {graph}" if graph else label


def _has_table(question: str) -> bool:
    return bool(columns_of(_SCHEMAS[question]).names)


def _whole(visit: Visit, question: str, asked: Asked, answer: Answer) -> Answer:
    """The whole list, from its first page on, whatever page is shown."""
    parameters = {
        name: text for name, text in asked.parameters.texts.items() if name not in {CURSOR, "limit", "from", "to"}
    }
    rows: list[Any] = []
    cursor: str | None = ""
    while cursor is not None and len(rows) < _MOST_ROWS:
        page = visit.ask(question, {**parameters, "limit": _PAGE, **({CURSOR: cursor} if cursor else {})})
        rows += page.data
        cursor = page.next
    return replace(answer, data=rows, next=None)


def _sheet(question: str, answer: Answer, asked: Asked) -> Sheet:
    table = table_of(answer, asked, columns_of(_SCHEMAS[question]))
    rows = iter(table.rows)
    title = str(label_of_question(question))
    return Sheet(title, asked, table.kinds, rows, len(table.rows), provenance_rows(answer, asked), answer=answer)


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


def _picture(name: str, visit: Visit, chart: Any) -> Given:
    title = visit.card.title
    period = visit.picked.period
    language = get_language() or "en"
    subtitle = f"{title} · {words.span(period.start, period.end, language, period.zone)} · {period.zone}"

    def make(_form: str) -> bytes:
        return chart_png(chart_document(chart, subtitle=subtitle, footer=_footer(visit)))

    return Given(name, chart.title, ("png",), make)


def _footer(visit: Visit) -> str:
    moment = words.moment_words(visit.now, get_language() or "en", visit.picked.period.zone)
    return " · ".join([_("as of %(moment)s") % {"moment": moment}, "AnalyticBot"])


def named(given: tuple[Given, ...], name: str, form: str) -> Given | None:
    """The thing of that name in that form."""
    return next((one for one in given if one.name == name and form in one.forms), None)
