"""What a workspace may do, answered for every room above."""

import threading
import time
from collections.abc import Iterable
from typing import NoReturn

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Workspace
from analyticbot.core.errors import Conflict
from analyticbot.core.runtime import Choice, Group, declare
from billing.models import WorkspacePlan
from billing.plans import LIMITS, Limits, Plan

# Each request asks for limits. A plan that was changed is seen by the process that changed it at once, by the others
# after this time (`PLAN_KEPT_SECONDS`).
_MOST_KEPT = 10_000
DEFAULT_PLAN = declare(
    Choice(
        key="DEFAULT_PLAN",
        group=Group.LIMITS,
        title=_("Plan of who was given none"),
        text=_(
            "Which plan a workspace has that was given none. It holds for all of them at once, also for older ones."
        ),
        options=lambda: list(Plan.choices),
    )
)
_kept: dict[int, tuple[float, Plan | None]] = {}
_lock = threading.Lock()


class PlanLimitReached(Conflict):
    """The plan allows no more of this; nothing is wrong with what was asked."""

    code = "plan_limit"


def default_plan() -> Plan:
    """The plan of a workspace that was given none (`DEFAULT_PLAN`)."""
    return Plan(DEFAULT_PLAN.now())


def plan_of(workspace: Workspace) -> Plan:
    """The plan of a workspace: one read by key at most, kept for `PLAN_KEPT_SECONDS`."""
    now = time.monotonic()
    kept = _kept.get(workspace.pk)
    if kept is not None and now < kept[0]:
        return kept[1] or default_plan()
    given = _given([workspace.pk]).get(workspace.pk)
    with _lock:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[workspace.pk] = (now + settings.PLAN_KEPT_SECONDS, given)
    return given or default_plan()


def plans_of(workspace_ids: Iterable[int]) -> dict[int, Plan]:
    """The plans of these workspaces as they are now: one statement."""
    ids = list(workspace_ids)
    return dict.fromkeys(ids, default_plan()) | _given(ids)


def _given(ids: list[int]) -> dict[int, Plan]:
    rows = WorkspacePlan.objects.filter(workspace_id__in=ids).values_list("workspace_id", "plan")
    return {pk: Plan(plan) for pk, plan in rows}


def limits_for(workspace: Workspace) -> Limits:
    """What the plan of this workspace allows; cheap enough for each request."""
    return LIMITS[plan_of(workspace)]


def forget_plan(workspace_id: int) -> None:
    """Have the plan of this workspace read anew the next time."""
    with _lock:
        _kept.pop(workspace_id, None)


def refuse_beyond(message: str) -> NoReturn:
    """Raise PlanLimitReached (409 `plan_limit`) with a message that names the limit."""
    raise PlanLimitReached(message)
