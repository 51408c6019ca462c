"""Members of a workspace: their roles, and the end of a membership."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Access, user_actor
from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.models import Membership, OwnershipOffer, Role, User, Workspace
from accounts.people.invitations import demand_reach
from accounts.tokens import revoke_tokens
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict, NotFound


@transaction.atomic
def change_role(access: Access, *, pk: int, role: Role, now: datetime) -> Membership:
    """Give a member another role. Raises NotFound, NotAllowed (out of reach) and Conflict (`own_role`).

    The owner is another by handing over only (`accounts.people.ownership`).
    """
    membership = _locked(access.workspace, pk=pk)
    if membership.user_id == access.user.pk:
        raise Conflict(_("Nobody changes their own role."), code="own_role")
    demand_reach(access, Role(membership.role))
    demand_reach(access, role)
    if membership.role != role:
        set_role(membership, role, actor=access.actor, now=now)
    return membership


@transaction.atomic
def remove_member(access: Access, *, pk: int, now: datetime) -> Membership:
    """End the membership of another, and the tokens they made here. Raises as `change_role`."""
    membership = _locked(access.workspace, pk=pk)
    if membership.user_id == access.user.pk:
        raise Conflict(_("To go yourself, leave the workspace."), code="own_membership")
    demand_reach(access, Role(membership.role))
    _end(membership, AuditAction.MEMBERSHIP_REMOVED, actor=access.actor, now=now)
    return membership


@transaction.atomic
def leave(workspace: Workspace, *, user: User, now: datetime) -> None:
    """End one's own membership, and one's tokens here. Raises NotFound, and Conflict (`last_owner`)."""
    membership = _locked(workspace, user=user)
    if membership.role == Role.OWNER and not _other_owner(membership):
        raise Conflict(_("You are its only owner: hand the workspace over first, or delete it."), code="last_owner")
    _end(membership, AuditAction.MEMBERSHIP_LEFT, actor=user_actor(user), now=now)


def set_role(membership: Membership, role: Role, *, actor: Actor, now: datetime) -> None:
    """Write a role with its traces; who may do that, the caller has found out."""
    before, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    record_audit(
        AuditAction.MEMBERSHIP_CHANGED,
        membership,
        actor=actor,
        now=now,
        workspace_id=membership.workspace_id,
        before={"user": membership.user_id, "role": before},
        after={"user": membership.user_id, "role": role.value},
    )
    record_event(
        EventKind.ROLE_CHANGED,
        user=membership.user,
        now=now,
        detail={"name": membership.workspace.name, "role": role.value},
    )


def _locked(workspace: Workspace, **which: Any) -> Membership:
    """The membership, with the workspace held: no two changes at a time can leave it without an owner."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    return find_member(workspace, **which)


def find_member(workspace: Workspace, **which: Any) -> Membership:
    """A membership of the workspace, by `pk` or `user`, with its person. Raises NotFound."""
    found = Membership.objects.select_related("user", "workspace").filter(workspace=workspace, **which).first()
    if found is None:
        raise NotFound(_("There is no such member."))
    return found


def _other_owner(membership: Membership) -> bool:
    owners = Membership.objects.filter(workspace_id=membership.workspace_id, role=Role.OWNER)
    return owners.exclude(pk=membership.pk).exists()


def _end(membership: Membership, action: AuditAction, *, actor: Actor, now: datetime) -> None:
    workspace, user = membership.workspace, membership.user
    # Somebody who comes back later does not find their old keys working.
    revoke_tokens(workspace, creator=user, now=now, actor=actor)
    OwnershipOffer.objects.filter(workspace=workspace, heir=user).delete()
    record_audit(
        action,
        membership,
        actor=actor,
        now=now,
        workspace_id=workspace.pk,
        before={"user": user.pk, "role": membership.role},
    )
    record_event(EventKind.MEMBERSHIP_ENDED, user=user, now=now, detail={"name": workspace.name})
    membership.delete()
