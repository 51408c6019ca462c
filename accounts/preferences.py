"""What people and workspaces choose about themselves."""

from datetime import datetime

from django.db import transaction

from accounts.models import User, Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit


@transaction.atomic
def change_profile(user: User, *, name: str, language: str, actor: Actor, now: datetime) -> User:
    """Set a person's name and language. Changing nothing leaves no trace."""
    before = {"name": user.name, "language": user.language}
    after = {"name": name, "language": language}
    if before != after:
        user.name, user.language = name, language
        user.save(update_fields=["name", "language"])
        record_audit(AuditAction.USER_CHANGED, user, actor=actor, now=now, before=before, after=after)
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
