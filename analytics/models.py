"""Tables of the analytics app, by noun."""

from analytics.exports.models import ExportFile, ExportFormat
from analytics.network.models import ChannelStanding, CitationRank, NetworkKind, NetworkRun
from analytics.notes.models import Note
from analytics.reports.models import (
    AskedAddress,
    Branding,
    MediaKit,
    ReportDelivery,
    ReportFile,
    ReportRecipient,
    ReportSchedule,
)
from analytics.saved.models import SavedSegment
from analytics.search.models import PostWords, WordsMark
from analytics.sharing.models import SharedLink, SharedLinkViews
from analytics.tags.models import ChannelTag

__all__ = [
    "AskedAddress",
    "Branding",
    "ChannelStanding",
    "ChannelTag",
    "CitationRank",
    "ExportFile",
    "ExportFormat",
    "MediaKit",
    "NetworkKind",
    "NetworkRun",
    "Note",
    "PostWords",
    "ReportDelivery",
    "ReportFile",
    "ReportRecipient",
    "ReportSchedule",
    "SavedSegment",
    "SharedLink",
    "SharedLinkViews",
    "WordsMark",
]
