"""Looking at the service as somebody else, to help them: with a reason, for half an hour, and nothing is touched.

The session stays the staff's own and names the `Impersonation`; `superadmin.people.seeing.ImpersonationMiddleware`
answers its requests as the person would see them. They are told by mail, and can forbid it for ever in their settings.
"""

from datetime import datetime

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.models import User
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict, InvalidInput, NotAllowed
from superadmin.models import IMPERSONATION_LASTS, Impersonation
from superadmin.networks import may_open_from
from superadmin.tiers import Act, check_may, may, outranks

_SESSION_KEY = "impersonation"


@transaction.atomic
def start(request: HttpRequest, user: User, *, reason: str, ticket: str, staff: User, now: datetime) -> Impersonation:
    """Begin to look as `user`. Raises InvalidInput (reason, ticket), NotAllowed (tier, or they forbid it), Conflict."""
    check_may(staff, Act.USERS_IMPERSONATE, target=user)
    for field, text in (("reason", reason), ("ticket", ticket)):
        if not text.strip():
            raise InvalidInput(_("Say why, and for which ticket."), field=field)
    if user.refuses_impersonation:
        raise NotAllowed(_("This person does not want the staff to look at their account."), code="refused")
    if not user.is_active:
        raise Conflict(_("This account is closed; there is nothing to see."), code="inactive")
    stop(request, now=now)
    row = Impersonation.objects.create(
        staff=staff,
        user=user,
        reason=reason.strip()[:200],
        ticket=ticket.strip()[:80],
        started_at=now,
        ends_at=now + IMPERSONATION_LASTS,
    )
    after = {"reason": row.reason, "ticket": row.ticket}
    record_audit(AuditAction.IMPERSONATION_STARTED, row, actor=_looker(staff, user), now=now, after=after)
    record_event(EventKind.IMPERSONATED, user=user, now=now, detail={"ticket": row.ticket})
    request.session[_SESSION_KEY] = row.pk
    return row


@transaction.atomic
def stop(request: HttpRequest, *, now: datetime) -> Impersonation | None:
    """End the looking of this session, if there is one."""
    pk = request.session.pop(_SESSION_KEY, None)
    open_ones = Impersonation.objects.select_for_update(of=("self",)).filter(ended_at__isnull=True)
    row = open_ones.select_related("staff", "user").filter(pk=pk).first() if pk else None
    if row is None or row.staff is None:
        return None
    row.ended_at = min(now, row.ends_at)
    row.save(update_fields=["ended_at"])
    actor = _looker(row.staff, row.user)
    record_audit(AuditAction.IMPERSONATION_ENDED, row, actor=actor, now=now, after={"ticket": row.ticket})
    return row


def _looker(staff: User, user: User) -> Actor:
    """Who looks, and as whom."""
    return Actor(kind="staff", id=staff.pk, label=staff.email, for_user_id=user.pk, for_label=user.email)


def running(request: HttpRequest, *, now: datetime) -> Impersonation | None:
    """The looking of this session if it still holds: time, tiers, network and the person's will."""
    pk = request.session.get(_SESSION_KEY)
    if pk is None or not isinstance(request.user, User):
        return None
    row = Impersonation.objects.select_related("user").filter(pk=pk, staff=request.user).first()
    if row is None or not row.is_running(now=now):
        return None
    user = row.user
    allowed = may(request.user, Act.USERS_IMPERSONATE) and outranks(request.user, user) and may_open_from(request)
    return row if allowed and user.is_active and not user.refuses_impersonation else None


def claims(request: HttpRequest) -> bool:
    """Whether this session has begun to look as somebody and has not ended it."""
    return _SESSION_KEY in request.session
