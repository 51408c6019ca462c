"""Workspaces and who is in them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, Role, User, Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict

MOST_OWNED = 10


@transaction.atomic
def ensure_personal_workspace(user: User, *, now: datetime, actor: Actor) -> Workspace:
    """The first workspace of `user`; one of their own, with them as owner, is made if they have none."""
    # The lock keeps two first requests from making two.
    User.objects.select_for_update().get(pk=user.pk)
    # One that staff has shut counts: a new one would be the way around it.
    mine = user.memberships.select_related("workspace").filter(workspace__deleted_at__isnull=True)
    membership = mine.order_by("created_at", "pk").first()
    if membership:
        return membership.workspace
    return _created(user, name=user.name or user.email.partition("@")[0], now=now, actor=actor)


@transaction.atomic
def create_workspace(user: User, *, name: str, now: datetime, actor: Actor) -> Workspace:
    """A further workspace of `user`, with them as owner. Raises Conflict (`too_many_workspaces`)."""
    demand_room_to_own(user)
    return _created(user, name=name, now=now, actor=actor)


def demand_room_to_own(user: User) -> None:
    """Raise Conflict (`too_many_workspaces`) unless the person may own one more. Until the end of the transaction they
    get no other.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    # Deleted ones count while they can be brought back: each costs us collecting and room.
    if user.memberships.filter(role=Role.OWNER).count() >= MOST_OWNED:
        raise Conflict(
            _("Nobody can own more than %(most)s workspaces.") % {"most": MOST_OWNED}, code="too_many_workspaces"
        )


def _created(user: User, *, name: str, now: datetime, actor: Actor) -> Workspace:
    workspace = Workspace.objects.create(name=name[:120], time_zone=user.time_zone, created_at=now)
    record_audit(
        AuditAction.WORKSPACE_CREATED,
        workspace,
        actor=actor,
        now=now,
        workspace_id=workspace.pk,
        after={"name": workspace.name},
    )
    add_member(workspace, user=user, role=Role.OWNER, now=now, actor=actor)
    return workspace


@transaction.atomic
def add_member(workspace: Workspace, *, user: User, role: Role, now: datetime, actor: Actor) -> Membership:
    """Put `user` into `workspace`; raise Conflict if they are in it already."""
    membership, created = Membership.objects.get_or_create(
        workspace=workspace, user=user, defaults={"role": role, "created_at": now}
    )
    if not created:
        raise Conflict(_("This person is already a member."), code="already_member")
    record_audit(
        AuditAction.MEMBERSHIP_ADDED,
        membership,
        actor=actor,
        now=now,
        workspace_id=workspace.pk,
        after={"user": user.pk, "role": role.value},
    )
    return membership
