"""Signing in with an OpenID Connect provider: a real one, on this machine, over HTTP."""

import base64
import hashlib
import secrets
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import oidc_provider_mock
import pytest
import requests
import werkzeug.serving
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.event_models import SecurityEvent
from accounts.models import Membership, Role, User
from analyticbot.core.ratelimit import Limit
from tests.factories import make_user, make_workspace

# The provider's own library warns of itself.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
PASSWORD = "correct-horse-battery"


class Provider:
    """The provider, which also proves the client's PKCE (the mock itself does not ask for it)."""

    def __init__(self) -> None:
        self.challenges: dict[str, str] = {}
        self.verifiers: list[bool] = []
        app = oidc_provider_mock.app()
        app.after_request(self._watch)
        self.server = werkzeug.serving.make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def _watch(self, response: flask.Response) -> flask.Response:
        if flask.request.path == "/oauth2/authorize" and flask.request.method == "POST":
            code = parse_qs(urlsplit(response.headers.get("Location", "")).query).get("code", [""])[0]
            assert flask.request.args.get("code_challenge_method") == "S256"
            self.challenges[code] = flask.request.args["code_challenge"]
        if flask.request.path == "/oauth2/token":
            given = hashlib.sha256(flask.request.form.get("code_verifier", "").encode()).digest()
            wanted = self.challenges.pop(flask.request.form["code"], "")
            self.verifiers.append(base64.urlsafe_b64encode(given).decode().rstrip("=") == wanted)
        return response

    def knows(self, subject: str, **claims: Any) -> None:
        requests.put(f"{self.url}/users/{subject}", json=claims, timeout=5).raise_for_status()

    def consent(self, address: str, subject: str) -> str:
        """Say yes on its page; the address that it sends the browser back to."""
        answer = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=5)
        return answer.headers["Location"].removeprefix("http://testserver")


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    provider = Provider()
    thread = threading.Thread(target=provider.server.serve_forever, args=(0.05,))
    thread.start()
    yield provider
    provider.server.shutdown()
    thread.join(5)


@pytest.fixture
def provider(running: Provider, settings: Any) -> Provider:
    app = {"provider_id": "local", "name": "Local", "client_id": "us", "secret": "s"}
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [{**app, "settings": {"server_url": running.url}}]}
    }
    return running


def browser() -> Client:
    return Client(REMOTE_ADDR=f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}")


def set_out(client: Client, process: str = "login") -> str:
    """Press the button; the address at the provider."""
    where = reverse("openid_connect_login", args=["local"])
    answer = client.post(f"{where}?process={process}")
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def sign_in(client: Client, provider: Provider, subject: str, process: str = "login") -> Any:
    return client.get(provider.consent(set_out(client, process), subject))


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_new_person_signs_up_with_their_own_workspace(provider: Provider) -> None:
    provider.knows("ann", email="Ann@Example.org", email_verified=True, name="Ann Lee")
    client = browser()

    answer = sign_in(client, provider, "ann")

    assert answer["Location"] == "/app/"
    user = User.objects.get()
    assert (user.email, user.name, user.has_usable_password()) == ("ann@example.org", "Ann Lee", False)
    assert Membership.objects.get(user=user).role == Role.OWNER
    assert EmailAddress.objects.get(user=user).verified
    assert provider.verifiers[-1]
    assert not SocialToken.objects.exists()
    assert client.get("/app/").status_code == 200
    kinds = set(SecurityEvent.objects.filter(user=user).values_list("kind", flat=True))
    assert {"signed_up", "signed_in"} <= kinds


def test_person_comes_back(provider: Provider) -> None:
    provider.knows("bob", email="bob@example.org", email_verified=True)
    sign_in(browser(), provider, "bob")
    again = browser()

    sign_in(again, provider, "bob")

    assert who(again) == str(User.objects.get().pk)


@pytest.mark.parametrize("verified", [True, False])
def test_equal_address_opens_nobodys_account(provider: Provider, verified: bool) -> None:
    victim = make_user("victim@example.org", password=PASSWORD)
    make_workspace(owner=victim)
    EmailAddress.objects.create(user=victim, email=victim.email, primary=True, verified=verified)
    provider.knows(f"thief{verified}", email="Victim@example.org", email_verified=True)
    client = browser()

    answer = sign_in(client, provider, f"thief{verified}")

    assert answer.status_code == 302
    assert who(client) is None
    assert not SocialAccount.objects.exists()
    assert User.objects.count() == 1
    assert client.get("/app/").status_code == 302


