"""Token buckets in Redis."""

import threading
import time
import uuid
from typing import Any

import pytest

from analyticbot.core.ratelimit import Limit, LimiterAway, take


@pytest.fixture
def key() -> str:
    return uuid.uuid4().hex


def test_bucket_gives_its_amount_and_then_says_when(key: str) -> None:
    limit = Limit("t", 3, 60)

    verdicts = [take([limit], key=key) for _ in range(4)]

    assert [verdict.allowed for verdict in verdicts] == [True, True, True, False]
    assert [verdict.remaining for verdict in verdicts] == [2, 1, 0, 0]
    last = verdicts[-1]
    assert (last.limit, last.retry_after, last.reset) == (3, 20, 60)
    assert last.headers() == {
        "RateLimit-Limit": "3", "RateLimit-Remaining": "0", "RateLimit-Reset": "60", "Retry-After": "20",
    }  # fmt: skip


def test_bucket_refills_evenly(key: str) -> None:
    limit = Limit("t", 20, 1)
    assert take([limit], key=key, cost=20).allowed
    assert not take([limit], key=key).allowed

    deadline = time.monotonic() + 5
    while not take([limit], key=key).allowed:
        assert time.monotonic() < deadline


def test_buckets_are_separate(key: str) -> None:
    limit = Limit("t", 1, 60)

    assert take([limit], key=key).allowed
    assert take([limit], key=key + "x").allowed
    assert take([Limit("u", 1, 60)], key=key).allowed


def test_refused_request_takes_from_no_bucket(key: str) -> None:
    wide, tight = Limit("wide", 10, 60), Limit("tight", 1, 600)
    take([wide, tight], key=key)

    refused = take([wide, tight], key=key)

    assert (refused.allowed, refused.limit, refused.retry_after) == (False, 1, 600)
    assert take([wide], key=key).remaining == 8


def test_many_at_once_never_get_more_than_there_is(key: str) -> None:
    limit = Limit("t", 25, 3_600)
    allowed: list[bool] = []

    def ask() -> None:
        allowed.extend(take([limit], key=key).allowed for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(allowed), sum(allowed)) == (100, 25)


def test_absent_redis_is_said_quickly(settings: Any) -> None:
    settings.CACHE_REDIS_URL = "redis://127.0.0.1:1/0"
    started = time.monotonic()

    with pytest.raises(LimiterAway):
        take([Limit("t", 1, 1)], key="x")

    assert time.monotonic() - started < 2
