"""What people and workspaces choose about themselves."""

from datetime import datetime

from django.db import transaction

from accounts.models import User, Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit


@transaction.atomic
def change_profile(
    user: User, *, name: str, language: str, time_zone: str | None = None, actor: Actor, now: datetime
) -> User:
    """Set a person's name, language and zone (None: as it is). Changing nothing leaves no trace."""
    before = {"name": user.name, "language": user.language, "time_zone": user.time_zone}
    after = {"name": name, "language": language, "time_zone": time_zone or user.time_zone}
    if before != after:
        user.name, user.language, user.time_zone = after["name"], after["language"], after["time_zone"]
        user.save(update_fields=["name", "language", "time_zone"])
        record_audit(AuditAction.USER_CHANGED, user, actor=actor, now=now, before=before, after=after)
    return user


@transaction.atomic
def let_staff_look(user: User, *, allowed: bool, actor: Actor, now: datetime) -> User:
    """Whether staff may look at the service as this person; a look that goes on ends. Changing nothing is not told."""
    if user.refuses_impersonation == allowed:
        user.refuses_impersonation = not allowed
        user.save(update_fields=["refuses_impersonation"])
        record_audit(AuditAction.USER_CHANGED, user, actor=actor, now=now, after={"staff_may_look": allowed})
    return user


@transaction.atomic
def change_workspace(workspace: Workspace, *, name: str, time_zone: str, actor: Actor, now: datetime) -> Workspace:
    """Set a workspace's name and the zone that cuts its statistics into days. Changing nothing leaves no trace."""
    before = {"name": workspace.name, "time_zone": workspace.time_zone}
    after = {"name": name, "time_zone": time_zone}
    if before != after:
        workspace.name, workspace.time_zone = name, time_zone
        workspace.save(update_fields=["name", "time_zone"])
        record_audit(
            AuditAction.WORKSPACE_CHANGED,
            workspace,
            actor=actor,
            now=now,
            workspace_id=workspace.pk,
            before=before,
            after=after,
        )
    return workspace


@transaction.atomic
def show_as_demo(workspace: Workspace, *, actor: Actor, now: datetime) -> Workspace:
    """Make it the workspace that the public demo shows, instead of another. Doing it twice leaves no trace."""
    # The one before stands back first: there is never more than one.
    for shown in Workspace.objects.select_for_update().filter(is_demo=True).exclude(pk=workspace.pk):
        hide_demo(shown, actor=actor, now=now)
    if not workspace.is_demo:
        _set_demo(workspace, actor=actor, now=now, shown=True)
    return workspace


@transaction.atomic
def hide_demo(workspace: Workspace, *, actor: Actor, now: datetime) -> Workspace:
    """Show it to nobody but its members any longer."""
    if workspace.is_demo:
        _set_demo(workspace, actor=actor, now=now, shown=False)
    return workspace


def _set_demo(workspace: Workspace, *, actor: Actor, now: datetime, shown: bool) -> None:
    workspace.is_demo = shown
    workspace.save(update_fields=["is_demo"])
    record_audit(
        AuditAction.WORKSPACE_CHANGED,
        workspace,
        actor=actor,
        now=now,
        workspace_id=workspace.pk,
        before={"is_demo": not shown},
        after={"is_demo": shown},
    )


@transaction.atomic
def hide_steps(workspace: Workspace, *, actor: Actor, now: datetime) -> Workspace:
    """Put the list of first steps away for the workspace; for good. Doing it twice leaves no trace."""
    if workspace.steps_hidden_at is None:
        workspace.steps_hidden_at = now
        workspace.save(update_fields=["steps_hidden_at"])
        record_audit(
            AuditAction.WORKSPACE_CHANGED,
            workspace,
            actor=actor,
            now=now,
            workspace_id=workspace.pk,
            before={"steps": "shown"},
            after={"steps": "hidden"},
        )
    return workspace
