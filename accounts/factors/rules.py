"""Who must have a second factor: staff, and members of workspaces whose owner wants it."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.factors.models import TelegramFactor
from accounts.models import Membership, User, Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict, NotAllowed


class FactorRequired(NotAllowed):
    """Nobody acts here without a second factor; pages lead to where one is added."""

    code = "factor_required"


def demand_factor(user: User, workspace: Workspace) -> None:
    """Raise FactorRequired if the workspace wants a second factor and the person has none; else it costs no query."""
    if workspace.factor_required_at is not None and not is_mfa_enabled(user):
        raise FactorRequired(_("This workspace is open only to members with a second factor."))


def staff_lacks_factor(user: User) -> bool:
    """Whether this is one of the staff without a factor that opens the panel."""
    return user.is_staff and not Authenticator.objects.filter(user=user).exists()


def is_required(user: User) -> bool:
    """Whether the person has to have a second factor: as staff, or for a workspace of theirs."""
    rules = Membership.objects.filter(user=user, workspace__factor_required_at__isnull=False)
    return user.is_staff or rules.exists()


def may_remove(user: User, *, authenticator: Authenticator | None) -> bool:
    """Whether the person may do without this factor (None: the code by Telegram): not if it is the last they need."""
    own = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    others = own.exclude(pk=authenticator.pk) if authenticator else own
    by_telegram = authenticator is not None and TelegramFactor.objects.filter(user=user).exists()
    is_last = not (others.exists() or (by_telegram and not user.is_staff))
    return not (is_last and is_required(user))


def members_without_factor(workspace: Workspace) -> int:
    """How many members a rule would shut out until they add a factor."""
    own = Authenticator.objects.filter(user=OuterRef("user"))
    sent = TelegramFactor.objects.filter(user=OuterRef("user"))
    return Membership.objects.filter(~Exists(own), ~Exists(sent), workspace=workspace).count()


@transaction.atomic
def set_rule(workspace: Workspace, *, required: bool, by: User, actor: Actor, now: datetime) -> Workspace:
    """Demand a second factor of every member, their API tokens included, or leave it to each.

    Raises Conflict if `by` has none: they would shut themselves out. Changing nothing leaves no trace.
    """
    if required and not is_mfa_enabled(by):
        raise Conflict(_("Add a second factor yourself first."), code="factor_required")
    if required is (workspace.factor_required_at is not None):
        return workspace
    workspace.factor_required_at = now if required else None
    workspace.save(update_fields=["factor_required_at"])
    record_audit(
        AuditAction.WORKSPACE_CHANGED,
        workspace,
        actor=actor,
        now=now,
        workspace_id=workspace.pk,
        before={"factor_required": not required},
        after={"factor_required": required},
    )
    return workspace
