"""A small made world in which every question has something to answer, and how each is asked there."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from accounts.models import Workspace
from analytics.questions import CHANNEL_QUESTIONS, WORKSPACE_QUESTIONS
from analytics.questions.answering import Answer
from analytics.questions.asking import Asked, AskedOfChannel, Reader, ask_channel, ask_workspace, channel_for
from analytics.questions.declaring import ChannelQuestion, Question
from channels_app.models import (
    Channel,
    ChannelSync,
    CollectionGap,
    DailyFact,
    OfficialGraph,
    Post,
    PostReference,
    Relation,
    SyncState,
    TrackedChannel,
)
from tests.analytics.world import count_subscribers, take_snapshots
from tests.factories import make_workspace

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
SPAN = {"from": "2026-06-08", "to": "2026-06-15"}
HOUR = timedelta(hours=1)
NEWS, OTHER = "example_news", "example_other"
# What must be given, by the name of the parameter or of the part of the address.
GIVEN: dict[str, str] = {
    "channel": f"@{NEWS}",
    "channels": f"@{NEWS},@{OTHER}",
    "msg_id": "4",
    "message_id": "4",
    "graph": "growth",
    "name": "growth",
    "metric": "views",
    "term": "news",
    "query": "news",
}


@dataclass(frozen=True)
class World:
    """The workspace, and the channel that it owns."""

    workspace: Workspace
    channel: Channel

    @property
    def reader(self) -> Reader:
        return Reader(self.workspace.pk, self.workspace.time_zone)


def make_world() -> World:
    """A workspace that owns one channel and watches another, which mentions and forwards it."""
    workspace = make_workspace(name="Example")
    news, other = _channel(NEWS, 1_234_567_890, "Example News"), _channel(OTHER, 1_234_567_891, "Other Example")
    for channel, relation in [(news, Relation.OWNED), (other, Relation.WATCHED)]:
        TrackedChannel.objects.create(workspace=workspace, channel=channel, relation=relation, created_at=NOW)
        _posts(channel, scale=1 if channel is news else 3)
    _mentions(news, other)
    count_subscribers(news, *[(NOW - timedelta(days=day), 10_000 - 25 * day) for day in range(16)])
    count_subscribers(other, (NOW - timedelta(days=9), 31_000), (NOW - timedelta(days=1), 30_500))
    for day in range(1, 9):
        DailyFact.objects.create(
            channel=news, day=date(2026, 6, 15) - timedelta(days=day), source="official", observed_at=NOW,
            subscribers=10_000 - 25 * day, joined=40 + day, left=15, muted=2, unmuted=1, views=5_000 + 100 * day,
            shares=60, reactions=90,
        )  # fmt: skip
    days = [int(datetime(2026, 6, day, tzinfo=UTC).timestamp() * 1000) for day in range(7, 15)]
    raw = {
        "columns": [["x", *days], ["y0", *range(9_800, 10_000, 25)]],
        "types": {"x": "x", "y0": "line"},
        "names": {"y0": "Total followers"},
        "colors": {"y0": "BLUE#3896E8"},
        "title": "Total followers",
    }
    OfficialGraph.objects.create(channel=news, graph="growth", loaded_at=NOW, raw=raw, digest="0" * 64)
    start = datetime(2026, 6, 11, 3, tzinfo=UTC)
    CollectionGap.objects.create(channel=news, kind="updates", started_at=start, ended_at=start + 5 * HOUR)
    return World(workspace, news)


def _channel(username: str, tg_id: int, title: str) -> Channel:
    channel = Channel.objects.create(
        tg_id=tg_id, username=username, title=title, created_at=NOW, subscribers=10_000, subscribers_at=NOW,
        subscribers_source="mtproto",
    )  # fmt: skip
    ChannelSync.objects.create(channel=channel, state=SyncState.COMPLETE, reached_start=True)
    return channel


def _posts(channel: Channel, *, scale: int) -> None:
    texts = ["Morning news #daily", "A long read: https://example.org/story", "Photo of the day", "=SUM(A1) 🔥"]
    kinds = ["none", "webpage", "photo", "video"]
    posts = [
        Post(
            channel=channel, message_id=number, published_at=NOW - timedelta(hours=8 * number), text=texts[number % 4],
            text_hash=bytes([number % 5]) * 16, media_kind=kinds[number % 4], is_forward=number % 9 == 0,
            views=900 * scale + 37 * number, forwards=number, replies=None if number % 3 else 2 * number,
            reactions={"👍": 10 + number}, reactions_total=10 + number, counters_at=NOW, counters_source="mtproto",
            first_seen_at=NOW - timedelta(hours=8 * number), first_source="mtproto",
        )
        for number in range(1, 41)
    ]  # fmt: skip
    for post in Post.objects.bulk_create(posts):
        if post.message_id <= 30:
            ages = [age for age in (0.5, 1, 2, 6, 12, 24, 36, 48) if age <= 8 * post.message_id]
            top = post.views or 0
            take_snapshots(post, *[(timedelta(hours=age), int(top * age / (age + 6))) for age in ages])


def _mentions(news: Channel, other: Channel) -> None:
    for number, post in enumerate(Post.objects.filter(channel=other, message_id__lte=12).order_by("message_id")):
        if number % 2:
            PostReference.objects.create(
                post=post, published_at=post.published_at, channel=other, kind="mention", username=news.username
            )
        else:
            Post.objects.filter(pk=post.pk).update(
                is_forward=True, forward_from_tg_id=news.tg_id, forward_from_name=news.title,
                forward_message_id=number + 1, forward_date=NOW - timedelta(days=4),
            )  # fmt: skip


def questions() -> list[Question[Any]]:
    """Every question there is."""
    return [*CHANNEL_QUESTIONS, *WORKSPACE_QUESTIONS]


def operation(question: Question[Any]) -> str:
    """The name of its operation in the document."""
    return question.name.replace("-", "_")


def path_parts(question: Question[Any]) -> dict[str, str]:
    """Values for the converters in its address."""
    parts = [part.strip("<>").partition(":")[2] for part in question.address.split("/") if part.startswith("<")]
    return {name: GIVEN[name] for name in parts}


def parameters(question: Question[Any]) -> dict[str, str]:
    """What is sent with it: the period where it takes one, and what must be given."""
    required = [one.name for one in question.parameters if getattr(one, "required", False) and one.location == "query"]
    return (SPAN if question.takes_period else {}) | {name: GIVEN[name] for name in required}


def address(question: Question[Any], channel: str = f"@{NEWS}") -> str:
    """Its address in this world, without parameters."""
    before = f"/api/v2/analytics/channels/{channel}/" if isinstance(question, ChannelQuestion) else "/api/v2/analytics/"
    route = question.address
    for name, value in path_parts(question).items():
        route = "/".join(value if part.endswith(f":{name}>") else part for part in route.split("/"))
    return before + route


def ask(world: World, question: Question[Any]) -> tuple[Asked, Answer]:
    """The question, asked at NOW, and its answer."""
    converted: dict[str, str | int] = {
        name: int(value) if value.isdigit() else value for name, value in path_parts(question).items()
    }
    if isinstance(question, ChannelQuestion):
        head = channel_for(world.reader, f"@{NEWS}")
        asked: AskedOfChannel | Asked = ask_channel(
            world.reader, head, parameters(question), now=NOW, path=converted, segmented=question.takes_segment
        )
    else:
        asked = ask_workspace(world.reader, parameters(question), now=NOW, path=converted)
    return asked, question.answer(asked)
