"""The columns of a question's table, read from the shape that the API's document is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from rest_framework import serializers

_POINTS = "points"
_MANY = 5


class Kind(StrEnum):
    """What stands in a column."""

    NUMBER = "number"
    MOMENT = "moment"
    DAY = "day"
    FLAG = "flag"
    TEXT = "text"
    NESTED = "nested"  # a list or dictionary: JSON in a cell


@dataclass(frozen=True, slots=True)
class Columns:
    """What an answer's `data` is made of.

    `rows`: kind by name of the table's columns, `_` between the parts of a nested name. `row_names`: names of a row as
    JSON has them. `top`: names of `data` itself, none where it is a list. `under`: the name in `data` of the list
    that is the table; None where `data` is the list, or is one row of plain values. `many`: data is a list.
    """

    rows: Mapping[str, Kind]
    row_names: tuple[str, ...]
    top: tuple[str, ...] = ()
    under: str | None = None
    many: bool = False
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """Every name that `fields` may ask for."""
        return frozenset((*self.top, *self.row_names))


@lru_cache(maxsize=256)
def columns_of(schema: Any) -> Columns:
    """The columns of answers of that shape; empty (no names) for a shape that is not a serializer with `data`.

    Told once for each shape: they are declared with the program, and every request asks for them.
    """
    found = schema() if isinstance(schema, type) else schema
    data = getattr(found, "fields", {}).get("data")
    if isinstance(data, serializers.ListSerializer):
        return _of_rows(_fields(data.child), many=True)
    fields = _fields(data)
    if not fields:
        return Columns({}, ())
    under = _table_name(fields)
    if under is None:
        return _of_rows(fields, top=tuple(fields))
    return _of_rows(_fields(fields[under].child), top=tuple(fields), under=under)


def _fields(serializer: Any) -> dict[str, Any]:
    return dict(serializer.fields) if isinstance(serializer, serializers.Serializer) else {}


def _table_name(fields: Mapping[str, Any]) -> str | None:
    """The list that is the answer's table. An answer of many plain values is one row, whatever lists it has beside."""
    lists = [name for name, one in fields.items() if isinstance(one, serializers.ListSerializer)]
    if _POINTS in lists:
        return _POINTS
    plain = sum(_kind(one) is not Kind.NESTED for one in fields.values())
    return lists[0] if lists and plain < _MANY else None


def _of_rows(
    fields: Mapping[str, Any], *, top: tuple[str, ...] = (), under: str | None = None, many: bool = False
) -> Columns:
    single = under is None and not many
    kinds: dict[str, Kind] = {}
    paths: dict[str, tuple[str, ...]] = {}
    for name, one in fields.items():
        inner = _fields(one)
        if inner and not single:
            kinds |= {f"{name}_{part}": _kind(inside) for part, inside in inner.items()}
            paths |= {f"{name}_{part}": (name, part) for part in inner}
        elif not (single and _kind(one) is Kind.NESTED):
            kinds[name] = _kind(one)
            paths[name] = (name,)
    return Columns(kinds, () if single else tuple(fields), top, under, many, paths)


def _kind(one: Any) -> Kind:
    match one:
        case serializers.BooleanField():
            return Kind.FLAG
        case serializers.IntegerField() | serializers.FloatField() | serializers.DecimalField():
            return Kind.NUMBER
        case serializers.DateTimeField():
            return Kind.MOMENT
        case serializers.DateField():
            return Kind.DAY
        case serializers.BaseSerializer() | serializers.DictField() | serializers.ListField() | serializers.JSONField():
            return Kind.NESTED
    return Kind.TEXT
