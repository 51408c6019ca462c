"""An answer as a table, and an answer cut down to the fields that were asked for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.utils.translation import gettext as _

from analyticbot.core.csv_text import Cell
from analyticbot.core.errors import InvalidInput
from analytics.queries import Provenance
from analytics.questions.answering import Answer, Gap, iso
from analytics.questions.asking import Asked
from analytics.questions.columns import Columns, Kind

_TIME = "t"
_GAP = "gap"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns. Moments are aware datetimes, unknown is None, what is nested is JSON text."""

    kinds: Mapping[str, Kind]
    rows: Sequence[tuple[Cell, ...]]


def wanted_fields(text: str | None, columns: Columns) -> tuple[str, ...] | None:
    """The names in `fields=a,b`, in that order; None for all. InvalidInput for one that the answer does not have."""
    if not text:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    unknown = [name for name in names if name not in columns.names]
    if unknown or not names:
        raise InvalidInput(
            _("`fields` may name: %(known)s.") % {"known": ", ".join((*columns.top, *columns.row_names))},
            field="fields",
        )
    return names


def cut(answer: Answer, columns: Columns, wanted: tuple[str, ...] | None) -> Answer:
    """The answer with only the wanted names in `data`: of its rows, of itself, or of both."""
    if wanted is None:
        return answer
    if columns.many:
        return replace(answer, data=[_only(row, wanted) for row in answer.data])
    in_rows = tuple(name for name in wanted if name in columns.row_names and name not in columns.top)
    data = {name: answer.data[name] for name in wanted if name in columns.top and name in answer.data}
    if columns.under is not None and in_rows:
        data[columns.under] = [_only(row, in_rows) for row in answer.data[columns.under]]
    return replace(answer, data=data)


def table_of(answer: Answer, asked: Asked, columns: Columns, *, wanted: tuple[str, ...] | None = None) -> Table:
    """The whole answer as a table: its columns, where each number comes from, and which steps fall into a gap."""
    rows = _rows(answer, columns)
    names = [name for name in columns.rows if wanted is None or columns.paths[name][0] in wanted]
    if wanted is not None and not names:
        names = list(columns.rows)
    kinds = {name: columns.rows[name] for name in names}
    cells = [[_cell(_dig(row, columns.paths[name]), kinds[name]) for name in names] for row in rows]
    for name, kind, value in _origin(answer.provenance, dict(kinds), single=columns.under is None and not columns.many):
        kinds[name] = kind
        for line in cells:
            line.append(value)
    if answer.gaps is not None and _TIME in columns.rows:
        kinds[_GAP] = Kind.FLAG
        for line, is_gap in zip(cells, _in_gaps(rows, answer.gaps, asked), strict=True):
            line.append(is_gap)
    return Table(kinds, [tuple(line) for line in cells])


def _rows(answer: Answer, columns: Columns) -> list[dict[str, Any]]:
    if columns.many:
        return list(answer.data)
    if columns.under is not None:
        return list(answer.data.get(columns.under) or ())
    return [answer.data]


def _only(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names if name in row}


def _dig(row: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = row
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _cell(value: Any, kind: Kind) -> Cell:
    if value is None:
        return None
    if kind is Kind.MOMENT and isinstance(value, str):
        return datetime.fromisoformat(value)
    if kind is Kind.NESTED or isinstance(value, (dict, list, tuple)):
        return orjson.dumps(value, default=str).decode()
    if isinstance(value, (str, int, float, bool, datetime)):
        return value
    return str(value)


def _origin(
    provenance: Mapping[str, Provenance], kinds: Mapping[str, Kind], *, single: bool
) -> Iterator[tuple[str, Kind, Cell]]:
    """Columns that say where numbers come from: one pair for all of them, or one for each number of a single row."""
    if "source" in kinds and "observed_at" in kinds:
        return  # each row says it itself
    named = {f"{name}_": one for name, one in provenance.items() if name in kinds}
    if not single and (len(provenance) == 1 or (provenance and not named)):
        named = {"": next(iter(provenance.values()))}
    for prefix, one in named.items():
        if f"{prefix}source" not in kinds:
            yield f"{prefix}source", Kind.TEXT, one.source
        if f"{prefix}observed_at" not in kinds:
            yield f"{prefix}observed_at", Kind.MOMENT, one.observed_at


def _in_gaps(rows: Sequence[Mapping[str, Any]], gaps: tuple[Gap, ...], asked: Asked) -> Iterator[bool]:
    """For each step whether some of it was not observed. A step ends where the next begins, the last as the period."""
    starts = [datetime.fromisoformat(row[_TIME]) for row in rows]
    ends = [*starts[1:], max(asked.period.end, starts[-1] + _DAY)] if starts else []
    if len(starts) > 1:
        ends[-1] = starts[-1] + (starts[-1] - starts[-2])
    for start, end in zip(starts, ends, strict=True):
        yield any(first < end and last > start for first, last in gaps)


def provenance_rows(answer: Answer, asked: Asked) -> list[tuple[str, Cell]]:
    """What belongs to the answer beside its table, as lines of a name and a value."""
    lines: list[tuple[str, Cell]] = [
        ("from", asked.period.start),
        ("to", asked.period.end),
        ("zone", str(asked.period.zone)),
        ("generated_at", asked.now),
    ]
    for name, one in answer.provenance.items():
        lines += [
            (f"{name}: source", one.source),
            (f"{name}: observed_at", one.observed_at),
            (f"{name}: coverage", one.coverage if one.coverage is None else round(one.coverage, 4)),
        ]
        if one.note:
            lines.append((f"{name}: note", one.note))
    for start, end in answer.gaps or ():
        lines.append(("gap", f"{iso(start)} – {iso(end)}"))
    return lines
