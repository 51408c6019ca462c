"""Tables of the analytics app, by noun."""

from analytics.exports.models import ExportFile, ExportFormat, ExportState
from analytics.network.models import ChannelStanding, CitationRank, NetworkKind, NetworkRun
from analytics.notes.models import Note
from analytics.tags.models import ChannelTag

__all__ = [
    "ChannelStanding",
    "ChannelTag",
    "CitationRank",
    "ExportFile",
    "ExportFormat",
    "ExportState",
    "NetworkKind",
    "NetworkRun",
    "Note",
]
