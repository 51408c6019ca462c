"""A channel whose posts were watched while they were young, and one post with everything that a post can have."""

import math
from datetime import datetime, timedelta

from channels_app.models import Channel, Post, PostRevision, PostSnapshot, PublicForwardSeen
from channels_app.partitions import ensure_months, forget_partitions, month_of

AGES_HOURS = (0.5, 1, 2, 3, 4, 6, 8, 12, 18, 24, 30, 36, 48, 60)
TEXT = "😀 Narxlar e'lon qilindi <b>19 000</b> so‘m\n\nБатафсил: example.org va @qulay_savdo\nmaxfiy so'z: qovun"


def watched_posts(channel: Channel, *, now: datetime, count: int = 8) -> list[Post]:
    """Posts of the last days with a reading at many ages, each larger than the one before."""
    posts = [
        Post(
            channel=channel,
            message_id=100_000 + number,
            published_at=now - timedelta(days=3, hours=4 * (count - number)),
            text=f"Post {number}",
            text_hash=b"0",
            media_kind="none",
            views=_views(64, number),
            forwards=20,
            replies=3,
            reactions_total=45,
            counters_at=now - timedelta(minutes=5),
            counters_source="mtproto",
            first_seen_at=now,
            first_source="mtproto",
        )
        for number in range(count)
    ]
    Post.objects.bulk_create(posts)
    forget_partitions()  # those made in an earlier test were rolled back with it
    ensure_months({month_of(post.published_at + timedelta(hours=age)) for post in posts for age in AGES_HOURS})
    PostSnapshot.objects.bulk_create(
        PostSnapshot(
            post=post,
            observed_at=post.published_at + timedelta(hours=age),
            source="mtproto",
            views=_views(age, number),
            forwards=int(age),
            replies=1,
            reactions={"👍": int(age)},
        )
        for number, post in enumerate(posts)
        for age in AGES_HOURS
    )
    return posts


def full_post(channel: Channel, *, now: datetime) -> Post:
    """The newest of the watched posts, with formatting, reactions, edits, reposts and a poll."""
    post = watched_posts(channel, now=now)[-1]
    post.text = TEXT
    at = {word: _offset(word) for word in ("Narxlar", "<b>", "example.org", "@qulay_savdo", "qovun")}
    post.entities = [
        ["bold", at["Narxlar"], 7, None],
        ["italic", at["<b>"], 13, None],
        ["url", at["example.org"], 11, None],
        ["mention", at["@qulay_savdo"], 12, None],
        ["spoiler", at["qovun"], 5, None],
    ]
    post.media_kind = "poll"
    post.poll = {
        "question": "Qaysi biri?", "options": [["Olma", 30], ["Anor", 12]], "total_voters": 42, "closed": False
    }  # fmt: skip
    post.reactions = {"👍": 30, "custom:5368324170671202286": 10, "paid": 5}
    post.pinned = True
    post.edited_at = now - timedelta(hours=20)
    post.post_author = "Anna"
    post.save()
    for hours, text in ((30, TEXT.replace("19 000", "17 000")), (20, TEXT.replace("19 000", "18 000"))):
        PostRevision.objects.create(
            post=post, text=text, text_hash=b"0", seen_at=now - timedelta(hours=hours + 9),
            replaced_at=now - timedelta(hours=hours),
        )  # fmt: skip
    PublicForwardSeen.objects.create(
        post=post, channel_tg_id=777, channel_username="boshqa", channel_title="Boshqa <kanal>", message_id=5,
        published_at=now - timedelta(hours=10), views=900, first_seen_at=now, last_seen_at=now,
    )  # fmt: skip
    return post


def _views(hours: float, number: int) -> int:
    return round((9000 + 400 * number) * (1 - math.exp(-hours / 14)))


def _offset(word: str) -> int:
    return len(TEXT[: TEXT.index(word)].encode("utf-16-le")) // 2
