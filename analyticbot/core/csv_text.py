"""CSV that a spreadsheet reads as data and never as a formula.

Source of the rule: OWASP, "CSV Injection" (https://owasp.org/www-community/attacks/CSV_Injection): a text cell that
begins with = + - @, a tab, a carriage return or a line feed (or the full-width forms of the signs, which some programs
fold) gets an apostrophe in front, and every quote in it is doubled. Numbers are numbers: -5 stays -5.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

Cell = str | int | float | bool | datetime | None

DANGEROUS = "=+-@\t\r\n＝＋－＠"
_BLOCK = 64 * 1024


def cell_text(cell: Cell, *, zone: ZoneInfo) -> str:
    """One cell: unknown is empty, flags are 1 and 0, moments ISO 8601 with the offset of `zone`."""
    match cell:
        case None:
            return ""
        case bool():
            return "1" if cell else "0"
        case datetime():
            return cell.astimezone(zone).isoformat()
        case str():
            return safe_text(cell)
    return str(cell)


def safe_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(tuple(DANGEROUS)) else text


def csv_blocks(names: Sequence[str], rows: Iterable[Sequence[Cell]], *, zone: ZoneInfo) -> Iterator[str]:
    """A header row and the rows, in blocks of about 64 K characters."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([cell_text(cell, zone=zone) for cell in row])
        if buffer.tell() >= _BLOCK:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
