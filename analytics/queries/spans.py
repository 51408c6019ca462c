"""Spans of time that follow the channel: a channel whose data end in the past is asked about its own last days."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from analytics.period import Period
from analytics.queries.question import StatsQuery


class Ending(StrEnum):
    """What a span ends with."""

    TO = "to"  # what was asked
    NOW = "now"
    LATEST_POST = "latest_post"  # nothing was published in the span that ends now, so it ends with the latest post


@dataclass(frozen=True, slots=True)
class Span:
    """A width of time that ends at `end`. `fixed`: it stays there even if nothing was published in it."""

    width: timedelta
    end: datetime
    fixed: bool

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of `SPAN`."""
        return {"span_width": self.width, "span_end": self.end, "span_fixed": self.fixed}

    def settled(self, query: StatsQuery, last: datetime) -> tuple[Period, Ending]:
        """The period that the statement found, and what it ends with."""
        ending = Ending.TO if self.fixed else Ending.NOW if last == self.end else Ending.LATEST_POST
        return Period(last - self.width, last, query.period.zone), ending


# `span (first, last)`: one row. The newest post is the first that the index on the publication date meets from its end.
SPAN = """
newest AS MATERIALIZED (
    SELECT p.published_at FROM channels_app_post p
    WHERE p.channel_id = %(channel)s AND p.published_at < %(span_end)s AND p.deleted_at IS NULL AND NOT p.is_forward
      AND NOT %(span_fixed)s
    ORDER BY p.published_at DESC LIMIT 1
), span AS MATERIALIZED (
    SELECT last - %(span_width)s::interval AS first, last FROM (
        SELECT coalesce(
            (SELECT published_at + interval '1 microsecond' FROM newest
             WHERE published_at < %(span_end)s::timestamptz - %(span_width)s::interval),
            %(span_end)s::timestamptz) AS last
    ) ended
)
"""
