"""Workspaces, roles, and what follows for requests."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, Workspace
from accounts.roles import ROLE_PERMISSIONS, SCOPES, Permission, permissions_of
from accounts.workspaces import add_member, ensure_personal_workspace
from analyticbot.core.audit import SYSTEM
from analyticbot.core.errors import Conflict
from tests.factories import bearer, make_member, make_token, make_tracked, make_user, make_workspace, owner_of

READ = {
    Permission.CHANNELS_READ,
    Permission.ANALYTICS_READ,
    Permission.EXPORTS_READ,
    Permission.REPORTS_READ,
    Permission.SHARES_READ,
    Permission.NOTES_READ,
    Permission.MEMBERS_READ,
}
WORK = READ | {
    Permission.CHANNELS_WRITE,
    Permission.EXPORTS_WRITE,
    Permission.REPORTS_WRITE,
    Permission.SHARES_WRITE,
    Permission.NOTES_WRITE,
    Permission.SEGMENTS_WRITE,
}
# The whole table once more, by hand: a change of rights must be meant.
EXPECTED = {
    Role.VIEWER: READ,
    Role.ANALYST: WORK,
    Role.ADMIN: WORK | {Permission.MEMBERS_WRITE, Permission.TOKENS_WRITE},
    Role.OWNER: set(Permission),
}


def test_permission_table_is_as_meant() -> None:
    assert {role: set(granted) for role, granted in ROLE_PERMISSIONS.items()} == EXPECTED


@pytest.mark.parametrize("role", list(Role))
def test_token_can_do_no_more_than_its_creator(role: Role) -> None:
    granted = permissions_of(role, scopes=[scope.value for scope in SCOPES])

    assert granted == EXPECTED[role] & set(SCOPES)


CALLS = [
    ("GET", "/api/v2/channels", Permission.CHANNELS_READ),
    ("POST", "/api/v2/channels", Permission.CHANNELS_WRITE),
    ("GET", "/api/v2/channels/@news", Permission.CHANNELS_READ),
    ("DELETE", "/api/v2/channels/@news", Permission.CHANNELS_WRITE),
    ("GET", "/api/v2/analytics/channels/@news/overview", Permission.ANALYTICS_READ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "url", "permission"), CALLS)
@pytest.mark.parametrize("role", list(Role))
def test_role_by_route(client: Client, role: Role, method: str, url: str, permission: Any) -> None:
    workspace = make_workspace()
    client.force_login(make_member(workspace, role=role).user)

    response = client.generic(method, url, "{}", "application/json")

    assert (response.status_code == 403) == (permission not in EXPECTED[role])


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "url", "permission"), CALLS)
@pytest.mark.parametrize("scope", [scope.value for scope in SCOPES])
def test_scope_by_route(client: Client, scope: Any, method: str, url: str, permission: Any) -> None:
    token = make_token(make_workspace(), scopes=[scope])

    response = client.generic(method, url, "{}", "application/json", headers=bearer(token))

    assert (response.status_code == 403) == (permission.value != scope)
    if response.status_code == 403:
        assert response.json()["error"]["code"] == "permission_missing"


@pytest.mark.django_db
def test_token_of_a_member_who_became_viewer_reads_only(client: Client) -> None:
    workspace = make_workspace()
    member = make_member(workspace, role=Role.ADMIN)
    token = make_token(workspace, creator=member.user)
    member.role = Role.VIEWER
    member.save(update_fields=["role"])

    assert client.get("/api/v2/channels", headers=bearer(token)).status_code == 200
    assert client.delete("/api/v2/channels/@news", headers=bearer(token)).status_code == 403


@pytest.mark.django_db
def test_request_speaks_for_the_chosen_workspace(client: Client) -> None:
    first, second = make_workspace(), make_workspace()
    person = make_member(first).user
    make_member(second, person)
    make_tracked(second)
    client.force_login(person)
    assert client.get("/api/v2/channels").json()["data"] == []

    chosen = client.post(reverse("switch-workspace", args=[second.public_id]), {"next": "https://evil.example/"})

    assert chosen["Location"] == "/app/"
    assert len(client.get("/api/v2/channels").json()["data"]) == 1


@pytest.mark.django_db
def test_menu_leads_to_the_other_workspaces(client: Client) -> None:
    first, second = make_workspace(name="First"), make_workspace(name="Second")
    person = make_member(first).user
    make_member(second, person)
    client.force_login(person)

    page = client.get("/app/").content.decode()

    assert "Switch to Second" in page
    assert reverse("switch-workspace", args=[second.public_id]) in page
    assert "Switch to First" not in page


@pytest.mark.django_db
def test_workspace_of_others_cannot_be_chosen(client: Client) -> None:
    client.force_login(owner_of(make_workspace()))
    other = make_workspace()
    make_tracked(other)

    response = client.post(reverse("switch-workspace", args=[other.public_id]))

    assert response.status_code == 404
    assert client.get("/api/v2/channels").json()["data"] == []


@pytest.mark.django_db
def test_workspace_one_has_left_is_no_longer_the_current_one(client: Client) -> None:
    first, second = make_workspace(), make_workspace()
    person = make_member(first).user
    membership = make_member(second, person)
    client.force_login(person)
    client.post(reverse("switch-workspace", args=[second.public_id]))
    make_tracked(second)

    membership.delete()

    assert client.get("/api/v2/channels").json()["data"] == []


@pytest.mark.django_db
def test_person_without_workspace_is_told_so(client: Client) -> None:
    client.force_login(make_user())

    response = client.get("/api/v2/channels")

    assert response.status_code == 403
    assert response.json()["error"]["code"] == "no_workspace"


@pytest.mark.django_db
def test_member_is_added_once() -> None:
    workspace, person = make_workspace(), make_user()
    add_member(workspace, user=person, role=Role.VIEWER, now=timezone.now(), actor=SYSTEM)

    with pytest.raises(Conflict):
        add_member(workspace, user=person, role=Role.ADMIN, now=timezone.now(), actor=SYSTEM)

    assert workspace.memberships.get(user=person).role == Role.VIEWER


@pytest.mark.django_db(transaction=True)
def test_two_first_requests_make_one_workspace() -> None:
    user = make_user()

    def ensure() -> None:
        ensure_personal_workspace(user, now=timezone.now(), actor=SYSTEM)
        connection.close()

    threads = [threading.Thread(target=ensure) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Workspace.objects.count() == 1
    assert user.memberships.count() == 1
