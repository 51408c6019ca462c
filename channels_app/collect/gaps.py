"""The ledger of what was not observed. A gap is opened when work is overdue, and closed when it was done at last."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q

from channels_app.models import Channel, CollectionGap, CollectKind, CollectTask, TrackedChannel
from channels_app.moved import Moved, tell_moved

# How late work may be before what it would have seen counts as not observed.
TOLERATED = {
    CollectKind.POLL: ("counters", timedelta(minutes=15)),
    CollectKind.FACTS: ("subscribers", timedelta(minutes=90)),
    CollectKind.STATS: ("stats", timedelta(days=2)),
}
# A cut shorter than this loses nothing: the difference brings what happened, seconds late.
UPDATES_TOLERATED = timedelta(seconds=30)


def note_lateness(task: CollectTask, kind: str, *, now: datetime) -> None:
    """The work is being done now: close its gap, or write one after the fact if it comes too late."""
    closed = CollectionGap.objects.filter(channel_id=task.channel_id, kind=kind, ended_at__isnull=True).update(
        ended_at=now
    )
    tolerated = TOLERATED[CollectKind(task.kind)][1]
    # Before the first run nothing was expected: there is no gap before the beginning.
    if closed or task.due_at is None or task.finished_at is None or now - task.due_at <= tolerated:
        return
    CollectionGap.objects.create(
        channel_id=task.channel_id, kind=kind, started_at=task.due_at, ended_at=now, reason=_reason(task)
    )
    _raise_version(task.channel_id)


def open_overdue(*, now: datetime) -> int:
    """Open a gap for each task that has run before and is overdue; returns how many were opened."""
    opened = 0
    for kind, (name, tolerated) in TOLERATED.items():
        tracked = TrackedChannel.objects.live().filter(channel=OuterRef("channel_id"))
        already = CollectionGap.objects.filter(channel=OuterRef("channel_id"), kind=name, ended_at__isnull=True)
        overdue = CollectTask.objects.filter(
            Exists(tracked), ~Exists(already), kind=kind, due_at__lt=now - tolerated, finished_at__isnull=False
        )
        rows = [
            CollectionGap(channel_id=task.channel_id, kind=name, started_at=task.due_at, reason=_reason(task))
            for task in overdue
        ]
        opened += len(CollectionGap.objects.bulk_create(rows, ignore_conflicts=True))
        for row in rows:
            _raise_version(row.channel_id)
    return opened


def _raise_version(channel_id: int) -> None:
    """The gap begins in the past: answers about days that counted as settled show it from now on."""
    Channel.objects.filter(pk=channel_id).update(version=F("version") + 1)
    tell_moved(channel_id, [Moved.SYNC])


def open_updates_gap(channel_ids: list[int], *, since: datetime, reason: str) -> None:
    """Live updates of these channels are not received since `since`."""
    CollectionGap.objects.bulk_create(
        [CollectionGap(channel_id=pk, kind="updates", started_at=since, reason=reason) for pk in channel_ids],
        ignore_conflicts=True,
    )


def close_updates_gap(channel_id: int, *, now: datetime) -> None:
    """The channel is caught up and followed again; a gap too short to matter is forgotten."""
    gaps = CollectionGap.objects.filter(channel_id=channel_id, kind="updates", ended_at__isnull=True)
    gaps.filter(started_at__gt=now - UPDATES_TOLERATED).delete()
    gaps.filter(Q(started_at__lte=now)).update(ended_at=now)


def _reason(task: CollectTask) -> str:
    code, _, _ = task.last_error.partition(":")
    return (code or "no collector").lower()[:60]
