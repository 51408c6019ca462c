"""The only writer of observed facts. Each function is one transaction and nests inside the caller's.

Messages of a channel are written under a lock on its row, so two collectors of one channel take turns and two
channels go side by side. Replaying what was ingested before changes nothing.
"""

from channels_app.ingest.channels import ingest_channel
from channels_app.ingest.merging import merge_channels
from channels_app.ingest.messages import (
    delete_again,
    forget_early_deletions,
    ingest_messages,
    ingest_poll,
    mark_deleted,
    write_prepared,
)
from channels_app.ingest.official import (
    SUMMARY,
    ingest_official,
    ingest_post_graphs,
    ingest_public_forwards,
    reparse_official,
)
from channels_app.ingest.prepared import Prepared
from channels_app.ingest.results import (
    ChannelGone,
    ChannelMismatch,
    ChannelResult,
    DailyValues,
    IngestResult,
    OfficialResult,
    RecordRefused,
)
from channels_app.ingest.validation import refusal

__all__ = [
    "SUMMARY",
    "ChannelGone",
    "ChannelMismatch",
    "ChannelResult",
    "DailyValues",
    "IngestResult",
    "OfficialResult",
    "Prepared",
    "RecordRefused",
    "delete_again",
    "forget_early_deletions",
    "ingest_channel",
    "ingest_messages",
    "ingest_official",
    "ingest_poll",
    "ingest_post_graphs",
    "ingest_public_forwards",
    "mark_deleted",
    "merge_channels",
    "refusal",
    "reparse_official",
    "write_prepared",
]
