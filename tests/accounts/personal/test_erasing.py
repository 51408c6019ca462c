"""An account is closed, taken back, erased; workspaces go with it, or get another owner."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.access import user_actor
from accounts.models import Erasure, Membership, Role, User, Workspace
from accounts.personal.erasing import request_erasure, run_due_erasures
from analyticbot.core.errors import Conflict
from tests.accounts.personal.world import PASSWORD, confirmed, keep_files_below, let_pass
from tests.factories import bearer, make_member, make_token, make_user, make_workspace

pytestmark = pytest.mark.django_db
ERASE = "/account/data/erase/"


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    keep_files_below(tmp_path, settings)


@pytest.fixture
def person() -> User:
    return make_user("ann@example.org", password=PASSWORD)


@pytest.fixture
def alone(person: User) -> Workspace:
    return make_workspace(owner=person, name="Ann's own")


def run_at(when: Any) -> int:
    return run_due_erasures(clock=lambda: when)


def ask(person: User) -> Erasure:
    return request_erasure(person, actor=user_actor(person), now=timezone.now())


def mailed_path() -> str:
    found = re.search(r"https?://[^/]+(/account/erasure/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def test_account_closes_at_once(person: User, alone: Workspace, django_capture_on_commit_callbacks: Any) -> None:
    client, token = confirmed(person), make_token(alone)
    page = client.get(ERASE).content.decode()
    assert "The workspace “Ann&#x27;s own” goes with you" in page

    with django_capture_on_commit_callbacks(execute=True):
        assert "Your account is closed" in client.post(ERASE).content.decode()

    assert client.get("/app/").status_code == 302
    assert client.get("/api/v2/channels", headers=bearer(token)).status_code == 401
    again = Client(REMOTE_ADDR="10.8.7.6").post("/account/login/", {"login": person.email, "password": PASSWORD})
    assert again["Location"] == "/account/inactive/"
    assert "the link in our mail takes it back" in client.get("/account/inactive/").content.decode()
    alone.refresh_from_db()
    assert alone.deleted_at is not None


def test_erasing_wants_a_fresh_confirmation(person: User, alone: Workspace) -> None:
    client = Client()
    client.force_login(person)

    assert client.get(ERASE)["Location"].startswith("/account/confirm")
    assert client.post(ERASE)["Location"].startswith("/account/confirm")
    assert not Erasure.objects.exists()


def test_link_of_the_mail_takes_it_back(person: User, alone: Workspace) -> None:
    row = ask(person)
    assert run_at(timezone.now()) == 1
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == ([person.email], "Your account will be deleted")
    path, stranger = mailed_path(), Client()
    assert "Keep your account?" in stranger.get(path).content.decode()
    person.refresh_from_db()
    assert not person.is_active  # looking changes nothing

    assert "open again" in stranger.post(path).content.decode()

    alone.refresh_from_db()
    assert alone.deleted_at is None
    assert confirmed(person).get("/app/").status_code == 200
    assert stranger.post(path).status_code == 404
    row.refresh_from_db()
    assert row.due_at is None
    assert run_at(timezone.now()) == 0


@pytest.mark.parametrize("token", ["", "x", "0" * 32, f"{'0' * 32}.{'A' * 43}", "..", "%2e"])
def test_forged_link_leads_nowhere(db: None, token: str) -> None:
    assert Client().post(f"/account/erasure/{token}/").status_code == 404


def test_erased_person_is_gone_with_what_is_theirs_alone(
    person: User, alone: Workspace, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    row = ask(person)
    let_pass(person)

    with django_capture_on_commit_callbacks(execute=True):
        assert run_at(timezone.now()) == 1

    assert not User.objects.filter(pk=row.person_id).exists()
    assert not Workspace.objects.filter(pk=alone.pk).exists()
    row.refresh_from_db()
    assert row.finished_at is not None
    lines = [json.loads(line) for line in Path(settings.TOMBSTONES).read_text().splitlines()]
    assert [line["person"] for line in lines] == [row.person_id]
    assert run_at(timezone.now()) == 0


def test_workspace_of_others_gets_another_owner(person: User) -> None:
    shared = make_workspace(owner=person, name="Shared")
    make_member(shared, role=Role.VIEWER)
    heir = make_member(shared, role=Role.ADMIN)
    ask(person)
    shared.refresh_from_db()
    assert shared.deleted_at is None
    let_pass(person)

    run_at(timezone.now())

    roles = dict(Membership.objects.filter(workspace=shared).values_list("user_id", "role"))
    assert (roles[heir.user_id], person.pk in roles, len(roles)) == (Role.OWNER, False, 2)


def test_workspace_with_another_owner_stays_as_it_is(person: User) -> None:
    shared = make_workspace(name="Shared")
    make_member(shared, person, Role.OWNER)
    ask(person)
    let_pass(person)

    run_at(timezone.now())

    assert Membership.objects.get(workspace=shared).role == Role.OWNER


def test_asking_twice_changes_nothing(person: User, alone: Workspace) -> None:
    assert ask(person).pk == ask(person).pk


def test_staff_and_owner_of_the_demo_are_refused(person: User, alone: Workspace) -> None:
    User.objects.filter(pk=person.pk).update(is_staff=True)
    with pytest.raises(Conflict):
        ask(person)
    User.objects.filter(pk=person.pk).update(is_staff=False)
    Workspace.objects.filter(pk=alone.pk).update(is_demo=True)
    with pytest.raises(Conflict):
        ask(person)


def test_who_is_suspended_meanwhile_stays_so(person: User, alone: Workspace) -> None:
    ask(person)
    run_at(timezone.now())
    User.objects.filter(pk=person.pk).update(suspended_at=timezone.now())

    Client().post(mailed_path())

    person.refresh_from_db()
    assert not person.is_active


def test_restored_backup_is_erased_again(person: User, alone: Workspace, tmp_path: Path) -> None:
    innocent = make_user("bob@example.org")
    lines = [
        {"person": person.pk, "joined": person.date_joined.isoformat(), "at": "2026-11-01T00:00:00+00:00"},
        # The id was given anew after the backup was restored.
        {"person": innocent.pk, "joined": "2020-01-01T00:00:00+00:00", "at": "2026-11-01T00:00:00+00:00"},
    ]
    path = tmp_path / "list.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))

    call_command("erase_again", str(path), stdout=io.StringIO())

    assert list(User.objects.values_list("email", flat=True)) == ["bob@example.org"]
