"""Tables of the analytics app, by noun."""

from analytics.exports.models import ExportFile, ExportFormat, ExportState
from analytics.network.models import ChannelStanding, CitationRank, NetworkKind, NetworkRun

__all__ = [
    "ChannelStanding",
    "CitationRank",
    "ExportFile",
    "ExportFormat",
    "ExportState",
    "NetworkKind",
    "NetworkRun",
]
