"""Facts of a channel itself: names with their history, subscribers over time."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from channels_app.ingest.merging import merge_channels
from channels_app.ingest.results import ChannelGone, ChannelMismatch, ChannelResult
from channels_app.ingest.store import fetch
from channels_app.ingest.validation import EARLIEST, MAX_COUNTER, check_moment, clean
from channels_app.models import Channel, ChannelFactChange, SubscriberSample
from channels_app.moved import Moved, tell_moved
from mtproto.records import ChannelRecord, Source

MAX_TITLE, MAX_USERNAME = 255, 32
# Preview pages abbreviate from here on ("1.2K subscribers").
ABBREVIATED_FROM = 1000
# An exact number of subscribers this old says less of today than an abbreviated one.
STALE_AFTER = timedelta(days=7)
# Facts whose changes are kept; only Telegram's API for users tells the last three.
_NAMES = ("title", "username", "about")
_FLAGS = ("is_verified", "is_scam", "linked_chat_tg_id")


def ingest_channel(channel_id: int, record: ChannelRecord, *, source: Source, observed_at: datetime) -> ChannelResult:
    """Write what was seen of a channel at `observed_at`.

    1. If another row has this Telegram id, the given one (known by name only) is merged into it; the result names the
       row that stays. A row with another Telegram id than the record's: ChannelMismatch (the name has moved).
    2. Names and flags that changed are written with their history, unless newer ones are known; a username held by
       another row is freed there.
    3. Subscribers: a sample on change and at least once per UTC day and source, the day's last value, the latest.

    Raises ChannelGone, ChannelMismatch.
    """
    check_moment(observed_at)
    source, record = Source(source), clean(record)
    with transaction.atomic():
        channel, merged = _row_of(channel_id, record)
        changed = _take_facts(channel, record, source=source, observed_at=observed_at)
        sampled = _take_subscribers(channel, record.subscribers, source=source, observed_at=observed_at)
        if changed or sampled:
            Channel.objects.filter(pk=channel.pk).update(version=F("version") + 1)
            tell_moved(channel.pk, [*([Moved.SYNC] if changed else []), *([Moved.SUBSCRIBERS] if sampled else [])])
    return ChannelResult(channel.pk, tuple(changed), sampled, merged)


def _row_of(channel_id: int, record: ChannelRecord) -> tuple[Channel, int | None]:
    channel = _locked(channel_id)
    if channel.tg_id not in (None, record.tg_id):
        raise ChannelMismatch(f"This is channel {channel.tg_id}, not {record.tg_id}: the name leads elsewhere now.")
    if channel.tg_id is not None:
        return channel, None
    known = Channel.objects.filter(tg_id=record.tg_id).exclude(pk=channel_id).values_list("pk", flat=True).first()
    if known is None:
        return channel, None
    merge_channels(channel_id, into_id=known)
    return _locked(known), channel_id


def _locked(channel_id: int) -> Channel:
    channel: Channel | None = Channel.objects.select_for_update(no_key=True).filter(pk=channel_id).first()
    if channel is None:
        raise ChannelGone(f"Channel {channel_id} is not there (any more).")
    return channel


def _take_facts(channel: Channel, record: ChannelRecord, *, source: Source, observed_at: datetime) -> list[str]:
    """Write names and flags that are new; returns the fields that changed."""
    told = _told(record, source=source)
    is_late = channel.facts_at is not None and observed_at < channel.facts_at
    values: dict[str, Any] = {}
    for name, new in told.items():
        old = getattr(channel, name)
        if new != old and (not is_late or old in (None, "")):
            values[name] = new
    changed = list(values)
    if values.get("username"):
        _free_username(channel, values["username"], source=source, observed_at=observed_at)
    fills_in = channel.facts_at is None or is_late
    for name in (*_NAMES, *_FLAGS):
        old = getattr(channel, name)
        if name in values and not (fills_in and old in (None, "", False)):
            _note_change(channel.pk, name, old, values[name], source=source, observed_at=observed_at)
    if not is_late:
        values["facts_at"] = observed_at
    if values:
        Channel.objects.filter(pk=channel.pk).update(**values)
        for name, value in values.items():
            setattr(channel, name, value)
    return changed


def _told(record: ChannelRecord, *, source: Source) -> dict[str, Any]:
    """The columns this record tells: what is None, or beyond what its source sees, is not told."""
    told: dict[str, Any] = {"tg_id": record.tg_id}
    if record.title:
        told["title"] = record.title[:MAX_TITLE]
    if record.username and len(record.username) <= MAX_USERNAME:
        told["username"] = record.username.lower()
    elif source is Source.MTPROTO and not record.username:
        # The API tells every channel's username: without one it is private, whatever a file or an old name said.
        told["username"] = None
    if record.about is not None:
        told["about"] = record.about
    if record.created_at is not None and record.created_at.tzinfo is not None and record.created_at >= EARLIEST:
        told["telegram_created_at"] = record.created_at
    if source is Source.MTPROTO:
        told["is_verified"], told["is_scam"] = record.is_verified, record.is_scam
        if record.linked_chat_tg_id is not None:
            told["linked_chat_tg_id"] = record.linked_chat_tg_id
    return told


def _free_username(channel: Channel, username: str, *, source: Source, observed_at: datetime) -> None:
    """Usernames move: the row that held this one loses it, or is merged here if it is known by nothing else."""
    holder = Channel.objects.select_for_update(no_key=True).filter(username=username).exclude(pk=channel.pk).first()
    if holder is None:
        return
    if holder.tg_id is None:
        merge_channels(holder.pk, into_id=channel.pk)
        return
    Channel.objects.filter(pk=holder.pk).update(username=None, version=F("version") + 1)
    tell_moved(holder.pk, [Moved.SYNC])
    _note_change(holder.pk, "username", username, None, source=source, observed_at=observed_at)


def _note_change(channel_id: int, field: str, old: Any, new: Any, *, source: Source, observed_at: datetime) -> None:
    ChannelFactChange.objects.update_or_create(
        channel_id=channel_id,
        field=field,
        observed_at=observed_at,
        defaults={"old": _as_text(old), "new": _as_text(new), "source": source},
    )


def _as_text(value: Any) -> str | None:
    return None if value is None else str(value)


_DAY = """
INSERT INTO channels_app_dailyfact AS d (channel_id, day, source, observed_at, subscribers, detail)
VALUES (%s, %s, %s, %s, %s, '{}')
ON CONFLICT (channel_id, day, source) DO UPDATE SET
  observed_at = excluded.observed_at, subscribers = excluded.subscribers
