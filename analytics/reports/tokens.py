"""Links in mails that need no sign-in: a signature over the recipient, and what the link is for.

A link works as long as its recipient's row and the installation's SECRET_KEY stand: there is no date in it.
"""

import uuid
from enum import StrEnum

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from analytics.reports.models import ReportRecipient


class Purpose(StrEnum):
    """What a link lets its holder do; a link for one is no link for the other."""

    STOP = "stop"
    CONFIRM = "confirm"


def token_of(recipient: ReportRecipient, purpose: Purpose) -> str:
    """The token of a recipient for a purpose."""
    return _signer(purpose).sign(recipient.public_id.hex)


def recipient_of(token: str, purpose: Purpose) -> ReportRecipient | None:
    """Whose token it is; None for a wrong signature or purpose, or when the saved report was deleted."""
    try:
        public_id = uuid.UUID(hex=_signer(purpose).unsign(token))
    except (BadSignature, ValueError):
        return None
    found = ReportRecipient.objects.filter(public_id=public_id)
    return found.select_related("schedule", "schedule__workspace", "user").first()


def address_of(recipient: ReportRecipient, purpose: Purpose) -> str:
    """The whole address of the link, for a mail."""
    path = reverse(f"pages:report-{purpose.value}", args=[token_of(recipient, purpose)])
    return str(settings.SITE_URL) + path


def _signer(purpose: Purpose) -> Signer:
    return Signer(salt=f"analytics.reports.{purpose.value}", sep=".")
