"""A workspace gets another plan."""

from datetime import datetime
from functools import partial

from django.db import transaction

from accounts.models import Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from billing.limits import default_plan, forget_plan
from billing.models import WorkspacePlan
from billing.plans import Plan


@transaction.atomic
def change_plan(workspace: Workspace, *, plan: Plan, actor: Actor, now: datetime) -> WorkspacePlan:
    """Give the workspace this plan. The same plan again changes nothing and leaves no audit row.

    What the workspace has beyond the new limits stays; it can make no more of it.
    """
    # One change at a time: the audit rows tell a story without a gap.
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    row = WorkspacePlan.objects.filter(workspace=workspace).first()
    if row is not None and row.plan == plan:
        return row
    before = Plan(row.plan) if row else default_plan()
    row, _created = WorkspacePlan.objects.update_or_create(
        workspace=workspace, defaults={"plan": plan, "changed_at": now}
    )
    record_audit(
        AuditAction.PLAN_CHANGED,
        row,
        actor=actor,
        now=now,
        workspace_id=workspace.pk,
        before={"plan": before.value},
        after={"plan": plan.value},
    )
    forget_plan(workspace.pk)
    # Again when it holds for all: a request in between may have read and kept the old one.
    transaction.on_commit(partial(forget_plan, workspace.pk))
    return row
