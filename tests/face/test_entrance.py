"""Landing page, sign-in pages, settings, errors, theme and language."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from accounts.models import User, Workspace
from tests.accounts.factors import confirmed
from tests.factories import make_user

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

OPEN_PAGES = ["/", "/account/login/", "/account/signup/", "/account/password/reset/", "/account/password/reset/done/"]
OWN_PAGES = ["/app/", "/account/", "/account/logout/", "/account/email/", "/account/password/change/"]


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
def test_own_page_stands_in_our_frame(page: Client, person: User, address: str) -> None:
    response = confirmed(page, person).get(address)
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


def test_person_without_a_workspace_reads_why(client: Client, db: None) -> None:
    client.force_login(make_user())
    response = client.get("/app/", follow=True)
    assert response.redirect_chain == [("/account/workspaces/", 302)]
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
