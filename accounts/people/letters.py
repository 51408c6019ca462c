"""Mails of invitations, sent as due work."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Invitation, Role, User
from accounts.people.invitations import new_link_secret
from analyticbot.core.made_files import Clock

logger = logging.getLogger(__name__)
_LEASE = timedelta(minutes=5)


def mail_due_invitations(*, clock: Clock = timezone.now, limit: int = 50) -> int:
    """Send the invitations that are due, one after the other; returns how many were touched. Safe beside others."""
    touched = 0
    for row in Invitation.objects.one_by_one(lease=_LEASE, limit=limit):
        touched += 1
        _mail(row, now=clock())
    return touched


def _mail(row: Invitation, *, now: datetime) -> None:
    if row.expires_at <= now or not row.workspace.is_open:
        row.complete(now=now)
        return
    try:
        _letter(row, secret=new_link_secret(row)).send()
    except (OSError, SMTPException) as error:
        logger.warning("invitation %s was not sent: %s", row.pk, type(error).__name__)
        row.fail(now=now, error=type(error).__name__)
        return
    row.complete(now=now)


def _letter(row: Invitation, *, secret: str) -> EmailMultiAlternatives:
    with translation.override(row.language):
        context = {
            "workspace": row.workspace.name,
            "inviter": _named(row.inviter),
            "role": Role(row.role).label,
            "link": f"{settings.SITE_URL}{reverse('invitation', args=[secret])}",
            "expires_at": row.expires_at,
            "language": row.language,
        }
        letter = EmailMultiAlternatives(
            subject=_("Invitation to “%(workspace)s” at AnalyticBot") % {"workspace": row.workspace.name},
            body=render_to_string("mail/invitation.txt", context).strip() + "\n",
            to=[row.email],
            headers={"Auto-Submitted": "auto-generated", "Content-Language": row.language},
        )
        letter.attach_alternative(render_to_string("mail/invitation.html", context), "text/html")
    return letter


def _named(inviter: User | None) -> str:
    """Who invites, with their address: a name alone could be anybody's."""
    if inviter is None:
        return ""
    return f"{inviter.name} ({inviter.email})" if inviter.name else inviter.email
