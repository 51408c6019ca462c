"""The link in the mail that takes an erasure back: a signature over its id. It ends with the erasure, not by a date."""

import uuid

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from accounts.models import Erasure
from accounts.personal.models import OPEN

_SIGNER = Signer(salt="accounts.erasure", sep=".")


def address_of(row: Erasure) -> str:
    """The whole address of the link, for a mail."""
    return str(settings.SITE_URL) + reverse("take-back-erasure", args=[_SIGNER.sign(row.public_id.hex)])


def erasure_of(token: str) -> Erasure | None:
    """Which erasure a link takes back; None for a wrong signature, and when it does not lie ahead any more."""
    try:
        public_id = uuid.UUID(hex=_SIGNER.unsign(token))
    except (BadSignature, ValueError):
        return None
    return Erasure.objects.filter(OPEN, public_id=public_id).first()
