"""Bytes that a snapshot takes: in its month with its indexes, and packed."""

from django.db import connection

_RAW = """
SELECT coalesce(sum(pg_table_size(inhrelid)), 0), coalesce(sum(pg_indexes_size(inhrelid)), 0),
  coalesce(sum(nullif(c.reltuples, -1)), 0)
FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 'channels_app_postsnapshot'::regclass
"""
_PACKED = """
SELECT pg_total_relation_size('channels_app_packedcurve'), coalesce(sum(cardinality(seconds)), 0), count(*)
FROM channels_app_packedcurve
"""


def raw() -> str:
    """Single snapshots."""
    heap, indexes, rows = (float(value) for value in _row(_RAW))
    if not rows:
        return "no single snapshots"
    size = f"{heap / 1e9:.2f} + {indexes / 1e9:.2f} GB"
    return f"{rows:,.0f} single snapshots, {heap / rows:.1f} + {indexes / rows:.1f} bytes each (heap + indexes): {size}"


def packed() -> str:
    """Packed curves."""
    size, readings, curves = (float(value) for value in _row(_PACKED))
    if not readings:
        return "nothing packed"
    return f"{readings:,.0f} packed in {curves:,.0f} curves, {size / readings:.1f} bytes each: {size / 1e9:.2f} GB"


def _row(sql: str) -> tuple[float, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row: tuple[float, ...] = cursor.fetchone()
        return row
