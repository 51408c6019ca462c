"""A workspace as a person would have it: channels in every state, one of them with a year behind it."""

import math
from datetime import datetime, timedelta

from accounts.models import Workspace
from channels_app.models import (
    Channel,
    ChannelSync,
    CollectionGap,
    CollectKind,
    CollectTask,
    Post,
    Relation,
    SubscriberSample,
    SyncState,
    TrackedChannel,
)

_TEXTS = (
    "Yangi tariflar e'lon qilindi: obuna narxi 19 000 so‘mdan boshlanadi",
    "Бесплатная доставка по городу при заказе от 150 000 сум — до конца недели",
    "We measured it for a month: what people really read in the morning",
    "",
    "Очень длинное слово без пробелов: " + "https://example.org/" + "a" * 90,
    "Bugungi kurs: 1 AQSH dollari — 12 640 so‘m 📈",
)
_MEDIA = ("none", "photo", "video", "photo", "web_page", "poll")


def track(workspace: Workspace, channel: Channel, *, now: datetime, owned: bool = False) -> TrackedChannel:
    """The workspace follows the channel."""
    relation = Relation.OWNED if owned else Relation.WATCHED
    return TrackedChannel.objects.create(workspace=workspace, channel=channel, relation=relation, created_at=now)


def full_channel(*, now: datetime, username: str = "qulay_savdo", days: int = 400, title: str = "") -> Channel:
    """A channel with `days` of two posts a day, albums, forwards, unknown counters and a gap of nine days."""
    channel = Channel.objects.create(
        tg_id=abs(hash(username)) % 10**9 + 1,
        username=username,
        title=title or "Qulay savdo · Удобные покупки",
        created_at=now,
        subscribers=48_217,
        subscribers_at=now - timedelta(minutes=12),
        subscribers_source="mtproto",
    )
    ChannelSync.objects.create(channel=channel, state=SyncState.COMPLETE, reached_start=True, total_messages=days * 2)
    Post.objects.bulk_create([_post(channel, number, now=now, days=days) for number in range(1, days * 2 + 1)])
    _subscribers(channel, now=now, days=days)
    CollectionGap.objects.create(
        channel=channel,
        kind="updates",
        started_at=now - timedelta(days=19),
        ended_at=now - timedelta(days=17),
        reason="offline",
    )
    return channel


def _post(channel: Channel, number: int, *, now: datetime, days: int) -> Post:
    published = now - timedelta(hours=12 * (days * 2 - number) + 1)
    kind = number % len(_TEXTS)
    own = round(9000 + 5000 * math.sin(number / 9) + 1500 * math.sin(number * 1.7) + number * 3)
    unknown = number % 41 == 0
    return Post(
        channel=channel,
        message_id=number * 10,
        published_at=published,
        text=_TEXTS[kind],
        text_hash=b"0" * 16,
        media_kind=_MEDIA[kind],
        grouped_id=number if kind == 1 else None,
        item_ids=[number * 10 + item for item in range(4)] if kind == 1 else [],
        is_forward=number % 23 == 0,
        forward_from_name="Kanal <b>boshqa</b>" if number % 23 == 0 else None,
        views=None if unknown else own,
        forwards=None if unknown else own // 80,
        replies=None if number % 3 else own // 400,
        reactions_total=None if unknown else own // 40,
        counters_at=None if unknown else now - timedelta(minutes=9),
        counters_source=None if unknown else "mtproto",
        first_seen_at=now,
        first_source="mtproto",
    )


def _subscribers(channel: Channel, *, now: datetime, days: int) -> None:
    SubscriberSample.objects.bulk_create(
        SubscriberSample(
            channel=channel,
            observed_at=now - timedelta(days=day, minutes=12),
            source="mtproto",
            count=round(48_217 - day * 31 + 260 * math.sin(day / 6)) if day else 48_217,
        )
        for day in range(days)
        if not 9 <= day <= 13
    )


def posts_of_days(days: int, *, now: datetime) -> int:
    """How many posts `full_channel` has on the last days (of UTC), today included: that depends on the hour."""
    first = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
    return sum(now - timedelta(hours=12 * number + 1) >= first for number in range(2 * days))


def new_channel(
    username: str | None, *, now: datetime, state: SyncState = SyncState.PENDING, posts: int = 0, error: str = ""
) -> Channel:
    """A channel that is being collected, or could not be."""
    channel = Channel.objects.create(username=username, invite_hash=None if username else "AbCdEfGhIj", created_at=now)
    ChannelSync.objects.create(
        channel=channel,
        state=state,
        total_messages=1000 if posts else None,
        error_code=error.partition(": ")[0],
        error=error.partition(": ")[2],
    )
    CollectTask.objects.create(channel=channel, kind=CollectKind.HISTORY)
    Post.objects.bulk_create([_post(channel, number, now=now, days=posts) for number in range(1, posts + 1)])
    return channel


def whole_world(workspace: Workspace, *, now: datetime, days: int = 400) -> Channel:
    """Channels in every state; the full one, with `days` behind it, is returned."""
    full = full_channel(now=now, days=days)
    track(workspace, new_channel(None, now=now), now=now)
    failed = new_channel("no_such_channel_at_all", now=now, state=SyncState.FAILED, error="PEER_NOT_FOUND: not found")
    track(workspace, failed, now=now)
    track(workspace, new_channel("just_added", now=now), now=now)
    track(workspace, new_channel("growing_history", now=now, state=SyncState.RUNNING, posts=240), now=now)
    track(workspace, full, now=now, owned=True)
    return full
