"""Messages in: pages of history, live updates, polls, imports.

How one call goes: records are checked and hashed; the channel is locked; known posts and album items are read in two
statements; new posts, changes and cell gains are worked out in memory; all is written by COPY and a few set-based
statements. Looks that are older than what we hold are folded into their post's snapshots.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from channels_app.ingest.changes import Changes
from channels_app.ingest.page import Page
from channels_app.ingest.prepared import Prepared
from channels_app.ingest.results import IngestResult
from channels_app.ingest.store import fetch, lock_channel
from channels_app.ingest.validation import MAX_MESSAGE_ID
from channels_app.ingest.write import write
from mtproto.records import AnyMessage, EmptyRecord, Source


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
    """Telegram said that these ids were deleted; returns those that this call marked (seen before, not yet marked).

    The others are noted: a page of history that was asked for before may still bring them (`delete_again`).
    """
    gone = [EmptyRecord(message_id) for message_id in message_ids]
    with transaction.atomic():
        marked = _ingest(channel_id, gone, source=Source.MTPROTO, observed_at=observed_at).deleted_ids
        noted = [number for number in {*message_ids} - {*marked} if 0 < number <= MAX_MESSAGE_ID]
        if noted:
            fetch(_NOTE, [channel_id, observed_at, noted])
    return marked


_NOTE = """
INSERT INTO channels_app_earlydeletion AS e (channel_id, message_id, seen_at)
SELECT %s, id, %s FROM unnest(%s::int[]) id
ON CONFLICT (channel_id, message_id) DO UPDATE SET seen_at = greatest(e.seen_at, excluded.seen_at)
"""
_NOTED = """
SELECT message_id, seen_at FROM channels_app_earlydeletion
WHERE channel_id = %s AND message_id BETWEEN %s AND %s AND seen_at >= %s
"""


def delete_again(channel_id: int, *, low: int, top: int, asked_at: datetime) -> tuple[int, ...]:
    """Delete what a page from `low` to `top` brought although it was gone by the time the page came.

    To be called in the transaction that wrote the page, which was asked for at `asked_at`; returns the ids deleted.
    """
    noted = fetch(_NOTED, [channel_id, low, top, asked_at])
    if not noted:
        return ()
    gone = [EmptyRecord(message_id) for message_id, _seen_at in noted]
    seen_at = max(moment for _id, moment in noted)
    return _ingest(channel_id, gone, source=Source.MTPROTO, observed_at=seen_at).deleted_ids


def forget_early_deletions(*, before: datetime) -> int:
    """Forget notes from before that moment; returns how many."""
    return len(fetch("DELETE FROM channels_app_earlydeletion WHERE seen_at < %s RETURNING 1", [before]))


def _ingest(
    channel_id: int,
    records: Sequence[AnyMessage],
    *,
    source: Source,
    observed_at: datetime,
    asked_ids: Sequence[int] = (),
) -> IngestResult:
    prepared = Prepared(channel_id, source=source, observed_at=observed_at)
    prepared.add(records)
    with transaction.atomic():
        return write_prepared(prepared, asked_ids=asked_ids)


def write_prepared(prepared: Prepared, *, asked_ids: Sequence[int] = ()) -> IngestResult:
    """Write what was made ready before, inside the caller's transaction, whose channel it locks. Raises ChannelGone.

    What is new is decided here, under the lock. Nothing of `prepared` is changed: it may be written again after a
    transaction that failed.
    """
    seen, empty, service = prepared.sorted_out()
    changes = Changes(prepared.channel_id, str(prepared.source), prepared.observed_at)
    if seen or empty or asked_ids:
        Page(changes, source=prepared.source).take(seen, empty=empty, asked=asked_ids)
    else:
        lock_channel(prepared.channel_id)
    revisions = write(changes)
    prepared.log_refused()
    return IngestResult(
        new_posts=changes.new_posts,
        changed_posts=len(changes.changed),
        unchanged=len(changes.unchanged - changes.changed),
        revisions=revisions,
        snapshots=len(changes.snapshot_rows) + len(changes.snapshots),
        service=service,
        deleted_ids=tuple(changes.deleted),
        albums=changes.albums,
        refused=len(prepared.refused),
    )
