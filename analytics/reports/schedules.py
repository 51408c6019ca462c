"""Saved reports: make, change, pause, delete; who receives them, and how they say yes and no."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import InvalidInput
from analytics.questions.asking import Reader, channel_for
from analytics.reports.consent import note_question, note_reply
from analytics.reports.deliveries import ring_deliveries
from analytics.reports.models import (
    DeliveryKind,
    Reply,
    ReportDelivery,
    ReportForm,
    ReportRecipient,
    ReportSchedule,
    Section,
)
from analytics.reports.planning import next_of
from analytics.reports.timetable import Every
from billing.limits import limits_for, refuse_beyond

MOST_CHANNELS = 10
MOST_RECIPIENTS = 20


@dataclass(frozen=True, slots=True)
class Wish:
    """A saved report as a person describes it. `day`: see `Rhythm`; `time_zone` empty: each recipient's own."""

    name: str
    channels: tuple[str, ...]
    recipients: tuple[str, ...]
    every: Every
    day: int
    at: time
    language: str
    time_zone: str = ""
    forms: tuple[ReportForm, ...] = (ReportForm.PDF,)
    sections: tuple[Section, ...] = tuple(Section)


def create_schedule(workspace: Workspace, *, wish: Wish, actor: Actor, now: datetime) -> ReportSchedule:
    """Save a report. Raises InvalidInput (field), NotFound (channel) and PlanLimitReached."""
    with transaction.atomic():
        # One at a time for each workspace, so that two requests cannot both be the last that is allowed.
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        most = limits_for(workspace).report_schedules
        if most is not None and ReportSchedule.objects.filter(workspace=workspace).count() >= most:
            refuse_beyond(_("Your plan allows %(most)s saved reports.") % {"most": most})
        schedule = ReportSchedule(workspace=workspace, created_at=now)
        _fill(schedule, wish)
        record_audit(
            AuditAction.SCHEDULE_CREATED,
            schedule,
            actor=actor,
            now=now,
            workspace_id=workspace.pk,
            after=_told(wish),
        )
        _set_recipients(schedule, wish.recipients, now=now)
    return schedule


def change_schedule(schedule: ReportSchedule, *, wish: Wish, actor: Actor, now: datetime) -> ReportSchedule:
    """Describe a saved report anew. Raises as `create_schedule`."""
    with transaction.atomic():
        ReportSchedule.objects.select_for_update().get(pk=schedule.pk)
        _fill(schedule, wish)
        record_audit(
            AuditAction.SCHEDULE_CHANGED,
            schedule,
            actor=actor,
            now=now,
            workspace_id=schedule.workspace_id,
            after=_told(wish),
        )
        _set_recipients(schedule, wish.recipients, now=now)
    return schedule


def pause_schedule(schedule: ReportSchedule, *, actor: Actor, now: datetime) -> None:
    """Send nothing until it is resumed."""
    with transaction.atomic():
        if ReportSchedule.objects.filter(pk=schedule.pk, paused_at__isnull=True).update(paused_at=now):
            schedule.paused_at = now
            schedule.recipients.update(next_at=None)
            record_audit(
                AuditAction.SCHEDULE_PAUSED, schedule, actor=actor, now=now, workspace_id=schedule.workspace_id
            )


def resume_schedule(schedule: ReportSchedule, *, actor: Actor, now: datetime) -> None:
    """Send again from the next occurrence on; what was due meanwhile is not sent."""
    with transaction.atomic():
        if ReportSchedule.objects.filter(pk=schedule.pk, paused_at__isnull=False).update(paused_at=None):
            schedule.paused_at = None
            for recipient in _recipients(schedule):
                if recipient.active:
                    recipient.active_since = now
                recipient.next_at = next_of(recipient, now=now)
                recipient.save(update_fields=["active_since", "next_at"])
            record_audit(
                AuditAction.SCHEDULE_RESUMED, schedule, actor=actor, now=now, workspace_id=schedule.workspace_id
            )


def delete_schedule(schedule: ReportSchedule, *, actor: Actor, now: datetime) -> None:
    """Delete a saved report with its recipients and deliveries."""
    with transaction.atomic():
        before = {"name": schedule.name, "public_id": str(schedule.public_id)}
        record_audit(
            AuditAction.SCHEDULE_DELETED,
            schedule,
            actor=actor,
            now=now,
            workspace_id=schedule.workspace_id,
            before=before,
        )
        schedule.delete()


def find_schedule(workspace: Workspace, *, public_id: UUID) -> ReportSchedule | None:
    """The saved report of this workspace with that id."""
    found = ReportSchedule.objects.filter(workspace=workspace, public_id=public_id)
    return found.select_related("workspace").first()


def confirm_recipient(recipient: ReportRecipient, *, now: datetime) -> None:
    """They want it: it is sent from the next occurrence on. Twice changes nothing."""
    with transaction.atomic():
        locked = _locked(recipient)
        if locked.confirmed_at is not None or locked.removed_at is not None:
            return
        locked.confirmed_at = locked.active_since = now
        locked.stopped_at = None
        _settle(locked, now=now)
        note_reply(locked, Reply.YES)
        _note(AuditAction.RECIPIENT_CONFIRMED, locked, now=now)


def stop_recipient(recipient: ReportRecipient, *, now: datetime) -> None:
    """They do not want it any more. Twice changes nothing."""
    with transaction.atomic():
        locked = _locked(recipient)
        if locked.stopped_at is not None:
            return
        locked.stopped_at = now
        _settle(locked, now=now)
        note_reply(locked, Reply.NO if locked.confirmed_at else Reply.NEVER)
        _note(AuditAction.RECIPIENT_STOPPED, locked, now=now)


