"""Acts that two people must want: one asks with a reason, another one agrees, and then it is done, once.

What is done is looked up by the act (`carry_out`, given by `superadmin.people.approved`), so that nothing is kept in
the request that could be run: the act, the subject, and small facts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.access import user_actor
from accounts.models import User, Workspace
from analyticbot.core.audit import AuditAction, record_audit
from analyticbot.core.errors import Conflict, InvalidInput, NotAllowed
from superadmin.models import APPROVAL_WAITS, ApprovalRequest, Decision
from superadmin.tiers import NEEDS_APPROVAL, Act, check_may

Subject = User | Workspace
_KINDS: Mapping[str, type[User] | type[Workspace]] = {"user": User, "workspace": Workspace}


@dataclass(frozen=True, slots=True)
class Approved:
    """What an approved request hands to the service that does it."""

    subject: Any
    detail: Mapping[str, Any]
    reason: str
    approver: User
    now: datetime


Deed = Callable[[Approved], None]


@transaction.atomic
def ask_approval(
    act: Act, subject: Subject, *, reason: str, detail: Mapping[str, Any] | None = None, asker: User, now: datetime
) -> ApprovalRequest:
    """Ask for a second person. Raises InvalidInput (reason), NotAllowed, and Conflict if the same is asked already."""
    if act not in NEEDS_APPROVAL:
        raise ValueError(f"{act} needs no approval.")
    check_may(asker, act, target=subject if isinstance(subject, User) else None)
    if not reason.strip():
        raise InvalidInput(_("Say why."), field="reason")
    _close_expired(now=now)
    kind = "user" if isinstance(subject, User) else "workspace"
    row, created = ApprovalRequest.objects.get_or_create(
        act=act,
        subject_kind=kind,
        subject_id=subject.pk,
        decision=Decision.OPEN,
        defaults={
            "subject_label": str(subject)[:200],
            "detail": dict(detail or {}),
            "reason": reason.strip()[:200],
            "asked_by": asker,
            "asked_at": now,
            "expires_at": now + APPROVAL_WAITS,
        },
    )
    if not created:
        raise Conflict(_("This waits for an approval already."), code="already_asked")
    after = {"act": act.value, "subject": f"{kind}:{subject.pk}", "reason": row.reason, **row.detail}
    record_audit(AuditAction.APPROVAL_ASKED, row, actor=user_actor(asker), now=now, after=after)
    return row


@transaction.atomic
def approve(request: ApprovalRequest, *, approver: User, deeds: Mapping[Act, Deed], now: datetime) -> ApprovalRequest:
    """Agree, and do it in the same transaction: either both hold, or neither.

    Raises NotAllowed (one's own request, tier too low, subject not below), Conflict (decided, expired, or what the
    deed itself refuses).
    """
    row = _open_row(request, now=now)
    act = Act(row.act)
    if row.asked_by_id is None or row.asked_by_id == approver.pk:
        raise NotAllowed(_("Another person than the one who asked has to agree."), code="own_request")
    subject = _subject_of(row)
    for person in (approver, row.asked_by):
        # Who asked must still be allowed to when it is done.
        check_may(person, act, target=subject if isinstance(subject, User) else None)  # type: ignore[arg-type]
    _decide(row, Decision.APPROVED, by=approver, now=now)
    deeds[act](Approved(subject=subject, detail=row.detail, reason=row.reason, approver=approver, now=now))
    return row


@transaction.atomic
def refuse(request: ApprovalRequest, *, by: User, now: datetime) -> ApprovalRequest:
    """Refuse a request, or withdraw one's own. Raises NotAllowed and Conflict."""
    row = _open_row(request, now=now)
    own = row.asked_by_id == by.pk
    if not own:
        check_may(by, Act(row.act))
    _decide(row, Decision.WITHDRAWN if own else Decision.REFUSED, by=by, now=now)
    return row


def waiting(*, now: datetime) -> "QuerySet[ApprovalRequest]":
    """Requests that can still be decided, oldest first."""
    rows = ApprovalRequest.objects.filter(decision=Decision.OPEN, expires_at__gt=now)
    return rows.select_related("asked_by").order_by("pk")


def _open_row(request: ApprovalRequest, *, now: datetime) -> ApprovalRequest:
    row = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
    if not row.is_open(now=now):
        raise Conflict(_("This request was decided already, or it has expired."), code="not_open")
    return row


def _subject_of(row: ApprovalRequest) -> Subject:
    subject = _KINDS[row.subject_kind].objects.filter(pk=row.subject_id).first()
    if subject is None:
        raise Conflict(_("There is no such person or workspace any longer."), code="subject_gone")
    return subject


def _decide(row: ApprovalRequest, decision: Decision, *, by: User, now: datetime) -> None:
    row.decision, row.decided_by, row.decided_at = decision, by, now
    row.save(update_fields=["decision", "decided_by", "decided_at"])
    after = {"act": row.act, "subject": f"{row.subject_kind}:{row.subject_id}", "decision": decision.value}
    record_audit(AuditAction.APPROVAL_DECIDED, row, actor=user_actor(by), now=now, after=after)


def _close_expired(*, now: datetime) -> None:
    late = ApprovalRequest.objects.filter(decision=Decision.OPEN, expires_at__lte=now)
    late.update(decision=Decision.EXPIRED, decided_at=now)
