"""Doors of the queues: thin, keyword-only, idempotent. What is to be done stands in rows; a lost task loses nothing."""

from celery import shared_task
from django.utils import timezone

from analytics.exports.work import remove_expired, run_due_exports
from analytics.network.work import run_due_network


@shared_task(name="analytics.measure_network", queue="default")
def measure_network() -> int:
    """Compute the citation index and the standings when they are due."""
    return run_due_network(now=timezone.now())


# A million rows take longer than other tasks may. A ring that gets lost with its worker, or comes twice, does no harm.
@shared_task(name="analytics.run_exports", queue="default", time_limit=6 * 3600, acks_late=False)
def run_exports() -> int:
    """Build exports that are due."""
    return run_due_exports()


@shared_task(name="analytics.remove_exports", queue="default")
def remove_exports() -> int:
    """Delete files of exports whose time is over."""
    return remove_expired(now=timezone.now())
