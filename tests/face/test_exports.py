"""The page of exports: what can be made, how far it is, who may do what."""

import csv
import io
import re
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, Workspace
from analyticbot.core.audit import SYSTEM
from analytics.export_pages import THINGS
from analytics.exports.work import run_due_exports
from analytics.models import ExportFile
from billing.changing import change_plan
from billing.plans import Plan
from channels_app.models import Channel
from tests.factories import bearer, make_member, make_token, make_user

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

ADDRESS = "/app/exports/"
GIVEN = {"channel": "@qulay_savdo", "what": "growth", "format": "csv", "period": "7d"}
# Person, memberships, exports, channels to choose from.
QUERIES_OF_THE_PAGE = 4


def text_of(response: "Response") -> str:
    return " ".join(response.content.decode().split())


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.EXPORT_DIR = tmp_path / "exports"
    settings.EXPORT_ENABLED = True
    settings.API_LIMIT_FACTOR = 1_000


def test_page_without_exports_says_what_they_are(page: Client, full: Channel) -> None:
    text = text_of(page.get(ADDRESS))
    assert "No exports yet." in text
    assert "every 2s" not in text
    assert '<option value="@qulay_savdo">' in text


def test_export_is_made_followed_and_fetched(page: Client, full: Channel) -> None:
    response = page.post(ADDRESS, GIVEN)
    assert (response.status_code, response["Location"]) == (302, ADDRESS)
    waiting = text_of(page.get(ADDRESS))
    assert "Queued" in waiting
    assert 'hx-get="/app/exports/progress/" hx-trigger="every 2s"' in waiting
    assert "Download" not in waiting

    assert run_due_exports() == 1

    part = text_of(page.get(ADDRESS + "progress/", headers={"HX-Request": "true"}))
    assert part.startswith('<section class="stack" id="exports"')
    assert "every 2s" not in part
    assert "7 rows" in part
    link = re.search(r'href="(/api/v2/exports/[^"]+/file)"', part)
    assert link is not None
    content = page.get(link[1]).getvalue()
    assert len(list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))) == 7


@pytest.mark.parametrize(
    ("what", "form"),
    [(what, form) for what, thing in THINGS.items() for form in ("csv", *(("svg", "png") if thing.drawn else ()))],
)
def test_everything_that_is_offered_can_be_built(page: Client, full: Channel, what: str, form: str) -> None:
    assert page.post(ADDRESS, {**GIVEN, "what": what, "format": form}).status_code == 302
    run_due_exports()
    row = ExportFile.objects.get()
    assert (row.last_error, row.finished_at is not None) == ("", True)
    card = plain(text_of(page.get(ADDRESS)).split('class="card export">')[1])
    assert card.startswith(str(THINGS[what].label))


