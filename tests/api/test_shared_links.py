"""Shared links over the API: the services of the pages, the rights of the token, and nothing of other workspaces."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Workspace
from analytics.sharing.models import SharedLink
from channels_app.models import Relation
from tests.factories import bearer, make_channel, make_token, make_tracked, make_workspace

pytestmark = pytest.mark.django_db
ROOT = "/api/v2/shared-links"


@pytest.fixture
def workspace() -> Workspace:
    workspace = make_workspace()
    make_tracked(workspace, make_channel("tea_house", title="Tea house"), relation=Relation.OWNED)
    return workspace


@pytest.fixture
def api(workspace: Workspace) -> Client:
    return Client(headers=bearer(make_token(workspace)))


def body(**changes: Any) -> dict[str, Any]:
    end = timezone.now() + timedelta(days=9)
    return {
        "channel": "@tea_house", "name": "Tea", "sections": ["overview"], "preset": "28d",
        "expires_at": end.isoformat(), **changes,
    }  # fmt: skip


def post(api: Client, **changes: Any) -> Any:
    return api.post(ROOT, body(**changes), "application/json")


def test_a_link_is_made_read_changed_and_revoked(api: Client) -> None:
    made = post(api, password="tea with milk", frame_ancestors=["example.org"])

    assert made.status_code == 201
    link = made.json()
    assert made["Location"] == f"{ROOT}/{link['id']}"
    place = link["address"].removeprefix("http://testserver")
    assert Client().get(place).status_code == 200
    assert (link["has_password"], link["frame_ancestors"]) == (True, ["https://example.org"])
    listed = api.get(ROOT).json()
    assert listed["data"] == [{**link, "address": None}] and listed["meta"]["next"] is None
    changes = {"password": None, "first_day": "2026-01-01", "last_day": "2026-01-31", "sections": ["growth", "posts"]}
    changed = api.patch(f"{ROOT}/{link['id']}", changes, "application/json").json()
    assert (changed["preset"], changed["first_day"], changed["has_password"]) == (None, "2026-01-01", False)
    assert changed["sections"] == ["growth", "posts"]
    assert api.get(f"{ROOT}/{link['id']}").json() == changed
    assert api.patch(f"{ROOT}/{link['id']}", {"preset": "7d"}, "application/json").json()["first_day"] is None
    assert api.delete(f"{ROOT}/{link['id']}").status_code == 204
    assert api.get(f"{ROOT}/{link['id']}").json()["state"] == "revoked"
    assert Client().get(place).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": 3}, "name"),
        ({"sections": []}, "sections"),
        ({"sections": "overview"}, "sections"),
        ({"sections": ["changes"]}, "sections"),
        ({"sections": ["audience"]}, "owner_facts"),
        ({"preset": "fortnight"}, "preset"),
        ({"preset": None}, "first_day"),
        ({"preset": None, "first_day": "2026-02-30", "last_day": "2026-03-01"}, "first_day"),
        ({"preset": None, "first_day": "2090-01-01", "last_day": "2090-03-01"}, "first_day"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2090-01-01T00:00:00Z"}, "expires_at"),
        ({"exports": "yes"}, "exports"),
        ({"theme": "pink"}, "theme"),
        ({"frame_ancestors": ["https://example.org; script-src *"]}, "frame_ancestors"),
        ({"password": "short"}, "password"),
        ({"password": 12345678}, "password"),
        ({"channel": ""}, "channel"),
    ],
    ids=str,
)
def test_what_cannot_be_shared_names_its_field(api: Client, changes: dict[str, Any], field: str) -> None:
    response = post(api, **changes)

    assert response.status_code == 400
    assert response.json()["error"]["field"] == field
    assert not SharedLink.objects.exists()


def test_only_what_is_named_can_be_changed(api: Client) -> None:
    link = post(api).json()
    wild = {
        "id": "x",
        "digest": "0" * 64,
        "prefix": "zzzzz",
        "workspace": 1,
        "creator": 1,
        "views": 9,
        "public_id": "x",
    }

    changed = api.patch(f"{ROOT}/{link['id']}", wild, "application/json")

    assert changed.status_code == 200
    assert changed.json() == {**link, "address": None}


def test_rights_of_the_token_and_of_the_installation(workspace: Workspace, settings: Any) -> None:
    reader = Client(headers=bearer(make_token(workspace, scopes=["analytics:read", "shares:read"])))

    assert reader.get(ROOT).status_code == 200
    assert post(reader).status_code == 403
    assert post(Client()).status_code == 401
    settings.SHARE_LINKS_ENABLED = False
    refused = reader.get(ROOT)
    assert refused.status_code == 403 and refused.json()["error"]["code"] == "shares_off"


def test_channels_and_links_of_others_are_not_there(api: Client) -> None:
    other = make_workspace()
    make_tracked(other, make_channel("their_house"))
    theirs = post(Client(headers=bearer(make_token(other))), channel="@their_house").json()

    assert post(api, channel="@their_house").status_code == 404
    for method in (api.get, api.patch, api.delete):
        assert method(f"{ROOT}/{theirs['id']}", content_type="application/json").status_code == 404
    assert api.get(ROOT).json()["data"] == []
    assert SharedLink.objects.get().revoked_at is None
