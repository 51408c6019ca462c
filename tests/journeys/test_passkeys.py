"""A passkey is added, signs in alone, and is removed: Chromium with a virtual authenticator."""

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings

from accounts.models import EventKind, SecurityEvent
from tests.factories import make_user
from tests.journeys.conftest import Travel, Traveller

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "pass-word-1234"


def with_authenticator(traveller: Traveller) -> None:
    """Plug a device into the browser that recognises its person."""
    devtools = traveller.context.new_cdp_session(traveller.page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_added_signs_in_alone_and_is_removed(travel: Travel) -> None:
    owner = make_user("ann@example.org", password=PASSWORD)
    ann = travel()
    with_authenticator(ann)
    ann.sign_in(owner.email, PASSWORD)
    page = ann.page

    ann.go("/account/security/")
    page.get_by_role("link", name="Add a passkey or key").click()
    page.get_by_label("What you call it").fill("My laptop")
    page.get_by_role("button", name="Add").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    assert page.locator(".codes code").count() == 10
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_text("My laptop").wait_for()

    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Sign out").click()
    ann.go("/account/login/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/app/**")
    assert SecurityEvent.objects.filter(user=owner, kind=EventKind.FACTOR_ADDED).exists()

    # In the second step of signing in it does as well.
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Sign out").click()
    ann.go("/account/login/")
    page.get_by_label("Email").fill(owner.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Use a passkey or key").click()
    page.wait_for_url("**/app/**")

    ann.go("/account/security/")
    page.get_by_role("link", name="Remove My laptop").click()
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("link", name="Add a passkey or key").wait_for()
    assert not Authenticator.objects.filter(user=owner).exists()


def test_the_answer_of_a_key_counts_for_this_site_only() -> None:
    from allauth.core import context
    from allauth.mfa.webauthn.internal.auth import get_server
    from django.test import RequestFactory

    assert not hasattr(settings, "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN")
    with context.request_context(RequestFactory().get("/", headers={"Host": "localhost"})):
        is_ours = get_server()._verify
    assert is_ours("http://localhost:8000")
    assert not is_ours("http://evil.example")
    assert not is_ours("https://localhost.evil.example")
