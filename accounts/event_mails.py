"""Mails about security events: sent as due work, so that no mail server holds up a sign-in or loses one."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPException
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.admission import admission_link
from accounts.event_models import EventKind, SecurityEvent

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
# What comes later than this helps nobody, and would only frighten.
_USEFUL_FOR = timedelta(days=2)
# How long a person's list reaches back.
KEPT_FOR = timedelta(days=365)


def mail_due_events(*, clock: Callable[[], datetime] = timezone.now, limit: int = 50) -> int:
    """Send the mails that are due, one after the other; returns how many rows were touched. Safe beside others."""
    touched = 0
    for row in SecurityEvent.objects.one_by_one(lease=LEASE, limit=limit):
        touched += 1
        _mail(row, now=clock())
    return touched


def forget_events(*, now: datetime) -> int:
    """Delete what is older than KEPT_FOR; returns how many."""
    return SecurityEvent.objects.filter(at__lt=now - KEPT_FOR).delete()[0]


def _mail(event: SecurityEvent, *, now: datetime) -> None:
    to = event.mail_to or event.user.email
    if now - event.at > _USEFUL_FOR or not event.user.is_active:
        event.complete(now=now)
        return
    try:
        letter_about(event, to=to).send()
    except (OSError, SMTPException) as error:
        logger.warning("mail about security event %s was not sent: %s", event.pk, type(error).__name__)
        event.fail(now=now, error=type(error).__name__)
        return
    event.complete(now=now)
    if event.mail_to:
        SecurityEvent.objects.filter(pk=event.pk).update(mail_to="")


def letter_about(event: SecurityEvent, *, to: str) -> EmailMultiAlternatives:
    """The mail that tells a person what happened, in their language and zone."""
    user = event.user
    with translation.override(user.language), timezone.override(ZoneInfo(user.time_zone)):
        label = str(EventKind(event.kind).label)
        context = {
            "label": label,
            "language": user.language,
            "account": user.email,
            "facts": _facts(event),
            "advice": _advice(EventKind(event.kind)),
            "link": admission_link(user) if event.kind == EventKind.ADMITTED else "",
            "security": f"{settings.SITE_URL}{reverse('settings:security')}",
        }
        letter = EmailMultiAlternatives(
            subject=f"AnalyticBot: {label}", body=render_to_string("mail/event.txt", context).strip() + "\n", to=[to]
        )
        letter.attach_alternative(render_to_string("mail/event.html", context), "text/html")
    # Nobody's "out of office" shall answer it (RFC 3834).
    letter.extra_headers["Auto-Submitted"] = "auto-generated"
    return letter


def _advice(kind: EventKind) -> str:
    if kind == EventKind.SIGN_IN_SLOWED:
        return _("Nobody got in. A second factor keeps it that way:")
    if kind == EventKind.ADMITTED:
        return _("If it was not you, somebody knows your password: choose a new one and end all other sessions:")
    return _("If this was you, there is nothing to do. If not, choose a new password and end all other sessions:")


def _facts(event: SecurityEvent) -> list[tuple[str, str]]:
    at = f"{date_format(timezone.localtime(event.at), 'DATETIME_FORMAT')} ({event.user.time_zone})"
    facts = [(_("When"), at)]
    if event.device:
        facts.append((_("Device"), event.device))
    if event.network:
        facts.append((_("Network"), event.network))
    if name := event.detail.get("name"):
        facts.append((_("Name"), str(name)))
    return facts
