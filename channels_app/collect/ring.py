"""The bell: tells Celery that something may be due. Only a bell; the rows themselves say what is due."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# Named, not imported: tasks are doors, above services.
TASK_BY_QUEUE = {"sync": "channels_app.collect", "statistics": "channels_app.load_statistics"}
# A ring that nobody heard by then is stale: the sweep has rung again.
EXPIRES_SECONDS = 30


def ring(queue: str = "sync") -> None:
    """Ring when the present transaction commits (at once outside one). Never fails: the sweep finds the rows anyway."""
    transaction.on_commit(lambda: ring_now(queue))


def ring_now(queue: str) -> None:
    """Ring at once; a broker that is away is only logged."""
    try:
        current_app.send_task(TASK_BY_QUEUE[queue], queue=queue, expires=EXPIRES_SECONDS, ignore_result=True)
    except (OperationalError, OSError) as error:
        logger.warning("the broker is away, the sweep will find the work: %s", error)
