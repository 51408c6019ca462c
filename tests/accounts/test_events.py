"""Security events: a row for the person, a count for the operator, a mail where somebody would want to know."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.event_mails import forget_events, mail_due_events
from accounts.event_models import EventKind, SecurityEvent
from accounts.events import record_event
from accounts.models import User
from accounts.places import device_named, shortened
from tests.factories import make_member, make_user, make_workspace

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def counters_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other processes of the tests count in the same Redis."""
    monkeypatch.setattr("accounts.events._TALLY", f"analyticbot:tests:{uuid.uuid4()}")


@pytest.fixture
def person() -> User:
    user = make_user(password=PASSWORD)
    make_workspace(owner=user)
    return user


def browser(address: str) -> Client:
    """A browser with cookies of its own, at an address."""
    return Client(REMOTE_ADDR=address, HTTP_USER_AGENT=FIREFOX)


def sign_in(client: Client, user: User, password: str = PASSWORD) -> Any:
    return client.post(reverse("account_login"), {"login": user.email, "password": password})


def kinds(user: User) -> list[str]:
    return list(SecurityEvent.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


def counted(kind: EventKind) -> float:
    lines = Client().get("/metrics").content.decode().splitlines()
    return float(next(line for line in lines if f'security_events_total{{kind="{kind.value}"}}' in line).split()[-1])


def test_sign_in_is_told_with_a_shortened_address_and_no_mail(person: User) -> None:
    before = counted(EventKind.SIGNED_IN)

    sign_in(browser("203.0.113.77"), person)

    event = SecurityEvent.objects.get(user=person)
    assert (event.kind, event.network, event.device) == ("signed_in", "203.0.113.0/24", "Firefox, Windows")
    assert (event.detail, event.due_at) == ({"by": "password"}, None)
    assert counted(EventKind.SIGNED_IN) == before + 1


def test_names_and_addresses_are_not_logged(person: User, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        sign_in(browser("203.0.113.77"), person)
        record_event(EventKind.TELEGRAM_CONNECTED, user=person, now=timezone.now(), detail={"name": "@ann", "by": "x"})

    lines = [record.getMessage() for record in caplog.records if record.name == "analyticbot.security"]
    assert lines[0].startswith(f"signed_in user={person.pk} network=203.0.113.0/24 device=Firefox, Windows")
    assert lines[1].endswith("{'by': 'x'}")
    assert not any(word in "".join(lines) for word in ("203.0.113.77", "@ann", person.email, PASSWORD))


def test_new_place_is_mailed_once_and_known_browsers_and_networks_are_not(person: User) -> None:
    person.language, person.time_zone = "en", "Asia/Tashkent"
    person.save()
    at_home = browser("203.0.113.77")
    sign_in(at_home, person)
    at_home.post(reverse("account_logout"))
    at_home.defaults["REMOTE_ADDR"] = "198.51.100.4"  # the same browser, travelling
    sign_in(at_home, person)
    sign_in(browser("203.0.113.90"), person)  # another browser at home
    sign_in(browser("2001:db8:7:1::5"), person)

    assert kinds(person) == ["signed_in", "signed_out", "signed_in", "signed_in", "new_place"]
    assert mail_due_events() == 1
    assert mail_due_events() == 0
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == ([person.email], "AnalyticBot: Signed in from a new device or place")
    body = str(letter.body)
    assert "Network: 2001:db8:7::/48" in body
    assert "2001:db8:7:1::5" not in body
    assert "(Asia/Tashkent)" in body
    assert "/account/security/" in body


def test_wrong_passwords_are_told_and_cannot_fill_the_list(person: User) -> None:
    before = counted(EventKind.SIGN_IN_REFUSED)
    for number in range(30):
        sign_in(browser(f"198.18.{number}.1"), person, "wrong-wrong")

    assert kinds(person).count("sign_in_refused") == 20
    assert counted(EventKind.SIGN_IN_REFUSED) == before + 30
    assert mail_due_events() == 0


def test_wrong_password_of_nobody_is_counted_only() -> None:
    before = counted(EventKind.SIGN_IN_REFUSED)

    browser("198.18.0.1").post(reverse("account_login"), {"login": "nobody@example.org", "password": "x" * 12})

    assert counted(EventKind.SIGN_IN_REFUSED) == before + 1
    assert not SecurityEvent.objects.exists()


def test_changed_password_is_mailed(person: User) -> None:
    client = browser("203.0.113.5")
    sign_in(client, person)

    new = "moss-lantern-orbit"
    fields = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post(reverse("account_change_password"), fields).status_code == 302

    assert kinds(person)[-1] == "password_changed"
    assert mail_due_events() == 1
    assert mail.outbox[0].subject == "AnalyticBot: Password changed"
    assert new not in str(mail.outbox[0].message())


def test_mail_that_cannot_be_sent_is_tried_again(person: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    event = record_event(EventKind.PASSWORD_CHANGED, user=person, now=timezone.now())
    assert event is not None

    assert mail_due_events(limit=1) == 1
    event.refresh_from_db()
    assert (event.attempts, event.finished_at) == (1, None)
    assert event.due_at is not None
    assert event.due_at > timezone.now()


def test_late_mail_and_mail_to_a_closed_account_is_not_sent(person: User) -> None:
    now = timezone.now()
    record_event(EventKind.PASSWORD_CHANGED, user=person, now=now - timedelta(days=3))
    closed = make_user()
    closed.is_active = False
    closed.save()
    record_event(EventKind.PASSWORD_CHANGED, user=closed, now=now - timedelta(seconds=1))

    assert mail_due_events() == 2
    assert mail.outbox == []


def test_events_are_forgotten_after_a_year(person: User) -> None:
    now = timezone.now()
    record_event(EventKind.SIGNED_OUT, user=person, now=now - timedelta(days=366))
    record_event(EventKind.SIGNED_OUT, user=person, now=now - timedelta(days=364))

    assert forget_events(now=now) == 1
    assert SecurityEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (FIREFOX, "Firefox, Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/18 Safari/605", "Safari, macOS"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537 Chrome/140.0 Safari/537 Edg/140.0", "Edge, Linux"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537 Chrome/140.0 Mobile Safari/537 EdgA/1", "Edge, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/140.0 Safari/604", "Chrome, iOS"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
        ("x" * 100_000, ""),
    ],
)
def test_device_is_told_in_words_of_ours_only(agent: str, told: str) -> None:
    assert device_named(agent) == told


@pytest.mark.parametrize(
    ("address", "kept"),
    [("203.0.113.77", "203.0.113.0/24"), ("2001:db8:7:1::5", "2001:db8:7::/48"), ("", ""), ("unix:", "")],
)
def test_address_is_shortened(address: str, kept: str) -> None:
    assert shortened(address) == kept


def test_what_a_member_may_not_do_is_counted(person: User) -> None:
    viewer = make_user(password=PASSWORD)
    make_member(person.memberships.get().workspace, viewer)
    client = browser("203.0.113.5")
    sign_in(client, viewer)
    before = counted(EventKind.ACCESS_DENIED)

    assert client.get("/app/add/").status_code == 403
    assert client.post("/api/v2/channels", {"ref": "@x"}, content_type="application/json").status_code == 403

    assert counted(EventKind.ACCESS_DENIED) == before + 2
