"""The ledger of edits and deletions."""

from datetime import UTC, datetime, timedelta
from typing import Any

from drf_spectacular.utils import OpenApiParameter

from analytics.queries import Provenance
from analytics.queries.ledger import MAX_PAGE, LedgerEntry, LedgerKey, LedgerKind, ledger
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import AskedOfChannel
from analytics.questions.cursors import read_cursor, write_cursor
from analytics.questions.declaring import ChannelQuestion
from analytics.questions.posts import DEFAULT_PAGE, PAGE
from analytics.schemas.ledger import LEDGER

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HOUR = timedelta(hours=1)


def _ledger(asked: AskedOfChannel) -> Answer:
    kind = asked.parameters.choice("kind", LedgerKind.EDIT) if asked.parameters.text("kind") else None
    cursor = asked.parameters.text("cursor")
    entries, following = ledger(
        asked.query,
        kind=kind,
        limit=asked.parameters.limit(default=DEFAULT_PAGE, most=MAX_PAGE),
        after=_key(cursor) if cursor else None,
    )
    source = next((entry.counters_source for entry in entries if entry.counters_source), None)
    newest = max((entry.at for entry in entries), default=None)
    return Answer(
        [_json(entry) for entry in entries],
        {"entries": Provenance(source, newest, None)},
        next=write_cursor((following.at - _EPOCH) // _MICROSECOND, following.message_id, following.kind)
        if following
        else None,
    )


def _key(cursor: str) -> LedgerKey:
    at, message_id, kind = read_cursor(cursor, rf"(\d{{1,16}}):(\d{{1,10}}):({'|'.join(LedgerKind)})")
    return LedgerKey(_EPOCH + int(at) * _MICROSECOND, int(message_id), LedgerKind(kind))


def _json(entry: LedgerEntry) -> dict[str, Any]:
    deleted = entry.kind is LedgerKind.DELETION
    return {
        "kind": entry.kind,
        "at": iso(entry.at),
        "msg_id": entry.message_id,
        "date": iso(entry.published_at),
        "age_seconds": int((entry.at - entry.published_at).total_seconds()),
        "title": entry.title,
        "permalink": entry.permalink,
        "seen_before": iso(entry.seen_before) if entry.seen_before else None,
        "before": entry.before,
        "after": entry.after,
        "stood_hours": _hours(entry, entry.at) if deleted else None,
        "stood_hours_at_least": _hours(entry, entry.seen_before) if deleted else None,
        "views": entry.views,
        "forwards": entry.forwards,
        "replies": entry.replies,
        "reactions": entry.reactions,
        "source": entry.counters_source,
        "observed_at": iso(entry.counters_at) if entry.counters_at else None,
        "approximate": entry.approximate,
    }


def _hours(entry: LedgerEntry, until: datetime | None) -> float | None:
    return None if until is None else round((until - entry.published_at) / _HOUR, 4)


QUESTIONS = (
    ChannelQuestion(
        "ledger",
        "Edits and deletions.",
        "What was seen to happen to posts in the period, newest first: edits with the text before and after, deletions "
        "with how long the post stood and what it had at its end. A deletion is told only where Telegram proved it.",
        _ledger,
        LEDGER,
        (*PAGE, OpenApiParameter("kind", str, enum=list(LedgerKind), description="Both when absent.")),
        takes_segment=True,
    ),
)
