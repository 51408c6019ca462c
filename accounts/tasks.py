"""Tasks of accounts."""

from celery import shared_task
from django.utils import timezone

from accounts.event_mails import forget_events, mail_due_events
from accounts.models import PersonalArchive
from accounts.people.closing import erase_deleted
from accounts.people.letters import mail_due_invitations
from accounts.personal.erasing import run_due_erasures
from accounts.personal.exporting import run_due_archives
from accounts.sessions.forgetting import forget_sessions
from analyticbot.core.made_files import remove_expired


@shared_task(name="accounts.mail_events", queue="default")
def mail_events() -> int:
    """Send the mails about security events that are due."""
    return mail_due_events()


@shared_task(name="accounts.forget_events", queue="default")
def forget_old_events() -> int:
    """Delete security events of long ago."""
    return forget_events(now=timezone.now())


@shared_task(name="accounts.make_archives", queue="default")
def make_archives() -> int:
    """Put together what is kept about people who asked for it."""
    return run_due_archives()


@shared_task(name="accounts.remove_archives", queue="default")
def remove_archives() -> int:
    """Delete archives whose time is over."""
    return remove_expired(PersonalArchive, now=timezone.now())


# Everything of a workspace goes in one piece, which may take longer than other tasks do. A run that gets lost with its
# worker, or comes twice, does no harm.
@shared_task(name="accounts.erase_people", queue="default", time_limit=3_600, acks_late=False)
def erase_people() -> int:
    """Tell of, and carry out, the erasures that are due."""
    return run_due_erasures()


@shared_task(name="accounts.mail_invitations", queue="default")
def mail_invitations() -> int:
    """Send the invitations that are due."""
    return mail_due_invitations()


@shared_task(name="accounts.erase_workspaces", queue="default", time_limit=3_600, acks_late=False)
def erase_workspaces() -> int:
    """Erase deleted workspaces that nobody brought back in time."""
    return erase_deleted(now=timezone.now())


@shared_task(name="accounts.forget_sessions", queue="default")
def forget_old_sessions() -> int:
    """Delete sessions and codes that are over."""
    return forget_sessions(now=timezone.now())
