"""Landing page, sign-in pages, settings, errors, theme and language."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from accounts.models import Role, User, Workspace
from tests.factories import make_member, make_user, make_workspace

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

OPEN_PAGES = ["/", "/account/login/", "/account/signup/", "/account/password/reset/", "/account/password/reset/done/"]
OWN_PAGES = ["/app/", "/app/settings/", "/account/logout/", "/account/email/", "/account/password/change/"]


def text_of(response: "Response") -> str:
    return " ".join(response.content.decode().split())


def first_match(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, pattern
    return found[0]


@pytest.mark.parametrize("address", OPEN_PAGES)
def test_open_page_stands_in_our_frame(client: Client, db: None, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    text = text_of(response)
    assert '<a class="skip" href="#main">' in text
    assert "Create an account" in text or "Sign in" in text


@pytest.mark.parametrize("address", OWN_PAGES)
def test_own_page_stands_in_our_frame(page: Client, address: str) -> None:
    response = page.get(address)
    assert response.status_code == 200
    assert "anna@example.org" in text_of(response)


@pytest.mark.parametrize("address", [*OPEN_PAGES, *OWN_PAGES])
def test_page_needs_nothing_that_the_content_policy_forbids(page: Client, address: str) -> None:
    response = page.get(address, follow=True)
    text = text_of(response)
    assert not re.search(r"<[^>]+ (style|on\w+)=", text)
    assert "<style" not in text
    for script in re.findall(r"<script([^>]*)>", text):
        assert "src=" in script or 'type="application/json"' in script
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_demo_is_hinted_at_only_where_there_is_one(
    client: Client, db: None, settings: Settings, tmp_path: Path
) -> None:
    settings.STATE_DIR = tmp_path
    assert "demo@analyticbot.local" not in text_of(client.get("/"))
    (tmp_path / "demo-password").write_text("secret-of-the-demo")
    text = text_of(client.get("/"))
    assert "demo@analyticbot.local" in text
    assert "secret-of-the-demo" not in text
    settings.PRODUCTION = True
    assert "demo@analyticbot.local" not in text_of(client.get("/"))


def test_signing_up_makes_a_workspace_and_opens_it(client: Client, db: None) -> None:
    form = {"email": "new@example.org", "password1": "very-long-pass-1", "time_zone": "Asia/Samarkand"}
    response = client.post("/account/signup/", form, follow=True)
    assert response.redirect_chain[-1][0] == "/app/"
    assert "No channels yet" in text_of(response)
    assert Workspace.objects.get().time_zone == "Asia/Samarkand"


def test_wrong_sign_up_is_explained_in_the_language(client: Client, db: None) -> None:
    client.cookies["django_language"] = "uz"
    text = text_of(client.post("/account/signup/", {"email": "new@example.org", "password1": "1"}))
    assert "Parol juda qisqa" in text


def test_theme_is_in_the_first_byte_of_the_next_page(client: Client, db: None) -> None:
    response = client.post("/preferences/theme/", {"theme": "dark", "next": "/account/login/"})
    assert response["Location"] == "/account/login/"
    assert '<html lang="en" data-theme="dark">' in text_of(client.get("/"))
    client.post("/preferences/theme/", {"theme": "system"})
    assert '<html lang="en">' in text_of(client.get("/"))


@pytest.mark.parametrize("theme", ['"><script>', "blue", ""])
def test_theme_that_is_none_changes_nothing(client: Client, db: None, theme: str) -> None:
    client.post("/preferences/theme/", {"theme": theme})
    assert "theme" not in client.cookies
    client.cookies["theme"] = '"><script>'
    assert '<html lang="en">' in text_of(client.get("/"))


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_theme_sends_nobody_to_another_site(client: Client, db: None, address: str) -> None:
    assert client.post("/preferences/theme/", {"theme": "dark", "next": address})["Location"] == "/"


def test_language_is_chosen_and_kept(page: Client, person: User) -> None:
    page.post("/i18n/setlang/", {"language": "ru", "next": "/app/"})
    assert "Каналы" in text_of(page.get("/app/"))
    person.refresh_from_db()
    assert person.language == "ru"


def test_settings_of_a_person_are_saved(page: Client, person: User) -> None:
    form = {"form": "profile", "profile-name": "Anna", "profile-language": "uz"}
    response = page.post("/app/settings/", form, follow=True)
    assert "Saqlandi." in text_of(response)
    person.refresh_from_db()
    assert (person.name, person.language) == ("Anna", "uz")


def test_settings_of_a_workspace_are_saved_by_its_owner(page: Client, workspace: Workspace) -> None:
    form = {"form": "workspace", "workspace-name": "New name", "workspace-time_zone": "Europe/Berlin"}
    assert "Saved." in text_of(page.post("/app/settings/", form, follow=True))
    workspace.refresh_from_db()
    assert (workspace.name, workspace.time_zone) == ("New name", "Europe/Berlin")


def test_settings_that_are_wrong_are_explained_and_not_saved(page: Client, workspace: Workspace) -> None:
    form = {"form": "workspace", "workspace-name": "", "workspace-time_zone": "Mars/Base"}
    response = page.post("/app/settings/", form)
    assert response.status_code == 422
    assert text_of(response).count('class="field__error"') == 2
    workspace.refresh_from_db()
    assert workspace.time_zone == "Asia/Tashkent"


def test_settings_of_a_workspace_are_closed_to_others(client: Client, workspace: Workspace) -> None:
    admin = make_user()
    make_member(workspace, admin, Role.ADMIN)
    client.force_login(admin)
    assert "Only its owner" in text_of(client.get("/app/settings/"))
    form = {"form": "workspace", "workspace-name": "Taken", "workspace-time_zone": "UTC"}
    client.post("/app/settings/", form)
    workspace.refresh_from_db()
    assert workspace.name == "Anna"


def test_person_without_a_workspace_reads_why(client: Client, db: None) -> None:
    client.force_login(make_user())
    response = client.get("/app/")
    assert response.status_code == 403
    assert "not a member of any workspace" in text_of(response)


def test_missing_page_says_so(page: Client) -> None:
    response = page.get("/app/nothing-here/")
    assert response.status_code == 404
    assert "There is nothing at this address" in text_of(response)


def test_form_without_its_token_says_so(person: User, workspace: Workspace) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    response = client.post("/app/add/", {"ref": "@x"})
    assert response.status_code == 403
    assert "This form has expired" in text_of(response)


def test_crash_page_needs_no_request(rf: RequestFactory) -> None:
    from django.template.loader import render_to_string

    text = render_to_string("500.html")
    assert "Something broke on our side" in text
    for name in ("400", "403", "404", "403_csrf", "problem"):
        assert "To the start page" in render_to_string(f"{name}.html")


def test_token_is_made_shown_once_and_works_until_it_is_revoked(page: Client, client: Client) -> None:
    form = {"name": "my script", "scopes": ["channels:read"]}
    response = page.post("/app/settings/tokens/", form)
    assert response["Cache-Control"] == "no-store"
    text = first_match(r"abk_live_\w{36}", text_of(response))
    again = text_of(page.get("/app/settings/"))
    assert text not in again
    assert "my script" in again
    reader = Client(headers={"Authorization": f"Bearer {text}"})
    assert reader.get("/api/v2/channels").status_code == 200
    ending = first_match(r"/app/settings/tokens/\d+/end/", again)
    assert "no longer works" in text_of(page.post(ending, follow=True))
    assert reader.get("/api/v2/channels").status_code == 401
    assert page.post(ending).status_code == 404


@pytest.mark.parametrize("form", [{}, {"name": "x"}, {"name": "x", "scopes": ["workspace:write"]}])
def test_token_that_is_asked_for_wrongly_is_not_made(page: Client, form: dict[str, str | list[str]]) -> None:
    response = page.post("/app/settings/tokens/", form)
    assert response.status_code == 422
    assert "abk_live_" not in text_of(response)


def test_tokens_are_closed_to_viewers_and_strangers(page: Client, client: Client, workspace: Workspace) -> None:
    page.post("/app/settings/tokens/", {"name": "x", "scopes": ["channels:read"]})
    ending = first_match(r"/app/settings/tokens/\d+/end/", text_of(page.get("/app/settings/")))
    viewer = make_user()
    make_member(workspace, viewer, Role.VIEWER)
    client.force_login(viewer)
    assert "API tokens" not in text_of(client.get("/app/settings/"))
    assert client.post(ending).status_code == 403
    stranger = make_user()
    make_workspace(owner=stranger)
    client.force_login(stranger)
    assert client.post(ending).status_code == 404
