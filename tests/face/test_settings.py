"""The parts of the settings beside their forms, and where error pages lead."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts.access import WorkspaceRequest, remember_access
from accounts.models import ApiToken, Role, User, Workspace
from accounts.roles import Permission
from analyticbot.core.errors import LimitReached
from analyticbot.core.middleware import AppErrorMiddleware
from analytics.views import page as decorated
from tests.factories import make_member, make_user

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

HTMX = {"HX-Request": "true"}


def text_of(response: "Response | HttpResponse") -> str:
    return " ".join(response.content.decode().split())


def test_zone_of_the_person_is_theirs_and_not_the_workspaces(page: Client, person: User, workspace: Workspace) -> None:
    form = {"form": "profile", "profile-name": "Anna", "profile-language": "en", "profile-time_zone": "Asia/Almaty"}
    assert page.post("/app/settings/", form)["Location"] == "/app/settings/#profile"
    person.refresh_from_db()
    workspace.refresh_from_db()
    assert (person.time_zone, workspace.time_zone) == ("Asia/Almaty", "Asia/Tashkent")
    wrong = page.post("/app/settings/", form | {"profile-time_zone": "Mars/Base"})
    assert wrong.status_code == 422


def test_people_stand_with_their_roles(page: Client, workspace: Workspace) -> None:
    other = make_user("bob@example.org")
    make_member(workspace, other, Role.ANALYST)
    text = text_of(page.get("/app/settings/"))
    assert "bob@example.org" in text
    assert "Analyst" in text and "Owner" in text
    assert "Invite" not in text


def test_plan_is_told_with_its_limits(page: Client) -> None:
    text = text_of(page.get("/app/settings/"))
    assert "has the plan <strong>Unlimited</strong>" in text
    assert re.search(r"<dt>API requests a minute</dt>\s*<dd>\s*480\s*</dd>", text)
    assert "no limit" in text


@pytest.mark.parametrize(("days", "lifetime"), [("30", 30), ("365", 365), ("", 90)])
def test_token_lives_as_long_as_it_was_asked_to(page: Client, days: str, lifetime: int) -> None:
    form = {"name": "script", "scopes": ["channels:read", "analytics:read"], "days": days}
    assert page.post("/app/settings/tokens/", form).status_code == 200
    token = ApiToken.objects.get()
    assert token.expires_at - token.created_at == timedelta(days=lifetime)
    text = text_of(page.get("/app/settings/"))
    assert "Read statistics · See the channels" in text
    assert "never used" in text


def test_token_cannot_be_asked_to_live_longer(page: Client) -> None:
    form = {"name": "script", "scopes": ["channels:read"], "days": "4000"}
    assert page.post("/app/settings/tokens/", form).status_code == 422
    assert not ApiToken.objects.exists()


def test_each_part_is_reached_by_its_anchor(page: Client) -> None:
    text = text_of(page.get("/app/settings/"))
    for name in ("profile", "colours", "workspace", "people", "plan", "tokens", "sign-in"):
        assert f'href="#{name}"' in text
        assert f'id="{name}"' in text


def test_error_pages_lead_on(page: Client, db: None) -> None:
    mine = text_of(page.get("/app/nothing-here/"))
    assert re.search(r'href="/app/">\s*To the channels', mine)
    strangers = text_of(Client().get("/nothing-here/"))
    assert 'class="button button--quiet" href="/account/login/"' in strangers
    for name in ("400", "403", "404", "429", "500", "403_csrf", "problem"):
        assert 'href="/"' in render_to_string(f"{name}.html")


def _often(request: WorkspaceRequest) -> HttpResponse:
    raise LimitReached("Later, please.", retry_after=7)


def test_too_often_is_a_page_that_says_when(rf: RequestFactory) -> None:
    request = rf.get("/somewhere/")
    response = AppErrorMiddleware(lambda _request: HttpResponse()).process_exception(
        request, LimitReached("Later, please.", retry_after=7)
    )
    assert response is not None
    assert (response.status_code, response["Retry-After"]) == (429, "7")
    assert "Later, please." in text_of(response)


@pytest.mark.parametrize("is_part", [False, True])
def test_page_tells_an_error_whole_or_where_it_was_asked_for(
    rf: RequestFactory, person: User, workspace: Workspace, is_part: bool
) -> None:
    from django_htmx.middleware import HtmxDetails

    from accounts.access import access_by_token
    from accounts.tokens import create_token
    from analyticbot.core.audit import SYSTEM

    request = rf.get("/app/", headers=HTMX if is_part else {})
    request.user = person
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]  # as its middleware does
    token, _text = create_token(
        workspace, creator=person, name="t", scopes=["channels:read"], now=timezone.now(), actor=SYSTEM
    )
    remember_access(request, access_by_token(token, role=Role.OWNER))
    response = decorated(Permission.CHANNELS_READ)(_often)(request)
    assert (response.status_code, response["Retry-After"]) == (429, "7")
    text = text_of(response)
    assert "Later, please." in text
    assert ("<html" in text) is not is_part
    with pytest.raises(PermissionDenied):
        decorated(Permission.WORKSPACE_WRITE)(_often)(request)


def test_demo_context_asks_nothing_without_its_cookie(rf: RequestFactory) -> None:
    from accounts.demo import context

    request: HttpRequest = rf.get("/app/")
    assert context(request)["demo"].visited is False  # and no database is allowed here
