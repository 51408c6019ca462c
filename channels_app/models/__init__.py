"""Tables of the observed facts, by noun."""

from channels_app.models.cell import CellCheck, ChannelDay, ChannelHour
from channels_app.models.channel import Channel, ChannelFactChange, Hold, Relation, SubscriberSample, TrackedChannel
from channels_app.models.fact import DailyFact, OfficialGraph, OfficialSummary, PostOfficialGraph, PublicForwardSeen
from channels_app.models.importing import ImportFile
from channels_app.models.packing import CurveKeeping, PackedCurve, SnapshotMonth
from channels_app.models.post import AlbumItem, Post, PostReference, PostRevision, PostSnapshot
from channels_app.models.reach import PostReach, ReachMark
from channels_app.models.sync import ChannelSync, CollectionGap, CollectKind, CollectTask, EarlyDeletion, SyncState

__all__ = [
    "AlbumItem",
    "CellCheck",
    "Channel",
    "ChannelDay",
    "ChannelFactChange",
    "ChannelHour",
    "ChannelSync",
    "CollectKind",
    "CollectTask",
    "CollectionGap",
    "CurveKeeping",
    "DailyFact",
    "EarlyDeletion",
    "Hold",
    "ImportFile",
    "OfficialGraph",
    "OfficialSummary",
    "PackedCurve",
    "Post",
    "PostOfficialGraph",
    "PostReach",
    "PostReference",
    "PostRevision",
    "PostSnapshot",
    "PublicForwardSeen",
    "ReachMark",
    "Relation",
    "SnapshotMonth",
    "SubscriberSample",
    "SyncState",
    "TrackedChannel",
]
