"""Tasks of a real worker with forked children are counted, and told on /metrics."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from celery.exceptions import TimeLimitExceeded
from django.test import Client

from analyticbot.celery import app
from analyticbot.core import task_metrics
from channels_app.tasks import sweep_due_work
from tests.channels_app.collect.doors import WORKER, Process, environment
from tests.channels_app.collect.world import wait_for
from tests.telegram import SandboxProcess


@pytest.fixture
def emptied() -> Iterator[None]:
    store = redis.Redis.from_url(os.environ["REDIS_URL"])
    store.delete(task_metrics.KEY)
    yield
    store.delete(task_metrics.KEY)
    store.close()


def _lines(client: Client) -> str:
    return client.get("/metrics").content.decode()


@pytest.mark.slow
def test_tasks_of_forked_workers_are_counted(
    transactional_db: None, client: Client, emptied: None, tmp_path: Path
) -> None:
    with (
        SandboxProcess() as telegram,
        Process(WORKER, log=tmp_path / "worker.log", env=environment(telegram)) as worker,
    ):
        for _ in range(3):
            app.send_task("channels_app.sweep", queue="default")
        # A task that breaks: it takes no argument.
        app.send_task("channels_app.sweep", args=[1], queue="default")
        try:
            wait_for(
                lambda: (
                    'analyticbot_tasks_total{outcome="success",task="channels_app.sweep"} 3.0' in _lines(client)
                    and 'analyticbot_tasks_total{outcome="failure",task="channels_app.sweep"} 1.0' in _lines(client)
                )
            )
        except TimeoutError as error:
            raise AssertionError(f"{_lines(client)[-2000:]}\n{worker.log()}") from error

    assert 'analyticbot_task_seconds_total{task="channels_app.sweep"}' in _lines(client)


def test_child_that_was_killed_is_told_by_its_parent(emptied: None) -> None:
    task_metrics._killed(sender=sweep_due_work, exception=TimeLimitExceeded(300))
    task_metrics._killed(sender=sweep_due_work, exception=ValueError())

    told = {sample.labels["outcome"]: sample.value for m in task_metrics.task_counters() for sample in m.samples}
    assert told == {"killed": 1.0}


def test_absent_redis_holds_up_no_task_and_no_metrics(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    task_metrics._count("a", "success", 0.1)

    assert list(task_metrics.task_counters()) == []
