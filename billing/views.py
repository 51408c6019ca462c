"""The plan of the workspace, as its people see it."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from accounts.models import Workspace
from accounts.pages.frame import member_page
from accounts.roles import Permission
from billing.limits import limits_for, plan_of


@dataclass(frozen=True, slots=True)
class PlanCard:
    """The plan of a workspace: its name, and each limit in words with its value (None: without limit)."""

    label: str
    limits: tuple[tuple[str, int | None], ...]


@require_safe
@member_page(Permission.CHANNELS_READ)
def plan(request: WorkspaceRequest) -> HttpResponse:
    """What the plan of the workspace allows."""
    return render(request, "settings/plan.html", {"plan": plan_card(request.access.workspace)})


def plan_card(workspace: Workspace) -> PlanCard:
    """What the plan of the workspace allows."""
    limits = limits_for(workspace)
    return PlanCard(
        label=str(plan_of(workspace).label),
        limits=(
            (_("Channels at the same time"), limits.tracked_channels),
            (_("Days for which each reading of a post is kept by itself"), limits.raw_snapshot_days),
            (_("Days for which the curve of a post is kept"), limits.curve_days),
            (_("Exports in the making at the same time"), limits.exports_at_once),
            (_("Reports by schedule"), limits.report_schedules),
            (_("Shared links that work at the same time"), limits.shared_links),
            (_("API requests a minute"), limits.api[0].amount),
        ),
    )
