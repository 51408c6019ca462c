"""Posts that point at channels, for the tests of who points at whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from channels_app.models import Channel, Post, PostReference
from tests.analytics.world import NOW


@dataclass(frozen=True)
class Pointer:
    """A post of `channel` at `at`. `names`: usernames it mentions; `urls`: links it has; `origin`: forwarded from."""

    channel: Channel
    at: datetime
    names: Sequence[str] = ()
    urls: Sequence[str] = ()
    origin: int | None = None
    views: int | None = 10
    deleted: bool = False
    kind: str = "mention"


def point(*pointers: Pointer) -> list[Post]:
    """Store the posts with their references; message ids go on from the channel's last."""
    stored = []
    for one in pointers:
        number = Post.objects.filter(channel=one.channel).count() + 1
        post = Post.objects.create(
            channel=one.channel,
            message_id=number,
            published_at=one.at,
            text_hash=b"0" * 16,
            media_kind="none",
            is_forward=one.origin is not None,
            forward_from_tg_id=one.origin,
            views=one.views,
            counters_at=NOW,
            counters_source="mtproto",
            first_seen_at=NOW,
            seen_at=NOW,
            first_source="mtproto",
            deleted_at=NOW if one.deleted else None,
        )
        PostReference.objects.bulk_create(
            [
                *(
                    PostReference(
                        post=post,
                        channel=one.channel,
                        published_at=post.published_at,
                        kind=one.kind,
                        username=name,
                        url=f"https://t.me/{name}",
                    )
                    for name in one.names
                ),
                *(
                    PostReference(post=post, channel=one.channel, published_at=post.published_at, kind="link", url=url)
                    for url in one.urls
                ),
            ]
        )
        stored.append(post)
    return stored
