"""Signing in with Telegram, through the pages and the door of the Mini App."""

import secrets
import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.event_models import SecurityEvent
from accounts.factors.models import TelegramFactor
from accounts.models import TelegramIdentity, User
from analyticbot.core.models import AuditEntry
from tests.accounts.telegram.signing import TOKEN, init_data, widget
from tests.factories import make_user, make_workspace

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery"


@pytest.fixture(autouse=True)
def bot(settings: Any) -> None:
    settings.TELEGRAM_BOT_TOKEN, settings.TELEGRAM_BOT_USERNAME = TOKEN, "analytic_test_bot"


@pytest.fixture
def telegram_id() -> int:
    """Of nobody else: what Telegram signed is taken once, whoever asks."""
    return 1_000_000 + secrets.randbelow(10**12)


@pytest.fixture
def person() -> User:
    user = make_user(password=PASSWORD)
    make_workspace(owner=user)
    return user


def browser() -> Client:
    """A browser at an address of its own."""
    return Client(REMOTE_ADDR=f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}")


def signed_in(user: User) -> Client:
    """A browser in which the person has just signed in with their password."""
    client = browser()
    assert client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD}).status_code == 302
    return client


def connected(user: User, telegram_id: int) -> TelegramIdentity:
    return TelegramIdentity.objects.create(user=user, telegram_id=telegram_id, connected_at=timezone.now())


def shown_by_code(client: Client) -> None:
    """Have the session confirmed by a code that was sent."""
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] += [{"method": "mfa", "at": time.time(), "type": "sent"}]
    session.save()


def come_back(client: Client, fields: dict[str, str]) -> Any:
    """Open the page with the button, and return from it with these fields."""
    page = client.get(reverse("telegram"))
    assert page.status_code == 200
    return client.get(page.context["back"].removeprefix("http://127.0.0.1:8000"), fields)


def launch(client: Client, text: str) -> Any:
    return client.post(reverse("telegram-app"), {"init_data": text}, content_type="application/json")


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_page_shows_telegrams_button_and_allows_its_script_there_only() -> None:
    client = browser()
    page = client.get(reverse("telegram"))

    assert 'data-telegram-login="analytic_test_bot"' in page.content.decode()
    assert "https://telegram.org" in page["Content-Security-Policy"]
    assert "telegram.org" not in client.get(reverse("account_login"))["Content-Security-Policy"]


def test_without_a_bot_there_is_no_such_door(settings: Any) -> None:
    settings.TELEGRAM_BOT_TOKEN = None
    client = browser()

    assert client.get(reverse("telegram")).status_code == 404
    assert client.get(reverse("telegram-back", args=["x"])).status_code == 404
    assert launch(client, "x").status_code == 404
    assert "telegram" not in client.get(reverse("account_login")).content.decode().lower()


def test_connected_person_signs_in(person: User, telegram_id: int) -> None:
    connected(person, telegram_id)
    client = browser()

    answer = come_back(client, widget(now=timezone.now(), id=str(telegram_id), username="now"))

    assert answer["Location"] == "/app/"
    assert client.get("/app/").status_code == 200
    assert TelegramIdentity.objects.get().username == "now"
    event = SecurityEvent.objects.get(user=person)
    assert (event.kind, event.detail) == ("signed_in", {"by": "telegram"})


def test_link_that_was_not_begun_here_signs_nobody_in(person: User, telegram_id: int) -> None:
    connected(person, telegram_id)
    client = browser()
    fields = widget(now=timezone.now(), id=str(telegram_id))

    answer = client.get(reverse("telegram-back", args=["made-up"]), fields)

    assert answer["Location"] == reverse("telegram")
    assert who(client) is None


def test_widget_works_once(person: User, telegram_id: int) -> None:
    connected(person, telegram_id)
    fields = widget(now=timezone.now(), id=str(telegram_id))
    come_back(browser(), fields)
    thief = browser()

    answer = come_back(thief, fields)

    assert answer["Location"] == reverse("telegram")
    assert who(thief) is None


def test_unknown_telegram_is_connected_only_when_its_owner_says_so(person: User, telegram_id: int) -> None:
    client = browser()
    answer = come_back(client, widget(now=timezone.now(), id=str(telegram_id), first_name="<b>Eve</b>"))
    assert answer["Location"] == reverse("telegram-connect")
    page = client.get(answer["Location"]).content.decode()
    assert "&lt;b&gt;Eve" in page

    where = f"{reverse('account_login')}?next={reverse('telegram-connect')}"
    client.post(where, {"login": person.email, "password": PASSWORD, "next": reverse("telegram-connect")})
    assert not TelegramIdentity.objects.exists()
    assert person.email in client.get(reverse("telegram-connect")).content.decode()
    client.post(reverse("telegram-connect"))

    assert TelegramIdentity.objects.get(user=person).telegram_id == telegram_id
    assert AuditEntry.objects.filter(action="accounts:telegram:connected").count() == 1
    told = SecurityEvent.objects.get(user=person, kind="telegram_connected")
    assert told.due_at is not None
    # What waited is gone.
    assert client.post(reverse("telegram-connect"))["Location"] == reverse("settings:security")


def test_connecting_asks_for_a_fresh_confirmation(person: User, telegram_id: int) -> None:
    client = browser()
    client.force_login(person)  # a session that was taken over: nobody has given a password in it
    come_back(client, widget(now=timezone.now(), id=str(telegram_id)))

    answer = client.post(reverse("telegram-connect"))

    assert answer.status_code == 302
    assert answer["Location"] != reverse("settings:security")
    assert not TelegramIdentity.objects.exists()


