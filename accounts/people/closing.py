"""Deleting a workspace: gone for everybody at once, brought back for a while, then erased."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.access import user_actor
from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.models import Membership, Role, User, Workspace
from accounts.personal.forgetting import erase_workspace
from analyticbot.core.audit import SYSTEM, Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict, NotFound

logger = logging.getLogger(__name__)
UNDO_FOR = timedelta(days=14)


@transaction.atomic
def delete_workspace(workspace: Workspace, *, actor: Actor, now: datetime) -> Workspace:
    """Close a workspace for all its people: pages, tokens, shared links, reports and collecting stop at once.

    It can be brought back for UNDO_FOR; deleting it again does not put that off. Raises Conflict for the public demo.
    """
    workspace = Workspace.objects.select_for_update().get(pk=workspace.pk)
    if workspace.deleted_at is not None:
        return workspace
    if workspace.is_demo:
        raise Conflict(_("This is the public demo. Show another workspace first."), code="is_demo")
    workspace.deleted_at = now
    workspace.save(update_fields=["deleted_at"])
    record_audit(AuditAction.WORKSPACE_DELETED, workspace, actor=actor, now=now, workspace_id=workspace.pk)
    for owner in _owners(workspace):
        record_event(EventKind.WORKSPACE_DELETED, user=owner.user, now=now, detail={"name": workspace.name})
    return workspace


@transaction.atomic
def restore_workspace(workspace: Workspace, *, user: User, now: datetime) -> Workspace:
    """Bring a deleted workspace back as it was. Raises NotFound unless it is one of the person's own that waits."""
    row = deleted_workspaces(user, now=now).select_for_update(of=("self",)).filter(pk=workspace.pk).first()
    if row is None:
        raise NotFound(_("There is no such workspace."))
    return bring_back(row, actor=user_actor(user), now=now)


@transaction.atomic
def bring_back(workspace: Workspace, *, actor: Actor, now: datetime) -> Workspace:
    """Open a deleted workspace again, whoever asks. Raises Conflict if it is not deleted, or its time is over."""
    row = Workspace.objects.select_for_update().filter(pk=workspace.pk, deleted_at__gt=now - UNDO_FOR).first()
    if row is None:
        raise Conflict(_("This workspace is not deleted, or its time is over."), code="not_deleted")
    row.deleted_at = None
    row.save(update_fields=["deleted_at"])
    record_audit(AuditAction.WORKSPACE_RESTORED, row, actor=actor, now=now, workspace_id=row.pk)
    return row


def deleted_workspaces(user: User, *, now: datetime) -> QuerySet[Workspace]:
    """Deleted workspaces that this person owns and can still bring back, the latest first."""
    mine = Membership.objects.filter(user=user, role=Role.OWNER).values("workspace")
    return Workspace.objects.filter(pk__in=mine, deleted_at__gt=now - UNDO_FOR).order_by("-deleted_at")


def erase_deleted(*, now: datetime, limit: int = 5) -> int:
    """Erase up to `limit` deleted workspaces whose time is over; returns how many went. Safe beside others."""
    gone = 0
    for workspace in Workspace.objects.filter(deleted_at__lte=now - UNDO_FOR).order_by("deleted_at"):
        if gone == limit:
            break
        try:
            erase_workspace(workspace, actor=SYSTEM, now=now)
        except Exception:  # the edge of a task: one that cannot go yet must not hold up the others
            logger.exception("workspace %s is not erased yet", workspace.pk)
        else:
            gone += 1
    return gone


def _owners(workspace: Workspace) -> list[Membership]:
    return list(Membership.objects.select_related("user").filter(workspace=workspace, role=Role.OWNER))
