"""The archive of one's own data: asked for, made, fetched; everything in it, nothing of others, no secret."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import PersonalArchive, User
from accounts.personal.exporting import run_due_archives
from tests.accounts.personal.world import PASSWORD, confirmed
from tests.factories import make_user, make_workspace

pytestmark = pytest.mark.django_db
ADDRESS = "/account/data/"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.ARCHIVE_DIR = tmp_path / "archives"
    return tmp_path / "archives"


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
