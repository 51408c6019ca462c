"""The bell: tells Celery that something may be due. Only a bell; the rows themselves say what is due."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# A ring that nobody heard by then is stale: the sweep has rung again.
EXPIRES_SECONDS = 60


def ring(task: str, *, queue: str = "default") -> None:
    """Tell the workers at once, by the task's name; a broker that is away is only logged: the sweep finds the rows."""
    try:
        current_app.send_task(task, queue=queue, expires=EXPIRES_SECONDS, ignore_result=True)
    except (OperationalError, OSError) as error:
        logger.warning("the broker is away, the sweep will find the work of %s: %s", task, error)
