"""Tasks of the ground: signs of life and their cleaning."""

from celery import shared_task
from django.utils import timezone

from analyticbot.core.heartbeat import beat, clean_heartbeats, process_name


@shared_task(name="core.tick", queue="default")
def tick() -> None:
    """Runs every few seconds: that it runs at all is the sign of life of beat and of the workers."""
    now = timezone.now()
    beat("beat", "beat", now)
    beat(process_name("worker"), "worker", now)


@shared_task(name="core.clean_heartbeats", queue="default")
def clean() -> int:
    """Forget processes that are gone for good."""
    return clean_heartbeats(now=timezone.now())
