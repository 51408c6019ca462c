"""Handing a workspace over: its owner offers it, a member accepts, and the two change places."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Access, user_actor
from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.models import Membership, OwnershipOffer, Role, User, Workspace
from accounts.people.members import set_role
from accounts.workspaces import demand_room_to_own
from analyticbot.core.audit import AuditAction, record_audit
from analyticbot.core.errors import Conflict, InvalidInput, NotFound

LIFETIME = timedelta(days=7)


@transaction.atomic
def offer_ownership(access: Access, *, heir_id: int, now: datetime) -> OwnershipOffer:
    """Offer the workspace to one of its members, instead of whoever it was offered to before.

    Raises InvalidInput (heir) for somebody who is no other active member.
    """
    workspace = Workspace.objects.select_for_update(no_key=True).get(pk=access.workspace.pk)
    heirs = Membership.objects.filter(workspace=workspace, user__is_active=True).exclude(user=access.user)
    heir = heirs.select_related("user").filter(user_id=heir_id).first()
    if heir is None:
        raise InvalidInput(_("Choose a member."), field="heir")
    OwnershipOffer.objects.filter(workspace=workspace).delete()
    offer = OwnershipOffer.objects.create(
        workspace=workspace, owner=access.user, heir=heir.user, created_at=now, expires_at=now + LIFETIME
    )
    record_audit(
        AuditAction.OWNERSHIP_OFFERED,
        offer,
        actor=access.actor,
        now=now,
        workspace_id=workspace.pk,
        after={"heir": heir.user_id},
    )
    record_event(EventKind.OWNERSHIP_OFFERED, user=heir.user, now=now, detail={"name": workspace.name})
    return offer


def open_offer(workspace: Workspace, *, now: datetime) -> OwnershipOffer | None:
    """The offer that can be accepted at `now`."""
    offers = OwnershipOffer.objects.select_related("owner", "heir", "workspace")
    return offers.filter(workspace=workspace, expires_at__gt=now).first()


@transaction.atomic
def end_offer(workspace: Workspace, *, user: User, now: datetime) -> None:
    """Take an offer back (its owner) or refuse it (its heir). Raises NotFound."""
    offer = open_offer(workspace, now=now)
    if offer is None or user.pk not in {offer.owner_id, offer.heir_id}:
        raise NotFound(_("There is no such offer."))
    record_audit(
        AuditAction.OWNERSHIP_OFFER_ENDED,
        offer,
        actor=user_actor(user),
        now=now,
        workspace_id=workspace.pk,
        before={"heir": offer.heir_id},
    )
    offer.delete()


@transaction.atomic
def accept_ownership(workspace: Workspace, *, user: User, now: datetime) -> None:
    """Make the heir the owner and the owner an admin.

    Raises NotFound, and Conflict if the owner is none any more or the heir owns as many as anybody may.
    """
    workspace = Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    offer = open_offer(workspace, now=now)
    if offer is None or offer.heir_id != user.pk:
        raise NotFound(_("There is no such offer."))
    members = {one.user_id: one for one in Membership.objects.select_related("user").filter(workspace=workspace)}
    owner, heir = members.get(offer.owner_id), members.get(offer.heir_id)
    if owner is None or heir is None or owner.role != Role.OWNER:
        raise Conflict(_("Whoever offered it does not own it any more."), code="offer_void")
    demand_room_to_own(heir.user)
    actor = user_actor(user)
    set_role(heir, Role.OWNER, actor=actor, now=now)
    set_role(owner, Role.ADMIN, actor=actor, now=now)
    offer.delete()
    for person in (owner.user, heir.user):
        record_event(EventKind.OWNERSHIP_CHANGED, user=person, now=now, detail={"name": workspace.name})
