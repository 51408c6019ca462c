"""A Redis cache that is slower, not broken, when Redis is away: a miss instead of an error."""

import logging
from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache

logger = logging.getLogger(__name__)

# ResponseError: it is there but full, read-only, or in the middle of a failover.
_AWAY = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, redis.exceptions.ResponseError)


class ResilientRedisCache(RedisCache):
    """Django's Redis cache; connection errors read as a miss and write as nothing."""

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
