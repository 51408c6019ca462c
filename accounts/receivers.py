"""What allauth tells of, told as security events."""

from typing import Any

from allauth.account import signals
from allauth.account.models import EmailAddress
from allauth.socialaccount import signals as provider_signals
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest
from django.utils import timezone

from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.guarding import forgive
from accounts.legal.consents import record_consents
from accounts.models import User
from analyticbot.core.ratelimit import LimiterAway


def connect() -> None:
    """Listen; called once, when apps are ready."""
    signals.user_signed_up.connect(_told(EventKind.SIGNED_UP), weak=False, dispatch_uid="events-signed-up")
    signals.user_signed_up.connect(_agreed, dispatch_uid="consents")
    signals.password_changed.connect(_told(EventKind.PASSWORD_CHANGED), weak=False, dispatch_uid="events-password")
    signals.password_set.connect(_told(EventKind.PASSWORD_CHANGED), weak=False, dispatch_uid="events-password-set")
    signals.password_reset.connect(_password_reset, dispatch_uid="events-reset")
    signals.email_confirmed.connect(_email_confirmed, dispatch_uid="events-confirmed")
    signals.email_added.connect(_told(EventKind.EMAIL_ADDED), weak=False, dispatch_uid="events-email-added")
    signals.email_changed.connect(_email_changed, dispatch_uid="events-email-changed")
    signals.email_removed.connect(_told(EventKind.EMAIL_REMOVED), weak=False, dispatch_uid="events-email-removed")
    provider_signals.social_account_added.connect(_provider_added, dispatch_uid="events-provider-added")
    provider_signals.social_account_removed.connect(_provider_removed, dispatch_uid="events-provider-removed")
    user_logged_out.connect(_signed_out, dispatch_uid="events-signed-out")


def _told(kind: EventKind) -> Any:
    def tell(request: HttpRequest, user: User, **_: Any) -> None:
        record_event(kind, user=user, now=timezone.now(), request=request)

    return tell


def _agreed(user: User, **_: Any) -> None:
    """By whichever door somebody signs up: the page says that it means to agree."""
    record_consents(user, now=timezone.now())


def _password_reset(request: HttpRequest, user: User, **_: Any) -> None:
    """Whoever has the mailbox has proven who they are: what strangers have used up counts no more."""
    record_event(EventKind.PASSWORD_RESET, user=user, now=timezone.now(), request=request)
    try:
        forgive(user)
    except LimiterAway:
        return  # nobody signs in until it is back, and then the limits are fresh


def _email_confirmed(request: HttpRequest, email_address: EmailAddress, **_: Any) -> None:
    record_event(EventKind.EMAIL_CONFIRMED, user=email_address.user, now=timezone.now(), request=request)


def _email_changed(
    request: HttpRequest, user: User, from_email_address: EmailAddress | None, to_email_address: EmailAddress, **_: Any
) -> None:
    """The address before hears of it: whoever changed it may not have been its owner."""
    before = from_email_address.email if from_email_address else ""
    if before != to_email_address.email:
        record_event(EventKind.EMAIL_CHANGED, user=user, now=timezone.now(), request=request, mail_to=before)


def _provider_added(request: HttpRequest, sociallogin: SocialLogin, **_: Any) -> None:
    _tell_of_provider(EventKind.PROVIDER_CONNECTED, request, sociallogin.account)


def _provider_removed(request: HttpRequest, socialaccount: SocialAccount, **_: Any) -> None:
    _tell_of_provider(EventKind.PROVIDER_DISCONNECTED, request, socialaccount)


def _tell_of_provider(kind: EventKind, request: HttpRequest, account: SocialAccount) -> None:
    detail = {"name": str(account.provider)}
    record_event(kind, user=account.user, now=timezone.now(), request=request, detail=detail)


def _signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if isinstance(user, User):
        record_event(EventKind.SIGNED_OUT, user=user, now=timezone.now(), request=request)
