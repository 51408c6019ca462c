"""Rows of a cursor by column name."""

from typing import Any


def rows_as_dicts(cursor: Any) -> list[dict[str, Any]]:
    """All rows of an executed cursor as dictionaries by column name."""
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
