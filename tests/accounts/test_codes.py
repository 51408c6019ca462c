"""Codes by Telegram: through the sandbox's Bot API, and what its refusals mean."""

import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.factors.codes import LIFETIME, Carrier, accept_sent_code, send_code
from accounts.factors.models import SentCode, TelegramFactor
from accounts.models import EventKind, SecurityEvent, TelegramIdentity, User
from analyticbot.core.errors import AppError, Conflict, LimitReached, SwitchedOff
from tests.accounts.factors import PASSWORD, add_app, is_signed_in, shown_code, sign_in, stranger
from tests.accounts.telegram.signing import init_data
from tests.factories import make_user, make_workspace, owner_of
from tests.telegram import DEMO_PHONE, SandboxProcess

pytestmark = pytest.mark.django_db
TOKEN = "123456:sandbox-test-token"


@pytest.fixture(scope="module")
def telegram(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A sandbox with its bot."""
    folder: Path = tmp_path_factory.mktemp("channels")
    (folder / "alpha.csv").write_text("id,date,text,views,forwards,replies\n1,2026-01-01,one,10,1,\n")
    with SandboxProcess(channels=folder) as process:
        yield process


@pytest.fixture
def bot(telegram: SandboxProcess, settings: Any) -> SandboxProcess:
    """Our bot is the sandbox's."""
    settings.TELEGRAM_BOT_API_URL, settings.TELEGRAM_BOT_TOKEN = telegram.bot_api_url, TOKEN
    settings.TELEGRAM_BOT_USERNAME = "sandbox_123456_bot"
    return telegram


@pytest.fixture
def person(bot: SandboxProcess) -> User:
    """Somebody whose Telegram account is connected and who has begun to talk to the bot."""
    told = bot.control("bot_message", token=TOKEN, phone=DEMO_PHONE, text="/start")
    user = owner_of(make_workspace())
    connect(user, telegram_id=told["user_id"])
    return user


def connect(user: User, *, telegram_id: int, may_write: bool = True) -> None:
    TelegramIdentity.objects.create(
        user=user, telegram_id=telegram_id, may_write=may_write, connected_at=timezone.now()
    )


def last_code(bot: SandboxProcess) -> str:
    """The code of the last message of the bot."""
    sent = bot.control("bot_sent", token=TOKEN)
    return str(sent["sent"][-1]["text"]).split()[0]


def test_a_code_by_telegram_is_asked_for_at_sign_in(bot: SandboxProcess, person: User) -> None:
    client = sign_in(stranger(), person)
    assert "Code by Telegram" in client.get(reverse("settings:security")).content.decode()
    client.post(reverse("factor-telegram"), {"on": "yes"})
    assert SecurityEvent.objects.get(user=person, kind=EventKind.FACTOR_ADDED).detail == {"factor": "telegram"}

    other = stranger()
    asked = other.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert asked["Location"] == reverse("mfa_authenticate")
    assert "Send me a code by Telegram" in other.get(asked["Location"]).content.decode()
    assert other.post(reverse("send-code"))["Location"] == reverse("mfa_authenticate")
    code = last_code(bot)
    assert other.post(reverse("mfa_authenticate"), {"code": "000000" if code != "000000" else "1"}).status_code == 200
    assert other.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert is_signed_in(other)

    third = stranger()
    third.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert third.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200
    assert not is_signed_in(third)


def test_who_came_by_telegram_is_not_asked_by_telegram(bot: SandboxProcess, person: User) -> None:
    TelegramFactor.objects.create(user=person, created_at=timezone.now())

    def come(query: str) -> tuple[Client, str]:
        client, told = stranger(), json.dumps({"id": person.telegram.telegram_id, "allows_write_to_pm": True})
        text = init_data(now=timezone.now(), token=TOKEN, user=told, query_id=query)
        answer = client.post(reverse("telegram-app"), {"init_data": text}, content_type="application/json")
        return client, answer.json()["data"]["next"]

    client, _place = come("first")
    assert is_signed_in(client)

    secret = add_app(person)
    client, place = come("second")
    assert place == reverse("mfa_authenticate") and not is_signed_in(client)
    assert "Send me a code" not in client.get(place).content.decode()
    sent = len(bot.control("bot_sent", token=TOKEN)["sent"])
    client.post(reverse("send-code"))
    assert len(bot.control("bot_sent", token=TOKEN)["sent"]) == sent
    client.post(place, {"code": shown_code(secret)})
    assert is_signed_in(client)


def test_turning_it_off_asks_for_a_code_first(bot: SandboxProcess, person: User) -> None:
    client = sign_in(stranger(), person)
    client.post(reverse("factor-telegram"), {"on": "yes"})
    asked = client.post(reverse("factor-telegram"), {"on": "no"})
    assert asked["Location"].startswith(reverse("confirm-identity"))

    client.post(f"{reverse('send-code')}", {"next": reverse("factor-telegram")})
    client.post(asked["Location"], {"code": last_code(bot)})

    assert not hasattr(User.objects.get(pk=person.pk), "telegram_factor")


def test_who_may_not_be_written_to_is_told_so(bot: SandboxProcess) -> None:
    user = owner_of(make_workspace())
    connect(user, telegram_id=42, may_write=False)
    client = sign_in(stranger(), user)

    page = client.post(reverse("factor-telegram"), {"on": "yes"}, follow=True)

    assert "press Start" in page.content.decode()
    assert not hasattr(User.objects.get(pk=user.pk), "telegram_factor")


def test_a_code_is_worth_nothing_when_it_is_old_or_was_guessed_at(bot: SandboxProcess, person: User) -> None:
    now = timezone.now()
    send_code(person, carrier=Carrier.TELEGRAM, now=now)
    code = last_code(bot)
    assert code not in SentCode.objects.get(user=person).digest
    assert not accept_sent_code(person, code, now=now + LIFETIME)
    assert not accept_sent_code(make_user(), code, now=now)

    for guess in range(5):
        assert not accept_sent_code(person, f"wrong{guess}", now=now)
    assert not accept_sent_code(person, code, now=now)


def test_a_new_code_replaces_the_one_before(bot: SandboxProcess, person: User) -> None:
    now = timezone.now()
    send_code(person, carrier=Carrier.TELEGRAM, now=now)
    first = last_code(bot)
    send_code(person, carrier=Carrier.TELEGRAM, now=now + timedelta(seconds=1))
    second = last_code(bot)

    assert first == second or not accept_sent_code(person, first, now=now)
    assert accept_sent_code(person, second, now=now)


def test_nobody_is_flooded_with_codes(bot: SandboxProcess, person: User) -> None:
    for _code in range(5):
        send_code(person, carrier=Carrier.TELEGRAM, now=timezone.now())

    with pytest.raises(LimitReached):
        send_code(person, carrier=Carrier.TELEGRAM, now=timezone.now())


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, {"ok": False, "description": "Forbidden: bot was blocked by the user"}, Conflict),
        (400, {"ok": False, "description": "Bad Request: chat not found"}, Conflict),
        (429, {"ok": False, "description": "Too Many Requests: retry after 5"}, SwitchedOff),
        (502, None, SwitchedOff),
        (None, None, None),  # the answer never comes: it may have arrived
    ],
)
def test_what_telegram_answers_decides(
    settings: Any, caplog: Any, status: int | None, body: Any, error: type[AppError] | None
) -> None:
    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if status is None:
                self.connection.close()
                return
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode() if body else b"<html>")

        def log_message(self, *_told: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answering)
    Thread(target=server.serve_forever, daemon=True).start()
    settings.TELEGRAM_BOT_API_URL = f"http://127.0.0.1:{server.server_port}"
    settings.TELEGRAM_BOT_TOKEN = TOKEN
    user = make_user()
    connect(user, telegram_id=7)
    try:
        if error is None:
            send_code(user, carrier=Carrier.TELEGRAM, now=timezone.now())
        else:
            with pytest.raises(error) as raised:
                send_code(user, carrier=Carrier.TELEGRAM, now=timezone.now())
            assert TOKEN not in str(raised.value.__cause__)
    finally:
        server.shutdown()
        server.server_close()
    assert TOKEN not in caplog.text


def test_an_unreachable_telegram_is_told_as_such(settings: Any) -> None:
    settings.TELEGRAM_BOT_API_URL, settings.TELEGRAM_BOT_TOKEN = "http://127.0.0.1:1", TOKEN
    user = make_user()
    connect(user, telegram_id=7)

    with pytest.raises(SwitchedOff):
        send_code(user, carrier=Carrier.TELEGRAM, now=timezone.now())
