"""Codes by Telegram as a second factor: turned on once a code has arrived, turned off with a confirmation."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.access import user_actor
from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.factors.codes import telegram_of
from accounts.factors.models import TelegramFactor
from accounts.factors.rules import may_remove
from accounts.models import User
from accounts.sessions.ending import end_other_sessions
from analyticbot.core.audit import AuditAction, record_audit
from analyticbot.core.errors import Conflict

_FACTOR = "telegram"


@transaction.atomic
def turn_on(user: User, *, request: HttpRequest, now: datetime) -> None:
    """Ask the person for a code by Telegram at each sign-in. Raises Conflict without a connected account we may use."""
    identity = telegram_of(user)
    if identity is None:
        raise Conflict(_("Connect your Telegram account first."))
    if not identity.may_write:
        raise Conflict(_("Open our bot in Telegram and press Start, so that it may write to you."))
    _factor, is_new = TelegramFactor.objects.get_or_create(user=user, defaults={"created_at": now})
    if is_new:
        _tell(user, EventKind.FACTOR_ADDED, AuditAction.FACTOR_ADDED, request=request, now=now)


@transaction.atomic
def turn_off(user: User, *, request: HttpRequest, now: datetime) -> None:
    """Do not ask for it any more. Raises Conflict if it is the last one and they need one.

    Doing it twice leaves no trace.
    """
    if not may_remove(user, authenticator=None):
        raise Conflict(_("You need a second factor. Add another one before you remove this one."))
    if TelegramFactor.objects.filter(user=user).delete()[0]:
        if not Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
            Authenticator.objects.filter(user=user).delete()
        _tell(user, EventKind.FACTOR_REMOVED, AuditAction.FACTOR_REMOVED, request=request, now=now)


def _tell(user: User, kind: EventKind, action: AuditAction, *, request: HttpRequest, now: datetime) -> None:
    record_audit(action, user, actor=user_actor(user), now=now, after={"factor": _FACTOR})
    record_event(kind, user=user, request=request, now=now, detail={"factor": _FACTOR})
    end_other_sessions(request, user, now=now)
