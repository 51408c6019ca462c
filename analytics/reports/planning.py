"""Whose report is due: each occurrence becomes one delivery row for each recipient, once."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import open_workspace
from analytics.period import zone_named
from analytics.reports.models import DeliveryKind, ReportDelivery, ReportRecipient, ReportSchedule
from analytics.reports.timetable import latest_day, moment_of, next_after, period_of

_AT_ONCE = 50


def zone_of(recipient: ReportRecipient) -> ZoneInfo:
    """The zone in which a recipient's report is due and cut into days.

    The schedule's where it states one, else the recipient's own, else (they are no member) the workspace's.
    """
    schedule: ReportSchedule = recipient.schedule
    own = recipient.user.time_zone if recipient.user else ""
    return zone_named(schedule.time_zone or own or schedule.workspace.time_zone)


def wants(recipient: ReportRecipient) -> bool:
    """Whether reports go to them: they said yes, did not stop it, and are still of the workspace if they were."""
    if not recipient.active:
        return False
    left = recipient.user is not None and not recipient.user.memberships.filter(
        workspace_id=recipient.schedule.workspace_id
    )
    return not left


def next_of(recipient: ReportRecipient, *, now: datetime) -> datetime | None:
    """When their next report is due; None while nothing is to be sent to them."""
    if recipient.schedule.paused_at is not None or not wants(recipient):
        return None
    return next_after(recipient.schedule.rhythm, zone_of(recipient), now)


def plan_due(*, now: datetime) -> int:
    """Write a delivery for everybody whose report is due; returns how many were written. Safe beside others.

    After an outage that was longer than a period only the latest report is sent: nobody wants yesterday's and the day
    before's together.
    """
    written = 0
    while True:
        with transaction.atomic():
            due = list(
                ReportRecipient.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("schedule", "schedule__workspace", "user")
                .filter(open_workspace("schedule__workspace__"), next_at__lte=now)
                .order_by("next_at", "pk")[:_AT_ONCE]
            )
            written += sum(_plan(recipient, now=now) for recipient in due)
        if len(due) < _AT_ONCE:
            return written


def _plan(recipient: ReportRecipient, *, now: datetime) -> bool:
    schedule, zone = recipient.schedule, zone_of(recipient)
    day = latest_day(schedule.rhythm, zone, now)
    planned = moment_of(schedule.rhythm, day, zone)
    made = False
    # What was due before they wanted it is none of theirs.
    if wants(recipient) and recipient.active_since is not None and planned > recipient.active_since:
        period = period_of(schedule.rhythm, day, zone)
        _delivery, made = ReportDelivery.objects.get_or_create(
            schedule=schedule,
            recipient=recipient,
            period=f"{period.first_day}/{period.last_day}",
            defaults={
                "kind": DeliveryKind.REPORT,
                "day": day,
                "time_zone": str(zone),
                "planned_at": planned,
                "due_at": planned,
            },
        )
    recipient.next_at = next_of(recipient, now=now)
    recipient.save(update_fields=["next_at"])
    return made
