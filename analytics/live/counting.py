"""How many sockets are open here, for whom, and how many rings were sent by all processes."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from prometheus_client import Gauge
from prometheus_client.core import CounterMetricFamily, Metric

logger = logging.getLogger(__name__)

# Tabs of one sign-in; of one household, office or mobile network; of all.
MOST_OF_SESSION, MOST_OF_ADDRESS, MOST = 12, 120, 2_000
SOCKETS = Gauge("analyticbot_live_sockets", "WebSockets of live pages that are open in this process")
KEY = "analyticbot:live-rings"
_TIMEOUT_SECONDS = 0.5
_open: Counter[str] = Counter()


@contextmanager
def taking_place(*, session: str, address: str) -> Iterator[bool]:
    """A place for one more socket; False where there is none. For one event loop, so nothing comes in between."""
    # Visitors without a session are told apart by their address alone.
    mine = (f"session {session}" if session else f"nobody {address}", f"address {address}")
    has_room = _open[mine[0]] < MOST_OF_SESSION and _open[mine[1]] < MOST_OF_ADDRESS and _open.get("all", 0) < MOST
    if not has_room:
        yield False
        return
    names = (*mine, "all")
    _open.update(names)
    SOCKETS.inc()
    try:
        yield True
    finally:
        SOCKETS.dec()
        for name in names:
            _open[name] -= 1
            if not _open[name]:
                del _open[name]


def count_ring() -> None:
    """One more ring. In Redis, as collectors and workers are not scraped; not counted while it is away."""
    try:
        _redis(settings.REDIS_URL).incr(KEY)
    except redis.RedisError as error:
        logger.debug("a ring is not counted: %s", error)


def live_metrics() -> Iterator[Metric]:
    """Rings sent by all processes; nothing while Redis is away."""
    try:
        sent = _redis(settings.REDIS_URL).get(KEY)
    except redis.RedisError:
        return
    yield CounterMetricFamily(
        "analyticbot_live_rings", "News of channels told to pages, by all processes", int(sent or 0)
    )


@lru_cache(maxsize=4)
def _redis(url: str) -> Any:
    return redis.Redis.from_url(url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS)
