"""The door: what cannot be true stays out, what Postgres cannot hold is cleaned. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mtproto.records import AnyMessage, EmptyRecord, MessageRecord, Source

MAX_MESSAGE_ID = 2**31 - 1
# Telegram counts in 31 bits; a margin for the future that still leaves sums over a channel within 63.
MAX_COUNTER = 10**12
MAX_GROUPED_ID = 2**63 - 1
# Telegram opened in August 2013; its dates are 31-bit Unix times.
EARLIEST = datetime(2013, 1, 1, tzinfo=UTC)
LATEST = datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC)
# A file cannot tell of messages after it was made; a day for clocks and zones gone wrong.
FUTURE_OF_IMPORTS = timedelta(days=1)


def refusal(record: AnyMessage, *, source: Source, observed_at: datetime) -> str | None:
    """Why this record cannot be true, in words for a person; None when it can."""
    message_id = record.message_id
    if type(message_id) is not int or not 1 <= message_id <= MAX_MESSAGE_ID:
        return f"Message id {str(message_id)[:40]} is not between 1 and {MAX_MESSAGE_ID}."
    if isinstance(record, EmptyRecord):
        return None
    reason = _date_refusal(record.date, source=source, observed_at=observed_at)
    if reason is None and isinstance(record, MessageRecord):
        reason = _group_refusal(record)
    return reason and f"Message {message_id}: {reason}"


def counter_refusal(record: MessageRecord) -> str | None:
    """Why a message's counters cannot be true; None when they can. An import is refused, others lose the counters."""
    reason = _counter_refusal(record)
    return reason and f"Message {record.message_id}: {reason}"


def without_impossible(record: MessageRecord) -> MessageRecord:
    """The record with each counter that cannot be true unknown."""
    counters = record.counters
    possible = replace(
        counters,
        views=counters.views if _is_count(counters.views) else None,
        forwards=counters.forwards if _is_count(counters.forwards) else None,
        replies=counters.replies if _is_count(counters.replies) else None,
        reactions=counters.reactions if _reactions_refusal(counters.reactions) is None else None,
    )
    return replace(record, counters=possible)


def _date_refusal(date: datetime, *, source: Source, observed_at: datetime) -> str | None:
    if date.tzinfo is None:
        return "its date has no time zone."
    latest = min(LATEST, observed_at + FUTURE_OF_IMPORTS) if source is Source.IMPORT else LATEST
    if not EARLIEST <= date <= latest:
        return f"its date {date.isoformat()} is not between {EARLIEST.year} and {latest.date().isoformat()}."
    return None


def _is_count(value: object) -> bool:
    return value is None or (type(value) is int and 0 <= value <= MAX_COUNTER)


def _counter_refusal(record: MessageRecord) -> str | None:
    counters = record.counters
    if not (_is_count(counters.views) and _is_count(counters.forwards) and _is_count(counters.replies)):
        told = f"{counters.views}, {counters.forwards}, {counters.replies}"
        return f"its views, forwards or replies ({told[:80]}) are not counts."
    return _reactions_refusal(counters.reactions)


def _reactions_refusal(reactions: Mapping[str, int] | None) -> str | None:
    if reactions:
        for value in reactions.values():
            if type(value) is not int or not 0 <= value <= MAX_COUNTER:
                return f"its reactions ({str(value)[:40]}) are not counts."
        if sum(reactions.values()) > MAX_COUNTER:
            return "its reactions add up to more than anything counts."
    return None


def _group_refusal(record: MessageRecord) -> str | None:
    if record.grouped_id is not None and not -MAX_GROUPED_ID <= record.grouped_id <= MAX_GROUPED_ID:
        return "its album id is out of range."
    return None


def check_moment(moment: datetime) -> None:
    """Raise ValueError unless `moment` is aware: a naive time here is a fault of the caller, not of the data."""
    if moment.tzinfo is None:
        raise ValueError("observed_at must be aware")


def latest_of_each(records: Sequence[AnyMessage]) -> list[AnyMessage]:
    """One record per message id; of several the last given wins."""
    return list({record.message_id: record for record in records}.values())


def clean(value: Any) -> Any:
    """A record (or any value in one) with every text cleaned; the slow path, for records that need it."""
    if isinstance(value, str) and type(value) is str:
        return value.replace("\x00", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, tuple):
        return tuple(clean(item) for item in value)
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: clean(getattr(value, f.name)) for f in fields(value)})
    return value
