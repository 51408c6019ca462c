"""Rate limits: token buckets in Redis, taken from in one atomic step, by Redis' own clock.

A bucket holds `amount` tokens and refills evenly over `seconds`. A request takes one from every bucket that applies,
or from none: a refused request costs nothing.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings

from analyticbot.core.errors import LimitReached

logger = logging.getLogger(__name__)

# A limiter that hangs would itself be an outage.
_TIMEOUT_SECONDS = 0.5

_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local cost = tonumber(ARGV[1])
local answer = {1, 0, 0}
local levels = {}
for i, key in ipairs(KEYS) do
  local amount, seconds = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local kept = redis.call('HMGET', key, 'level', 'at')
  local level, at = tonumber(kept[1]) or amount, tonumber(kept[2]) or now
  level = math.min(amount, level + math.max(0, now - at) * amount / seconds)
  levels[i] = level
  if level < cost then
    local wait = (cost - level) * seconds / amount
    if answer[1] == 1 or wait > tonumber(answer[3]) then answer = {0, i, tostring(wait)} end
  end
end
for i, key in ipairs(KEYS) do
  local amount, seconds = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  if answer[1] == 1 then levels[i] = levels[i] - cost end
  redis.call('HSET', key, 'level', tostring(levels[i]), 'at', tostring(now))
  redis.call('PEXPIRE', key, math.ceil(seconds * 1000) + 1000)
  answer[3 + i] = tostring(levels[i])
end
return answer
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` in `seconds`, in bursts as well as on average."""

    name: str
    amount: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the buckets say. `limit` is the tightest; `retry_after` and `reset` are whole seconds from now."""

    allowed: bool
    limit: int
    remaining: int
    reset: int
    retry_after: int | None

    def headers(self) -> dict[str, str]:
        """RateLimit headers of the answer, and Retry-After if it was refused."""
        headers = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        return headers


class LimiterAway(Exception):
    """Redis does not answer: the caller decides whether to let the request pass."""


ANONYMOUS = Limit("anonymous", 30, 60)
DEMO = Limit("demo", 120, 60)
# A page costs some dozen reads, a report seconds; a person who reads does not come near this.
DEMO_PAGES = Limit("demo-pages", 120, 60)
API = Limit("api", 480, 60)
API_HOURLY = Limit("api-hour", 4_800, 3_600)
# Below what the workspace has: one program that runs wild leaves something to the others.
TOKEN = Limit("token", 360, 60)
ANALYTICS = Limit("analytics", 240, 60)
EXPORTS = Limit("exports", 10, 3_600)
TOKEN_FAILURES = Limit("token-failures", 30, 60)
SIGN_IN_BY_ADDRESS = Limit("sign-in-address", 30, 60)
SIGN_IN_BY_ACCOUNT = Limit("sign-in-account", 10, 300)
MAIL_BY_RECIPIENT = Limit("mail-recipient", 20, 3_600)


def take(limits: Sequence[Limit], *, key: str, cost: int = 1) -> Verdict:
    """Take `cost` from the bucket of each limit for `key`, from all or from none; raises LimiterAway."""
    return take_each([(limit, key) for limit in limits], cost=cost)


def take_each(buckets: Sequence[tuple[Limit, str]], *, cost: int = 1) -> Verdict:
    """Take `cost` from each bucket (a limit and whom it counts), from all or from none; raises LimiterAway."""
    limits = [limit for limit, _key in buckets]
    names = _names(buckets)
    numbers = [number for limit in limits for number in (limit.amount, limit.seconds)]
    try:
        answer = _script(settings.CACHE_REDIS_URL)(keys=names, args=[cost, *numbers])
    except (redis.exceptions.RedisError, OSError) as error:
        logger.warning("the rate limiter is away: %s", type(error).__name__)
        raise LimiterAway from error
    allowed = bool(answer[0])
    levels = [float(level) for level in answer[3:]]
    tightest = min(range(len(limits)), key=lambda i: levels[i] / limits[i].amount)
    limit, level = limits[tightest], levels[tightest]
    return Verdict(
        allowed=allowed,
        limit=limit.amount,
        remaining=max(0, math.floor(level)),
        reset=math.ceil((limit.amount - level) * limit.seconds / limit.amount),
        retry_after=None if allowed else max(1, math.ceil(float(answer[2]))),
    )


def take_or_refuse(limit: Limit, *, key: str, message: str) -> None:
    """Take one for a page or a mail. Raises LimitReached with the message; without Redis everything passes."""
    try:
        verdict = take([limit], key=key)
    except LimiterAway:
        return  # slower is better than broken
    if not verdict.allowed:
        raise LimitReached(message, retry_after=verdict.retry_after)


def forget(buckets: Sequence[tuple[Limit, str]]) -> None:
    """Fill the buckets up again; raises LimiterAway."""
    try:
        _script(settings.CACHE_REDIS_URL).registered_client.delete(*_names(buckets))
    except (redis.exceptions.RedisError, OSError) as error:
        raise LimiterAway from error


def _names(buckets: Sequence[tuple[Limit, str]]) -> list[str]:
    return [f"{settings.RATE_LIMIT_PREFIX}:{limit.name}:{key}" for limit, key in buckets]


@lru_cache(maxsize=4)
def _script(url: str) -> Any:
    client = redis.Redis.from_url(
        url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS, decode_responses=True
    )
    return client.register_script(_TAKE)
