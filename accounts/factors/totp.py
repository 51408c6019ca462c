"""Codes of an app (RFC 6238: HMAC-SHA-1, 30 s, 6 digits), each accepted once."""

from datetime import datetime

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.db import transaction

PERIOD_SECONDS = 30
# Clocks of phones differ: the step before and the one after the present are accepted too (RFC 6238 §5.2).
_TOLERANCE = 1
_LAST_STEP = "last_step"


@transaction.atomic
def accept_totp(authenticator: Authenticator, code: str, *, now: datetime) -> bool:
    """Whether `code` is of `authenticator` and was not used; then it, and every one before it, is used up.

    The step of the last code is kept in the row of the authenticator and not in the cache, which forgets, and which
    accepts everything while it is away.
    """
    row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
    step = matching_step(decrypt(row.data["secret"]), code, now=now)
    if step is None or step <= row.data.get(_LAST_STEP, 0):
        return False
    note_step(row, step)
    return True


def note_step(authenticator: Authenticator, step: int) -> None:
    """Keep that the code of this step, and every one before it, is used up."""
    authenticator.data[_LAST_STEP] = step
    authenticator.save(update_fields=["data"])


def matching_step(secret: str, code: str, *, now: datetime) -> int | None:
    """The step, counted in periods from 1970, whose code this is; None for a code of no step near `now`."""
    present = int(now.timestamp()) // PERIOD_SECONDS
    for step in range(present - _TOLERANCE, present + _TOLERANCE + 1):
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return step
    return None
