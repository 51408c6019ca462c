"""What staff does to workspaces: they are shut, and opened again."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict


@transaction.atomic
def suspend_workspace(workspace: Workspace, *, reason: str, actor: Actor, now: datetime) -> Workspace:
    """Shut a workspace: from this moment on its pages, tokens and shared links open nothing; nothing is deleted.

    Raises Conflict (`already_suspended`).
    """
    row = Workspace.objects.select_for_update().get(pk=workspace.pk)
    if row.suspended_at is not None:
        raise Conflict(_("This workspace is suspended already."), code="already_suspended")
    _set(row, AuditAction.WORKSPACE_SUSPENDED, at=now, reason=reason, actor=actor, now=now)
    return row


@transaction.atomic
def reactivate_workspace(workspace: Workspace, *, reason: str, actor: Actor, now: datetime) -> Workspace:
    """Open a suspended workspace again. Raises Conflict (`not_suspended`)."""
    row = Workspace.objects.select_for_update().get(pk=workspace.pk)
    if row.suspended_at is None:
        raise Conflict(_("This workspace is not suspended."), code="not_suspended")
    _set(row, AuditAction.WORKSPACE_REACTIVATED, at=None, reason=reason, actor=actor, now=now)
    return row


def _set(row: Workspace, action: AuditAction, *, at: datetime | None, reason: str, actor: Actor, now: datetime) -> None:
    row.suspended_at, row.suspended_for = at, reason[:200] if at else ""
    row.save(update_fields=["suspended_at", "suspended_for"])
    record_audit(action, row, actor=actor, now=now, workspace_id=row.pk, after={"reason": reason})
