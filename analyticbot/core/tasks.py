"""Tasks of the ground: signs of life and their cleaning, anchors and proof of the audit trail."""

from celery import shared_task
from django.utils import timezone

from analyticbot.core.heartbeat import beat, clean_heartbeats, process_name
from analyticbot.core.trail.anchors import drop_anchor
from analyticbot.core.trail.watch import watch_trail


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


@shared_task(name="core.anchor_audit", queue="default")
def anchor_audit() -> int | None:
    """Write down how far every chain of the audit trail has come."""
    anchor = drop_anchor(now=timezone.now())
    return None if anchor is None else anchor.number


@shared_task(name="core.watch_audit", queue="default")
def watch_audit() -> bool:
    """Prove what was added to the audit trail lately, and that nothing was cut off."""
    return watch_trail(now=timezone.now()).is_whole
