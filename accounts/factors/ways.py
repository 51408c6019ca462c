"""By what a person can show that it is them."""

from dataclasses import dataclass, replace

from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from accounts.factors.codes import Carrier, has_telegram_factor, telegram_of
from accounts.factors.stage import came_by_telegram
from accounts.models import User

_TYPED = {Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES}


@dataclass(frozen=True, slots=True)
class Ways:
    """What may be asked for: a typed code, a passkey or key, the password; and what can bring a code."""

    code: bool
    passkey: bool
    password: bool
    carrier: Carrier | None


def ways_to_confirm(user: User) -> Ways:
    """Ways for somebody who is signed in. Who has a second factor shows that; a code by mail is the last resort."""
    factors = _factors_of(user)
    if factors or has_telegram_factor(user):
        return _by_factor(user, factors)
    password = user.has_usable_password()
    carrier = None if password else Carrier.TELEGRAM if telegram_of(user) else Carrier.MAIL
    return Ways(code=carrier is not None, passkey=False, password=password, carrier=carrier)


def ways_to_sign_in(request: HttpRequest, user: User) -> Ways:
    """Ways for somebody whose first step was right and who has a second factor."""
    ways = _by_factor(user, _factors_of(user))
    return replace(ways, carrier=None) if came_by_telegram(request, user) else ways


def _factors_of(user: User) -> set[str]:
    return set(Authenticator.objects.filter(user=user).values_list("type", flat=True))


def _by_factor(user: User, factors: set[str]) -> Ways:
    carrier = Carrier.TELEGRAM if has_telegram_factor(user) and telegram_of(user) else None
    return Ways(
        code=bool(factors & _TYPED) or carrier is not None,
        passkey=Authenticator.Type.WEBAUTHN in factors,
        password=False,
        carrier=carrier,
    )
