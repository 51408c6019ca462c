"""Channels whose posts were watched as they grew, for the tests of trends, and how they are asked about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from typing import Any

from django.test import Client

from accounts.models import Workspace
from channels_app.models import Channel, Post, PostSnapshot, Relation
from channels_app.partitions import ensure_months, forget_partitions, month_of
from channels_app.schedule import LOOK_AGES
from tests.analytics.world import make_channel
from tests.factories import bearer, make_token, make_tracked, make_workspace

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Grown:
    """A post that gathers `final` views along the one curve. `watched`: it was read as it grew, not only at the end."""

    at: datetime
    final: float = 1000
    watched: bool = True
    forwards: int | None = None
    is_forward: bool = False
    deleted: bool = False
    media: str = "none"
    text: str = "text"
    hashtags: tuple[str, ...] = ()
    known: bool = True


def views_at(final: float, age: timedelta) -> int:
    """Views at an age: half of them within eight hours."""
    return round(final * (1 - exp(-(age / HOUR) / 12)))


def grow(channel: Channel, posts: Sequence[Grown], *, seen_at: datetime) -> list[Post]:
    """Store posts as they stand at `seen_at`, with the readings that the schedule of polls would have made."""
    rows = Post.objects.bulk_create(_row(channel, number, post, seen_at) for number, post in enumerate(posts, start=1))
    readings = [
        PostSnapshot(post=row, observed_at=at, source="mtproto", views=views)
        for row, post in zip(rows, posts, strict=True)
        for at, views in readings_of(post, seen_at)
    ]
    forget_partitions()  # those made in an earlier test were rolled back with it
    ensure_months({month_of(reading.observed_at) for reading in readings})
    PostSnapshot.objects.bulk_create(readings, batch_size=5000)
    return rows


def readings_of(post: Grown, seen_at: datetime) -> list[tuple[datetime, int]]:
    """What was read of a post and when: written where it changed, and at last."""
    if not post.known:
        return []
    looks = [post.at + timedelta(seconds=age) for age in LOOK_AGES] if post.watched else []
    found: list[tuple[datetime, int]] = []
    for at in sorted({*(look for look in looks if look < seen_at), seen_at}):
        views = views_at(post.final, at - post.at)
        if not found or found[-1][1] != views:
            found.append((at, views))
    return found


def _row(channel: Channel, number: int, post: Grown, seen_at: datetime) -> Post:
    return Post(
        channel=channel,
        message_id=number,
        published_at=post.at,
        text=post.text,
        text_hash=b"0" * 16,
        media_kind=post.media,
        hashtags=list(post.hashtags),
        is_forward=post.is_forward,
        views=views_at(post.final, seen_at - post.at) if post.known else None,
        forwards=post.forwards,
        counters_at=seen_at if post.known else None,
        counters_source="mtproto" if post.known else None,
        first_seen_at=seen_at,
        first_source="mtproto",
        deleted_at=seen_at if post.deleted else None,
    )


class Reader:
    """A workspace with a token, and the channel it follows."""

    def __init__(self, *, zone: str = "UTC", owned: bool = False, complete: bool = True) -> None:
        self.workspace: Workspace = make_workspace()
        self.workspace.time_zone = zone
        self.workspace.save(update_fields=["time_zone"])
        self.channel = make_channel(complete=complete)
        make_tracked(self.workspace, self.channel, relation=Relation.OWNED if owned else Relation.WATCHED)
        self.headers = bearer(make_token(self.workspace))

    def get(self, what: str, *, channel: str | None = None) -> Any:
        """The response of an endpoint below the channel."""
        name = channel or f"@{self.channel.username}"
        return Client().get(f"/api/v2/analytics/channels/{name}/{what}", headers=self.headers)

    def ask(self, what: str) -> Any:
        """The JSON of an answer that must be one."""
        response = self.get(what)
        assert response.status_code == 200, response.content
        return response.json()
