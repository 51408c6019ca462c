"""Uploading an export through the page, and the worker that imports it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import Role, Workspace
from channels_app.importing import run_due_imports
from channels_app.importing.uploads import MOST_WAITING, ORPHAN_AFTER
from channels_app.models import Channel, ImportFile, Post
from channels_app.tasks import remove_uploads
from tests.factories import make_member, make_user

ADDRESS = "/app/import/"
CSV = b"id,date,text,views,forwards,replies\n1,2026-05-01T10:00:00Z,One,100,3,\n2,2026-05-02T10:00:00Z,Two,200,,1\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.UPLOAD_DIR = tmp_path / "uploads"
    return tmp_path / "uploads"


def upload(client: Client, content: bytes = CSV, *, name: str = "posts.csv", **fields: Any) -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(ADDRESS, {"file": file, "channel": "@uploaded_news", **fields})


def test_uploaded_file_becomes_a_channel(page: Client, workspace: Workspace, folder: Path) -> None:
    assert upload(page).status_code == 302
    assert "Checking the file" in page.get(ADDRESS).content.decode()

    run_due_imports(now=timezone.now())

    text = page.get(ADDRESS).content.decode()
    assert "Imported" in text
    assert 'href="/app/channels/@uploaded_news/?period=all"' in text
    assert sorted(Post.objects.values_list("message_id", "views", "forwards")) == [(1, 100, 3), (2, 200, None)]
    assert workspace.tracked_channels.get().channel == Channel.objects.get(username="uploaded_news")
    assert page.get("/app/channels/@uploaded_news/?period=all").status_code == 200


def test_counters_are_as_of_the_files_own_time(page: Client) -> None:
    then = timezone.now() - timedelta(days=30)

    upload(page, modified=int(then.timestamp() * 1000))
    run_due_imports(now=timezone.now())

    seen = Post.objects.get(message_id=1).counters_at
    assert seen is not None
    assert abs(seen - then) < timedelta(seconds=1)


def test_a_file_of_the_future_is_as_of_now(page: Client) -> None:
    upload(page, modified=int((timezone.now() + timedelta(days=900)).timestamp() * 1000))
    run_due_imports(now=timezone.now())

    seen = Post.objects.get(message_id=1).counters_at
    assert seen is not None
    assert seen <= timezone.now()


def test_refused_file_says_why_and_writes_nothing(page: Client) -> None:
    upload(page, json.dumps({"no": "messages"}).encode(), name="result.json")
    run_due_imports(now=timezone.now())

    text = page.get(ADDRESS).content.decode()
    assert "Refused" in text
    assert not Post.objects.exists()


def test_file_is_removed_once_it_is_imported(page: Client, folder: Path) -> None:
    upload(page)
    (folder / "stray").write_bytes(b"just arriving")

    assert remove_uploads() == 0
    run_due_imports(now=timezone.now())
    assert remove_uploads() == 1
    assert [path.name for path in folder.iterdir()] == ["stray"]
    assert timedelta(0) < ORPHAN_AFTER


@pytest.mark.parametrize("modified", ["soon", "-1", "9" * 30, "²"])
def test_a_time_that_is_none_is_passed_over(page: Client, modified: str) -> None:
    assert upload(page, modified=modified).status_code == 302


def test_wrong_input_is_said_and_nothing_is_kept(page: Client, folder: Path) -> None:
    response = upload(page, channel="not a channel!")

    assert response.status_code == 422
    assert "does not name a channel" in response.content.decode()
    assert not ImportFile.objects.exists()
    assert not folder.exists() or not list(folder.iterdir())


def test_no_file_is_asked_for(page: Client) -> None:
    response = page.post(ADDRESS, {"channel": "@uploaded_news"})

    assert response.status_code == 422
    assert "Choose a file." in response.content.decode()


def test_only_so_many_imports_wait(page: Client) -> None:
    for _ in range(MOST_WAITING):
        assert upload(page).status_code == 302

    response = upload(page)

    assert response.status_code == 422
    assert ImportFile.objects.count() == MOST_WAITING


def test_full_disk_is_explained(page: Client, tmp_path: Path, settings: Any) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.UPLOAD_DIR = tmp_path / "file" / "uploads"

    response = upload(page)

    assert response.status_code == 422
    assert "could not be kept" in response.content.decode()
    assert not ImportFile.objects.exists()


def test_viewers_may_not_upload(client: Client, workspace: Workspace) -> None:
    viewer = make_member(workspace, make_user(), Role.VIEWER)
    client.force_login(viewer.user)

    assert upload(client).status_code == 403
    assert not ImportFile.objects.exists()


def test_a_forged_form_is_refused(person: Any, workspace: Workspace) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)

    assert upload(browser).status_code == 403
    assert not ImportFile.objects.exists()


def test_others_see_nothing_of_it(page: Client, client: Client, workspace: Workspace) -> None:
    upload(page, name="secret-plan.csv")
    other = Client()
    other.force_login(make_user())

    assert "secret-plan" in page.get(ADDRESS).content.decode()
    assert "secret-plan" not in other.get(ADDRESS).content.decode()


def test_files_in_other_forms_are_passed_over(client: Client, db: None, tmp_path: Path) -> None:
    response = client.post("/preferences/theme/", {"theme": "dark", "file": SimpleUploadedFile("big", b"x" * 100_000)})

    assert response.status_code in {302, 204}
    assert not response.wsgi_request.FILES
