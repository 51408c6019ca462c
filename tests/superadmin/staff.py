"""People of the staff who have passed the gate of the panel."""

import time

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import Tier, User
from tests.factories import make_user


def make_staff(tier: Tier = Tier.SUPER_ADMIN, email: str | None = None) -> User:
    """Somebody of that tier."""
    user = make_user(email)
    user.tier, user.is_staff = tier, True
    user.save(update_fields=["tier", "is_staff"])
    # Never typed here: staff without any factor is led to enrolment first.
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": ""})
    return user


def enter(user: User, *, verified: bool = True) -> Client:
    """Their browser, signed in with a second factor just now."""
    client = Client()
    client.force_login(user)
    if verified:
        session = client.session
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "type": "totp", "at": time.time()}]
        session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
        session.save()
    return client
