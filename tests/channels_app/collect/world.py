"""What the tests of collecting share: channel files, a tracked channel, a collector in this process, the truth."""

import asyncio
import csv
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import Workspace
from analyticbot.core.audit import SYSTEM
from channels_app.collect.collector import Collector
from channels_app.models import AlbumItem, Channel, ChannelSync, CollectTask, Post
from channels_app.tracking import track_channel
from mtproto.references import parse_reference
from tests.telegram import SandboxProcess

START = datetime(2026, 10, 1, 8, tzinfo=UTC)


def write_channel(folder: Path, name: str, posts: int, *, start: datetime = START, first_id: int = 1) -> None:
    """A channel file of `posts` posts, five minutes apart, with counters that tell the post."""
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(["id", "date", "text", "views", "forwards", "replies"])
        for number in range(posts):
            message_id = first_id + number
            date = (start + timedelta(minutes=5) * number).isoformat()
            writer.writerow([message_id, date, f"post {message_id} of {name}", 1000 + message_id, number % 7, ""])


def make_workspace() -> Workspace:
    """A workspace without people."""
    return Workspace.objects.create(name="W", created_at=timezone.now())


def track(workspace: Workspace, name: str) -> Channel:
    """Have a channel collected."""
    tracked, _ = track_channel(
        workspace=workspace, reference=parse_reference(name), actor=SYSTEM, user=None, now=timezone.now()
    )
    return tracked.channel


def run_once() -> None:
    """A collector that does what is due and ends."""
    asyncio.run(Collector(once=True).run())


@contextmanager
def running_collector() -> Iterator[Collector]:
    """A collector in a thread of this process."""
    ready = threading.Event()
    box: dict[str, Any] = {}

    async def main() -> None:
        box["collector"] = Collector()
        box["loop"] = asyncio.get_running_loop()
        ready.set()
        await box["collector"].run()

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield box["collector"]
    finally:
        box["loop"].call_soon_threadsafe(box["collector"].stopping.set)
        thread.join(60)
        assert not thread.is_alive(), "the collector did not stop"


def wait_for(condition: Callable[[], Any], *, timeout: float = 60.0, what: str = "condition") -> Any:
    """Poll until `condition` is true; its value."""
    return SandboxProcess.wait_for(None, condition, timeout=timeout, what=what)  # type: ignore[arg-type]


def state_of(channel: Channel) -> str:
    """The state of the channel's history."""
    return ChannelSync.objects.get(pk=channel.pk).state


def wait_complete(channel: Channel, *, timeout: float = 60.0) -> None:
    """Wait until the history is complete."""
    try:
        wait_for(lambda: state_of(channel) == "complete", timeout=timeout, what="complete")
    except TimeoutError:
        sync = ChannelSync.objects.filter(pk=channel.pk).values()
        tasks = list(CollectTask.objects.filter(channel=channel).values())
        raise AssertionError(f"not complete: {list(sync)} {tasks}") from None


def truth_of(telegram: SandboxProcess, name: str) -> dict[int, dict[str, Any]]:
    """The posts that the sandbox holds, albums as one post named by the smallest id, service messages left out."""
    posts: dict[int, dict[str, Any]] = {}
    albums: dict[int, int] = {}
    for post in telegram.control("channel", channel=name)["posts"]:
        if post["service"]:
            continue
        home = albums.setdefault(post["grouped_id"], post["id"]) if post["grouped_id"] else post["id"]
        seen = posts.setdefault(home, dict(post, items=[]))
        seen["items"].append(post["id"])
        for counter in ("views", "forwards"):
            both = [v for v in (seen[counter], post[counter]) if v is not None]
            seen[counter] = max(both) if both else None
    return posts


def stored(channel: Channel) -> dict[int, Post]:
    """Posts that stand in our rows and are not deleted, by message id."""
    return {post.message_id: post for post in Post.objects.filter(channel=channel, deleted_at__isnull=True)}


def assert_equal_to_truth(channel: Channel, telegram: SandboxProcess, name: str) -> None:
    """Every post once with its counters, nothing else."""
    truth, rows = truth_of(telegram, name), stored(channel)
    assert sorted(rows) == sorted(truth)
    wrong = [
        (number, rows[number].views, post["views"])
        for number, post in truth.items()
        if (rows[number].views, rows[number].forwards) != (post["views"], post["forwards"])
    ]
    assert wrong == []


def asked_ids(channel: Channel) -> set[int]:
    """All message ids in our rows, album items included."""
    items = set(AlbumItem.objects.filter(channel=channel).values_list("message_id", flat=True))
    return items | set(Post.objects.filter(channel=channel).values_list("message_id", flat=True))