def test_unverified_address_of_a_provider_is_not_verified_here(provider: Provider, settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    provider.knows("eve", email="eve@example.org", email_verified=False)
    client = browser()

    sign_in(client, provider, "eve")

    assert who(client) is None
    assert not EmailAddress.objects.get(email="eve@example.org").verified
    assert mail.outbox[0].to == ["eve@example.org"]


@pytest.mark.parametrize("change", ["another state", "no state", "of another browser"])
def test_answer_that_was_not_asked_for_is_refused(provider: Provider, change: str) -> None:
    provider.knows("ann", email="ann@example.org", email_verified=True)
    client = browser()
    back = provider.consent(set_out(client), "ann")
    state = parse_qs(urlsplit(back).query)["state"][0]
    if change == "another state":
        back = back.replace(state, "x" * len(state))
    elif change == "no state":
        back = back.replace(f"state={state}", "")
    else:
        client = browser()

    answer = client.get(back)

    assert answer.status_code < 500
    assert who(client) is None
    assert not User.objects.exists()


def test_answer_works_once(provider: Provider) -> None:
    provider.knows("ann", email="ann@example.org", email_verified=True)
    client = browser()
    back = provider.consent(set_out(client), "ann")
    client.get(back)
    client.post(reverse("account_logout"))

    client.get(back)

    assert who(client) is None


def test_person_connects_and_disconnects(provider: Provider) -> None:
    person = make_user(password=PASSWORD)
    make_workspace(owner=person)
    provider.knows("dan", email="dan@elsewhere.example", email_verified=True)
    client = browser()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})

    sign_in(client, provider, "dan", process="connect")
    account = SocialAccount.objects.get(user=person)
    other = browser()
    sign_in(other, provider, "dan")
    assert who(other) == str(person.pk)

    client.post(reverse("socialaccount_connections"), {"account": account.pk})
    assert not SocialAccount.objects.exists()
    kinds = list(
        SecurityEvent.objects.filter(kind__startswith="provider").order_by("pk").values_list("kind", flat=True)
    )
    assert kinds == ["provider_connected", "provider_disconnected"]


def test_connecting_asks_for_a_fresh_confirmation(provider: Provider) -> None:
    person = make_user(password=PASSWORD)
    make_workspace(owner=person)
    provider.knows("dan", email="dan@elsewhere.example", email_verified=True)
    client = browser()
    client.force_login(person)

    answer = sign_in(client, provider, "dan", process="connect")

    assert answer.status_code == 302
    assert not SocialAccount.objects.exists()


def test_provider_of_somebody_else_is_not_connected(provider: Provider) -> None:
    provider.knows("ann", email="ann@example.org", email_verified=True)
    sign_in(browser(), provider, "ann")
    person = make_user(password=PASSWORD)
    make_workspace(owner=person)
    client = browser()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})

    sign_in(client, provider, "ann", process="connect")

    assert not SocialAccount.objects.filter(user=person).exists()


def test_second_factor_is_asked_for_all_the_same(provider: Provider) -> None:
    provider.knows("ann", email="ann@example.org", email_verified=True)
    sign_in(browser(), provider, "ann")
    TOTP.activate(User.objects.get(), generate_totp_secret())
    client = browser()

    answer = sign_in(client, provider, "ann")

    assert answer["Location"] == reverse("mfa_authenticate")
    assert who(client) is None


def test_closed_account_stays_closed(provider: Provider) -> None:
    provider.knows("ann", email="ann@example.org", email_verified=True)
    sign_in(browser(), provider, "ann")
    User.objects.update(is_active=False)
    client = browser()

    sign_in(client, provider, "ann")

    assert who(client) is None


def test_provider_that_is_away_is_an_error_page_and_no_crash(provider: Provider, settings: Any) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:1"

    answer = browser().post(reverse("openid_connect_login", args=["local"]))

    assert answer.status_code == 502
    assert "could not be reached" in answer.content.decode()
    assert "Local" in browser().get(reverse("account_login")).content.decode()


def test_provider_is_not_asked_for_ever(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.provider_views.BY_ADDRESS", Limit("tight-provider", 2, 60))
    client = browser()

    codes = [client.post(reverse("openid_connect_login", args=["local"])).status_code for _ in range(4)]

    assert codes == [302, 302, 429, 429]


def test_unknown_provider_is_not_found(provider: Provider) -> None:
    assert browser().post(reverse("openid_connect_login", args=["nobody"])).status_code == 404


def test_button_alone_begins_nothing(provider: Provider) -> None:
    """A link or a picture on another site cannot sign anybody in."""
    answer = browser().get(reverse("openid_connect_login", args=["local"]))

    assert answer.status_code == 200
    assert "Location" not in answer
