"""Forgetting for good: a workspace with all that hangs on it, and a person wherever they are named."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.mail import forget_mails
from accounts.models import ApiToken, User, Workspace
from accounts.personal.keepers import Leaving, all_keepers
from accounts.personal.tombstones import Tombstone, note_erased
from accounts.sessions.ending import end_sessions
from analyticbot.core.audit import SYSTEM, Actor, AuditAction, record_audit
from analyticbot.core.trail.forgetting import forget_workspace_in_trail


def erase_workspace(workspace: Workspace, *, actor: Actor, now: datetime) -> None:
    """Erase a workspace and all that hangs on it, files included.

    Raises what ending things outside (a session at Telegram) raises, with nothing gone: try again later.
    """
    for keeper in all_keepers():
        keeper.let_go(workspace)
    with transaction.atomic():
        # Another process may have been quicker.
        if not Workspace.objects.select_for_update().filter(pk=workspace.pk).exists():
            return
        record_audit(AuditAction.WORKSPACE_ERASED, workspace, actor=actor, now=now, workspace_id=workspace.pk)
        for keeper in all_keepers():
            keeper.forget_workspace(workspace)
        forget_workspace_in_trail(workspace, now=now)
        workspace.delete()


@transaction.atomic
def forget_person(user: User, *, now: datetime) -> None:
    """Delete a person: sessions end, every room forgets them, their row goes. Their lone workspaces are gone before."""
    emails = {user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}
    tokens = ApiToken.objects.filter(creator=user).values_list("pk", flat=True)
    leaving = Leaving(
        user=user,
        emails=frozenset(email.lower() for email in emails),
        actors=frozenset({("user", user.pk), ("staff", user.pk), *(("token", pk) for pk in tokens)}),
        now=now,
    )
    end_sessions(user, actor=SYSTEM, now=now)
    record_audit(AuditAction.USER_ERASED, user, actor=SYSTEM, now=now)
    for keeper in all_keepers():
        keeper.forget(leaving)
    tombstone = Tombstone(user.pk, user.date_joined)
    user.delete()
    # Last: whoever is on the list is gone.
    transaction.on_commit(lambda: note_erased(tombstone, now=now))
    transaction.on_commit(lambda: forget_mails(leaving.emails))
