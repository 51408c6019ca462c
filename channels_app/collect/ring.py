"""Rings for collecting, by queue."""

from functools import partial

from django.db import transaction

from analyticbot.core import bell

# Named, not imported: tasks are doors, above services.
TASK_BY_QUEUE = {"sync": "channels_app.collect", "statistics": "channels_app.load_statistics"}


def ring(queue: str = "sync") -> None:
    """Ring when the present transaction commits (at once outside one). Never fails: the sweep finds the rows anyway."""
    transaction.on_commit(partial(ring_now, queue))


def ring_now(queue: str) -> None:
    """Ring at once."""
    bell.ring(TASK_BY_QUEUE[queue], queue=queue)
