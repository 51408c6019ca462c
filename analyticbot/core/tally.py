"""Counters that all processes share, kept in Redis: none of them could be asked for the counts of the others.

An emptied Redis starts them at 0, as a restart would.
"""

import logging
from functools import lru_cache

import redis
from django.conf import settings

logger = logging.getLogger(__name__)

# Counting must never hold up what is counted.
_TIMEOUT_SECONDS = 0.5


def add(key: str, fields: dict[str, int]) -> None:
    """Add to fields of the hash at `key`; only logged when Redis is away."""
    try:
        pipeline = _redis(settings.REDIS_URL).pipeline(transaction=False)
        for field, amount in fields.items():
            pipeline.hincrby(key, field, amount)
        pipeline.execute()
    except redis.RedisError as error:
        logger.warning("not counted in %s, Redis is away: %s", key, error)


def counts(key: str) -> dict[str, int]:
    """All fields of the hash at `key`, in order of their names; empty while Redis is away."""
    try:
        kept: dict[bytes, bytes] = _redis(settings.REDIS_URL).hgetall(key)  # type: ignore[assignment]
    except redis.RedisError:
        return {}
    return {name.decode(): int(value) for name, value in sorted(kept.items())}


@lru_cache(maxsize=4)
def _redis(url: str) -> redis.Redis:
    """The client for an address; its pool notices a fork by itself."""
    return redis.Redis.from_url(url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS)
