"""The way in through the mailbox, for who has the right password while strangers are guessing.

The link signs nobody in: it only makes the browser that opens it known to the account, so that it has guesses of its
own again (`accounts.guarding`).
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.devices import blurred
from accounts.models import User

VALID_FOR = timedelta(hours=1)
_SALT = "admission"


def admission_link(user: User) -> str:
    """The address to be mailed to the person."""
    return f"{settings.SITE_URL}{reverse('admit', args=[signing.dumps(user.pk, salt=_SALT)])}"


def admitted_account(token: str) -> str | None:
    """The account (blurred) that a link is for; None when it is too old, not ours, or the account is closed."""
    try:
        pk = signing.loads(token, salt=_SALT, max_age=VALID_FOR)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    return blurred(user.email) if user else None
