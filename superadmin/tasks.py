"""Doors of the queues: thin, keyword-only, idempotent."""

from celery import shared_task
from django.utils import timezone

from superadmin.running.sampling import take_sample


@shared_task(name="superadmin.sample", queue="default")
def sample() -> None:
    """Keep the state of the service for the curves of the system page."""
    take_sample(now=timezone.now())
