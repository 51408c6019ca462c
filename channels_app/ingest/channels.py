"""Facts of a channel itself: names with their history, subscribers over time."""

from datetime import datetime

from channels_app.ingest.results import ChannelResult
from mtproto.records import ChannelRecord, Source


def ingest_channel(channel_id: int, record: ChannelRecord, *, source: Source, observed_at: datetime) -> ChannelResult:
    """Write what was seen of a channel at `observed_at`; may merge a pending row into the known one."""
    raise NotImplementedError


def merge_channels(pending_id: int, *, into_id: int, observed_at: datetime) -> None:
    """A row known by its name only turned out to be another: move all that hangs on it there and remove it."""
    raise NotImplementedError
