"""Doors of the queues: thin, keyword-only, idempotent."""

from celery import shared_task
from django.utils import timezone

from analytics.network.work import run_due_network


@shared_task(name="analytics.measure_network", queue="default")
def measure_network() -> int:
    """Compute the citation index and the standings when they are due."""
    return run_due_network(now=timezone.now())
