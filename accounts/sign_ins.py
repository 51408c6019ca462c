"""What follows a sign-in, and an attempt that was refused."""

from datetime import datetime, timedelta

from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest, HttpResponse

from accounts.devices import blurred, device_from, remember_device
from accounts.event_models import EventKind, SecurityEvent
from accounts.events import record_event
from accounts.models import User
from accounts.places import place_of

# What somebody has not used for this long is new again.
_FAMILIAR_FOR = timedelta(days=180)
_SIGN_INS = (EventKind.SIGNED_IN, EventKind.NEW_PLACE)


def note_sign_in(request: HttpRequest, response: HttpResponse, *, user: User, now: datetime) -> SecurityEvent | None:
    """Tell of a sign-in, and have the account know the browser from now on.

    Its first sign-in is no news; later ones are when neither the browser nor the network has been seen before.
    """
    kind = EventKind.NEW_PLACE if _is_new(request, user, now=now) else EventKind.SIGNED_IN
    event = record_event(kind, user=user, now=now, request=request, detail={"by": _ways(request, user)})
    remember_device(request, response, account=blurred(user.email))
    return event


def note_refusal(request: HttpRequest, email: str, *, kind: EventKind, now: datetime) -> None:
    """Tell of an attempt at the account with this address that was refused; there may be no such account."""
    user = User.objects.filter(email=email.strip().lower()).first() if "\x00" not in email else None
    record_event(kind, user=user, now=now, request=request)


def _is_new(request: HttpRequest, user: User, *, now: datetime) -> bool:
    device = device_from(request)
    if device is not None and device.knows(blurred(user.email)):
        return False
    before = SecurityEvent.objects.filter(user=user, kind__in=_SIGN_INS, at__gt=now - _FAMILIAR_FOR)
    seen = list(before.values_list("network", flat=True).distinct()[:100])
    return bool(seen) and place_of(request) not in seen


def _ways(request: HttpRequest, user: User) -> str:
    """How they signed in: `password`, `password+mfa`, `telegram`."""
    methods = [str(record["method"]) for record in get_authentication_records(request, user)]
    return "+".join(dict.fromkeys(methods)) or "session"
