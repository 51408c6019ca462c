"""Sheets as files: CSV, XLSX and JSON, written row by row."""

from collections.abc import Generator, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import orjson
import xlsxwriter

from analyticbot.core.csv_text import Cell, csv_blocks
from analytics.exports.sheets import Sheet
from analytics.metrics import METRICS
from analytics.questions.answering import body_of, iso
from analytics.questions.columns import Kind


class Progress(Protocol):
    """Told how many rows are written, and when that is all; may raise to stop."""

    def __call__(self, done: int, *, last: bool = False) -> None: ...


def _silent(done: int, *, last: bool = False) -> None:
    """For what is streamed: nobody waits for progress."""


_REPORT_EVERY = 1_000
# What Excel can hold (its own limits).
_XLSX_ROWS = 1_048_576
_XLSX_TEXT = 32_767
_WIDTHS = {Kind.MOMENT: 20, Kind.DAY: 12, Kind.NUMBER: 12, Kind.FLAG: 8, Kind.TEXT: 28, Kind.NESTED: 28}
_DATES = {"ru": "dd.mm.yyyy hh:mm:ss", "uz": "dd.mm.yyyy hh:mm:ss"}
_DAYS = {"ru": "dd.mm.yyyy", "uz": "dd.mm.yyyy"}
# The byte order mark tells spreadsheet programs that the text is UTF-8.
_MARK = "\ufeff"


def write_csv(sheet: Sheet, path: Path, *, progress: Progress) -> None:
    """UTF-8 with a byte order mark, for programs that would guess otherwise."""
    zone = sheet.asked.period.zone
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(_MARK)
        for block in csv_blocks(tuple(sheet.kinds), _counted(sheet, progress), zone=zone):
            file.write(block)


def write_json(sheet: Sheet, path: Path, *, progress: Progress) -> None:
    """What the API answers; of a whole table, its rows one by one under `data`."""
    if sheet.told is not None:
        path.write_bytes(orjson.dumps(body_of(sheet.told, sheet.asked)))
        progress(sum(1 for _row in sheet.rows), last=True)
        return
    with path.open("wb") as file:
        for block in json_blocks(sheet, progress=progress):
            file.write(block)


def json_blocks(sheet: Sheet, *, progress: Progress = _silent) -> Generator[bytes, None, None]:
    """A whole table as JSON, in blocks: `{"data": [{…}, …], "meta": {…}}`."""
    names = tuple(sheet.kinds)
    yield b'{"data":['
    block, before = bytearray(), b"\n"
    for row in _counted(sheet, progress):
        cells = (iso(cell) if isinstance(cell, datetime) else cell for cell in row)
        block += before + orjson.dumps(dict(zip(names, cells, strict=True)))
        before = b",\n"
        if len(block) >= 64 * 1024:
            yield bytes(block)
            block.clear()
    notes = {name: iso(cell) if isinstance(cell, datetime) else cell for name, cell in sheet.notes}
    yield bytes(block) + b'\n],"meta":' + orjson.dumps(notes) + b"}"


def write_xlsx(sheet: Sheet, path: Path, *, language: str, progress: Progress) -> None:
    """A workbook: numbers as numbers, moments as dates of the workspace's zone, texts never as formulas.

    Rows beyond what one sheet can hold go on in the next; the last sheet says where the numbers come from.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(path.parent),
    }
    book = xlsxwriter.Workbook(str(path), options)
    try:
        rows: Iterator[tuple[Cell, ...]] = _counted(sheet, progress)
        number = 1
        while (first := next(rows, None)) is not None or number == 1:
            page = _Page(book, sheet, name="Data" if number == 1 else f"Data {number}", language=language)
            page.fill(chain([] if first is None else [first], rows))
            number += 1
        _write_notes(book, sheet)
    finally:
        book.close()


class _Page:
    """One sheet of a workbook, written from top to bottom."""

    def __init__(self, book: Any, sheet: Sheet, *, name: str, language: str) -> None:
        self.page = book.add_worksheet(name)
        self.zone = sheet.asked.period.zone
        self.kinds = list(sheet.kinds.values())
        self.whole = book.add_format({"num_format": "#,##0"})
        self.part = book.add_format({"num_format": "#,##0.00##"})
        self.moment = book.add_format({"num_format": _DATES.get(language, "yyyy-mm-dd hh:mm:ss")})
        self.day = book.add_format({"num_format": _DAYS.get(language, "yyyy-mm-dd")})
        heading = book.add_format({"bold": True, "bottom": 1})
        for column, (title, kind) in enumerate(sheet.kinds.items()):
            self.page.set_column(column, column, _WIDTHS[kind])
            self.page.write_string(0, column, heading_of(title), heading)
        self.page.freeze_panes(1, 0)

    def fill(self, rows: Iterator[tuple[Cell, ...]]) -> None:
        """Rows until they end or the sheet is full."""
        for line in range(1, _XLSX_ROWS):
            row = next(rows, None)
            if row is None:
                return
            for column, cell in enumerate(row):
                self._write(line, column, cell)

    def _write(self, line: int, column: int, cell: Cell) -> None:
        page = self.page
        match cell:
            case None:
                return
            case bool():
                page.write_boolean(line, column, cell)
            case int():
                page.write_number(line, column, cell, self.whole)
            case float():
                page.write_number(line, column, cell, self.part)
            case datetime():
                page.write_datetime(line, column, _local(cell, self.zone), self.moment)
            case str() if self.kinds[column] is Kind.DAY:
                page.write_datetime(line, column, datetime.fromisoformat(cell), self.day)
            case _:
                page.write_string(line, column, str(cell)[:_XLSX_TEXT])


def _write_notes(book: Any, sheet: Sheet) -> None:
    page = book.add_worksheet("Sources")
    bold = book.add_format({"bold": True})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    page.set_column(0, 1, 32)
    page.write_string(0, 0, sheet.title[:_XLSX_TEXT], bold)
    for line, (name, cell) in enumerate(sheet.notes, start=1):
        page.write_string(line, 0, name)
        match cell:
            case datetime():
                page.write_datetime(line, 1, _local(cell, sheet.asked.period.zone), moment)
            case int() | float():
                page.write_number(line, 1, cell)
            case str():
                page.write_string(line, 1, cell)


def heading_of(name: str) -> str:
    """What stands above a column: the metric's own name in the reader's language where it is one."""
    metric = METRICS.get(name)
    return str(metric.label) if metric else name


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """The clock on the wall of that zone: a date in a workbook has no zone."""
    return moment.astimezone(zone).replace(tzinfo=None)


def _counted(sheet: Sheet, progress: Progress) -> Iterator[tuple[Cell, ...]]:
    done = 0
    for done, row in enumerate(sheet.rows, start=1):
        if done % _REPORT_EVERY == 0:
            progress(done)
        yield row
    progress(done, last=True)