WHERE excluded.observed_at >= d.observed_at OR d.subscribers IS NULL
"""


def _take_subscribers(channel: Channel, count: int | None, *, source: Source, observed_at: datetime) -> bool:
    """Sample, day's value and latest; True if a sample was written. A count that cannot be is passed over."""
    if count is None or not 0 <= count <= MAX_COUNTER:
        return False
    day = observed_at.astimezone(UTC).date()
    approximate = source is Source.PREVIEW and count >= ABBREVIATED_FROM
    fetch(_DAY, [channel.pk, day, source, observed_at, count])
    _take_latest(channel, count, source=source, approximate=approximate, observed_at=observed_at)
    samples = SubscriberSample.objects.filter(channel_id=channel.pk, source=source)
    before = samples.filter(observed_at__lte=observed_at).order_by("-observed_at").first()
    if before and before.count == count and before.observed_at.astimezone(UTC).date() == day:
        return False
    if before and before.observed_at == observed_at:
        return False
    SubscriberSample.objects.create(
        channel_id=channel.pk, source=source, observed_at=observed_at, count=count, approximate=approximate
    )
    return True


def _take_latest(channel: Channel, count: int, *, source: Source, approximate: bool, observed_at: datetime) -> None:
    known_at = channel.subscribers_at
    is_better = known_at is None or (
        observed_at >= known_at
        and (not approximate or channel.subscribers_approximate or observed_at - known_at > STALE_AFTER)
    )
    if is_better:
        Channel.objects.filter(pk=channel.pk).update(
            subscribers=count,
            subscribers_at=observed_at,
            subscribers_source=source,
            subscribers_approximate=approximate,
        )
