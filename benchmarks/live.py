"""From a post's push to its committed row: a collector process follows the sandbox, which is told to post.

The time is taken before the sandbox is told and again when another session of the database sees the row, looked for
every few milliseconds. First one post after the other at a steady pace, then all at once.
"""

import csv
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import sync

PUSHED = int(os.environ.get("BENCH_PUSHED", "200"))
# Posts a second at the steady pace.
PACE = 10.0
# Posts that the channel has before.
BEFORE = 100
LOOK_SECONDS = 0.004
PATIENCE = 120.0


def run() -> dict[str, float]:
    """Figures by name; needs Django set up and a migrated database."""
    from tests.telegram import SandboxProcess

    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        _write_channel(Path(folder))
        with SandboxProcess(channels=Path(folder)) as telegram:
            sync._sign_in(telegram)
            channel_id = sync._new_channel()
            collector = subprocess.Popen(
                [sys.executable, "manage.py", "collect_updates"],
                env=sync._environment(telegram),
                stderr=subprocess.DEVNULL,
            )
            try:
                _wait_followed(channel_id)
                figures |= _told("one by one", _seconds(telegram, channel_id, first=BEFORE + 1, pace=PACE))
                figures |= _told("all at once", _seconds(telegram, channel_id, first=BEFORE + PUSHED + 1, pace=None))
            finally:
                collector.terminate()
                collector.wait(30)
                sync._clean()
    for name, value in figures.items():
        print(f"{name}: {value:,.0f}")
    return figures


def _write_channel(folder: Path) -> None:
    begun = datetime.now(UTC) - timedelta(days=2)
    with (folder / f"{sync.NAME}.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(["id", "date", "text", "views", "forwards", "replies"])
        for number in range(1, BEFORE + 1):
            date = (begun + timedelta(minutes=number)).isoformat()
            writer.writerow([number, date, f"post {number}", 10 * number, number % 7, ""])


def _wait_followed(channel_id: int) -> None:
    """Until the history is there and the account has its place in the stream of updates."""
    from channels_app.models import ChannelSync
    from mtproto.models import PeerAccess

    deadline = time.monotonic() + PATIENCE
    while not (
        ChannelSync.objects.filter(pk=channel_id, state="complete").exists()
        and PeerAccess.objects.filter(account__label=sync.NAME, pts__isnull=False, is_member=True).exists()
    ):
        if time.monotonic() > deadline:
            raise RuntimeError("the collector does not follow the channel")
        time.sleep(0.2)
    # The work of the beginning (facts, statistics, polls) comes to its end.
    time.sleep(5)


def _seconds(telegram: Any, channel_id: int, *, first: int, pace: float | None) -> list[float]:
    """For each of PUSHED posts the time from the order to the row; at `pace` posts a second, or in one order."""
    told: dict[int, float] = {}

    def push() -> None:
        if pace is None:
            told.update(dict.fromkeys(range(first, first + PUSHED), time.perf_counter()))
            telegram.control("post", channel=sync.NAME, text="burst", count=PUSHED)
            return
        for number in range(first, first + PUSHED):
            told[number] = time.perf_counter()
            telegram.control("post", channel=sync.NAME, text=f"live {number}")
            time.sleep(max(0.0, 1 / pace - (time.perf_counter() - told[number])))

    pushing = threading.Thread(target=push)
    pushing.start()
    try:
        seen = _watch(channel_id, first)
    finally:
        pushing.join()
    return [at - told[number] for number, at in seen.items()]


def _watch(channel_id: int, first: int) -> dict[int, float]:
    """When each new post's row was first seen by this session."""
    from channels_app.models import Post

    posts = Post.objects.filter(channel_id=channel_id, message_id__gte=first)
    seen: dict[int, float] = {}
    deadline = time.monotonic() + PATIENCE
    while len(seen) < PUSHED:
        found = posts.exclude(message_id__lte=max(seen, default=0)).values_list("message_id", flat=True)
        now_seen = list(found)
        at = time.perf_counter()
        seen.update(dict.fromkeys(now_seen, at))
        if time.monotonic() > deadline:
            raise RuntimeError(f"only {len(seen)} of {PUSHED} posts have come")
        time.sleep(LOOK_SECONDS)
    return seen


def _told(name: str, seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        f"push to committed row, {name}, p50 ms": statistics.median(ordered) * 1000,
        f"push to committed row, {name}, p95 ms": ordered[int(len(ordered) * 0.95)] * 1000,
        f"push to committed row, {name}, max ms": ordered[-1] * 1000,
    }
