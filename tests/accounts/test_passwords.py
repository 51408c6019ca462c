"""Passwords are refused when a list would find them, and for nothing else; addresses change only when confirmed."""

import re
import secrets
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.event_mails import mail_due_events
from accounts.models import User
from accounts.passwords import FEWEST_GUESSES, guesses_for
from tests.factories import make_user, make_workspace

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery"


def browser() -> Client:
    return Client(REMOTE_ADDR=f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}")


def sign_up(password: str, email: str = "maria.petrova@example.org") -> Any:
    return browser().post(reverse("account_signup"), {"email": email, "password1": password})


@pytest.mark.parametrize(
    "password",
    [
        "password", "P@ssw0rd", "Password1!", "qwertyuiop", "iloveyou1", "11111111", "abcdefgh", "12345678",
        "maria.petrova", "Petrova1", "analyticbot", "short", "",
    ],
)  # fmt: skip
def test_password_that_a_list_would_find_is_refused(password: str) -> None:
    answer = sign_up(password)

    assert answer.status_code == 200
    assert not User.objects.exists()
    assert answer.context["form"].errors["password1"]


@pytest.mark.parametrize(
    "password",
    [
        "moss lantern orbit",
        "jqzvkwpx",
        "tuman-olma-daryo",
        "пароль о дожде",
        "🦊🦊🐢🐢🌙🌙☂️",
        "a" * 3 + "Z" * 61 + "!q",
    ],
)
def test_password_needs_no_kinds_of_letters(password: str) -> None:
    assert sign_up(password).status_code == 302
    assert User.objects.exists()


def test_refusal_says_what_to_do_instead() -> None:
    told = sign_up("Password1!").content.decode()

    assert "among the first that somebody would try" in told
    assert "Password1!" not in told


def test_very_long_password_is_taken_quickly() -> None:
    assert sign_up("moss lantern orbit " * 200).status_code == 302
    assert (
        browser().post(
            reverse("account_login"), {"login": "maria.petrova@example.org", "password": "moss lantern orbit " * 200}
        )["Location"]
        == "/app/"
    )


def test_estimate_knows_the_person() -> None:
    assert guesses_for("Zhumabek", known=["zhumabek"]) < FEWEST_GUESSES <= guesses_for("Zhumabek", known=[])


@pytest.fixture
def person() -> User:
    user = make_user("ann@example.org", password=PASSWORD)
    make_workspace(owner=user)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


@pytest.fixture
def client(person: User) -> Client:
    client = browser()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    return client


def change_to(client: Client, email: str) -> Any:
    return client.post(reverse("account_email"), {"email": email, "action_add": ""})


def mailed_link(to: str) -> str:
    letter = next(one for one in mail.outbox if one.to == [to])
    return re.findall(r"https?://testserver(\S+)", str(letter.body))[0]


def test_address_changes_when_the_new_one_is_confirmed(client: Client, person: User) -> None:
    change_to(client, "ann@new.example")
    person.refresh_from_db()
    assert person.email == "ann@example.org"
    assert "ann@new.example" in client.get(reverse("account_email")).content.decode()

    client.post(mailed_link("ann@new.example"))

    person.refresh_from_db()
    assert person.email == "ann@new.example"
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("ann@new.example", True)]
    mail_due_events()
    told = {letter.to[0] for letter in mail.outbox if letter.subject.startswith("AnalyticBot: E-mail address")}
    # Whoever changed it may not have been its owner.
    assert "ann@example.org" in told
    again = browser()
    again.post(reverse("account_login"), {"login": "ann@new.example", "password": PASSWORD})
    assert again.session.get("_auth_user_id") == str(person.pk)


def test_address_that_never_was_confirmed_stays_until_its_successor_is(client: Client, person: User) -> None:
    EmailAddress.objects.update(verified=False)
    for email in ("first@new.example", "second@new.example"):
        change_to(client, email)

    person.refresh_from_db()
    assert person.email == "ann@example.org"
    waiting = set(EmailAddress.objects.values_list("email", flat=True))
    assert waiting == {"ann@example.org", "second@new.example"}
    page = client.get(reverse("account_email")).content.decode()
    assert "second@new.example waits to be confirmed" in page

    client.post(reverse("account_email"), {"email": "second@new.example", "action_remove": ""})
    assert EmailAddress.objects.get().email == "ann@example.org"
    assert User.objects.get().email == "ann@example.org"


def test_address_of_somebody_else_is_not_taken(client: Client, person: User) -> None:
    other = make_user("bob@example.org")
    EmailAddress.objects.create(user=other, email=other.email, primary=True, verified=True)

    change_to(client, "Bob@example.org")

    person.refresh_from_db()
    assert person.email == "ann@example.org"
    assert not EmailAddress.objects.filter(user=person, email__iexact="bob@example.org", verified=True).exists()


def test_changing_the_address_asks_for_a_fresh_confirmation(person: User) -> None:
    taken_over = browser()
    taken_over.force_login(person)

    answer = change_to(taken_over, "thief@example.org")

    assert answer.status_code == 302
    assert not EmailAddress.objects.filter(email="thief@example.org").exists()
    assert mail.outbox == []


def test_link_of_a_reset_works_once_and_ends_other_sessions(client: Client, person: User) -> None:
    visitor = browser()
    visitor.post(reverse("account_reset_password"), {"email": person.email})
    link = re.findall(r"https?://testserver(\S+)", str(mail.outbox[0].body))[0]
    place = visitor.get(link)["Location"]
    new = "moss-lantern-orbit"
    assert visitor.post(place, {"password1": new, "password2": new}).status_code == 302

    assert client.get("/app/").status_code == 302
    assert "no longer valid" in browser().get(link, follow=True).content.decode()
    mail_due_events()
    assert any(letter.subject == "AnalyticBot: Password reset" for letter in mail.outbox)


def test_reset_of_nobody_tells_strangers_nothing(person: User) -> None:
    known = browser().post(reverse("account_reset_password"), {"email": person.email})
    unknown = browser().post(reverse("account_reset_password"), {"email": "nobody@example.org"})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
