"""The pages of the settings, and where error pages lead."""

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
from tests.accounts.factors import confirmed
from tests.factories import bearer, make_member, make_token, make_user, make_workspace

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

HTMX = {"HX-Request": "true"}


@pytest.fixture
def page(client: Client, person: User, workspace: Workspace) -> Client:
    """A browser whose person has just given their password."""
    client.force_login(person)
    return confirmed(client, person)


def first_match(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found
    return found[0]


def text_of(response: "Response | HttpResponse") -> str:
    return " ".join(response.content.decode().split())


def test_profile_is_saved_in_the_language_that_was_chosen(page: Client, person: User, workspace: Workspace) -> None:
    form = {"name": "Anna", "language": "uz", "time_zone": "Asia/Almaty"}
    assert "Saqlandi." in text_of(page.post("/account/", form, follow=True))
    person.refresh_from_db()
    workspace.refresh_from_db()
    assert (person.name, person.language, person.time_zone) == ("Anna", "uz", "Asia/Almaty")
    assert workspace.time_zone == "Asia/Tashkent"
    wrong = page.post("/account/", form | {"time_zone": "Mars/Base"})
    assert wrong.status_code == 422


def test_workspace_is_changed_by_its_owner(page: Client, workspace: Workspace) -> None:
    form = {"name": "New name", "time_zone": "Europe/Berlin"}
    assert "Saved." in text_of(page.post("/account/workspace/", form, follow=True))
    workspace.refresh_from_db()
    assert (workspace.name, workspace.time_zone) == ("New name", "Europe/Berlin")


def test_workspace_is_not_changed_by_what_is_wrong(page: Client, workspace: Workspace) -> None:
    response = page.post("/account/workspace/", {"name": "", "time_zone": "Mars/Base"})
    assert response.status_code == 422
    assert text_of(response).count('class="field__error"') == 2
    workspace.refresh_from_db()
    assert workspace.time_zone == "Asia/Tashkent"


def test_workspace_is_not_changed_by_others(client: Client, workspace: Workspace) -> None:
    admin = make_user()
    make_member(workspace, admin, Role.ADMIN)
    client.force_login(admin)
    assert "Only its owner" in text_of(client.get("/account/workspace/"))
    assert client.post("/account/workspace/", {"name": "Taken", "time_zone": "UTC"}).status_code == 403
    workspace.refresh_from_db()
    assert workspace.name == "Anna"


def test_people_stand_with_their_roles(page: Client, workspace: Workspace) -> None:
    other = make_user("bob@example.org")
    make_member(workspace, other, Role.ANALYST)
    text = text_of(page.get("/account/people/"))
    assert "bob@example.org" in text
    assert "Analyst" in text and "Owner" in text


def test_plan_is_told_with_its_limits(page: Client) -> None:
    text = text_of(page.get("/account/plan/"))
    assert "has the plan <strong>Unlimited</strong>" in text
    assert re.search(r"<dt>API requests a minute</dt>\s*<dd>\s*480\s*</dd>", text)
    assert "no limit" in text


@pytest.mark.parametrize(("days", "lifetime"), [("30", 30), ("365", 365), ("", 90)])
def test_token_lives_as_long_as_it_was_asked_to(page: Client, days: str, lifetime: int) -> None:
    form = {"name": "script", "scopes": ["channels:read", "analytics:read"], "days": days}
    assert page.post("/account/tokens/", form).status_code == 200
    token = ApiToken.objects.get()
    assert token.expires_at - token.created_at == timedelta(days=lifetime)
    text = text_of(page.get("/account/tokens/"))
    assert "Read statistics · See the channels" in text
    assert "never used" in text


def test_token_cannot_be_asked_to_live_longer(page: Client) -> None:
    form = {"name": "script", "scopes": ["channels:read"], "days": "4000"}
    assert page.post("/account/tokens/", form).status_code == 422
    assert not ApiToken.objects.exists()


def test_token_is_made_shown_once_and_works_until_it_is_revoked(page: Client, client: Client) -> None:
    form = {"name": "my script", "scopes": ["channels:read"]}
    response = page.post("/account/tokens/", form)
    assert response["Cache-Control"] == "no-store"
    text = first_match(r"abk_live_\w{36}", text_of(response))
    again = text_of(page.get("/account/tokens/"))
    assert text not in again
    assert "my script" in again
    reader = Client(headers={"Authorization": f"Bearer {text}"})
    assert reader.get("/api/v2/channels").status_code == 200
    ending = first_match(r"/account/tokens/\d+/end/", again)
    assert "no longer works" in text_of(page.post(ending, follow=True))
    assert reader.get("/api/v2/channels").status_code == 401
    assert page.post(ending).status_code == 404


@pytest.mark.parametrize("form", [{}, {"name": "x"}, {"name": "x", "scopes": ["workspace:write"]}])
def test_token_that_is_asked_for_wrongly_is_not_made(page: Client, form: dict[str, str | list[str]]) -> None:
    response = page.post("/account/tokens/", form)
    assert response.status_code == 422
    assert "abk_live_" not in text_of(response)


def test_tokens_are_closed_to_viewers_and_strangers(page: Client, client: Client, workspace: Workspace) -> None:
    page.post("/account/tokens/", {"name": "x", "scopes": ["channels:read"]})
    ending = first_match(r"/account/tokens/\d+/end/", text_of(page.get("/account/tokens/")))
    viewer = make_user()
    make_member(workspace, viewer, Role.VIEWER)
    client.force_login(viewer)
    assert client.get("/account/tokens/").status_code == 403
    assert "API tokens" not in text_of(client.get("/account/"))
    assert client.post(ending).status_code == 403
    stranger = make_user()
    make_workspace(owner=stranger)
    client.force_login(stranger)
    assert client.post(ending).status_code == 404


def test_token_is_held_to_the_networks_of_the_form(page: Client) -> None:
    form = {"name": "x", "scopes": ["channels:read"], "networks": "203.0.113.0/24\n 2001:db8::/32 \n"}
    assert page.post("/account/tokens/", form).status_code == 200
    assert ApiToken.objects.get().networks == ["203.0.113.0/24", "2001:db8::/32"]
    assert "<code>203.0.113.0/24</code>" in text_of(page.get("/account/tokens/"))
    wrong = page.post("/account/tokens/", form | {"networks": "everywhere"})
    assert wrong.status_code == 422
    assert "Write a network like" in text_of(wrong)


def test_token_is_made_after_a_confirmation_only(client: Client, person: User, workspace: Workspace) -> None:
    client.force_login(person)
    answer = client.post("/account/tokens/", {"name": "x", "scopes": ["channels:read"]})
    assert answer["Location"].startswith("/account/confirm/?next=")
    assert not ApiToken.objects.exists()


def test_all_tokens_end_at_once_ones_own_or_everybodys(page: Client, workspace: Workspace) -> None:
    other = make_member(workspace, role=Role.ADMIN).user
    mine, theirs = make_token(workspace), make_token(workspace, creator=other)
    assert "1 token no longer works." in text_of(page.post("/account/tokens/end-all/", {"whose": "mine"}, follow=True))
    assert Client(headers=bearer(mine)).get("/api/v2/channels").status_code == 401
    assert Client(headers=bearer(theirs)).get("/api/v2/channels").status_code == 200
    page.post("/account/tokens/end-all/")
    assert Client(headers=bearer(theirs)).get("/api/v2/channels").status_code == 401


def test_navigation_marks_where_one_is_and_holds_what_one_may(client: Client, workspace: Workspace) -> None:
    viewer = make_user()
    make_member(workspace, viewer, Role.VIEWER)
    client.force_login(viewer)
    text = text_of(client.get("/account/people/"))
    assert 'href="/account/people/" aria-current="page"' in text
    assert "/account/tokens/" not in text
    assert 'href="/account/security/" aria-current="page"' in text_of(client.get("/account/email/"))


def test_person_without_a_workspace_still_has_their_own_settings(client: Client, db: None) -> None:
    client.force_login(make_user())
    text = text_of(client.get("/account/"))
    assert "/account/security/" in text
    assert "/account/people/" not in text


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
