"""Notes over the API: the same notes as on the pages."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Workspace
from analyticbot.core.models import AuditEntry
from analytics.models import Note
from channels_app.models import Channel
from tests.factories import bearer, make_channel, make_token, make_tracked, make_workspace

ADDRESS = "/api/v2/channels/@noted/notes"
JSON = "application/json"


@pytest.fixture
def noted(workspace: Workspace) -> Channel:
    """A channel of the workspace."""
    return make_tracked(workspace, make_channel("noted")).channel


@pytest.fixture
def api(client: Client, workspace: Workspace, noted: Channel) -> Client:
    """A program with a token of all scopes."""
    client.defaults["HTTP_AUTHORIZATION"] = bearer(make_token(workspace))["Authorization"]
    return client


def test_note_is_written_read_changed_and_removed(api: Client, workspace: Workspace) -> None:
    made = api.post(ADDRESS, {"text": "Ad", "at": "2026-11-05", "until": "2026-11-07"}, JSON)
    assert made.status_code == 201
    body = made.json()
    assert (body["at"], body["until"], body["text"]) == ("2026-11-04T19:00:00Z", "2026-11-06T19:00:00Z", "Ad")
    assert body["author"] == "anna@example.org"
    one = f"{ADDRESS}/{body['id']}"
    assert api.get(one).json() == body
    changed = api.patch(one, {"until": None, "text": "Sale"}, JSON).json()
    assert (changed["at"], changed["until"], changed["text"]) == (body["at"], None, "Sale")
    assert [row["id"] for row in api.get(ADDRESS).json()["data"]] == [body["id"]]
    assert api.get(f"{ADDRESS}?from=2026-11-05&to=2026-11-06").json()["data"] == [changed]
    assert api.get(f"{ADDRESS}?from=2026-11-06").json()["data"] == []
    assert api.get(f"{ADDRESS}?to=2026-11-05").json()["data"] == []
    assert api.delete(one).status_code == 204
    assert api.get(one).status_code == 404
    kinds = set(
        AuditEntry.objects.filter(workspace_id=workspace.pk, actor_kind="token").values_list("action", flat=True)
    )
    assert {"analytics:note:added", "analytics:note:changed", "analytics:note:removed"} <= kinds


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "Ad"}, None),
        ({"at": "2026-11-05"}, None),
        ([], None),
        ({"text": " ", "at": "2026-11-05"}, "text"),
        ({"text": 7, "at": "2026-11-05"}, "text"),
        ({"text": "x" * 201, "at": "2026-11-05"}, "text"),
        ({"text": "a\x00", "at": "2026-11-05"}, "text"),
        ({"text": "Ad", "at": "yesterday"}, "at"),
        ({"text": "Ad", "at": "2926-11-05"}, "at"),
        ({"text": "Ad", "at": "2026-11-05", "until": "2026-11-05"}, "until"),
    ],
)
def test_what_is_no_note_is_refused(api: Client, body: Any, field: str | None) -> None:
    response = api.post(ADDRESS, body, JSON)
    assert response.status_code == 400
    assert response.json()["error"]["field"] == field
    assert not Note.objects.exists()


def test_token_needs_the_scope_to_write(client: Client, workspace: Workspace, noted: Channel) -> None:
    reading = bearer(make_token(workspace, scopes=["analytics:read", "notes:read"]))
    writing = bearer(make_token(workspace, scopes=["notes:write"]))
    body = {"text": "Ad", "at": "2026-11-05"}
    assert client.post(ADDRESS, body, JSON, headers=reading).status_code == 403
    assert client.get(ADDRESS, headers=writing).status_code == 403
    assert client.post(ADDRESS, body, JSON, headers=writing).status_code == 201
    assert len(client.get(ADDRESS, headers=reading).json()["data"]) == 1


def test_notes_of_another_workspace_are_not_there(api: Client, noted: Channel) -> None:
    others = make_workspace(name="Other")
    make_tracked(others, noted)
    theirs = Note.objects.create(
        workspace=others, channel=noted, text="Secret", at=noted.created_at, created_at=noted.created_at,
        changed_at=noted.created_at,
    )  # fmt: skip
    one = f"{ADDRESS}/{theirs.public_id}"
    assert api.get(ADDRESS).json()["data"] == []
    assert api.get(one).status_code == api.delete(one).status_code == 404
    assert api.patch(one, {"text": "x"}, JSON).status_code == 404
    assert Note.objects.get().text == "Secret"
