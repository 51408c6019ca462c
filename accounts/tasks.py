"""Tasks of accounts."""

from celery import shared_task
from django.utils import timezone

from accounts.event_mails import forget_events, mail_due_events


@shared_task(name="accounts.mail_events", queue="default")
def mail_events() -> int:
    """Send the mails about security events that are due."""
    return mail_due_events()


@shared_task(name="accounts.forget_events", queue="default")
def forget_old_events() -> int:
    """Delete security events of long ago."""
    return forget_events(now=timezone.now())
