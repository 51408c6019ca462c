"""Snapshots for the tests of packing, written as they are, and read as every reader reads."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

from django.db import connection

from channels_app.models import Channel, Post, PostSnapshot
from channels_app.partitions import ensure_months, forget_partitions, month_of

OPENED = datetime(2026, 1, 20, 9, 30, tzinfo=UTC)
_ids = count(1)


class Told(NamedTuple):
    """One reading: age since OPENED and what it told."""

    age: timedelta
    views: int | None = None
    forwards: int | None = None
    replies: int | None = None
    reactions: dict[str, int] | None = None
    source: str = "mtproto"
    approximate: bool = False


def make_post(channel: Channel, *, published_at: datetime = OPENED, **values: Any) -> Post:
    """A post that nobody polls any more."""
    return Post.objects.create(
        channel=channel,
        message_id=next(_ids),
        published_at=published_at,
        text_hash=b"0" * 16,
        media_kind="none",
        first_seen_at=published_at,
        first_source="mtproto",
        **values,
    )


def write_snapshots(post: Post, readings: Sequence[Told], *, since: datetime = OPENED) -> None:
    """Store readings as snapshots of their own."""
    forget_partitions()  # those made in an earlier test were rolled back with it
    ensure_months({month_of(since + told.age) for told in readings})
    PostSnapshot.objects.bulk_create(
        PostSnapshot(
            post=post,
            observed_at=since + told.age,
            **{name: value for name, value in told._asdict().items() if name != "age"},
        )
        for told in readings
    )


def read(post: Post) -> list[tuple[Any, ...]]:
    """All readings of a post, in order of time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM channels_app_readings(%s) ORDER BY observed_at", [post.pk])
        return cursor.fetchall()
