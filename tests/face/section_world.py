"""What the sections tell of, on top of a channel of `world`: edits, deletions, mentions, official figures, renaming."""

from datetime import datetime, timedelta

from channels_app.models import (
    Channel,
    ChannelFactChange,
    DailyFact,
    OfficialGraph,
    Post,
    PostReference,
    PostRevision,
)

_MILLISECOND = 1000
_BEFORE = (
    "Бесплатная доставка по городу при заказе от 100 000 сум — до конца месяца.\n\n"
    "Подробности в комментариях, отвечаем каждый день с 9 до 18."
)
_AFTER = _BEFORE.replace("100 000", "150 000").replace("месяца", "недели")


def enrich(channel: Channel, *, now: datetime) -> None:
    """Give the channel one of everything."""
    _hashtags(channel)
    _edit_and_deletion(channel, now=now)
    _mentions(channel, now=now)
    _official(channel, now=now)
    ChannelFactChange.objects.create(
        channel=channel,
        field="title",
        old="Qulay savdo",
        new=channel.title,
        observed_at=now - timedelta(days=5),
        source="mtproto",
    )


def _hashtags(channel: Channel) -> None:
    """Every fourth post has a hashtag; the others are told from each other by their media."""
    posts = [post for post in Post.objects.filter(channel=channel) if post.message_id % 40 == 0]
    for post in posts:
        post.hashtags = ["aksiya"]
        post.text = "#aksiya " + post.text
    Post.objects.bulk_update(posts, ["hashtags", "text"], batch_size=500)


def _edit_and_deletion(channel: Channel, *, now: datetime) -> None:
    edited, gone = Post.objects.filter(channel=channel, is_forward=False).order_by("-published_at")[4:6]
    edited.text, edited.edited_at = _AFTER, now - timedelta(days=1)
    edited.save()
    PostRevision.objects.create(
        post=edited,
        seen_at=edited.published_at + timedelta(minutes=4),
        replaced_at=now - timedelta(days=1),
        text=_BEFORE,
        text_hash=b"1",
    )
    Post.objects.filter(pk=gone.pk).update(deleted_at=now - timedelta(hours=20))


def _mentions(channel: Channel, *, now: datetime) -> None:
    other = Channel.objects.create(
        tg_id=77_001, username="boshqa_kanal", title="Boshqa kanal", subscribers=12_400, created_at=now
    )
    for number in range(3):
        post = Post.objects.create(
            channel=other,
            message_id=number + 1,
            published_at=now - timedelta(days=number + 1),
            text=f"@{channel.username} yozadi",
            text_hash=b"2",
            media_kind="none",
            views=900 + number,
            counters_at=now,
            counters_source="mtproto",
            first_seen_at=now,
            first_source="mtproto",
        )
        PostReference.objects.create(
            post=post, published_at=post.published_at, channel=other, kind="mention", username=channel.username
        )


def _official(channel: Channel, *, now: datetime) -> None:
    today = now.date()
    DailyFact.objects.bulk_create(
        DailyFact(
            channel=channel,
            day=today - timedelta(days=day),
            source="official",
            subscribers=48_200 - day * 31,
            joined=60 + day % 7,
            left=20 + day % 5,
            muted=9,
            unmuted=2,
            notified=13_000 + day,
            notified_of=48_000,
            views=20_000 + day * 10,
            shares=200,
            reactions=410,
            observed_at=now,
        )
        for day in range(1, 25)
    )
    midnights = [now - timedelta(days=day) for day in range(24, 0, -1)]
    axis = [int(at.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()) * _MILLISECOND for at in midnights]
    _graph(channel, "languages_graph", axis, {"Uzbek": 60, "Russian": 30, "English": 10}, now=now, kind="area")
    _graph(channel, "views_by_source_graph", axis, {"Followers": 900, "Search": 80, "URL": 40}, now=now, kind="bar")
    _graph(channel, "top_hours_graph", list(range(24)), {"This week": 300, "Last week": 280}, now=now, kind="line")


def _graph(channel: Channel, name: str, axis: list[int], series: dict[str, int], *, now: datetime, kind: str) -> None:
    keys = [f"y{number}" for number in range(len(series))]
    rows = zip(keys, series.values(), strict=True)
    columns = [["x", *axis], *([key, *(base + place % 5 for place in range(len(axis)))] for key, base in rows)]
    raw = {
        "columns": columns,
        "types": {"x": "x", **dict.fromkeys(keys, kind)},
        "names": dict(zip(keys, series, strict=True)),
        "stacked": kind != "line",
        "percentage": kind == "area",
    }
    OfficialGraph.objects.create(channel=channel, graph=name, loaded_at=now, raw=raw, digest=name)
