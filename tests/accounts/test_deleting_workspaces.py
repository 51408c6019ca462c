"""A deleted workspace is gone for everybody at once, comes back whole, and is erased when its time is over."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Role, SecurityEvent, Workspace
from accounts.people.closing import UNDO_FOR, erase_deleted
from accounts.tokens import find_token
from analytics.models import ReportRecipient, ReportSchedule
from analytics.reports.planning import plan_due
from analytics.sharing.links import open_link
from analytics.sharing.models import SharedLink
from analytics.sharing.tokens import digest_of
from channels_app.collect.claims import tasks_for
from channels_app.collect.schedule import waiting_work
from channels_app.models import Channel, CollectTask
from tests.accounts.factors import confirmed
from tests.factories import make_member, make_token, make_tracked, make_user, make_workspace, owner_of
from tests.mtproto.rows import make_account

pytestmark = pytest.mark.django_db
SHARE = "bazaar-".ljust(27, "x")


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def workspace(settings: Any) -> Workspace:
    settings.SHARE_LINKS_ENABLED = True
    return make_workspace(owner=make_user("owner@example.org"), name="Bazaar")


@pytest.fixture
def owner(client: Client, workspace: Workspace) -> Client:
    client.force_login(owner_of(workspace))
    return confirmed(client, owner_of(workspace))


def delete(owner: Client, name: str = "Bazaar") -> Any:
    return owner.post("/account/workspace/delete/", {"delete-name": name})


def test_deleted_workspace_opens_at_no_door_and_comes_back_whole(owner: Client, workspace: Workspace) -> None:
    now = timezone.now()
    token = make_token(workspace)
    tracked = make_tracked(workspace)
    CollectTask.objects.update(due_at=now - timedelta(minutes=1))
    SharedLink.objects.create(
        tracked=tracked, workspace=workspace, name="n", digest=digest_of(SHARE), prefix=SHARE[:5], preset="28d",
        created_at=now, expires_at=now + timedelta(days=9), sections=["overview"],
    )  # fmt: skip
    schedule = ReportSchedule.objects.create(
        workspace=workspace, name="r", language="en", every="day", at="09:00", created_at=now
    )
    recipient = ReportRecipient.objects.create(
        schedule=schedule, email="r@example.org", created_at=now, confirmed_at=now,
        active_since=now - timedelta(days=9), next_at=now - timedelta(minutes=1),
    )  # fmt: skip
    account = make_account()
    colleague = Client()
    colleague.force_login(make_member(workspace, role=Role.ADMIN).user)

    def doors() -> list[bool]:
        return [
            find_token(token, now=now) is not None,
            open_link(SHARE, now=now) is not None,
            tasks_for(account).exists(),
            waiting_work() > 0,
            colleague.get("/app/").status_code == 200,
        ]

    assert all(doors())
    assert delete(owner).status_code == 302
    assert not any(doors())
    assert plan_due(now=now) == 0
    recipient.refresh_from_db()
    assert recipient.next_at is not None
    page = text_of(owner.get("/account/workspaces/"))
    assert "Bazaar" in page and "can be brought back until" in page
    assert "Bazaar" not in text_of(colleague.get("/account/workspaces/"))
    owner.post(f"/account/workspaces/{workspace.public_id}/restore/")
    assert all(doors())
    assert "Bazaar" in text_of(owner.get("/account/workspace/"))


def test_only_its_owner_deletes_and_brings_back(owner: Client, workspace: Workspace) -> None:
    admin = Client()
    user = make_member(workspace, role=Role.ADMIN).user
    admin.force_login(user)
    confirmed(admin, user)
    assert delete(admin).status_code == 403
    delete(owner)
    assert admin.post(f"/account/workspaces/{workspace.public_id}/restore/").status_code == 404
    stranger = Client()
    stranger.force_login(make_user())
    assert stranger.post(f"/account/workspaces/{workspace.public_id}/restore/").status_code == 404
    assert SecurityEvent.objects.filter(user=owner_of(workspace), kind="workspace_deleted").exists()


def test_wrong_name_deletes_nothing(owner: Client, workspace: Workspace) -> None:
    assert delete(owner, "bazar").status_code == 422
    workspace.refresh_from_db()
    assert workspace.is_open


def test_public_demo_is_not_deleted(owner: Client, workspace: Workspace) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(is_demo=True)
    assert delete(owner).status_code == 409


def test_deleted_workspace_is_erased_after_its_time_and_not_before(owner: Client, workspace: Workspace) -> None:
    make_tracked(workspace)
    delete(owner)
    now = timezone.now()
    assert erase_deleted(now=now + UNDO_FOR - timedelta(minutes=1)) == 0
    assert erase_deleted(now=now + UNDO_FOR + timedelta(minutes=1)) == 1
    assert not Workspace.objects.filter(pk=workspace.pk).exists()
    assert not Membership.objects.filter(workspace_id=workspace.pk).exists()
    assert Channel.objects.exists()
    assert owner.post(f"/account/workspaces/{workspace.public_id}/restore/").status_code == 404


def test_it_cannot_be_brought_back_when_its_time_is_over(owner: Client, workspace: Workspace) -> None:
    long_ago = timezone.now() - UNDO_FOR - timedelta(minutes=1)
    Workspace.objects.filter(pk=workspace.pk).update(deleted_at=long_ago)
    assert owner.post(f"/account/workspaces/{workspace.public_id}/restore/").status_code == 404


def test_suspended_workspace_is_told_and_none_is_made_around_it(owner: Client, workspace: Workspace) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(suspended_at=timezone.now())
    assert owner.get("/app/")["Location"] == "/account/workspaces/"
    assert "Suspended by us" in text_of(owner.get("/account/workspaces/"))
