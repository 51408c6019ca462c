"""Doors of the queues: thin, keyword-only, idempotent. What is to be done stands in rows; a lost task loses nothing."""

from celery import shared_task

from channels_app.collect.schedule import MTPROTO_KINDS_BY_QUEUE, enabled_kinds
from channels_app.collect.session import utc_now
from channels_app.collect.slices import work_slice
from channels_app.collect.sweep import heal, sweep
from channels_app.partitions import ensure_partitions


@shared_task(name="channels_app.collect", queue="sync")
def collect() -> int:
    """Carry out due history, polls and facts through a free account."""
    return work_slice(kinds=enabled_kinds(MTPROTO_KINDS_BY_QUEUE["sync"]))


@shared_task(name="channels_app.load_statistics", queue="statistics")
def load_statistics() -> int:
    """Load due official statistics through a free account."""
    return work_slice(kinds=enabled_kinds(MTPROTO_KINDS_BY_QUEUE["statistics"]))


@shared_task(name="channels_app.sweep", queue="default")
def sweep_due_work() -> int:
    """Ring for due work that nobody holds."""
    return sweep()


@shared_task(name="channels_app.heal", queue="default")
def heal_schedule() -> None:
    """Schedule what lacks its rows and open gaps for what is overdue."""
    heal(now=utc_now())


@shared_task(name="channels_app.keep_partitions", queue="default")
def keep_partitions() -> int:
    """Make the partitions of the months ahead."""
    return len(ensure_partitions(utc_now()))
