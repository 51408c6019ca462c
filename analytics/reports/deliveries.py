"""Carrying out deliveries: each is sent at most once, and lost only with a word about it.

The mail goes over the wire between two commits: `handed_at` before, the outcome after. A process that dies before the
first has sent nothing, and the next one sends. A process that dies between the two leaves a delivery of which nobody
knows whether it arrived: it is not sent again by itself but marked so (`Outcome.UNSURE`), and a person may repeat it.
Every attempt bears the same Message-ID.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.bell import ring
from analyticbot.core.errors import AppError, Conflict
from analyticbot.core.work import MAX_ATTEMPTS, LeaseLost
from analytics.reports.mails import message_for
from analytics.reports.models import DeliveryKind, Outcome, ReportDelivery
from analytics.reports.planning import wants
from analytics.reports.timetable import Every
from integrations.email import EmailSender
from integrations.messages import Message, Refused, Sender, TryLater, Unsure

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
# A mail server that is away is tried this often, once the short waits are over.
_AGAIN_AFTER = timedelta(minutes=30)
# After this a report is of no use any more; the next one is near.
_USEFUL_FOR = {Every.DAY: timedelta(hours=20), Every.WEEK: timedelta(days=3), Every.MONTH: timedelta(days=7)}
_KILLED = "The processes that made it were killed."


def run_due_deliveries(
    *, clock: Callable[[], datetime] = timezone.now, limit: int = 10, sender: Sender | None = None
) -> int:
    """Send up to `limit` due mails, one after the other; returns how many were touched. Safe beside others."""
    touched, by = 0, sender or EmailSender()
    for row in ReportDelivery.objects.one_by_one(lease=LEASE, limit=limit):
        touched += 1
        _run(row, clock=clock, sender=by)
    return touched


def _run(row: ReportDelivery, *, clock: Callable[[], datetime], sender: Sender) -> None:
    now = clock()
    if row.handed_at is not None:
        # A process before us handed it over and died before it could write how that ended.
        _end(row, Outcome.UNSURE, now=now, error="The process that handed it over was killed before the answer came.")
        return
    if (outcome := _needless(row, now=now)) is not None:
        _end(row, outcome, now=now)
        return
    if row.attempts >= MAX_ATTEMPTS and not row.last_error:
        _end(row, Outcome.FAILED, now=now, error=_KILLED)
        return
    # Counted beforehand: a mail that gets its process killed says nothing afterwards.
    row.held().update(attempts=F("attempts") + 1)
    try:
        message = message_for(row, now=now)
        sender.send(message, before_handover=lambda: _hand_over(row, now=clock()))
    except AppError as error:
        _end(row, Outcome.FAILED, now=clock(), error=error.message)
    except Refused as error:
        _end(row, Outcome.REFUSED, now=clock(), error=error.reason)
    except TryLater as error:
        row.held().update(handed_at=None)
        row.fail(now=clock(), error=error.reason, again_after=_AGAIN_AFTER)
    except Unsure as error:
        _end(row, Outcome.UNSURE, now=clock(), error=error.reason)
    except LeaseLost:
        logger.warning("delivery %s was taken over by another process", row.pk)
    except Exception:  # the edge of a task: one mail must not hold up the others
        logger.exception("delivery %s failed", row.pk)
        _failed(row, now=clock())
    else:
        _sent(row, now=clock())


def _needless(row: ReportDelivery, *, now: datetime) -> Outcome | None:
    """Why it is not to be sent any more; None while it is."""
    recipient, schedule = row.recipient, row.schedule
    if not schedule.workspace.is_open:
        return Outcome.DROPPED
    if row.kind == DeliveryKind.ASK:
        wanted = recipient.confirmed_at is None and recipient.removed_at is None and recipient.stopped_at is None
        return None if wanted else Outcome.DROPPED
    shut_out = recipient.user is not None and not recipient.user.is_active
    if schedule.paused_at is not None or shut_out or not wants(recipient):
        return Outcome.DROPPED
    return Outcome.LATE if now - row.planned_at > _USEFUL_FOR[Every(schedule.every)] else None


def _hand_over(row: ReportDelivery, *, now: datetime) -> None:
    """The last moment before the mail goes out: from here on only the outcome tells. Not in any transaction."""
    if not (row.extend(lease=LEASE) and row.held().update(handed_at=now)):
        raise LeaseLost
    row.handed_at = now


def _failed(row: ReportDelivery, *, now: datetime) -> None:
    """Try again a little later; after the last time it counts as failed. The log has the reason."""
    with transaction.atomic():
        row.fail(now=now, error=_("Something went wrong; we will try again."))
        if row.parked_at is not None:
            ReportDelivery.objects.filter(pk=row.pk).update(outcome=Outcome.FAILED)


def _sent(row: ReportDelivery, *, now: datetime) -> None:
    with transaction.atomic():
        row.held().update(outcome=Outcome.SENT)
        if not row.complete(now=now):
            logger.warning("delivery %s was sent, and taken over meanwhile", row.pk)


def _end(row: ReportDelivery, outcome: Outcome, *, now: datetime, error: str = "") -> None:
    """Write that there is nothing more to do, and why."""
    with transaction.atomic():
        row.held().update(outcome=outcome)
        if outcome in {Outcome.DROPPED, Outcome.LATE}:
            row.complete(now=now)
        else:
            row.fail(now=now, error=error, permanent=True)


def repeat_delivery(row: ReportDelivery, *, actor: Actor, now: datetime) -> None:
    """Send it again: for what was refused, failed, or may not have arrived. Raises Conflict for anything else."""
    if row.outcome not in {Outcome.REFUSED, Outcome.UNSURE, Outcome.FAILED, Outcome.LATE}:
        raise Conflict(_("There is nothing to repeat."), code="nothing_to_repeat")
    with transaction.atomic():
        changed = ReportDelivery.objects.filter(pk=row.pk, outcome=row.outcome).update(
            outcome=Outcome.OPEN,
            handed_at=None,
            parked_at=None,
            finished_at=None,
            attempts=0,
            last_error="",
            due_at=now,
            planned_at=now,
        )
        if changed:
            workspace_id = row.schedule.workspace_id
            record_audit(AuditAction.DELIVERY_REPEATED, row, actor=actor, now=now, workspace_id=workspace_id)
            transaction.on_commit(ring_deliveries)


def preview_of(row: ReportDelivery, *, now: datetime) -> Message:
    """The very message that would be sent."""
    return message_for(row, now=now)


def ring_deliveries() -> None:
    """Tell the workers that a delivery is due."""
    ring("analytics.deliver_reports")
