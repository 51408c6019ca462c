"""What ingest answers, what it is told beside the records, and what it refuses."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analyticbot.core.errors import InvalidInput


class RecordRefused(InvalidInput):
    """A record cannot be true (id, date or counter out of range). Raised for imports only; live ones are dropped."""

    code = "impossible_record"

    def __init__(self, message: str, *, message_id: object = None) -> None:
        super().__init__(message, field="message_id")
        self.message_id = message_id


class ChannelGone(InvalidInput):
    """The channel's row does not exist (any more): it was removed, or merged into another."""

    code = "channel_gone"


class ChannelMismatch(InvalidInput):
    """The record is of another channel than the row: a username has moved."""

    code = "channel_mismatch"


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What one call changed. Posts are counted, not messages: an album is one."""

    new_posts: int = 0
    # Anything a reader can see: counters, text, other content, deletion or its end.
    changed_posts: int = 0
    unchanged: int = 0
    revisions: int = 0
    snapshots: int = 0
    service: int = 0
    # Message ids (of posts or album items) that this call proved deleted.
    deleted_ids: tuple[int, ...] = ()
    # Albums among the posts of this call.
    albums: int = 0
    # Impossible records that were dropped with a log line (live sources).
    refused: int = 0

    @property
    def changed(self) -> bool:
        """Did anything visible change (and the channel's version with it)?"""
        return bool(self.new_posts or self.changed_posts or self.deleted_ids)


@dataclass(frozen=True, slots=True)
class ChannelResult:
    """What `ingest_channel` changed. `channel_id` is the surviving row: it differs from the one given after a merge."""

    channel_id: int
    changed_fields: tuple[str, ...] = ()
    sampled: bool = False
    merged_from: int | None = None


@dataclass(frozen=True, slots=True)
class DailyValues:
    """What official graphs say of one day; None where they say nothing. `detail`: {graph: {label: value}}."""

    subscribers: int | None = None
    joined: int | None = None
    left: int | None = None
    muted: int | None = None
    unmuted: int | None = None
    # Subscribers with notifications on, of how many.
    notified: int | None = None
    notified_of: int | None = None
    views: int | None = None
    shares: int | None = None
    reactions: int | None = None
    detail: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfficialResult:
    """What `ingest_official` wrote: graphs whose JSON was new, days whose values changed."""

    graphs_stored: int = 0
    days_changed: int = 0
