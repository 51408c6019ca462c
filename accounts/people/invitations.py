"""Inviting people by e-mail: an address, a role, a link that works once and for a week."""

import hashlib
import re
import secrets
import uuid
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.access import Access, user_actor
from accounts.models import Invitation, Membership, Role, User, Workspace, open_workspace
from accounts.roles import MANAGED
from accounts.workspaces import add_member
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.bell import ring
from analyticbot.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from analyticbot.core.ratelimit import Limit, take_or_refuse

LIFETIME = timedelta(days=7)
# Mails to strangers in the name of a workspace, each "once more" included.
BY_WORKSPACE = Limit("invitations", 20, 24 * 3_600)
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_SECRET_BYTES = 32


def invite(access: Access, *, email: str, role: Role, now: datetime) -> Invitation:
    """Offer `role` to whoever owns the address, in the workspace of `access`.

    Raises InvalidInput (email), NotAllowed (their own role does not reach so far), Conflict (`already_member`,
    `already_invited`) and LimitReached.
    """
    email = email.strip().lower()
    _check_email(email)
    demand_reach(access, role)
    with transaction.atomic():
        # One at a time for each workspace, so that two requests cannot both be the first.
        workspace = Workspace.objects.select_for_update(no_key=True).get(pk=access.workspace.pk)
        if _member_with(workspace, email):
            raise Conflict(_("This person is already a member."), code="already_member")
        if open_invitations(workspace).filter(email=email).exists():
            raise Conflict(_("This person is already invited. You can send the mail again."), code="already_invited")
        _count(workspace)
        row = Invitation.objects.create(
            workspace=workspace,
            email=email,
            role=role,
            inviter=access.user,
            language=translation.get_language() or settings.LANGUAGE_CODE,
            created_at=now,
            expires_at=now + LIFETIME,
            due_at=now,
        )
        _record(AuditAction.INVITATION_SENT, row, actor=access.actor, now=now)
        transaction.on_commit(lambda: ring("accounts.mail_invitations"))
    return row


@transaction.atomic
def send_again(access: Access, *, public_id: uuid.UUID, now: datetime) -> Invitation:
    """Mail an invitation once more, with a new link for a new week; the link of before ends.

    Raises NotFound, NotAllowed (as `invite`) and LimitReached.
    """
    row = _open_of(access, public_id)
    _count(row.workspace)
    row.due_at, row.expires_at, row.digest = now, now + LIFETIME, None
    row.attempts, row.parked_at, row.finished_at = 0, None, None
    row.save(update_fields=["due_at", "expires_at", "digest", "attempts", "parked_at", "finished_at"])
    _record(AuditAction.INVITATION_SENT, row, actor=access.actor, now=now)
    transaction.on_commit(lambda: ring("accounts.mail_invitations"))
    return row


@transaction.atomic
def withdraw(access: Access, *, public_id: uuid.UUID, now: datetime) -> Invitation:
    """End an invitation before it is accepted. Raises NotFound and NotAllowed (as `invite`)."""
    row = _open_of(access, public_id)
    _end(row, AuditAction.INVITATION_WITHDRAWN, withdrawn_at=now, actor=access.actor, now=now)
    return row


def open_invitations(workspace: Workspace) -> QuerySet[Invitation]:
    """Invitations that were neither accepted nor withdrawn, newest first; some may have run out."""
    return Invitation.objects.filter(workspace=workspace, accepted_at__isnull=True, withdrawn_at__isnull=True).order_by(
        "-created_at", "-pk"
    )


def new_link_secret(row: Invitation) -> str:
    """A fresh secret for the link of this invitation, as far as our claim on it stands; ends the one before."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    row.held().update(digest=_digest(secret))
    return secret


def find_invitation(secret: str, *, now: datetime) -> Invitation | None:
    """The invitation whose last link holds this secret, if it can be accepted at `now`."""
    if not _SECRET.fullmatch(secret):
        return None
    rows = Invitation.objects.select_related("workspace", "inviter").filter(open_workspace("workspace__"))
    return rows.filter(
        digest=_digest(secret), accepted_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=now
    ).first()


def may_accept(invitation: Invitation, user: User) -> bool:
    """Whether the invited address is this person's: confirmed, or theirs to be confirmed by following the link."""
    addresses = EmailAddress.objects.filter(email__iexact=invitation.email)
    if addresses.filter(verified=True).exclude(user=user).exists():
        return False
    return user.email.lower() == invitation.email or addresses.filter(user=user).exists()


@transaction.atomic
def accept(invitation: Invitation, *, user: User, now: datetime) -> Membership:
    """Make `user` a member. Who follows the link of the mail owns the address: theirs counts as confirmed from now on.

    Raises NotFound (meanwhile accepted, withdrawn or run out), NotAllowed (it is for another address) and Conflict
    (`already_member`; the invitation ends all the same).
    """
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("workspace").filter(expires_at__gt=now)
    row = rows.filter(pk=invitation.pk, accepted_at__isnull=True, withdrawn_at__isnull=True).first()
    if row is None or not row.workspace.is_open:
        raise NotFound(_("This invitation is no longer valid."))
    if not may_accept(row, user):
        raise NotAllowed(_("This invitation is for another address."), code="another_address")
    _confirm_address(user, row.email)
    actor = user_actor(user)
    _end(row, AuditAction.INVITATION_ACCEPTED, accepted_at=now, actor=actor, now=now)
    return add_member(row.workspace, user=user, role=Role(row.role), now=now, actor=actor)


def demand_reach(access: Access, role: Role) -> None:
    """Raise NotAllowed unless the role of `access` reaches far enough to manage members of `role`."""
    if role not in MANAGED[access.role]:
        raise NotAllowed(_("Your role does not reach this one."), code="role_out_of_reach")


def _confirm_address(user: User, email: str) -> None:
    own = EmailAddress.objects.filter(user=user, email__iexact=email)
    if not own.update(verified=True):
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=user.email.lower() == email)


def _open_of(access: Access, public_id: uuid.UUID) -> Invitation:
    row = (
        open_invitations(access.workspace)
        .select_for_update(of=("self",))
        .select_related("workspace")
        .filter(public_id=public_id)
        .first()
    )
    if row is None:
        raise NotFound(_("There is no such invitation."))
    demand_reach(access, Role(row.role))
    return row


def _member_with(workspace: Workspace, email: str) -> bool:
    members = Membership.objects.filter(workspace=workspace)
    known = EmailAddress.objects.filter(email__iexact=email, verified=True).values("user")
    return members.filter(user__email=email).exists() or members.filter(user__in=known).exists()


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise InvalidInput(_("Write an e-mail address."), field="email") from None


def _count(workspace: Workspace) -> None:
    take_or_refuse(
        BY_WORKSPACE,
        key=str(workspace.pk),
        message=_("This workspace has sent many invitations today. Try again tomorrow."),
    )


def _end(row: Invitation, action: AuditAction, *, actor: Actor, now: datetime, **ended: datetime) -> None:
    for name, value in ended.items():
        setattr(row, name, value)
    row.digest, row.due_at = None, None
    row.save(update_fields=[*ended, "digest", "due_at"])
    _record(action, row, actor=actor, now=now)


def _record(action: AuditAction, row: Invitation, *, actor: Actor, now: datetime) -> None:
    # The address is of somebody who may not even know us: the row has it while it is open, the trail does not.
    record_audit(action, row, actor=actor, now=now, workspace_id=row.workspace_id, after={"role": row.role})


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("ascii")).hexdigest()
