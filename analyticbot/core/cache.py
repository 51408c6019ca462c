"""A Redis cache that is slower, not broken, when Redis is away: a miss instead of an error."""

import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.utils.functional import cached_property

logger = logging.getLogger(__name__)

# ResponseError: it is there but full, read-only, or in the middle of a failover.
_AWAY = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, redis.exceptions.ResponseError)


class _SharedClient(RedisCacheClient):
    """Django's client; the driver's own one, which takes longer to make than to ask, is made once."""

    # Of Django's class.
    _client: Any
    _get_connection_pool: Any

    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(servers, **options)
        self._clients: dict[Any, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:  # noqa: ARG002 - Django's signature
        pool = self._get_connection_pool(write)
        client = self._clients.get(pool)
        if client is None:
            client = self._clients[pool] = self._client(connection_pool=pool)
        return client


@lru_cache(maxsize=8)
def _shared_client(servers: tuple[str, ...], options: tuple[tuple[str, Any], ...]) -> RedisCacheClient:
    return _SharedClient(list(servers), **dict(options))


class ResilientRedisCache(RedisCache):
    """Django's Redis cache; connection errors read as a miss and write as nothing.

    Django makes a cache for each thread and, under ASGI, for each request. They share one client, and so its
    connections: a request that had to connect first would spend more on that than on its answer.
    """

    # Of Django's class.
    _servers: Sequence[str]
    _options: Mapping[str, Any]

    @cached_property
    def _cache(self) -> RedisCacheClient:
        return _shared_client(tuple(self._servers), tuple(sorted(self._options.items())))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except _AWAY:
            return self._missed(default)

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        try:
            return super().get_many(keys, version)
        except _AWAY:
            return dict(self._missed({}))

    def set(self, key: Any, value: Any, timeout: Any = 120, version: int | None = None) -> None:
        try:
            super().set(key, value, timeout, version)
        except _AWAY:
            self._missed(None)

    def add(self, key: Any, value: Any, timeout: Any = 120, version: int | None = None) -> bool:
        try:
            return bool(super().add(key, value, timeout, version))
        except _AWAY:
            return bool(self._missed(True))  # noqa: FBT003 - "added" is the harmless answer

    def delete(self, key: Any, version: int | None = None) -> bool:
        try:
            return bool(super().delete(key, version))
        except _AWAY:
            return bool(self._missed(False))  # noqa: FBT003

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        try:
            return int(super().incr(key, delta, version))
        except _AWAY:
            return int(self._missed(delta))

    def has_key(self, key: Any, version: int | None = None) -> bool:
        try:
            return bool(super().has_key(key, version))
        except _AWAY:
            return bool(self._missed(False))  # noqa: FBT003

    @staticmethod
    def _missed(value: Any) -> Any:
        logger.warning("cache is away, going on without it")
        return value
