"""The archive of one's own data: asked for, made, fetched; everything in it, nothing of others, no secret."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import ForeignKey
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.access import user_actor
from accounts.models import PersonalArchive, User
from accounts.personal.archive import sheets_of
from accounts.personal.exporting import MOST_A_DAY, request_archive, run_due_archives
from analyticbot.core.errors import Conflict
from analyticbot.core.made_files import LIFETIME, remove_expired
from mtproto.models import TelegramAccount
from tests.accounts.personal.world import PASSWORD, confirmed, keep_files_below
from tests.factories import make_member, make_token, make_user, make_workspace

pytestmark = pytest.mark.django_db
ADDRESS = "/account/data/"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    keep_files_below(tmp_path, settings)


@pytest.fixture
def person() -> User:
    user = make_user("ann@example.org", password=PASSWORD)
    make_workspace(owner=user, name="Ann's")
    return user


def opened(client: Client) -> zipfile.ZipFile:
    """The newest archive, fetched through the page."""
    row = PersonalArchive.objects.latest("pk")
    response = client.get(f"{ADDRESS}archives/{row.public_id}/")
    assert response.status_code == 200
    assert response["Content-Disposition"].endswith('.zip"')
    assert response["Cache-Control"] == "no-store"
    return zipfile.ZipFile(io.BytesIO(response.getvalue()))


def test_archive_is_asked_for_made_and_fetched(person: User) -> None:
    client = confirmed(person)
    assert client.post(ADDRESS)["Location"] == ADDRESS
    assert "every 2s" in client.get(ADDRESS).content.decode()

    assert run_due_archives() == 1

    assert "every 2s" not in client.get(f"{ADDRESS}progress/").content.decode()
    archive = opened(client)
    profile = json.loads(archive.read("json/profile.json"))
    assert [row["email"] for row in profile] == ["ann@example.org"]
    rows = list(csv.DictReader(io.StringIO(archive.read("csv/memberships.csv").decode("utf-8-sig"))))
    assert [(row["workspace"], row["role"]) for row in rows] == [("Ann's", "owner")]
    contents = archive.read("CONTENTS.txt").decode()
    assert all(name.split("/")[1].partition(".")[0] in contents for name in archive.namelist() if "/" in name)


def made_for(person: User) -> dict[str, Any]:
    """The sheets of somebody's archive, as programs read them."""
    return {sheet.name: list(sheet.rows) for sheet in sheets_of(person)}


def test_sheets_have_names_of_their_own(person: User) -> None:
    names = [sheet.name for sheet in sheets_of(person)]

    assert len(names) == len(set(names))
    assert all(re.fullmatch("[a-z_]+", name) for name in names)


def test_page_is_there_for_who_is_in_no_workspace() -> None:
    client = Client()
    client.force_login(make_user("nowhere@example.org"))

    assert client.get(ADDRESS).status_code == 200


def test_asking_and_fetching_want_a_fresh_confirmation(person: User) -> None:
    client = Client()
    client.force_login(person)
    assert client.post(ADDRESS)["Location"].startswith("/account/confirm")
    assert not PersonalArchive.objects.exists()

    confirmed(person).post(ADDRESS)
    run_due_archives()

    row = PersonalArchive.objects.get()
    assert client.get(f"{ADDRESS}archives/{row.public_id}/")["Location"].startswith("/account/confirm")


def test_archive_is_nobody_elses(person: User) -> None:
    confirmed(person).post(ADDRESS)
    run_due_archives()
    row = PersonalArchive.objects.get()
    other = make_user(password=PASSWORD)
    make_workspace(owner=other)
    client = confirmed(other)

    assert client.get(f"{ADDRESS}archives/{row.public_id}/").status_code == 404
    assert client.post(f"{ADDRESS}archives/{row.public_id}/remove/").status_code == 404
    assert Client().get(f"{ADDRESS}archives/{row.public_id}/").status_code == 302
    assert row.path.is_file()


def test_archive_goes_after_three_days(person: User) -> None:
    client = confirmed(person)
    client.post(ADDRESS)
    run_due_archives()
    row = PersonalArchive.objects.get()

    remove_expired(PersonalArchive, now=timezone.now() + LIFETIME)

    assert not row.path.exists()
    assert client.get(f"{ADDRESS}archives/{row.public_id}/").status_code == 404
    assert "Expired" in client.get(ADDRESS).content.decode()


def test_archive_can_be_removed_before(person: User) -> None:
    client = confirmed(person)
    client.post(ADDRESS)
    run_due_archives()
    row = PersonalArchive.objects.get()

    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(f"{ADDRESS}archives/{row.public_id}/remove/")

    assert (row.path.exists(), PersonalArchive.objects.exists()) == (False, False)


def test_archives_are_few(person: User) -> None:
    now, actor = timezone.now(), user_actor(person)
    request_archive(person, language="en", actor=actor, now=now)
    with pytest.raises(Conflict):
        request_archive(person, language="en", actor=actor, now=now)
    for _ in range(MOST_A_DAY - 1):
        run_due_archives()
        request_archive(person, language="en", actor=actor, now=now)
    run_due_archives()

    response = confirmed(person).post(ADDRESS)

    assert response.status_code == 429
    assert "enough archives for one day" in response.content.decode()


def test_removing_archives_makes_no_room_for_more(person: User) -> None:
    client = confirmed(person)
    for _ in range(MOST_A_DAY):
        assert client.post(ADDRESS).status_code == 302
        run_due_archives()
        client.post(f"{ADDRESS}archives/{PersonalArchive.objects.get().public_id}/remove/")

    assert client.post(ADDRESS).status_code == 429


def test_archive_holds_no_secret_and_nobody_else(person: User) -> None:
    own = person.memberships.get().workspace
    token = make_token(own)
    other = make_member(own).user
    seed = "JBSWY3DPEHPK3PXP"
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": seed})
    TelegramAccount.objects.create(
        workspace_id=own.pk, tg_id=5, label="Collector", phone="+99890", session="whole-key", created_at=timezone.now()
    )
    Client().force_login(person)

    text = json.dumps(made_for(person), default=str)

    assert "ann@example.org" in text and "Collector" in text
    secrets = [token, person.password, seed, "whole-key", other.email, *Session.objects.values_list("pk", flat=True)]
    secrets += own.tokens.values_list("digest", flat=True)
    assert [secret for secret in secrets if str(secret) in text] == []


def test_everything_that_points_at_a_person_is_told_of(person: User) -> None:
    """A new model that points at people belongs into a sheet of its room's keeper."""
    pointing = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and field.related_model is User
    }
    with CaptureQueriesContext(connection) as queries:
        sheets_of(person)
    asked = " ".join(query["sql"] for query in queries)

    silent = [label for label in pointing if f'FROM "{apps.get_model(label)._meta.db_table}"' not in asked]
    assert sorted(silent) == []
