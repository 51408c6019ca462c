"""Rows for the tests of statistics, and the same numbers computed in plain Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from channels_app.models import Channel, ChannelSync, Post, PostSnapshot, SubscriberSample, SyncState
from channels_app.partitions import ensure_months, forget_partitions, month_of

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
_ids = count(1)


@dataclass(frozen=True)
class Seen:
    """A post as observed; None is unknown."""

    at: datetime
    views: int | None = 100
    forwards: int | None = 0
    replies: int | None = None
    reactions: int | None = None
    is_forward: bool = False
    deleted: bool = False


def make_channel(*, complete: bool = True) -> Channel:
    """A channel whose history is complete, or has not begun."""
    number = next(_ids)
    channel = Channel.objects.create(tg_id=10_000 + number, username=f"channel{number}", title="T", created_at=NOW)
    ChannelSync.objects.create(
        channel=channel,
        state=SyncState.COMPLETE if complete else SyncState.PENDING,
        reached_start=complete,
    )
    return channel


def make_posts(channel: Channel, posts: Sequence[Seen]) -> list[Post]:
    """Store posts with message ids 1, 2, … in the order given."""
    return Post.objects.bulk_create(
        Post(
            channel=channel,
            message_id=number,
            published_at=post.at,
            text=f"post {number}",
            text_hash=b"0" * 16,
            media_kind="none",
            is_forward=post.is_forward,
            views=post.views,
            forwards=post.forwards,
            replies=post.replies,
            reactions_total=post.reactions,
            counters_at=NOW,
            counters_source="mtproto",
            first_seen_at=NOW,
            first_source="mtproto",
            deleted_at=NOW if post.deleted else None,
        )
        for number, post in enumerate(posts, start=1)
    )


def count_subscribers(channel: Channel, *samples: tuple[datetime, int]) -> None:
    """Store counts of subscribers."""
    SubscriberSample.objects.bulk_create(
        SubscriberSample(channel=channel, observed_at=at, source="mtproto", count=number) for at, number in samples
    )


def take_snapshots(post: Post, *samples: tuple[timedelta, int]) -> None:
    """Store views of a post at ages."""
    forget_partitions()  # those made in an earlier test were rolled back with it
    ensure_months({month_of(post.published_at + age) for age, _ in samples})
    PostSnapshot.objects.bulk_create(
        PostSnapshot(post=post, observed_at=post.published_at + age, source="mtproto", views=views)
        for age, views in samples
    )
