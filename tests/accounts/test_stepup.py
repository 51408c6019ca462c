"""Sensitive acts ask for a confirmation, over the real views."""

from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.core import mail
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from accounts.models import EventKind, SecurityEvent, User
from accounts.stepup import CONFIRMED_FOR, recently_confirmed
from tests.accounts.factors import PASSWORD, add_app, add_key, recovery_codes, shown_code, sign_in, stranger
from tests.factories import bearer, make_token, make_workspace, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return owner_of(make_workspace())


def forget(client: Client, *, seconds: float = CONFIRMED_FOR.total_seconds() + 1) -> None:
    """Make everything that was shown in this session so much older."""
    session = client.session
    for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        record["at"] -= seconds
    session.save()


def asks(client: Client) -> bool:
    """Whether a sensitive page asks for a confirmation first."""
    return client.get(reverse("mfa_activate_totp")).get("Location", "").startswith(reverse("confirm-identity"))


def test_signing_in_confirms_for_five_minutes(person: User) -> None:
    client = sign_in(stranger(), person)
    assert not asks(client)

    forget(client, seconds=CONFIRMED_FOR.total_seconds() - 5)
    assert not asks(client)
    forget(client, seconds=6)
    assert asks(client)


def test_a_password_confirms_and_leads_back(person: User) -> None:
    client = sign_in(stranger(), person)
    forget(client)
    place = client.get(reverse("mfa_activate_totp"))["Location"]

    wrong = client.post(place, {"password": "not it at all"})
    right = client.post(place, {"password": PASSWORD})

    assert wrong.status_code == 422 and right["Location"] == reverse("mfa_activate_totp")
    assert not asks(client)
    kinds = set(SecurityEvent.objects.filter(user=person).values_list("kind", flat=True))
    assert {EventKind.CONFIRMED, EventKind.CONFIRM_REFUSED} <= kinds


def test_who_has_a_factor_confirms_with_that_and_not_with_the_password(person: User) -> None:
    secret = add_app(person)
    client = sign_in(stranger(), person, code=shown_code(secret, steps=-1))
    forget(client)

    assert client.post(reverse("confirm-identity"), {"password": PASSWORD}).status_code == 422
    assert asks_for_removal(client)
    assert client.post(reverse("confirm-identity"), {"code": shown_code(secret)}).status_code == 302
    assert not asks_for_removal(client)


def asks_for_removal(client: Client) -> bool:
    return client.get(reverse("mfa_deactivate_totp")).status_code == 302


def test_a_recovery_code_confirms(person: User) -> None:
    secret = add_app(person)
    client = sign_in(stranger(), person, code=shown_code(secret))
    forget(client)

    client.post(reverse("confirm-identity"), {"code": recovery_codes(person)[0]})

    assert not asks_for_removal(client)


def test_a_form_is_carried_out_after_the_confirmation(person: User) -> None:
    workspace = person.workspaces.get()
    secret = add_app(person)
    client = sign_in(stranger(), person, code=shown_code(secret, steps=-1))
    forget(client)

    asked = client.post(reverse("factor-rule"), {"required": "yes"})
    workspace.refresh_from_db()
    assert asked["Location"].startswith(reverse("confirm-identity")) and workspace.factor_required_at is None
    client.post(asked["Location"], {"code": shown_code(secret)})

    workspace.refresh_from_db()
    assert workspace.factor_required_at is not None


def test_a_form_waits_for_its_own_place_and_not_for_another(person: User) -> None:
    workspace = person.workspaces.get()
    secret = add_app(person)
    client = sign_in(stranger(), person, code=shown_code(secret, steps=-1))
    forget(client)
    client.post(reverse("factor-rule"), {"required": "yes"})

    client.post(reverse("confirm-identity"), {"code": shown_code(secret), "next": reverse("settings:you")})

    workspace.refresh_from_db()
    assert workspace.factor_required_at is None


def test_no_secret_of_a_form_is_kept(person: User) -> None:
    client = sign_in(stranger(), person)
    forget(client)

    client.post(reverse("mfa_activate_totp"), {"code": "123456"})

    assert "123456" not in str(dict(client.session))


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site(person: User, place: str) -> None:
    client = sign_in(stranger(), person)

    answer = client.post(f"{reverse('confirm-identity')}?{urlencode({'next': place})}", {"password": PASSWORD})

    assert answer["Location"] == reverse("settings:security")


def test_htmx_loads_the_page_of_confirmation_as_a_whole(person: User) -> None:
    client = sign_in(stranger(), person)
    forget(client)

    answer = client.get(
        reverse("mfa_activate_totp"), headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/account/"}
    )

    assert answer.status_code == 403
    assert answer["HX-Redirect"] == f"{reverse('confirm-identity')}?next=%2Faccount%2F"


def test_who_has_neither_password_nor_factor_gets_a_code_by_mail(person: User) -> None:
    client = sign_in(stranger(), person)
    person.set_unusable_password()
    person.save()
    client.force_login(person)
    assert asks(client)
    page = client.get(reverse("confirm-identity")).content.decode()
    assert "Send me a code by e-mail" in page and 'name="password"' not in page

    client.post(reverse("send-code"))
    code = mail.outbox[-1].body.split()[0]
    assert len(code) == 6 and code.isdigit()
    client.post(reverse("confirm-identity"), {"code": code})

    assert not asks(client)


def test_a_first_password_is_set_by_who_has_confirmed_only(person: User) -> None:
    person.set_unusable_password()
    person.save()
    client = stranger()
    client.force_login(person)
    new = "moss-lantern-orbit"

    answer = client.post(reverse("account_set_password"), {"password1": new, "password2": new})

    person.refresh_from_db()
    assert answer["Location"].startswith(reverse("confirm-identity")) and not person.has_usable_password()

    client.post(reverse("send-code"))
    client.post(reverse("confirm-identity"), {"code": mail.outbox[-1].body.split()[0]})
    client.post(reverse("account_set_password"), {"password1": new, "password2": new})
    person.refresh_from_db()
    assert person.check_password(new)


def test_the_old_password_is_no_confirmation_of_who_has_a_factor(person: User) -> None:
    secret = add_app(person)
    client = sign_in(stranger(), person, code=shown_code(secret))
    forget(client)
    new = "moss-lantern-orbit"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}

    assert client.post(reverse("account_change_password"), form)["Location"].startswith(reverse("confirm-identity"))

    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_a_key_of_who_has_nothing_else_is_not_replaced_by_the_password(person: User) -> None:
    add_key(person, "Phone")
    client = stranger()
    client.force_login(person)

    answer = client.post(reverse("confirm-identity"), {"password": PASSWORD})

    assert answer.status_code == 422
    assert not SecurityEvent.objects.filter(user=person, kind=EventKind.CONFIRMED).exists()


def test_a_mailed_code_is_for_those_only(person: User) -> None:
    client = sign_in(stranger(), person)
    forget(client)

    client.post(reverse("send-code"))

    assert not mail.outbox


def test_a_token_is_never_confirmed(person: User, rf: Any) -> None:
    client = sign_in(stranger(), person)
    request: HttpRequest = rf.get("/", headers=bearer(make_token(person.workspaces.get())))
    request.user, request.session = person, client.session

    assert not recently_confirmed(request)
    del request.META["HTTP_AUTHORIZATION"]
    fresh: HttpRequest = rf.get("/")
    fresh.user, fresh.session = person, client.session
    assert recently_confirmed(fresh)
