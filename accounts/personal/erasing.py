"""Erasing an account: closed at once, erased after UNDO_FOR, taken back until then.

1. `request_erasure` closes the account: sessions end, tokens rest, workspaces that nobody else is in close with it.
2. The work mails the person when it will be and how to take it back, and then waits for the day.
3. On that day workspaces that others are in get another owner, those that nobody is in are erased, every keeper
   forgets the person, their row goes, and the list of the erased gains a line.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import user_actor
from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.models import Erasure, Membership, Role, User, Workspace
from accounts.personal.forgetting import erase_workspace, forget_person
from accounts.personal.keepers import all_keepers
from accounts.personal.mails import send_erasure_mail
from accounts.personal.models import OPEN
from accounts.sessions.ending import end_sessions
from analyticbot.core.audit import SYSTEM, Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict
from analyticbot.core.made_files import Clock

logger = logging.getLogger(__name__)

UNDO_FOR = timedelta(days=14)
# What cannot be reached (Telegram, a mail server) is tried again this often, without end.
_AGAIN_AFTER = timedelta(hours=6)
# Longer than a run of the task may last.
_LEASE = timedelta(minutes=65)
# Whoever is highest takes over; of equals the one of longest standing.
_RANKS = (Role.OWNER, Role.ADMIN, Role.ANALYST, Role.VIEWER)


@dataclass(frozen=True, slots=True)
class Handover:
    """A workspace that gets another owner, because its only one leaves."""

    workspace: Workspace
    heir: User

    @property
    def heir_name(self) -> str:
        """As the page of people shows them."""
        return self.heir.name or self.heir.email.partition("@")[0]


@dataclass(frozen=True, slots=True)
class Consequences:
    """What becomes of a person's workspaces: erased with the account, handed over, or left as they are."""

    erased: tuple[Workspace, ...]
    handed_over: tuple[Handover, ...]
    left: tuple[Workspace, ...]


def consequences_for(user: User) -> Consequences:
    """What becomes of the workspaces of a person who is erased, as things stand now."""
    erased, handed_over, left = [], [], []
    for membership in user.memberships.select_related("workspace").order_by("workspace__name", "pk"):
        workspace = membership.workspace
        others = [one for one in _members(workspace) if one.user_id != user.pk]
        if not others:
            erased.append(workspace)
        elif (
            workspace.deleted_at is None
            and membership.role == Role.OWNER
            and not any(one.role == Role.OWNER for one in others)
        ):
            handed_over.append(Handover(workspace, others[0].user))
        else:
            left.append(workspace)
    return Consequences(tuple(erased), tuple(handed_over), tuple(left))


def open_erasure(user: User) -> Erasure | None:
    """The erasure that lies ahead of a person, if there is one."""
    return Erasure.objects.filter(OPEN, person_id=user.pk).first()


