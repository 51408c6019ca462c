"""Messages in: pages of history, live updates, polls, imports."""

from collections.abc import Sequence
from datetime import datetime

from channels_app.ingest.results import IngestResult
from mtproto.records import AnyMessage, Source


def ingest_messages(
    channel_id: int, records: Sequence[AnyMessage], *, source: Source, observed_at: datetime
) -> IngestResult:
    """Write what was seen of a channel's messages at `observed_at` (aware).

    Raises RecordRefused for an impossible record of an import (live ones are dropped with a log line), ChannelGone.
    Cheapest in batches of 500 to 1,000.
    """
    raise NotImplementedError


def ingest_poll(
    channel_id: int,
    asked_ids: Sequence[int],
    records: Sequence[AnyMessage],
    *,
    observed_at: datetime,
    source: Source = Source.MTPROTO,
) -> IngestResult:
    """Write the answer to a question for at most 100 ids, and when each asked post is looked at next."""
    raise NotImplementedError


def mark_deleted(channel_id: int, message_ids: Sequence[int], *, observed_at: datetime) -> tuple[int, ...]:
    """Telegram said that these ids were deleted; returns those that this call marked (seen before, not yet marked)."""
    raise NotImplementedError
