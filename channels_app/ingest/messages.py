"""Messages in: pages of history, live updates, polls, imports.

How one call goes: records are checked and hashed; the channel is locked; known posts and album items are read in two
statements; new posts, changes and cell gains are worked out in memory; all is written by COPY and a few set-based
statements. Looks that are older than what we hold are folded into their post's snapshots.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from channels_app.ingest.changes import Changes
from channels_app.ingest.content import Content, content_of
from channels_app.ingest.page import Page
from channels_app.ingest.results import IngestResult, RecordRefused
from channels_app.ingest.store import lock_channel
from channels_app.ingest.validation import (
    check_moment,
    counter_refusal,
    latest_of_each,
    refusal,
    without_impossible,
)
from channels_app.ingest.write import write
from mtproto.records import AnyMessage, EmptyRecord, MessageRecord, Source

_log = logging.getLogger(__name__)


def ingest_messages(
    channel_id: int, records: Sequence[AnyMessage], *, source: Source, observed_at: datetime
) -> IngestResult:
    """Write what was seen of a channel's messages at `observed_at` (aware).

    Raises RecordRefused for an impossible record of an import, ChannelGone. Live records are dropped with a log line
    when their id or date cannot be true; of those with an impossible counter only that counter is.
    Cheapest in batches of 500 to 1,000.
    """
    return _ingest(channel_id, records, source=source, observed_at=observed_at)


def ingest_poll(
    channel_id: int,
    asked_ids: Sequence[int],
    records: Sequence[AnyMessage],
    *,
    observed_at: datetime,
    source: Source = Source.MTPROTO,
) -> IngestResult:
    """Write the answer to a question for at most 100 ids, and when each asked post is looked at next."""
    return _ingest(channel_id, records, source=source, observed_at=observed_at, asked_ids=asked_ids)


def mark_deleted(channel_id: int, message_ids: Sequence[int], *, observed_at: datetime) -> tuple[int, ...]:
    """Telegram said that these ids were deleted; returns those that this call marked (seen before, not yet marked)."""
    gone = [EmptyRecord(message_id) for message_id in message_ids]
    return _ingest(channel_id, gone, source=Source.MTPROTO, observed_at=observed_at).deleted_ids


def _ingest(
    channel_id: int,
    records: Sequence[AnyMessage],
    *,
    source: Source,
    observed_at: datetime,
    asked_ids: Sequence[int] = (),
) -> IngestResult:
    check_moment(observed_at)
    source = Source(source)
    seen, empty, service, refused = _admit(channel_id, records, source=source, observed_at=observed_at)
    changes = Changes(channel_id, str(source), observed_at)
    with transaction.atomic():
        lock_channel(channel_id)
        if seen or empty or asked_ids:
            Page(changes, source=source).take(seen, empty=empty, asked=asked_ids)
        revisions = write(changes)
    return IngestResult(
        new_posts=changes.new_posts,
        changed_posts=len(changes.changed),
        unchanged=len(changes.unchanged - changes.changed),
        revisions=revisions,
        snapshots=len(changes.snapshot_rows) + len(changes.snapshots),
        service=service,
        deleted_ids=tuple(changes.deleted),
        albums=changes.albums,
        refused=refused,
    )


def _admit(
    channel_id: int, records: Sequence[AnyMessage], *, source: Source, observed_at: datetime
) -> tuple[list[Content], list[int], int, int]:
    """(content messages, ids that are empty, number of service messages, number dropped)."""
    seen: list[Content] = []
    empty: list[int] = []
    service = 0
    dropped: list[str] = []
    uncounted: list[str] = []
    for record in latest_of_each(records):
        reason = refusal(record, source=source, observed_at=observed_at)
        if reason is None:
            if isinstance(record, MessageRecord):
                odd = counter_refusal(record)
                if odd is not None:
                    if source is Source.IMPORT:
                        raise RecordRefused(odd, message_id=record.message_id)
                    record = without_impossible(record)  # noqa: PLW2901
                    uncounted.append(odd)
                try:
                    seen.append(content_of(record))
                except RecordRefused as error:
                    reason = error.message
            elif isinstance(record, EmptyRecord):
                empty.append(record.message_id)
            else:
                service += 1
        if reason is not None:
            if source is Source.IMPORT:
                raise RecordRefused(reason, message_id=record.message_id)
            dropped.append(reason)
    if dropped:
        _log.warning("Channel %s: dropped %s impossible records; first: %s", channel_id, len(dropped), dropped[0])
    if uncounted:
        _log.warning(
            "Channel %s: impossible counters of %s posts are unknown; first: %s",
            channel_id,
            len(uncounted),
            uncounted[0],
        )
    return seen, empty, service, len(dropped)
