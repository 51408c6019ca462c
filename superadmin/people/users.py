"""What staff does to people: one transaction, one audit row and one event that the person can read, each."""

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.factors.models import SentCode, TelegramFactor
from accounts.guarding import forgive
from accounts.models import User
from accounts.personal.erasing import open_erasure
from accounts.sessions.ending import end_sessions
from accounts.workspaces import ensure_personal_workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict, InvalidInput, SwitchedOff
from analyticbot.core.ratelimit import LimiterAway
from superadmin.people.staff import keep_a_super_admin, lock_person


@transaction.atomic
def create_person(email: str, *, name: str, reason: str, actor: Actor, now: datetime) -> User:
    """Make an account without a password: its person sets one through "Forgot your password?".

    Raises InvalidInput (email) and Conflict (`email_taken`).
    """
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise InvalidInput(_("This is no e-mail address."), field="email") from None
    if User.objects.filter(email=address).exists() or EmailAddress.objects.filter(email__iexact=address).exists():
        raise Conflict(_("Somebody has this e-mail address already."), code="email_taken")
    user = User.objects.create_user(address, name=name.strip()[:120])
    EmailAddress.objects.create(user=user, email=address, primary=True, verified=False)
    record_audit(AuditAction.USER_CREATED, user, actor=actor, now=now, after={"reason": reason})
    ensure_personal_workspace(user, now=now, actor=actor)
    return user


@transaction.atomic
def suspend_person(user: User, *, reason: str, actor: Actor, now: datetime) -> User:
    """Shut a person out: from this moment on no session, token or socket of theirs opens anything.

    Raises Conflict (`last_super_admin`, `already_suspended`).
    """
    row = lock_person(user)
    if row.suspended_at is not None:
        raise Conflict(_("This person is suspended already."), code="already_suspended")
    keep_a_super_admin(row)
    row.is_active, row.suspended_at, row.suspended_for = False, now, reason[:200]
    row.save(update_fields=["is_active", "suspended_at", "suspended_for"])
    end_sessions(row, actor=actor, now=now)
    record_audit(AuditAction.USER_SUSPENDED, row, actor=actor, now=now, after={"reason": reason})
    record_event(EventKind.SUSPENDED, user=row, now=now)
    return row


@transaction.atomic
def reactivate_person(user: User, *, reason: str, actor: Actor, now: datetime) -> User:
    """Let a suspended person in again. Raises Conflict (`not_suspended`)."""
    row = lock_person(user)
    if row.suspended_at is None:
        raise Conflict(_("This person is not suspended."), code="not_suspended")
    # An account that is to be erased stays closed until that is taken back.
    row.is_active, row.suspended_at, row.suspended_for = open_erasure(row) is None, None, ""
    row.save(update_fields=["is_active", "suspended_at", "suspended_for"])
    record_audit(AuditAction.USER_REACTIVATED, row, actor=actor, now=now, after={"reason": reason})
    record_event(EventKind.REACTIVATED, user=row, now=now)
    return row


@transaction.atomic
def reset_factors(user: User, *, reason: str, actor: Actor, now: datetime) -> int:
    """Take all second factors and recovery codes of a person away, and sign them out; returns how many there were.

    For who has lost their device and proved to the staff who they are. Staff has to enrol anew before the panel opens.
    """
    SentCode.objects.filter(user=user).delete()
    removed = sum(model.objects.filter(user=user).delete()[0] for model in (Authenticator, TelegramFactor))
    if not removed:
        raise Conflict(_("This person has no second factor."), code="no_factor")
    end_sessions(user, actor=actor, now=now)
    after = {"factors": removed, "reason": reason}
    record_audit(AuditAction.USER_FACTORS_RESET, user, actor=actor, now=now, after=after)
    record_event(EventKind.FACTOR_REMOVED, user=user, now=now)
    return removed


@transaction.atomic
def unlock_person(user: User, *, actor: Actor, now: datetime) -> None:
    """Forgive guesses at a person's password that strangers have used up. Raises SwitchedOff while nobody counts."""
    record_audit(AuditAction.USER_UNLOCKED, user, actor=actor, now=now)
    record_event(EventKind.UNLOCKED, user=user, now=now)
    try:
        forgive(user)
    except LimiterAway:
        raise SwitchedOff(_("Nobody counts failed sign-ins right now. Try again in a minute.")) from None
