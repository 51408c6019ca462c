"""What follows when a second factor was added, removed, used or refused."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts.access import user_actor
from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.factors.totp import matching_step, note_step
from accounts.models import User
from accounts.sessions.ending import end_other_sessions
from analyticbot.core.audit import AuditAction, record_audit

_CODES = Authenticator.Type.RECOVERY_CODES


@receiver(signals.authenticator_added)
def on_added(request: HttpRequest, user: User, authenticator: Authenticator, **_rest: Any) -> None:
    """A factor was shown to be in the person's hands: so much for this session, and the end of all others."""
    now = timezone.now()
    if authenticator.type == _CODES:  # they come with the first factor
        return
    if authenticator.type == Authenticator.Type.TOTP:
        # The code that was typed to add it is used up.
        step = matching_step(decrypt(authenticator.data["secret"]), request.POST.get("code", ""), now=now)
        if step is not None:
            note_step(authenticator, step)
    record_authentication(request, user, "mfa", id=authenticator.pk, type=str(authenticator.type), reauthenticated=True)
    _tell(EventKind.FACTOR_ADDED, AuditAction.FACTOR_ADDED, request, user, str(authenticator.type))


@receiver(signals.authenticator_removed)
def on_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_rest: Any) -> None:
    """Whoever knew only the password may have had a hand in it elsewhere: all other sessions end."""
    if authenticator.type != _CODES:
        _tell(EventKind.FACTOR_REMOVED, AuditAction.FACTOR_REMOVED, request, user, str(authenticator.type))


@receiver(signals.authenticator_reset)
def on_reset(request: HttpRequest, user: User, **_rest: Any) -> None:
    """New recovery codes: those before are worth nothing."""
    record_event(EventKind.RECOVERY_CODES_MADE, user=user, request=request, now=timezone.now())


@receiver(signals.authenticator_used)
def on_used(request: HttpRequest, user: User, authenticator: Authenticator, **_rest: Any) -> None:
    """A recovery code is for emergencies: its owner hears of it."""
    if authenticator.type == _CODES:
        left = len(authenticator.wrap().get_unused_codes())
        record_event(
            EventKind.RECOVERY_CODE_USED, user=user, request=request, now=timezone.now(), detail={"left": left}
        )


@receiver(signals.authentication_failed)
def on_refused(request: HttpRequest, user: User, **_rest: Any) -> None:
    """A wrong code, from somebody who knows the password or has the session."""
    record_event(EventKind.FACTOR_REFUSED, user=user, request=request, now=timezone.now())


def _tell(kind: EventKind, action: AuditAction, request: HttpRequest, user: User, factor: str) -> None:
    now = timezone.now()
    record_audit(action, user, actor=user_actor(user), now=now, after={"factor": factor})
    record_event(kind, user=user, request=request, now=now, detail={"factor": factor})
    end_other_sessions(request, user, now=now)
