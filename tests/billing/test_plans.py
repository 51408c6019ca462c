"""Plans: what they allow, that each limit holds, and that a change is seen everywhere within seconds."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Role, Workspace
from analyticbot.core.audit import SYSTEM
from analyticbot.core.models import AuditEntry
from billing.changing import change_plan
from billing.limits import limits_for, plan_of
from billing.models import WorkspacePlan
from billing.plans import LIMITS, Limits, Plan
from tests.factories import WHEN, bearer, make_member, make_token, make_user, make_workspace, owner_of

pytestmark = pytest.mark.django_db
CHANNELS = "/api/v2/channels"


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


def change(workspace: Workspace, plan: Plan) -> WorkspacePlan:
    return change_plan(workspace, plan=plan, actor=SYSTEM, now=timezone.now())


def test_each_plan_allows_what_the_lesser_one_does() -> None:
    def size(limit: Any) -> Any:
        return float("inf") if limit is None else limit

    assert list(LIMITS) == list(Plan)
    for less, more in zip(list(LIMITS.values()), list(LIMITS.values())[1:], strict=False):
        for name in Limits.__dataclass_fields__:
            before, after = getattr(less, name), getattr(more, name)
            if name.startswith("api") and name != "api_factor":
                assert all(a.amount <= b.amount for a, b in zip(before, after, strict=True)), name
            else:
                assert size(before) <= size(after), name


def test_workspace_without_a_plan_has_the_default(workspace: Workspace, settings: Any) -> None:
    assert plan_of(workspace) is Plan.UNLIMITED
    assert limits_for(workspace).shared_links is None

    settings.DEFAULT_PLAN = "free"
    other = make_workspace()
    assert (limits_for(other).branding, limits_for(other).report_schedules) == (False, 1)


def test_limits_take_one_read_and_then_none(workspace: Workspace, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        limits_for(workspace)
        limits_for(workspace)


def test_change_holds_at_once_and_is_audited(workspace: Workspace) -> None:
    assert plan_of(workspace) is Plan.UNLIMITED
    change(workspace, Plan.PRO)
    assert plan_of(workspace) is Plan.PRO
    change(workspace, Plan.PRO)

    entry = AuditEntry.objects.get(action="billing:plan:changed")
    assert (entry.workspace_id, entry.before, entry.after) == (workspace.pk, {"plan": "unlimited"}, {"plan": "pro"})
    assert plan_of(make_workspace()) is Plan.UNLIMITED


def test_change_by_another_process_is_seen_within_seconds(workspace: Workspace, settings: Any) -> None:
    settings.PLAN_KEPT_SECONDS = 0.0
    assert plan_of(workspace) is Plan.UNLIMITED

    WorkspacePlan.objects.create(workspace=workspace, plan=Plan.AGENCY, changed_at=WHEN)

    assert plan_of(workspace) is Plan.AGENCY


def test_unknown_plan_cannot_be_stored(workspace: Workspace) -> None:
    with pytest.raises(IntegrityError, match="plan_known"), transaction.atomic():
        WorkspacePlan.objects.create(workspace=workspace, plan="gold", changed_at=WHEN)


def test_channels_beyond_the_plan_are_refused(workspace: Workspace) -> None:
    change(workspace, Plan.FREE)
    api = Client(headers=bearer(make_token(workspace)))

    def add(ref: str) -> Any:
        return api.post(CHANNELS, {"ref": ref}, content_type="application/json")

    assert [add(f"@room_{number}").status_code for number in range(3)] == [201, 201, 201]
    refused = add("@room_3")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "plan_limit")
    assert "3 channels" in refused.json()["error"]["message"]
    assert add("@room_2").status_code == 200
    assert api.delete(f"{CHANNELS}/@room_0").status_code == 204
    assert add("@room_3").status_code == 201
    change(workspace, Plan.PRO)
    assert add("@room_0").status_code == 201


def test_command_sets_the_plan_of_a_workspace(workspace: Workspace) -> None:
    said = StringIO()

    call_command("set_plan", str(workspace.public_id), "pro", stdout=said)
    assert (plan_of(workspace), said.getvalue().strip()[-3:]) == (Plan.PRO, "pro")
    call_command("set_plan", owner_of(workspace).email.upper(), "agency", stdout=said)
    assert plan_of(workspace) is Plan.AGENCY


def test_command_wants_one_workspace(workspace: Workspace) -> None:
    member = make_user()
    make_member(workspace, member, Role.ADMIN)
    make_workspace(owner=owner_of(workspace))

    for named, complaint in [
        ("no-id", "neither the id"),
        ("00000000-0000-4000-8000-000000000000", "no workspace"),
        ("nobody@example.org", "Nobody"),
        (member.email, "owns none"),
        (owner_of(workspace).email, "name one workspace"),
    ]:
        with pytest.raises(CommandError, match=complaint):
            call_command("set_plan", named, "pro")
    assert not WorkspacePlan.objects.exists()
