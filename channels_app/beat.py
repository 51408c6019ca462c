"""The schedule of beat, declared once; installed as rows after each migration.

Two beats do no harm: what they start only sweeps for due rows.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One periodic task. A run that was not taken up before the next one is due expires: it has nothing to add."""

    task: str
    every: timedelta
    queue: str = "default"


SCHEDULE = (
    Entry("core.tick", timedelta(seconds=10)),
    Entry("core.clean_heartbeats", timedelta(hours=1)),
    Entry("superadmin.sample", timedelta(minutes=1)),
    Entry("core.anchor_audit", timedelta(hours=1)),
    Entry("core.watch_audit", timedelta(hours=6)),
    Entry("accounts.mail_events", timedelta(seconds=10)),
    Entry("accounts.forget_events", timedelta(days=1)),
    Entry("accounts.forget_sessions", timedelta(hours=6)),
    Entry("accounts.mail_invitations", timedelta(seconds=10)),
    Entry("accounts.erase_workspaces", timedelta(hours=1)),
    Entry("accounts.make_archives", timedelta(seconds=10)),
    Entry("accounts.remove_archives", timedelta(minutes=10)),
    Entry("accounts.erase_people", timedelta(seconds=30)),
    Entry("channels_app.sweep", timedelta(seconds=5)),
    Entry("channels_app.heal", timedelta(minutes=1)),
    Entry("channels_app.recompute_cells", timedelta(minutes=1)),
    Entry("channels_app.keep_partitions", timedelta(hours=1)),
    Entry("channels_app.pack_snapshots", timedelta(minutes=1)),
    Entry("channels_app.keep_reach", timedelta(minutes=1)),
    Entry("channels_app.drop_curves", timedelta(minutes=10)),
    Entry("channels_app.check_cells", timedelta(minutes=15)),
    Entry("channels_app.run_imports", timedelta(seconds=5)),
    Entry("channels_app.remove_uploads", timedelta(minutes=10)),
    Entry("analytics.run_exports", timedelta(seconds=5)),
    Entry("analytics.remove_exports", timedelta(minutes=10)),
    Entry("analytics.make_reports", timedelta(seconds=5)),
    Entry("analytics.remove_reports", timedelta(minutes=10)),
    Entry("analytics.plan_reports", timedelta(seconds=15)),
    Entry("analytics.deliver_reports", timedelta(seconds=5)),
    Entry("analytics.forget_visits", timedelta(days=1)),
    Entry("analytics.fill_words", timedelta(seconds=10)),
    Entry("analytics.measure_network", timedelta(minutes=1)),
)


def install_schedule(**_: Any) -> None:
    """Write the schedule into django-celery-beat's rows; entries of ours that are gone are removed. Idempotent."""
    from django_celery_beat.models import IntervalSchedule, PeriodicTask

    for entry in SCHEDULE:
        interval, _made = IntervalSchedule.objects.get_or_create(
            every=int(entry.every.total_seconds()), period=IntervalSchedule.SECONDS
        )
        wanted = {
            "task": entry.task,
            "interval_id": interval.pk,
            "queue": entry.queue,
            "expire_seconds": max(int(entry.every.total_seconds()), 1),
        }
        row = PeriodicTask.objects.filter(name=entry.task).first()
        if row is None:
            PeriodicTask.objects.create(name=entry.task, **wanted)
        elif any(getattr(row, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(row, name, value)
            row.save()
    names = [entry.task for entry in SCHEDULE]
    ours = PeriodicTask.objects.filter(task__regex=r"^(core|accounts|channels_app|analytics|superadmin)\.")
    ours.exclude(name__in=names).delete()
