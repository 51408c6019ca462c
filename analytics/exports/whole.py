"""Whole tables of a channel: all posts and all snapshots, read as a stream however many there are."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analyticbot.core.csv_text import DANGEROUS, Cell
from analytics.questions.asking import AskedOfChannel
from analytics.questions.columns import Kind
from channels_app.snapshots import readings_sql

# Columns that hold words of ours: nothing in them can be taken for a formula.
_OUR_WORDS = frozenset({"p.media_kind", "p.counters_source", "s.source"})
_BLOCK = 64 * 1024
_FETCH = 2_000


@dataclass(frozen=True, slots=True)
class WholeTable:
    """A table of a channel. `columns`: kind and SQL expression by name; `source`: what stands after FROM."""

    name: str
    title: Promise
    summary: str
    columns: Mapping[str, tuple[Kind, str]]
    source: str
    count: str | None = None

    @property
    def kinds(self) -> dict[str, Kind]:
        """Kind by name of the column."""
        return {name: kind for name, (kind, _sql) in self.columns.items()}


ALL_POSTS = WholeTable(
    "all-posts",
    _("All posts"),
    "Every post of the channel with its latest counters, by message id; deleted ones too, with the moment.",
    {
        "msg_id": (Kind.NUMBER, "p.message_id"),
        "date": (Kind.MOMENT, "p.published_at"),
        "views": (Kind.NUMBER, "p.views"),
        "forwards": (Kind.NUMBER, "p.forwards"),
        "replies": (Kind.NUMBER, "p.replies"),
        "reactions": (Kind.NUMBER, "p.reactions_total"),
        "media": (Kind.TEXT, "p.media_kind"),
        "items": (Kind.NUMBER, "greatest(cardinality(p.item_ids), 1)"),
        "is_forward": (Kind.FLAG, "p.is_forward"),
        "author": (Kind.TEXT, "p.post_author"),
        "edited_at": (Kind.MOMENT, "p.edited_at"),
        "deleted_at": (Kind.MOMENT, "p.deleted_at"),
        "text": (Kind.TEXT, "p.text"),
        "source": (Kind.TEXT, "p.counters_source"),
        "observed_at": (Kind.MOMENT, "p.counters_at"),
        "approximate": (Kind.FLAG, "p.counters_approximate"),
    },
    "channels_app_post p WHERE p.channel_id = %(channel)s AND p.published_at >= %(first)s"
    " AND p.published_at < %(last)s ORDER BY p.message_id",
    "channels_app_post p WHERE p.channel_id = %(channel)s AND p.published_at >= %(first)s"
    " AND p.published_at < %(last)s",
)

ALL_SNAPSHOTS = WholeTable(
    "all-snapshots",
    _("All snapshots"),
    "Every reading of the counters of every post, by message id and moment.",
    {
        "msg_id": (Kind.NUMBER, "p.message_id"),
        "observed_at": (Kind.MOMENT, "s.observed_at"),
        "views": (Kind.NUMBER, "s.views"),
        "forwards": (Kind.NUMBER, "s.forwards"),
        "replies": (Kind.NUMBER, "s.replies"),
        "reactions": (Kind.NUMBER, "s.reactions"),
        "source": (Kind.TEXT, "s.source"),
        "approximate": (Kind.FLAG, "s.approximate"),
    },
    # One post after the other by the index: the first row comes at once, and nothing is sorted as a whole.
    "(SELECT id, message_id FROM channels_app_post WHERE channel_id = %(channel)s AND published_at < %(last)s"
    "  ORDER BY message_id) p"
    f" CROSS JOIN LATERAL (SELECT * FROM ({readings_sql('ARRAY[p.id]')}) r"
    "  WHERE r.observed_at >= %(first)s AND r.observed_at < %(last)s ORDER BY r.observed_at) s",
)

WHOLE_TABLES = {table.name: table for table in (ALL_POSTS, ALL_SNAPSHOTS)}


def rows_of(table: WholeTable, asked: AskedOfChannel) -> Iterator[tuple[Cell, ...]]:
    """Rows through a cursor on the server: memory does not grow with their number. Close it to stop early.

    Outside a transaction the database holds the rows itself, so that what is written meanwhile can be committed; within
    one the first row comes at once.
    """
    columns = ", ".join(sql for _kind, sql in table.columns.values())
    with closing(connection.chunked_cursor()) as cursor:
        cursor.execute(f"SELECT {columns} FROM {table.source}", _parameters(asked))
        while rows := cursor.fetchmany(_FETCH):
            yield from rows


def count_of(table: WholeTable, asked: AskedOfChannel) -> int | None:
    """How many rows there are; None where counting costs as much as reading."""
    if table.count is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table.count}", _parameters(asked))
        return int(cursor.fetchone()[0])


def csv_stream(table: WholeTable, asked: AskedOfChannel) -> Generator[bytes, None, None]:
    """The table as CSV, written by the database itself (COPY), in blocks of about 64 KB.

    The same text as `csv_text` writes: ISO moments in the zone of the workspace, 1 and 0 for flags, no formulas.
    """
    columns = ", ".join(f"{_csv_sql(kind, sql)} AS {name}" for name, (kind, sql) in table.columns.items())
    copy = f"COPY (SELECT {columns} FROM {table.source}) TO STDOUT WITH (FORMAT csv, HEADER)"
    parameters = {**_parameters(asked), "dangerous": f"[{_escaped(DANGEROUS)}]%"}
    with transaction.atomic(), connection.cursor() as cursor:
        # `to_json` writes moments in the zone of the session.
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [str(asked.period.zone)])
        buffer = bytearray()
        try:
            with cursor.copy(copy, parameters) as blocks:
                for block in blocks:
                    buffer += block
                    if len(buffer) >= _BLOCK:
                        yield bytes(buffer)
                        buffer.clear()
        finally:
            _back_to_utc(cursor)
        yield bytes(buffer)


def _back_to_utc(cursor: Any) -> None:
    """For a transaction around ours (the setting ends with the outermost one); nothing to mend in a failed one."""
    if not connection.needs_rollback and connection.connection.info.transaction_status.name == "INTRANS":
        cursor.execute("SELECT set_config('TimeZone', 'UTC', true)")


def _csv_sql(kind: Kind, sql: str) -> str:
    match kind:
        case Kind.MOMENT:
            return f"(to_json({sql}) #>> '{{}}')"
        case Kind.FLAG:
            return f"({sql})::int"
        case Kind.TEXT if sql not in _OUR_WORDS:
            return f"CASE WHEN {sql} SIMILAR TO %(dangerous)s THEN '''' || {sql} ELSE {sql} END"
    return sql


def _escaped(signs: str) -> str:
    """Signs as they stand within a bracket of SIMILAR TO."""
    return "".join(f"\\{sign}" if sign in "+-\\]^" else sign for sign in signs)


def _parameters(asked: AskedOfChannel) -> dict[str, Any]:
    first: datetime = asked.period.start
    return {"channel": asked.channel.id, "first": first, "last": asked.period.end}
