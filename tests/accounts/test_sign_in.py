"""Signing up, in and out by e-mail, over the real views."""

import re
import secrets
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, Role, User
from analyticbot.core.models import AuditEntry
from analyticbot.core.ratelimit import Limit
from tests.factories import make_user, make_workspace, owner_of

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery"


@pytest.fixture
def client(client: Client) -> Client:
    """A client with an address of its own, so that limits of other tests do not count."""
    client.defaults["REMOTE_ADDR"] = f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
    return client


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post(reverse("account_login"), {"login": email, "password": password})


def mailed_link() -> str:
    """The first link of the first mail."""
    return re.findall(r"https?://\S+", str(mail.outbox[0].body))[0]


def test_signing_up_makes_a_workspace_and_an_audit_trail(client: Client) -> None:
    response = client.post(
        reverse("account_signup"),
        {"email": "Ann@Example.org", "password1": PASSWORD, "time_zone": "Asia/Tashkent"},
        headers={"Accept-Language": "uz"},
    )

    assert (response.status_code, response["Location"]) == (302, "/app/")
    user = User.objects.get()
    assert (user.email, user.language, user.time_zone) == ("ann@example.org", "uz", "Asia/Tashkent")
    membership = Membership.objects.get(user=user)
    assert (membership.role, membership.workspace.name) == (Role.OWNER, "ann")
    assert membership.workspace.time_zone == "Asia/Tashkent"
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", "words__actor_label"))
    assert actions == [
        ("accounts:user:signed_up", "ann@example.org"),
        ("accounts:workspace:created", "ann@example.org"),
        ("accounts:membership:added", "ann@example.org"),
    ]


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "x\x00"])
def test_signing_up_with_an_unknown_zone_uses_utc(client: Client, zone: str) -> None:
    client.post(reverse("account_signup"), {"email": "a@example.org", "password1": PASSWORD, "time_zone": zone})

    assert User.objects.get().time_zone == "UTC"


@pytest.mark.parametrize(
    ("email", "password"), [("not an address", PASSWORD), ("a@example.org", "short"), ("a@example.org", "password123")]
)
def test_signing_up_wrongly_makes_nobody(client: Client, email: str, password: str) -> None:
    response = client.post(reverse("account_signup"), {"email": email, "password1": password})

    assert response.status_code == 200
    assert not User.objects.exists()


def test_signing_up_twice_tells_strangers_nothing(client: Client, settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    make_user("known@example.org")
    known = client.post(reverse("account_signup"), {"email": "known@example.org", "password1": PASSWORD})
    unknown = client.post(reverse("account_signup"), {"email": "bob@example.org", "password1": PASSWORD})

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert User.objects.filter(email="known@example.org").count() == 1


def test_signing_in_and_out(client: Client) -> None:
    make_workspace(owner=make_user("ann@example.org", password=PASSWORD))

    assert sign_in(client, "ANN@example.org")["Location"] == "/app/"
    assert client.get("/api/v2/channels").status_code == 200
    assert client.post(reverse("account_logout"))["Location"] == "/"
    assert client.get("/api/v2/channels").status_code == 401


def test_signing_in_changes_the_session_key(client: Client) -> None:
    make_workspace(owner=make_user("ann@example.org", password=PASSWORD))
    client.get(reverse("account_login"))
    before = client.session.session_key

    sign_in(client, "ann@example.org")

    assert client.session.session_key != before


def test_signing_in_gives_a_workspace_to_who_has_none(client: Client) -> None:
    user = make_user("root@example.org", password=PASSWORD)

    sign_in(client, "root@example.org")

    assert user.memberships.get().role == Role.OWNER


def test_guessing_a_password_is_stopped(client: Client) -> None:
    make_workspace(owner=make_user("ann@example.org", password=PASSWORD))
    for _ in range(12):
        sign_in(client, "ann@example.org", "wrong")

    assert sign_in(client, "ann@example.org").status_code == 200
    assert "_auth_user_id" not in client.session


def test_guessing_from_elsewhere_locks_nobody_out(client: Client, django_user_model: Any) -> None:
    make_workspace(owner=make_user("ann@example.org", password=PASSWORD))
    attacker = type(client)(REMOTE_ADDR="203.0.113.9")
    for _ in range(12):
        sign_in(attacker, "ann@example.org", "wrong")

    client.defaults["REMOTE_ADDR"] = "198.51.100.7"
    assert sign_in(client, "ann@example.org").status_code == 302


def test_signing_in_is_refused_while_the_limiter_is_away(client: Client, settings: Any) -> None:
    settings.CACHE_REDIS_URL = "redis://127.0.0.1:1/0"
    make_workspace(owner=make_user("ann@example.org", password=PASSWORD))

    response = sign_in(client, "ann@example.org")

    assert response.status_code == 200
    assert b"not possible at the moment" in response.content
    assert "_auth_user_id" not in client.session


def test_forgotten_password_is_set_anew_by_mail(client: Client) -> None:
    make_workspace(owner=make_user("ann@example.org", password="old-old-old-old"))

    client.post(reverse("account_reset_password"), {"email": "ann@example.org"})
    link = mailed_link()
    form = client.get(link, follow=True)
    done = client.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})

    assert done.status_code == 302
    assert sign_in(client, "ann@example.org").status_code == 302


def test_nobodys_mailbox_is_filled_through_our_forms(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.adapter.MAIL_BY_RECIPIENT", Limit("tight-mail", 2, 3_600))
    make_user("mailbox@example.org")

    for _ in range(4):
        assert client.post(reverse("account_reset_password"), {"email": "mailbox@example.org"}).status_code == 302

    assert len(mail.outbox) == 2


def test_confirmation_link_confirms(client: Client, settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client.post(reverse("account_signup"), {"email": "confirming@example.org", "password1": PASSWORD})
    assert "_auth_user_id" not in client.session
    link = mailed_link()

    client.post(link)

    assert sign_in(client, "confirming@example.org")["Location"] == "/app/"


def test_language_of_who_is_signed_in_wins_and_is_kept(client: Client) -> None:
    user = owner_of(make_workspace())
    client.force_login(user)
    client.post(reverse("set_language"), {"language": "ru", "next": "/"})

    user.refresh_from_db()
    assert user.language == "ru"
    response = client.get(reverse("account_change_password"), headers={"Accept-Language": "en"})
    assert response["Content-Language"] == "ru"


@pytest.mark.parametrize("language", ["", "xx", "ru\x00"])
def test_unknown_language_changes_nothing(client: Client, language: str) -> None:
    user = owner_of(make_workspace())
    client.force_login(user)

    response = client.post(reverse("set_language"), {"language": language, "next": "https://evil.example/"})

    user.refresh_from_db()
    assert user.language == "en"
    assert response["Location"] == "/"