def test_telegram_of_another_account_is_not_taken_over(person: User, telegram_id: int) -> None:
    connected(make_user(), telegram_id)
    client = signed_in(person)
    come_back(client, widget(now=timezone.now(), id=str(telegram_id)))

    page = client.post(reverse("telegram-connect"), follow=True)

    assert "connected to another account" in page.content.decode()
    assert who(client) == str(person.pk)
    assert not TelegramIdentity.objects.filter(user=person).exists()


def test_disconnected_telegram_signs_nobody_in(person: User, telegram_id: int) -> None:
    connected(person, telegram_id)
    client = signed_in(person)
    assert client.post(reverse("telegram-disconnect")).status_code == 302
    assert not TelegramIdentity.objects.exists()

    stranger = browser()
    answer = come_back(stranger, widget(now=timezone.now(), id=str(telegram_id)))

    assert answer["Location"] == reverse("telegram-connect")
    assert who(stranger) is None


def test_codes_by_telegram_end_with_what_they_were_sent_to(person: User, telegram_id: int) -> None:
    connected(person, telegram_id)
    client = signed_in(person)
    TelegramFactor.objects.create(user=person, created_at=timezone.now())
    shown_by_code(client)

    client.post(reverse("telegram-disconnect"))

    assert not TelegramIdentity.objects.exists() and not TelegramFactor.objects.exists()
    assert who(signed_in(person)) == str(person.pk)


def test_telegram_stays_while_its_codes_are_the_factor_that_a_workspace_demands(person: User, telegram_id: int) -> None:
    connected(person, telegram_id)
    person.workspaces.update(factor_required_at=timezone.now())
    client = signed_in(person)
    TelegramFactor.objects.create(user=person, created_at=timezone.now())
    shown_by_code(client)

    answer = client.post(reverse("telegram-disconnect"), follow=True)

    assert "Add another one before you remove this one" in answer.content.decode()
    assert TelegramIdentity.objects.exists() and TelegramFactor.objects.exists()


def test_closed_account_stays_closed(person: User, telegram_id: int) -> None:
    connected(person, telegram_id)
    User.objects.filter(pk=person.pk).update(is_active=False)
    client = browser()

    come_back(client, widget(now=timezone.now(), id=str(telegram_id)))

    assert who(client) is None


def test_mini_app_signs_in_once(person: User, telegram_id: int) -> None:
    connected(person, telegram_id)
    client, thief = browser(), browser()
    text = init_data(now=timezone.now(), user=f'{{"id":{telegram_id},"allows_write_to_pm":true}}')

    answer = launch(client, text)

    assert (answer.status_code, answer.json()) == (200, {"data": {"signed_in": True, "next": "/app/"}})
    assert client.get("/app/").status_code == 200
    assert TelegramIdentity.objects.get().may_write
    again = launch(thief, text)
    assert (again.status_code, again.json()["error"]["code"]) == (403, "telegram_replayed")
    assert who(thief) is None


def test_mini_app_of_a_stranger_is_led_to_an_account(telegram_id: int) -> None:
    client = browser()

    answer = launch(client, init_data(now=timezone.now(), user=f'{{"id":{telegram_id},"first_name":"Eve"}}'))

    assert answer.json() == {"data": {"signed_in": False, "next": reverse("telegram-connect")}}
    assert "Eve" in client.get(reverse("telegram-connect")).content.decode()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (init_data(now=timezone.now(), token="7000000002:another"), "telegram_hash"),
        (init_data(now=timezone.now() - timedelta(hours=1)), "telegram_stale"),
        ("", "telegram_unsigned"),
        ("x" * 20_000, "telegram_too_long"),
    ],
)
def test_forged_launch_is_refused_and_counted(text: str, code: str) -> None:
    client = browser()

    answer = launch(client, text)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, code)
    assert 'security_events_total{kind="sign_in_forged"}' in Client().get("/metrics").content.decode()


def test_launch_that_another_site_could_send_is_refused(person: User, telegram_id: int) -> None:
    connected(person, telegram_id)
    client = browser()
    text = init_data(now=timezone.now(), user=f'{{"id":{telegram_id}}}')

    for sent in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        body = f'{{"init_data": "{text}"}}'
        assert client.post(reverse("telegram-app"), body, content_type=sent).status_code == 403
    assert who(client) is None


def test_token_alone_is_not_enough_in_production(settings: Any, person: User, telegram_id: int) -> None:
    settings.TELEGRAM_SIGNATURE_DEMANDED = True
    connected(person, telegram_id)

    answer = launch(browser(), init_data(now=timezone.now(), user=f'{{"id":{telegram_id}}}'))

    assert answer.json()["error"]["code"] == "telegram_unsigned"


def test_many_forged_launches_from_one_address_are_stopped() -> None:
    client = browser()

    codes = [launch(client, "x=1").status_code for _ in range(25)]

    assert codes == [403] * 20 + [429] * 5


def test_nobody_signs_in_with_telegram_while_nothing_can_be_counted(
    settings: Any, person: User, telegram_id: int
) -> None:
    connected(person, telegram_id)
    settings.CACHE_REDIS_URL = "redis://127.0.0.1:1/0"

    answer = launch(browser(), init_data(now=timezone.now(), user=f'{{"id":{telegram_id}}}'))

    assert answer.status_code == 503


def test_second_factor_is_asked_for_all_the_same(person: User, telegram_id: int) -> None:
    connected(person, telegram_id)
    TOTP.activate(person, generate_totp_secret())
    page, app = browser(), browser()

    by_widget = come_back(page, widget(now=timezone.now(), id=str(telegram_id)))
    by_app = launch(app, init_data(now=timezone.now(), user=f'{{"id":{telegram_id}}}'))

    assert by_widget["Location"] == by_app.json()["data"]["next"] == reverse("mfa_authenticate")
    assert (who(page), who(app)) == (None, None)
    assert not by_app.json()["data"]["signed_in"]
