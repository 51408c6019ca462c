"""Sessions: how long they live, who has which, and their end; over the real views."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import user_actor
from accounts.factors.codes import LIFETIME
from accounts.factors.models import SentCode
from accounts.models import EventKind, SecurityEvent, User
from accounts.sessions.ending import end_sessions, sessions_ended
from accounts.sessions.forgetting import forget_sessions
from accounts.sessions.limits import MEMBERS, STAFF, mark_of
from accounts.sessions.middleware import is_verified
from analyticbot.core.audit import SYSTEM
from analyticbot.core.models import AuditEntry
from tests.accounts.factors import PASSWORD, add_app, is_signed_in, shown_code, sign_in, stranger
from tests.factories import make_user, make_workspace, owner_of

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def person() -> User:
    return owner_of(make_workspace())


def key_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def leave_alone(client: Client, *, since: timedelta) -> None:
    """Have nobody use the session for so long."""
    cache.delete(mark_of(key_of(client)))
    UserSession.objects.filter(session_key=key_of(client)).update(last_seen_at=timezone.now() - since)


def age(client: Client, *, by: timedelta) -> None:
    """Make the session older."""
    session = client.session
    session["began_at"] -= by.total_seconds()
    session.save()


def test_signing_in_gives_the_session_another_key(person: User) -> None:
    client = stranger()
    client.get(reverse("account_login"))
    session = client.session
    session["before"] = True
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    before = str(session.session_key)

    sign_in(client, person)

    assert key_of(client) != before
    assert not client.session.exists(before)


def test_a_session_ends_when_nobody_has_used_it(person: User) -> None:
    client = sign_in(stranger(), person)

    leave_alone(client, since=MEMBERS.idle - timedelta(minutes=2))
    assert is_signed_in(client)
    leave_alone(client, since=MEMBERS.idle + timedelta(minutes=1))
    assert not is_signed_in(client)
    assert client.get("/app/")["Location"].startswith(reverse("account_login"))


def test_a_session_ends_after_its_whole_life_however_busy(person: User) -> None:
    client = sign_in(stranger(), person)

    age(client, by=MEMBERS.whole - timedelta(minutes=1))
    assert is_signed_in(client)
    age(client, by=timedelta(minutes=2))
    assert not is_signed_in(client)


def test_sessions_of_staff_are_short(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_staff=True)
    client = sign_in(stranger(), person)

    leave_alone(client, since=STAFF.idle + timedelta(minutes=1))
    assert not is_signed_in(client)

    client = sign_in(stranger(), person)
    age(client, by=STAFF.whole)
    assert not is_signed_in(client)


def test_a_page_that_asks_again_by_itself_keeps_no_session(person: User) -> None:
    client = sign_in(stranger(), person)
    leave_alone(client, since=MEMBERS.idle - timedelta(minutes=1))
    before = UserSession.objects.get(user=person).last_seen_at

    assert client.get("/app/", headers={"X-Polled": "1"}).status_code == 200
    assert UserSession.objects.get(user=person).last_seen_at == before

    leave_alone(client, since=MEMBERS.idle)
    assert client.get("/app/", headers={"X-Polled": "1"}).status_code == 302
    assert not is_signed_in(client)


def test_activity_is_written_once_a_minute(person: User) -> None:
    client = sign_in(stranger(), person)
    seen = UserSession.objects.get().last_seen_at
    for _request in range(3):
        is_signed_in(client)
    assert UserSession.objects.get().last_seen_at == seen

    cache.delete(mark_of(key_of(client)))
    is_signed_in(client)
    assert UserSession.objects.get().last_seen_at > seen


def test_the_page_shows_device_and_network_and_ends_others(person: User) -> None:
    here = sign_in(stranger(), person)
    there = Client(REMOTE_ADDR="203.0.113.77", HTTP_USER_AGENT=FIREFOX)
    sign_in(there, person)
    key = key_of(here)

    page = here.get(reverse("settings:security-sessions")).content.decode()
    assert "Firefox, Linux" in page and "203.0.113.0/24" in page and "203.0.113.77" not in page
    here.post(reverse("settings:security-sessions-end"))

    assert is_signed_in(here) and not is_signed_in(there)
    assert key_of(here) != key
    assert UserSession.objects.filter(user=person).count() == 1
    assert SecurityEvent.objects.filter(user=person, kind=EventKind.SESSIONS_ENDED).count() == 1
    assert AuditEntry.objects.filter(action="accounts:sessions:ended").count() == 1


def test_one_session_is_ended_and_nobody_ends_those_of_others(person: User) -> None:
    here, there = sign_in(stranger(), person), sign_in(stranger(), person)
    thief = sign_in(stranger(), make_user())
    pk = UserSession.objects.get(session_key=key_of(there)).pk

    assert thief.post(reverse("settings:security-session-end", args=[pk])).status_code == 404
    assert is_signed_in(there)
    here.post(reverse("settings:security-session-end", args=[pk]))

    assert is_signed_in(here) and not is_signed_in(there)


def test_staff_ends_all_sessions_of_a_person(person: User) -> None:
    clients = [sign_in(stranger(), person) for _browser in range(2)]
    unlisted = sign_in(stranger(), person)
    UserSession.objects.filter(session_key=key_of(unlisted)).delete()

    end_sessions(person, actor=SYSTEM, now=timezone.now())

    assert not any(map(is_signed_in, [*clients, unlisted]))
    assert not UserSession.objects.filter(user=person).exists()


def test_a_shut_out_person_is_out_at_once_and_stays_out(person: User) -> None:
    client = sign_in(stranger(), person)
    User.objects.filter(pk=person.pk).update(is_active=False)
    end_sessions(person, actor=user_actor(person), now=timezone.now())
    assert not is_signed_in(client)

    User.objects.filter(pk=person.pk).update(is_active=True)
    assert not is_signed_in(client)


def test_a_new_password_ends_all_other_sessions(person: User) -> None:
    here, there = sign_in(stranger(), person), sign_in(stranger(), person)
    new = "a-much-better-phrase-77"

    here.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})

    person.refresh_from_db()
    assert person.check_password(new)
    assert is_signed_in(here) and not is_signed_in(there)
    assert [one.session_key for one in UserSession.objects.filter(user=person)] == [key_of(here)]


def test_a_reset_of_the_password_closes_what_is_open_in_the_name_of_a_session(
    person: User, django_capture_on_commit_callbacks: Any
) -> None:
    client, told = sign_in(stranger(), person), []
    key, new = key_of(client), "a-much-better-phrase-77"
    place = stranger()
    place.post(reverse("account_reset_password"), {"email": person.email})
    link = re.findall(r"https?://testserver(\S+)", str(mail.outbox[0].body))[0]
    form = place.get(link)["Location"]

    def listen(keys: list[str], **_rest: Any) -> None:
        told.extend(keys)

    sessions_ended.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        place.post(form, {"password1": new, "password2": new})
    sessions_ended.disconnect(listen)

    assert told == [key]
    assert not is_signed_in(client) and not Session.objects.filter(session_key=key).exists()


def test_signing_out_takes_the_session_out_of_the_list(person: User) -> None:
    client = sign_in(stranger(), person)
    key = key_of(client)

    client.post(reverse("account_logout"))

    assert not UserSession.objects.filter(session_key=key).exists()
    assert not is_signed_in(client)


def test_a_confirmation_gives_the_session_another_key(person: User) -> None:
    client = sign_in(stranger(), person)
    before = key_of(client)

    client.post(reverse("confirm-identity"), {"password": PASSWORD})

    assert key_of(client) != before and not client.session.exists(before)
    assert is_signed_in(client)


def test_only_a_strong_factor_of_this_session_verifies(person: User, rf: Any) -> None:
    def verified(client: Client) -> bool:
        request = rf.get("/")
        request.session = client.session
        return is_verified(request, person)

    assert not verified(sign_in(stranger(), person))
    secret = add_app(person)
    assert verified(sign_in(stranger(), person, code=shown_code(secret)))


def test_sessions_that_are_over_leave_the_tables(person: User) -> None:
    living, over = sign_in(stranger(), person), sign_in(stranger(), person)
    later = timezone.now() + timedelta(seconds=1)
    Session.objects.filter(session_key=key_of(over)).update(expire_date=timezone.now())
    leave_alone(over, since=MEMBERS.idle + timedelta(minutes=1))
    SentCode.objects.create(user=person, digest="0", sent_at=later - LIFETIME, expires_at=later)

    forgotten = forget_sessions(now=later)

    assert forgotten == 2
    assert [one.session_key for one in UserSession.objects.all()] == [key_of(living)]
    assert not SentCode.objects.exists() and is_signed_in(living)


def test_an_idle_session_stays_over_when_its_row_has_left_the_list(person: User) -> None:
    client = sign_in(stranger(), person)
    leave_alone(client, since=MEMBERS.idle + timedelta(minutes=1))

    forget_sessions(now=timezone.now())

    assert not is_signed_in(client)
