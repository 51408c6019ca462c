"""Counters of Celery tasks, kept in Redis: worker processes are forked and come and go, none can be asked for its own.

One hash holds them all: `count|TASK|OUTCOME` and `microseconds|TASK`. An emptied Redis starts them at 0, as a restart
does.
"""

import logging
import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import redis
from celery.exceptions import TimeLimitExceeded, WorkerLostError
from celery.signals import task_failure, task_postrun, task_prerun
from django.conf import settings
from prometheus_client.core import CounterMetricFamily, Metric

logger = logging.getLogger(__name__)

KEY = "analyticbot:tasks"
# Counting must never hold up what is counted.
_TIMEOUT_SECONDS = 0.5
_began: dict[str, float] = {}


def connect() -> None:
    """Count every task of this process and its children."""
    task_prerun.connect(_begin, weak=False, dispatch_uid="task-metrics-begin")
    task_postrun.connect(_end, weak=False, dispatch_uid="task-metrics-end")
    task_failure.connect(_killed, weak=False, dispatch_uid="task-metrics-killed")


def _begin(task_id: str, **_: Any) -> None:
    _began[task_id] = time.monotonic()


def _end(task_id: str, task: Any, state: str | None = None, **_: Any) -> None:
    began = _began.pop(task_id, None)
    _count(task.name, (state or "unknown").lower(), None if began is None else time.monotonic() - began)


def _killed(sender: Any, exception: BaseException, **_: Any) -> None:
    """A child that was killed tells nothing itself; its parent does. All other failures are counted at their end."""
    if isinstance(exception, TimeLimitExceeded | WorkerLostError):
        _count(sender.name, "killed", None)


def _count(task: str, outcome: str, seconds: float | None) -> None:
    try:
        pipeline = _redis(settings.REDIS_URL).pipeline(transaction=False)
        pipeline.hincrby(KEY, f"count|{task}|{outcome}", 1)
        if seconds is not None:
            pipeline.hincrby(KEY, f"microseconds|{task}", round(seconds * 1e6))
        pipeline.execute()
    except redis.RedisError as error:
        logger.warning("a task is not counted, Redis is away: %s", error)


def task_counters() -> Iterator[Metric]:
    """Tasks by outcome and their time, of all workers; nothing while Redis is away."""
    try:
        kept: dict[bytes, bytes] = _redis(settings.REDIS_URL).hgetall(KEY)  # type: ignore[assignment]
    except redis.RedisError:
        return
    count = CounterMetricFamily("analyticbot_tasks", "Tasks that workers have ended", labels=["task", "outcome"])
    spent = CounterMetricFamily("analyticbot_task_seconds", "Time that workers spent on tasks", labels=["task"])
    for name, value in sorted(kept.items()):
        what, *labels = name.decode().split("|")
        if what == "count":
            count.add_metric(labels, int(value))
        else:
            spent.add_metric(labels, int(value) / 1e6)
    yield from (count, spent)


@lru_cache(maxsize=4)
def _redis(url: str) -> redis.Redis:
    """The client for an address; its pool notices a fork by itself."""
    return redis.Redis.from_url(url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS)