def resume_recipient(recipient: ReportRecipient, *, now: datetime) -> None:
    """They want it again, from the next occurrence on."""
    with transaction.atomic():
        locked = _locked(recipient)
        if locked.stopped_at is None:
            return
        locked.stopped_at = None
        if locked.confirmed_at is not None:
            locked.active_since = now
        _settle(locked, now=now)
        note_reply(locked, Reply.YES if locked.confirmed_at else Reply.NONE)
        _note(AuditAction.RECIPIENT_RESUMED, locked, now=now)


def _locked(recipient: ReportRecipient) -> ReportRecipient:
    rows = ReportRecipient.objects.select_for_update(of=("self",))
    return rows.select_related("schedule", "schedule__workspace", "user").get(pk=recipient.pk)


def _settle(recipient: ReportRecipient, *, now: datetime) -> None:
    recipient.next_at = next_of(recipient, now=now)
    recipient.save(update_fields=["confirmed_at", "active_since", "stopped_at", "removed_at", "next_at"])


def _note(action: AuditAction, recipient: ReportRecipient, *, now: datetime) -> None:
    """The trail names the holder of the address: nobody was signed in."""
    actor = Actor(kind="system", id=None, label=f"mail link of {recipient.email}")
    record_audit(action, recipient, actor=actor, now=now, workspace_id=recipient.schedule.workspace_id)


def _recipients(schedule: ReportSchedule) -> list[ReportRecipient]:
    rows = schedule.recipients.select_for_update(of=("self",)).select_related("user")
    found = list(rows.order_by("pk"))
    for recipient in found:
        recipient.schedule = schedule
    return found


def _fill(schedule: ReportSchedule, wish: Wish) -> None:
    reader = Reader(schedule.workspace_id, schedule.workspace.time_zone, wish.language)
    if not wish.channels:
        raise InvalidInput(_("Choose at least one channel."), field="channels")
    if len(wish.channels) > MOST_CHANNELS:
        raise InvalidInput(_("At most %(most)s channels.") % {"most": MOST_CHANNELS}, field="channels")
    heads = [channel_for(reader, name) for name in wish.channels]
    schedule.name, schedule.language = wish.name, wish.language
    schedule.every, schedule.day, schedule.at = wish.every, wish.day, wish.at
    schedule.time_zone = wish.time_zone
    schedule.forms = [form.value for form in wish.forms]
    schedule.sections = [section.value for section in wish.sections]
    schedule.save()
    schedule.channels.set([head.id for head in heads])


def _set_recipients(schedule: ReportSchedule, wanted: Iterable[str], *, now: datetime) -> None:
    """Who receives it from now on; whoever stopped it stays stopped, strangers are asked first."""
    emails = list(dict.fromkeys(email.strip().lower() for email in wanted if email.strip()))
    if len(emails) > MOST_RECIPIENTS:
        raise InvalidInput(_("At most %(most)s recipients.") % {"most": MOST_RECIPIENTS}, field="recipients")
    members = {user.email.lower(): user for user in User.objects.filter(memberships__workspace=schedule.workspace)}
    known = {recipient.email: recipient for recipient in _recipients(schedule)}
    for email, recipient in known.items():
        if email not in emails and recipient.removed_at is None:
            recipient.removed_at, recipient.next_at = now, None
            recipient.save(update_fields=["removed_at", "next_at"])
    asked = 0
    for email in emails:
        recipient = known.get(email) or ReportRecipient(schedule=schedule, email=email, created_at=now)
        asked += _welcome(recipient, members.get(email), now=now)
    if asked:
        transaction.on_commit(ring_deliveries)


def _welcome(recipient: ReportRecipient, member: User | None, *, now: datetime) -> bool:
    """Put somebody on the list, or back on it; True if they are to be asked first."""
    if recipient.user_id is not None and member is None:
        # They said yes as a member, which they are no more.
        recipient.confirmed_at = recipient.active_since = recipient.asked_at = None
    recipient.user = member
    if recipient.removed_at is not None:
        recipient.removed_at, recipient.active_since = None, now if recipient.confirmed_at else None
    if member is not None and recipient.confirmed_at is None:
        recipient.confirmed_at = now
    if recipient.confirmed_at is not None and recipient.active_since is None:
        recipient.active_since = now
    recipient.next_at = next_of(recipient, now=now)
    recipient.save()
    if recipient.confirmed_at is not None or recipient.asked_at is not None or recipient.stopped_at is not None:
        return False
    _ask(recipient, now=now)
    return True


def _ask(recipient: ReportRecipient, *, now: datetime) -> None:
    """One mail that asks. Raises InvalidInput when this would become a nuisance to strangers."""
    schedule = recipient.schedule
    note_question(schedule.workspace, recipient.email, now=now)
    ReportRecipient.objects.filter(pk=recipient.pk).update(asked_at=now)
    recipient.asked_at = now
    ReportDelivery.objects.create(
        schedule=schedule,
        recipient=recipient,
        kind=DeliveryKind.ASK,
        period=f"ask {now:%Y-%m-%d %H:%M:%S}",
        planned_at=now,
        due_at=now,
    )


def _told(wish: Wish) -> dict[str, object]:
    """What the trail keeps of a wish; addresses stay out of it."""
    return {
        "name": wish.name,
        "channels": list(wish.channels),
        "recipients": len(wish.recipients),
        "every": wish.every,
        "day": wish.day,
        "at": wish.at.isoformat("minutes"),
    }
