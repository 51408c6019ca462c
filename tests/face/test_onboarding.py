"""The first steps of a workspace, and adding a channel by name or by file from one form."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import Role, Workspace
from analyticbot.core.models import AuditEntry
from analytics.models import SharedLink
from channels_app.importing import run_due_imports
from channels_app.importing.uploads import MOST_WAITING
from channels_app.models import Channel, ImportFile, Post, Relation, TrackedChannel
from tests.face.world import full_channel, new_channel, track
from tests.factories import make_member, make_user

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

HTMX = {"HX-Request": "true"}
CSV = b"id,date,text,views,forwards,replies\n1,2026-05-01T10:00:00Z,One,100,3,\n"


def text_of(response: "Response") -> str:
    return " ".join(response.content.decode().split())


def done_of(client: Client) -> tuple[list[bool], str]:
    """Which of the four steps are done, and the text of the page."""
    text = text_of(client.get("/app/"))
    return ["step--done" in mark for mark in re.findall(r'<li class="step( step--done)?">', text)], text


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> None:
    """Uploads of each test by themselves."""
    settings.UPLOAD_DIR = tmp_path / "uploads"


def test_steps_follow_the_facts(page: Client, workspace: Workspace, now: datetime) -> None:
    done, text = done_of(page)
    assert done == [False, False, False, False]
    assert "0 of 4 done" in text
    assert 'class="step__action" href="#id_ref"' in text

    track(workspace, new_channel("just_added", now=now), now=now)
    assert done_of(page)[0] == [True, False, False, False]

    tracked = track(workspace, full_channel(now=now, days=3), now=now)
    assert done_of(page)[0] == [True, True, False, False]

    TrackedChannel.objects.filter(pk=tracked.pk).update(relation=Relation.OWNED)
    done, text = done_of(page)
    assert done == [True, True, True, False]
    assert re.search(r'class="step__action" href="/app/(reports|shared)/', text)

    SharedLink.objects.create(
        workspace=workspace, tracked=tracked, name="Link", digest="d" * 64, prefix="d" * 8, created_at=now,
        expires_at=now + timedelta(days=1), preset="28d", sections=["overview"],
    )  # fmt: skip
    assert done_of(page)[0] == []


def test_first_chart_is_one_press_away(page: Client, workspace: Workspace, now: datetime) -> None:
    """Until the step is done there is nothing to press; then the list itself leads there."""
    track(workspace, full_channel(now=now, days=3), now=now)
    text = done_of(page)[1]
    assert 'href="/app/channels/@qulay_savdo/"' in text or 'href="/app/channels/%40qulay_savdo/"' in text


def test_steps_are_put_away_for_good(page: Client, workspace: Workspace) -> None:
    assert page.post("/app/first-steps/hide/", headers=HTMX).content == b""
    assert done_of(page)[0] == []
    assert page.post("/app/first-steps/hide/")["Location"] == "/app/"
    assert AuditEntry.objects.filter(action="accounts:workspace:changed").count() == 1
    assert page.get("/app/first-steps/hide/").status_code == 405


def test_steps_are_not_for_who_may_not_do_them(client: Client, workspace: Workspace) -> None:
    viewer = make_user()
    make_member(workspace, viewer, Role.VIEWER)
    client.force_login(viewer)
    assert done_of(client)[0] == []
    assert client.post("/app/first-steps/hide/").status_code == 403
    workspace.refresh_from_db()
    assert workspace.steps_hidden_at is None


def test_file_is_imported_from_the_form_of_the_list(page: Client, workspace: Workspace) -> None:
    form = {"ref": "@from_a_file", "file": SimpleUploadedFile("posts.csv", CSV), "modified": "1780000000000"}
    assert page.post("/app/add/", form)["Location"] == "/app/import/"
    run_due_imports(now=timezone.now())
    assert workspace.tracked_channels.get().channel == Channel.objects.get(username="from_a_file")
    seen = Post.objects.get().counters_at
    assert seen is not None and int(seen.timestamp()) == 1_780_000_000


def test_file_sent_by_htmx_leads_to_its_progress(page: Client) -> None:
    form = {"ref": "@from_a_file", "file": SimpleUploadedFile("posts.csv", CSV)}
    response = page.post("/app/add/", form, headers=HTMX)
    assert response["HX-Redirect"] == "/app/import/"
    assert ImportFile.objects.get().original_name == "posts.csv"


@pytest.mark.parametrize("ref", ["", "not a channel!"])
def test_what_is_wrong_is_said_at_the_input(page: Client, ref: str) -> None:
    response = page.post("/app/add/", {"ref": ref, "file": ""})
    assert response.status_code == 422
    assert 'id="ref-error" role="alert"' in text_of(response)
    assert not Channel.objects.exists()


def test_too_many_files_are_refused_at_the_file(page: Client, workspace: Workspace) -> None:
    for number in range(MOST_WAITING):
        page.post("/app/add/", {"ref": f"@file_{number}", "file": SimpleUploadedFile("posts.csv", CSV)})
    response = page.post("/app/add/", {"ref": "@one_more", "file": SimpleUploadedFile("posts.csv", CSV)})
    assert response.status_code == 422
    assert 'id="file-error" role="alert"' in text_of(response)
    assert ImportFile.objects.count() == MOST_WAITING


def test_file_of_a_stranger_is_not_even_read(client: Client, db: None, tmp_path: Path) -> None:
    response = client.post("/app/add/", {"ref": "@x", "file": SimpleUploadedFile("posts.csv", CSV * 100)})
    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/")
    assert not (tmp_path / "uploads").exists()
