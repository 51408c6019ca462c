"""Who of the people is staff: tiers are given and taken, and the last Super Admin stays."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.models import Tier, User
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict


@transaction.atomic
def set_tier(user: User, *, tier: Tier, reason: str, actor: Actor, now: datetime) -> User:
    """Give `user` this tier, or none. The same tier again changes nothing.

    Raises Conflict (`last_super_admin`, and `inactive`: nobody rises who cannot sign in).
    """
    row = lock_person(user)
    before = Tier(row.tier)
    if before == tier:
        return row
    if tier < before:
        keep_a_super_admin(row)
    elif not row.is_active:
        raise Conflict(_("This account is closed."), code="inactive")
    row.tier = tier
    row.is_staff = tier != Tier.NONE
    row.is_superuser = tier == Tier.SUPER_ADMIN
    row.save(update_fields=["tier", "is_staff", "is_superuser"])
    record_audit(
        AuditAction.USER_TIER_CHANGED,
        row,
        actor=actor,
        now=now,
        before={"tier": before.name},
        after={"tier": tier.name, "reason": reason},
    )
    record_event(EventKind.STAFF_TIER_CHANGED, user=row, now=now, detail={"tier": tier.name})
    return row


def lock_person(user: User) -> User:
    """The row of `user` as it is now, held until the transaction ends; all Super Admins are held with it, in one order.

    Two who take the right from each other at the same moment would otherwise leave nobody.
    """
    held = User.objects.select_for_update().filter(Q(pk=user.pk) | Q(tier=Tier.SUPER_ADMIN)).order_by("pk")
    return next(one for one in held if one.pk == user.pk)


def keep_a_super_admin(user: User) -> None:
    """Raise Conflict if `user`, who was locked by `lock_person`, is the last Super Admin who can sign in."""
    others = User.objects.filter(tier=Tier.SUPER_ADMIN, is_active=True).exclude(pk=user.pk)
    if user.tier == Tier.SUPER_ADMIN and not others.exists():
        raise Conflict(_("This is the last Super Admin, who has to stay."), code="last_super_admin")
