"""The ring: tells the sockets of all web processes that a channel has moved.

It is rung between two writes of a collector, so it only notes what moved; a thread of its own publishes. A channel is
rung at most once per `EVERY` by a process: at once when it was quiet, else at the end of that time with all that came
meanwhile, so the last is never lost. With Redis away rings are lost, and pages find out by asking.
"""

import asyncio
import atexit
import logging
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from redis.exceptions import RedisError

from accounts.sessions.ending import sessions_ended
from analytics.live import counting
from analytics.live.groups import group_of_channel, group_of_session
from channels_app.moved import Moved, channel_moved

logger = logging.getLogger(__name__)

EVERY = 0.5  # seconds
_PATIENCE = 2.0  # seconds that one ring may take
_SILENCE = 60.0  # seconds between two log lines about the same trouble
_MOST_WAITING = 10_000


@dataclass(slots=True)
class Ring:
    """What is to be told to a group, and when."""

    due: float
    version: int | None = None
    what: set[str] = field(default_factory=set)


class Bell:
    """Rings of one process. Every method returns at once and may be called by any thread."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._noted = threading.Condition()
        self._waiting: dict[str, Ring] = {}
        self._rung: dict[str, float] = {}
        self._thread: threading.Thread | None = None
        self._complained = 0.0
        self._working = False

    def forget(self) -> None:
        """Begin anew: in a forked child the thread is not there."""
        self._begin()

    def ring(self, group: str, what: Iterable[str], *, version: int | None = None) -> None:
        """Note that a group is to be told; within `EVERY` of the last time it waits."""
        now = time.monotonic()
        with self._noted:
            waiting = self._waiting.get(group)
            if waiting is None:
                if len(self._waiting) >= _MOST_WAITING:
                    return
                waiting = self._waiting[group] = Ring(max(now, self._rung.get(group, 0.0) + EVERY))
            waiting.what.update(what)
            if version is not None:
                waiting.version = max(version, waiting.version or 0)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="bell", daemon=True)
                self._thread.start()
            self._noted.notify()

    def settle(self, *, within: float) -> bool:
        """Wait until nothing waits any more; False if that takes longer than `within` seconds."""
        end = time.monotonic() + within
        with self._noted:
            for ring in self._waiting.values():
                ring.due = 0.0
            self._noted.notify()
            while (self._waiting or self._working) and self._thread is not None and time.monotonic() < end:
                self._noted.wait(0.02)
            return not self._waiting and not self._working

    def _run(self) -> None:
        loop = asyncio.new_event_loop()
        while True:
            due = self._take()
            for group, ring in due.items():
                self._send(loop, group, ring)
            with self._noted:
                self._working = False

    def _take(self) -> dict[str, Ring]:
        """Wait for rings that are due, and take them."""
        with self._noted:
            while True:
                now = time.monotonic()
                due = {group: ring for group, ring in self._waiting.items() if ring.due <= now}
                if due:
                    self._rung = {group: at for group, at in self._rung.items() if at > now - EVERY}
                    for group in due:
                        del self._waiting[group]
                        self._rung[group] = now
                    self._working = True
                    return due
                first = min((ring.due for ring in self._waiting.values()), default=None)
                self._noted.wait(None if first is None else first - now)

    def _send(self, loop: asyncio.AbstractEventLoop, group: str, ring: Ring) -> None:
        message = {"type": "moved", "group": group, "version": ring.version, "what": sorted(ring.what)}
        try:
            loop.run_until_complete(asyncio.wait_for(_publish(group, message), _PATIENCE))
            counting.count_ring()
        except (RedisError, OSError, TimeoutError) as error:
            if time.monotonic() - self._complained > _SILENCE:
                self._complained = time.monotonic()
                logger.warning("pages are not told of news, Redis is away: %s", error)


async def _publish(group: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is not None:
        await layer.group_send(group, message)


bell = Bell()
os.register_at_fork(after_in_child=bell.forget)


@atexit.register
def _last_rings() -> None:
    bell.settle(within=1.0)


def _moved(channel_id: int, version: int | None, what: frozenset[Moved], **_: Any) -> None:
    bell.ring(group_of_channel(channel_id), what, version=version)


def _signed_out(request: Any, **_: Any) -> None:
    """The sockets of a session end with it."""
    key = getattr(getattr(request, "session", None), "session_key", None)
    if key:
        bell.ring(group_of_session(key), ["end"])


def _ended(keys: list[str], **_: Any) -> None:
    for key in keys:
        bell.ring(group_of_session(key), ["end"])


def connect() -> None:
    """Ring whenever a channel moves, somebody signs out, or sessions are ended."""
    if settings.CHANNEL_LAYERS:
        channel_moved.connect(_moved, dispatch_uid="live-moved")
        user_logged_out.connect(_signed_out, dispatch_uid="live-signed-out")
        sessions_ended.connect(_ended, dispatch_uid="live-sessions-ended")
