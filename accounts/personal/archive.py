"""The ZIP file: each sheet as JSON and as CSV, and a page that says what is in it."""

import json
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.personal.keepers import Sheet, all_keepers
from analyticbot.core.csv_text import Cell, csv_blocks

CONTENTS = "CONTENTS.txt"
# Spreadsheets take a file without it for one of their own, old encoding.
_MARK = "\ufeff"
_UTC = ZoneInfo("UTC")


def sheets_of(user: User) -> list[Sheet]:
    """Everything that is kept about a person, from all rooms, in the language that is active."""
    return [sheet for keeper in all_keepers() for sheet in keeper.tell(user)]


def write_archive(user: User, path: Path, *, now: datetime) -> list[Sheet]:
    """Write the archive of a person; returns what is in it. Moments are UTC."""
    sheets = sheets_of(user)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(CONTENTS, _contents(user, sheets, now=now))
        for sheet in sheets:
            archive.writestr(f"json/{sheet.name}.json", _json_of(sheet))
            archive.writestr(f"csv/{sheet.name}.csv", _csv_of(sheet))
    return sheets


def _contents(user: User, sheets: Sequence[Sheet], *, now: datetime) -> str:
    lines = [
        _("Everything that AnalyticBot keeps about %(email)s, as of %(when)s.")
        % {"email": user.email, "when": f"{now.astimezone(_UTC):%Y-%m-%d %H:%M} UTC"},
        "",
        _("Each table is there twice: as JSON for programs, as CSV for spreadsheets. Moments are UTC."),
        _("Not in it: passwords, keys and other secrets, and what other people have written or done."),
        "",
    ]
    for sheet in sheets:
        number = len(sheet.rows)
        rows = ngettext("%(number)d row", "%(number)d rows", number) % {"number": number}
        lines.append(f"{sheet.name} ({rows}): {sheet.about}")
    return "\n".join(lines) + "\n"


def _json_of(sheet: Sheet) -> str:
    return json.dumps(list(sheet.rows), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def _csv_of(sheet: Sheet) -> str:
    names = list(sheet.rows[0]) if sheet.rows else []
    rows = ([_cell(row[name]) for name in names] for row in sheet.rows)
    return _MARK + "".join(csv_blocks(names, rows, zone=_UTC))


def _cell(value: Any) -> Cell:
    """A value for one cell: what is nested is JSON text."""
    if value is None or isinstance(value, (str, int, float, bool, datetime)):
        return value
    if isinstance(value, (list, dict, tuple)):
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    return str(value)