def test_own_days_are_both_included(page: Client, full: Channel) -> None:
    page.post(ADDRESS, {**GIVEN, "period": "custom", "first": "2026-01-05", "last": "2026-01-11"})
    row = ExportFile.objects.get()
    start, end = (datetime.fromisoformat(row.parameters[name]) for name in ("from", "to"))
    assert end - start == timedelta(days=7)
    assert "Jan 5 – Jan 11, 2026" in text_of(page.get(ADDRESS))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"what": "overview", "format": "png"}, "This has no chart over time."),
        ({"period": "custom"}, "Give the first and the last day."),
        ({"period": "custom", "first": "2026-02-02", "last": "2026-02-01"}, "The first day is after the last one."),
        ({"channel": "@nobody"}, "Select a valid choice."),
        ({"what": "secrets"}, "Select a valid choice."),
        ({"format": "exe"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_made_says_why(page: Client, full: Channel, changed: dict[str, str], words: str) -> None:
    response = page.post(ADDRESS, {**GIVEN, **changed})
    assert response.status_code == 422
    assert words in text_of(response)
    assert not ExportFile.objects.exists()


def test_too_many_that_wait_are_refused(page: Client, full: Channel) -> None:
    for _number in range(5):
        assert page.post(ADDRESS, GIVEN).status_code == 302
    response = page.post(ADDRESS, GIVEN)
    assert response.status_code == 422
    assert "5 exports are waiting already." in text_of(response)


def test_limit_of_the_hour_is_explained(page: Client, full: Channel, settings: Any) -> None:
    settings.API_LIMIT_FACTOR = 0.1  # one
    assert page.post(ADDRESS, GIVEN).status_code == 302
    response = page.post(ADDRESS, GIVEN)
    assert response.status_code == 422
    assert "Try again a little later." in text_of(response)


def test_pages_and_programs_count_together_by_the_plan(
    page: Client, workspace: Workspace, full: Channel, settings: Any
) -> None:
    settings.API_LIMIT_FACTOR = 1
    change_plan(workspace, plan=Plan.FREE, actor=SYSTEM, now=timezone.now())
    token = bearer(make_token(workspace))
    refused = {"what": "growth", "channel": "@nobody_here", "format": "csv"}

    assert page.post(ADDRESS, GIVEN).status_code == 302
    asked = [
        page.post("/api/v2/exports", refused, content_type="application/json", headers=token).status_code
        for _number in range(3)
    ]

    assert asked == [404, 404, 429]


def test_switched_off_is_explained_and_refuses(page: Client, full: Channel, settings: Any) -> None:
    settings.EXPORT_ENABLED = False
    text = text_of(page.get(ADDRESS))
    assert "Exports are switched off on this installation." in text
    assert "Make the export" not in text
    assert page.post(ADDRESS, GIVEN).status_code == 403
    assert not ExportFile.objects.exists()


def test_viewer_may_look_but_not_make(client: Client, workspace: Workspace, full: Channel, page: Client) -> None:
    page.post(ADDRESS, GIVEN)
    row = ExportFile.objects.get()
    viewer = make_user()
    make_member(workspace, viewer, Role.VIEWER)
    client.force_login(viewer)
    text = text_of(client.get(ADDRESS))
    assert "may download exports, but not make them" in text
    assert "Make the export" not in text
    assert client.post(ADDRESS, GIVEN).status_code == 403
    assert client.post(f"{ADDRESS}{row.public_id}/remove/").status_code == 403
    assert ExportFile.objects.count() == 1


def test_export_is_removed(page: Client, full: Channel) -> None:
    page.post(ADDRESS, GIVEN)
    row = ExportFile.objects.get()
    response = page.post(f"{ADDRESS}{row.public_id}/remove/", follow=True)
    assert "The export was removed." in text_of(response)
    assert not ExportFile.objects.exists()
    assert page.post(f"{ADDRESS}{row.public_id}/remove/").status_code == 404


def test_address_fills_the_form(page: Client, full: Channel) -> None:
    text = text_of(page.get(ADDRESS + "?channel=@qulay_savdo&what=reach&first=2026-01-05&last=2026-01-11"))
    for chosen in ("@qulay_savdo", "reach", "custom"):
        assert f'<option value="{chosen}" selected>' in text
    assert 'value="2026-01-05"' in text


def test_failed_export_says_why(page: Client, workspace: Workspace, now: datetime) -> None:
    ExportFile.objects.create(
        workspace=workspace, actor=["user", 1, "x"], what="overview", channel="@gone", format="csv", language="en",
        created_at=now, parked_at=now, last_error="This workspace tracks no such channel.",
    )  # fmt: skip
    text = text_of(page.get(ADDRESS))
    assert "Failed" in text
    assert "This workspace tracks no such channel." in text


@pytest.mark.parametrize("count", [1, 3])
def test_page_takes_the_same_queries_for_any_number(page: Client, full: Channel, count: int) -> None:
    for _number in range(count):
        page.post(ADDRESS, GIVEN)
    with CaptureQueriesContext(connection) as queries:
        assert page.get(ADDRESS).status_code == 200
    assert len(queries) == QUERIES_OF_THE_PAGE