@transaction.atomic
def request_erasure(user: User, *, actor: Actor, now: datetime, request: HttpRequest | None = None) -> Erasure:
    """Close an account and erase it after UNDO_FOR; asked for twice it stays as it was.

    Raises Conflict for staff (their tier has to be taken back first) and for the owner of the public demo.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    found = open_erasure(user)
    if found is not None:
        return found
    consequences = consequences_for(user)
    _refuse(user, consequences)
    closed = [workspace for workspace in consequences.erased if workspace.deleted_at is None]
    row = Erasure.objects.create(
        person_id=user.pk,
        asked_at=now,
        erase_at=now + UNDO_FOR,
        due_at=now,
        workspace_ids=[workspace.pk for workspace in closed],
    )
    for workspace in closed:
        _close(workspace, deleted_at=now, actor=actor, now=now)
    record_audit(
        AuditAction.USER_ERASURE_ASKED, user, actor=actor, now=now, after={"erase_at": row.erase_at.isoformat()}
    )
    record_event(EventKind.ERASURE_ASKED, user=user, now=now, request=request)
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user, actor=actor, now=now)
    return row


def _refuse(user: User, consequences: Consequences) -> None:
    if user.is_staff:
        raise Conflict(_("This account belongs to the staff. It can be deleted once it does not."), code="is_staff")
    alone = [*consequences.erased, *(one.workspace for one in consequences.handed_over)]
    if any(workspace.is_demo for workspace in alone):
        raise Conflict(_("The public demo is shown from this account. Show another workspace first."), code="is_demo")


@transaction.atomic
def take_back_erasure(row: Erasure, *, actor: Actor | None, now: datetime, request: HttpRequest | None = None) -> User:
    """Open the account again; `actor` None: the person themselves. Raises Conflict when it is too late."""
    row = Erasure.objects.select_for_update().get(pk=row.pk)
    user = User.objects.select_for_update(no_key=True).filter(pk=row.person_id).first()
    if not row.is_open or user is None or row.erase_at <= now:
        raise Conflict(_("This account has been deleted already."), code="too_late")
    row.taken_back_at, row.due_at, row.parked_at = now, None, None
    row.save(update_fields=["taken_back_at", "due_at", "parked_at"])
    # Who has been suspended meanwhile stays so.
    if user.suspended_at is None:
        user.is_active = True
        user.save(update_fields=["is_active"])
    actor = actor or user_actor(user)
    for workspace in Workspace.objects.filter(pk__in=row.workspace_ids, deleted_at__isnull=False):
        _close(workspace, deleted_at=None, actor=actor, now=now)
    record_audit(AuditAction.USER_ERASURE_TAKEN_BACK, user, actor=actor, now=now)
    record_event(EventKind.ERASURE_WITHDRAWN, user=user, now=now, request=request)
    return user


def _close(workspace: Workspace, *, deleted_at: datetime | None, actor: Actor, now: datetime) -> None:
    """Delete a workspace as its owner would, or (None) bring it back."""
    workspace.deleted_at = deleted_at
    workspace.save(update_fields=["deleted_at"])
    action = AuditAction.WORKSPACE_DELETED if deleted_at else AuditAction.WORKSPACE_RESTORED
    record_audit(action, workspace, actor=actor, now=now, workspace_id=workspace.pk)


def run_due_erasures(*, clock: Clock = timezone.now, limit: int = 5) -> int:
    """Tell of, or carry out, up to `limit` due erasures; returns how many were touched. Safe beside others."""
    touched = 0
    for row in Erasure.objects.filter(OPEN).one_by_one(lease=_LEASE, limit=limit):
        touched += 1
        _run(row, clock=clock)
    return touched


def _run(row: Erasure, *, clock: Clock) -> None:
    now = clock()
    try:
        if now >= row.erase_at:
            _erase(row, now=now)
        else:
            _tell(row, now=now)
    except Exception as error:  # the edge of a task: one erasure must not hold up the others
        logger.exception("erasure %s did not go through", row.pk)
        row.fail(now=clock(), error=type(error).__name__, again_after=_AGAIN_AFTER)


def _tell(row: Erasure, *, now: datetime) -> None:
    user = User.objects.filter(pk=row.person_id).first()
    if user is not None:
        send_erasure_mail(user, row)
    with transaction.atomic():
        row.held().update(told_at=now)
        row.postpone(until=row.erase_at, reason="")


def _erase(row: Erasure, *, now: datetime) -> None:
    user = User.objects.filter(pk=row.person_id).first()
    if user is not None:
        erase_person(user, now=now)
    row.complete(now=now)


def erase_person(user: User, *, now: datetime) -> None:
    """Erase a person at once and for good: their lonely workspaces, then everything that names them.

    Each workspace is gone for itself, so that an error later on leaves less to do. Raises what ending things outside
    (a session at Telegram) raises: nothing of that workspace is gone then, and it is to be tried again.
    """
    consequences = consequences_for(user)
    for workspace in consequences.erased:
        erase_workspace(workspace, actor=SYSTEM, now=now)
    for keeper in all_keepers():
        keeper.let_go_of_person(user)
    with transaction.atomic():
        for handover in consequences.handed_over:
            _hand_over(handover, now=now)
        forget_person(user, now=now)


def _hand_over(handover: Handover, *, now: datetime) -> None:
    membership = Membership.objects.select_for_update().get(workspace=handover.workspace, user=handover.heir)
    before, membership.role = membership.role, Role.OWNER
    membership.save(update_fields=["role"])
    record_audit(
        AuditAction.OWNERSHIP_TAKEN_OVER,
        membership,
        actor=SYSTEM,
        now=now,
        workspace_id=handover.workspace.pk,
        before={"role": before},
        after={"role": membership.role},
    )
    record_event(EventKind.OWNERSHIP_CHANGED, user=handover.heir, now=now)


def _members(workspace: Workspace) -> list[Membership]:
    """Members in the order in which they would take over: first those who can sign in."""
    members = workspace.memberships.select_related("user").order_by("created_at", "pk")
    return sorted(members, key=lambda one: (not one.user.is_active, _RANKS.index(Role(one.role))))
