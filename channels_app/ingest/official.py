"""Official statistics in: raw graphs as loaded, daily facts, graphs and public forwards of posts."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from channels_app.ingest.results import DailyValues, OfficialResult
from mtproto.records import Graph, PublicForward

Parse = Callable[[Mapping[str, Any]], Mapping[date, DailyValues]]


def ingest_official(
    channel_id: int, *, graphs: Mapping[str, Graph], daily: Mapping[date, DailyValues], observed_at: datetime
) -> OfficialResult:
    """Keep graphs raw (once per content) and write the days they tell of; unknown never erases known."""
    raise NotImplementedError


def ingest_post_graphs(channel_id: int, message_id: int, *, graphs: Mapping[str, Graph], observed_at: datetime) -> int:
    """Keep the raw graphs of a post; returns how many were new. 0 when the post is unknown."""
    raise NotImplementedError


def ingest_public_forwards(
    channel_id: int, message_id: int, forwards: Iterable[PublicForward], *, observed_at: datetime
) -> int:
    """Keep who reposted a post; returns how many reposts were new. 0 when the post is unknown."""
    raise NotImplementedError


def reparse_official(channel_id: int, *, parse: Parse) -> int:
    """Write daily facts anew from all stored raw graphs, oldest load first; returns the days changed.

    `parse` takes {graph name: raw JSON value} of one load.
    """
    raise NotImplementedError
