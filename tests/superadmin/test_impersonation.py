"""Looking at the service as somebody else: what is seen, what never is, and how it ends."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, SecurityEvent, Tier, User
from analyticbot.core.models import AuditEntry
from superadmin.models import AllowedNetwork, Impersonation
from tests.factories import make_user, make_workspace, owner_of
from tests.superadmin.staff import enter, make_staff

# The database itself must refuse to write: that needs a transaction of its own.
pytestmark = pytest.mark.django_db(transaction=True)
ASKED = {"reason": "cannot see a chart", "ticket": "T-1"}


def look_as(user: User, *, tier: Tier = Tier.ADMIN) -> Client:
    client = enter(make_staff(tier))
    answer = client.post(f"/superadmin/people/{user.pk}/impersonate/", ASKED)
    assert answer.status_code == 302
    return client


def test_staff_sees_the_pages_of_the_person_under_a_banner() -> None:
    workspace = make_workspace(name="Quiet waters")
    person = owner_of(workspace)
    client = look_as(person)
    page = client.get("/app/")
    assert page.status_code == 200
    assert page.wsgi_request.user == person
    text = page.content.decode()
    assert "/superadmin/impersonation/end/" in text
    assert person.email in text


def test_looking_is_told_to_the_person_and_kept_with_both_ids() -> None:
    person = owner_of(make_workspace())
    client = look_as(person)
    row = Impersonation.objects.get()
    entry = AuditEntry.objects.get(action="superadmin:impersonation:started")
    assert (entry.actor_kind, entry.actor_id, entry.for_user_id) == ("staff", row.staff_id, person.pk)
    assert entry.after == {**ASKED}
    assert SecurityEvent.objects.get(user=person, kind="impersonated").due_at is not None
    client.post("/superadmin/impersonation/end/")
    assert AuditEntry.objects.filter(action="superadmin:impersonation:ended", actor_id=row.staff_id).exists()
    assert get_user(client).pk == row.staff_id
    assert client.get("/app/").wsgi_request.user.pk == row.staff_id


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/app/add/"),
        ("post", "/app/tags/put/"),
        ("post", "/i18n/setlang/"),
        ("get", "/account/security/"),
        ("get", "/account/tokens/"),
        ("get", "/account/plan/"),
        ("get", "/account/email/"),
        ("post", "/account/password/change/"),
        ("get", "/app/exports/"),
        ("get", "/api/v2/exports"),
        ("post", "/api/v2/channels"),
        ("delete", "/api/v2/channels/@durov"),
    ],
)
def test_nothing_is_changed_and_no_keys_are_seen_while_looking(method: str, path: str) -> None:
    client = look_as(owner_of(make_workspace()))
    answer = getattr(client, method)(path)
    assert answer.status_code == 403
    assert not ApiToken.objects.exists()


def test_page_that_writes_while_it_is_looked_at_is_refused(settings: object) -> None:
    person = make_user()  # has no workspace: signing in would make one
    client = look_as(person)
    client.get("/app/")
    assert not person.memberships.exists()


@pytest.mark.parametrize("why", ["time", "forbidden", "suspended", "demoted", "elsewhere"])
def test_looking_ends_as_soon_as_it_is_no_longer_allowed(why: str) -> None:
    person = owner_of(make_workspace())
    client = look_as(person)
    row = Impersonation.objects.get()
    if why == "time":
        late = timezone.now() - timedelta(hours=1)
        Impersonation.objects.update(started_at=late, ends_at=late + timedelta(minutes=30))
    elif why == "forbidden":
        User.objects.filter(pk=person.pk).update(refuses_impersonation=True)
    elif why == "suspended":
        User.objects.filter(pk=person.pk).update(is_active=False)
    elif why == "elsewhere":
        AllowedNetwork.objects.create(network="203.0.113.0/24", added_at=timezone.now())
    else:
        User.objects.filter(pk=row.staff_id or 0).update(tier=Tier.MODERATOR)
    answer = client.get("/app/")
    assert answer.status_code == 302
    assert client.get("/app/").wsgi_request.user.pk == row.staff_id


def test_person_who_forbids_it_is_not_looked_at() -> None:
    person = owner_of(make_workspace())
    theirs = Client()
    theirs.force_login(person)
    theirs.post("/account/security/staff/", {"allowed": "no"})
    client = enter(make_staff(Tier.ADMIN))
    assert client.post(f"/superadmin/people/{person.pk}/impersonate/", ASKED).status_code == 403
    assert not Impersonation.objects.exists()
    theirs.post("/account/security/staff/", {"allowed": "yes"})
    assert client.post(f"/superadmin/people/{person.pk}/impersonate/", ASKED).status_code == 302


@pytest.mark.parametrize("missing", ["reason", "ticket"])
def test_looking_needs_a_reason_and_a_ticket(missing: str) -> None:
    person = owner_of(make_workspace())
    client = enter(make_staff(Tier.ADMIN))
    assert client.post(f"/superadmin/people/{person.pk}/impersonate/", {**ASKED, missing: " "}).status_code == 422
    assert not mail.outbox
