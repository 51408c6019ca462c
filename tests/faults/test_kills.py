"""Kill -9 of worker, collector, beat and Redis at random during a sync: every post once, nothing lost, no hand needed.

FAULT_KILLS sets the number of kills (10 in the suite), FAULT_SEED repeats a run.
"""

import os
import random
import secrets
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import Sum
from django.utils import timezone

from accounts.models import Workspace
from analyticbot.local.binaries import valkey_program
from analyticbot.local.valkey import Valkey
from channels_app.cells import check_invariant
from channels_app.models import Channel, ChannelSync, CollectTask, Post
from mtproto.models import TelegramAccount
from tests.channels_app.collect.doors import BEAT, COLLECTOR, WORKER, Process, environment
from tests.channels_app.collect.world import asked_ids, track, truth_of, write_channel
from tests.telegram import SandboxProcess

KILLS = int(os.environ.get("FAULT_KILLS", "10"))
CHANNELS, POSTS = 5, 4000
IDLE_SECONDS = 90  # the longest time after the last kill until all is collected

pytestmark = [pytest.mark.faults, pytest.mark.slow]


@pytest.fixture
def channel_files(tmp_path: Path) -> Path:
    folder = tmp_path / "channels"
    folder.mkdir()
    for number in range(CHANNELS):
        write_channel(folder, f"kills{number}", POSTS, start=timezone.now() - timedelta(days=20))
    return folder


class Redis:
    """A Redis that can be killed and started again over the same files."""

    def __init__(self, folder: Path) -> None:
        self.server = Valkey(
            folder=folder, program=valkey_program(), password=secrets.token_urlsafe(8), log=folder.with_suffix(".log")
        )
        self.process = self.server.start()

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def start(self) -> None:
        self.process = self.server.start()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    server = Redis(tmp_path / "valkey")
    yield server
    server.kill()


def test_kills_at_random_lose_nothing_and_double_nothing(
    account: TelegramAccount, workspace: Workspace, telegram: SandboxProcess, redis: Redis, tmp_path: Path
) -> None:
    seed = int(os.environ.get("FAULT_SEED", str(random.randrange(10**6))))
    chance = random.Random(seed)
    channels = [track(workspace, f"@kills{number}") for number in range(CHANNELS)]
    env = environment(telegram, redis_url=redis.server.url)
    processes: dict[str, Process | Redis] = {"redis": redis}
    for name, arguments in (("worker", WORKER), ("beat", BEAT), ("collector", COLLECTOR)):
        processes[name] = Process(arguments, log=tmp_path / f"{name}.log", env=env)
    # Slow enough that the kills fall into the sync.
    telegram.control("delay", method="messages.getHistory", ms=KILLS * 45)
    killed: list[str] = []
    try:
        for name in ("worker", "beat", "collector"):
            processes[name].start()
        _wait_for_posts(channels)
        for _ in range(KILLS):
            time.sleep(chance.uniform(1.0, 4.0))  # the moment of a kill is chance, nothing is waited for
            name = chance.choice(sorted(processes))
            processes[name].kill()
            time.sleep(chance.uniform(0.0, 0.5))
            processes[name].start()
            killed.append(name)
        missing = sum(sync.state != "complete" for sync in ChannelSync.objects.all())
        telegram.control("clear_faults")
        seconds = _wait_complete(channels)
    finally:
        for name in ("worker", "beat", "collector"):
            processes[name].kill()
    print(
        f"seed {seed}: {len(killed)} kills {dict(Counter(killed))}; {missing} of {CHANNELS} channels were unfinished "
        f"at the last kill, complete {seconds:.1f} s after it"
    )
    for number, channel in enumerate(channels):
        _assert_whole(channel, telegram, f"kills{number}")
    assert not CollectTask.objects.filter(parked_at__isnull=False).exists()


def _wait_for_posts(channels: list[Channel]) -> None:
    SandboxProcess.wait_for(
        None,  # type: ignore[arg-type]  # the method needs no sandbox
        lambda: Post.objects.filter(channel__in=channels).exists(),
        timeout=60,
        what="the first posts",
    )


def _wait_complete(channels: list[Channel]) -> float:
    began = time.monotonic()
    while time.monotonic() - began < IDLE_SECONDS:
        states = ChannelSync.objects.filter(channel__in=channels).values_list("state", flat=True)
        if set(states) == {"complete"}:
            return time.monotonic() - began
        time.sleep(0.2)
    raise AssertionError(f"not complete: {list(ChannelSync.objects.values())} {list(CollectTask.objects.values())}")


def _assert_whole(channel: Channel, telegram: SandboxProcess, name: str) -> None:
    truth = truth_of(telegram, name)
    ids = list(Post.objects.filter(channel=channel).order_by("message_id").values_list("message_id", flat=True))
    assert ids == sorted(truth)
    assert asked_ids(channel) == {item for post in truth.values() for item in post["items"]}
    assert check_invariant(channel.pk, deep=True) == []
    total = Post.objects.filter(channel=channel).aggregate(n=Sum("views"))["n"]
    assert total == sum(post["views"] for post in truth.values())
