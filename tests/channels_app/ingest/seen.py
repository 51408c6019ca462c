"""What the tests of ingest see and compare."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Sum

from channels_app.cells import check_invariant
from channels_app.ingest import IngestResult, ingest_messages
from channels_app.models import Channel, ChannelDay, ChannelHour, Post
from mtproto.records import AnyMessage, Counters, MessageRecord, Source

NOW = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=5)
_ids = itertools.count(1_000_000)


def make_channel(**values: Any) -> Channel:
    """A channel with a Telegram id of its own."""
    values.setdefault("tg_id", next(_ids))
    return Channel.objects.create(created_at=NOW, **values)


def message(message_id: int, *, date: datetime = LONG_AGO, text: str | None = None, **values: Any) -> MessageRecord:
    """A message; counters may be given as views, forwards, replies, reactions, approximate."""
    counted = {
        name: values.pop(name)
        for name in ("views", "forwards", "replies", "reactions", "approximate")
        if name in values
    }
    text = f"text of {message_id}" if text is None else text
    return MessageRecord(message_id, date, text, counters=Counters(**counted), **values)


def see(channel: Channel, *records: AnyMessage, at: datetime = NOW, source: Source = Source.MTPROTO) -> IngestResult:
    """Ingest one page."""
    return ingest_messages(channel.pk, records, source=source, observed_at=at)


def post_of(channel: Channel, message_id: int) -> Post:
    """The post of this name."""
    return Post.objects.get(channel=channel, message_id=message_id)


def hours(channel: Channel, counter: str = "views") -> dict[str, int]:
    """Non-zero hour cells of a counter, as {"10 12": 5} (day and hour)."""
    rows = ChannelHour.objects.filter(channel=channel).exclude(**{counter: 0}).order_by("hour")
    return {f"{hour:%d %H}": value for hour, value in rows.values_list("hour", counter)}


def totals(channel: Channel) -> dict[str, int]:
    """Sums of all hour cells and baselines of a channel."""
    names = ("posts", "views", "forwards", "replies", "reactions")
    cells = ChannelHour.objects.filter(channel=channel).aggregate(**{name: Sum(name) for name in names})
    based = Post.objects.filter(channel=channel).aggregate(
        **{f"baseline_{name}": Sum(f"baseline_{name}") for name in names[1:]}
    )
    return {name: value or 0 for name, value in (cells | based).items()}


def latest(channel: Channel) -> list[tuple[Any, ...]]:
    """Name, items, text, counters and baselines of all posts."""
    rows = Post.objects.filter(channel=channel).order_by("message_id")
    return list(
        rows.values_list(
            "message_id",
            "item_ids",
            "text",
            "views",
            "forwards",
            "replies",
            "reactions_total",
            "reactions",
            "baseline_views",
            "baseline_forwards",
            "baseline_replies",
            "baseline_reactions",
            "deleted_at",
        )
    )


def adds_up(channel: Channel) -> bool:
    """Cells, baselines, snapshots and latest counters agree, and days are the sums of their hours."""
    assert check_invariant(channel.pk, deep=True) == []
    days = ChannelDay.objects.filter(channel=channel).aggregate(n=Sum("posts"))["n"] or 0
    assert days == Post.objects.filter(channel=channel).count()
    return True


def in_pages(records: Sequence[AnyMessage], size: int) -> list[Sequence[AnyMessage]]:
    """The records cut into pages."""
    return [records[first : first + size] for first in range(0, len(records), size)]
