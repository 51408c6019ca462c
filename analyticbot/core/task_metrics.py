"""Counters of Celery tasks, kept in Redis: worker processes are forked and come and go, none can be asked for its own.

One hash holds them all: `count|TASK|OUTCOME` and `microseconds|TASK`.
"""

import time
from collections.abc import Iterator
from typing import Any

from celery.exceptions import TimeLimitExceeded, WorkerLostError
from celery.signals import task_failure, task_postrun, task_prerun
from prometheus_client.core import CounterMetricFamily, Metric

from analyticbot.core.tally import add, counts

KEY = "analyticbot:tasks"
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
    fields = {f"count|{task}|{outcome}": 1}
    if seconds is not None:
        fields[f"microseconds|{task}"] = round(seconds * 1e6)
    add(KEY, fields)


def task_counters() -> Iterator[Metric]:
    """Tasks by outcome and their time, of all workers; nothing while Redis is away."""
    kept = counts(KEY)
    if not kept:
        return
    count = CounterMetricFamily("analyticbot_tasks", "Tasks that workers have ended", labels=["task", "outcome"])
    spent = CounterMetricFamily("analyticbot_task_seconds", "Time that workers spent on tasks", labels=["task"])
    for name, value in kept.items():
        what, *labels = name.split("|")
        if what == "count":
            count.add_metric(labels, value)
        else:
            spent.add_metric(labels, value / 1e6)
    yield from (count, spent)
