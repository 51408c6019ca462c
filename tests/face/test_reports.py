"""The pages of reports: what is saved, what can be made, who may do what; the same by the API."""

import io
import re
from datetime import date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.models import Role, Workspace
from analytics.models import Branding, ReportDelivery, ReportFile, ReportRecipient, ReportSchedule
from analytics.reports.brand import Brand, brand_of
from analytics.reports.deliveries import run_due_deliveries
from analytics.reports.mails import message_for
from analytics.reports.making import run_due_files
from analytics.reports.planning import plan_due
from analytics.reports.timetable import latest_day
from analytics.reports.tokens import Purpose, token_of
from billing.limits import forget_plan
from channels_app.models import Channel
from tests.analytics.report_world import TASHKENT
from tests.factories import bearer, make_member, make_token, make_user

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

ADDRESS = "/app/reports/"
# Person, memberships, files; saved reports, their channels, recipients, mails; channels to choose from.
QUERIES_OF_THE_PAGE = 8
GIVEN = {"channel": "@qulay_savdo", "form": "pdf", "period": "7d"}
SAVED = {
    "name": "Monday",
    "channels": ["@qulay_savdo"],
    "recipients": "anna@example.org",
    "every": "week",
    "weekday": "1",
    "month_day": "1",
    "at": "09:00",
    "time_zone": "Asia/Tashkent",
    "language": "en",
    "attached": ["pdf"],
    "sections": ["sentences", "charts", "posts", "sources"],
}


def text_of(response: "Response") -> str:
    return " ".join(unescape(response.content.decode()).split())


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.REPORT_DIR = tmp_path / "reports"
    settings.API_LIMIT_FACTOR = 1_000


def test_report_is_made_followed_and_fetched(page: Client, full: Channel) -> None:
    response = page.post(ADDRESS, GIVEN)
    assert (response.status_code, response["Location"]) == (302, ADDRESS)
    waiting = text_of(page.get(ADDRESS))
    assert "Queued" in waiting
    assert 'hx-get="/app/reports/progress/" hx-trigger="every 2s"' in waiting

    assert run_due_files() == 1

    part = text_of(page.get(ADDRESS + "progress/", headers={"HX-Request": "true"}))
    assert part.startswith('<section class="stack" id="files"')
    assert "every 2s" not in part
    link = re.search(r'href="(/api/v2/reports/[^"]+/file)"', part)
    assert link is not None
    answer = page.get(link[1])
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer.getvalue().startswith(b"%PDF-")


def test_saved_report_is_sent_and_stopped(page: Client, full: Channel, now: datetime) -> None:
    assert page.post(ADDRESS + "new/", SAVED).status_code == 302
    schedule = ReportSchedule.objects.get()
    recipient = ReportRecipient.objects.get()
    assert recipient.next_at is not None
    assert "Every week: Monday at 09:00 (Asia/Tashkent)" in text_of(page.get(ADDRESS))
    recipient.next_at = recipient.active_since = now - timedelta(days=8)
    recipient.save()

    assert plan_due(now=now) == 1
    assert run_due_deliveries(clock=lambda: ReportDelivery.objects.get().planned_at) == 1

    (letter,) = mail.outbox
    assert "Sent" in text_of(page.get(ADDRESS))
    stop = re.search(r"http://[^/]+(/reports/stop/[^\s]+)", str(letter.body))
    assert stop is not None
    stranger = Client()
    assert "Stop these mails?" in text_of(stranger.get(stop[1]))
    recipient.refresh_from_db()
    assert recipient.stopped_at is None
    assert "Stopped" in text_of(stranger.post(stop[1], {"List-Unsubscribe": "One-Click"}))
    assert "stopped it" in text_of(page.get(ADDRESS))
    assert schedule.recipients.get().next_at is None
    assert "is sent to anna@example.org" in text_of(stranger.post(stop[1], {"again": "1"}))
    assert schedule.recipients.get().next_at is not None


def picture(kind: str = "PNG", size: tuple[int, int] = (1200, 300)) -> SimpleUploadedFile:
    """An uploaded picture with a word hidden in it."""
    content = io.BytesIO()
    Image.new("RGB", size, "#0b7a6b").save(content, kind, icc_profile=b"hidden" * 50)
    return SimpleUploadedFile(f"logo.{kind.lower()}", content.getvalue() + b"hidden <?php", content_type="image/png")


def test_logo_is_drawn_anew_and_worn_where_the_plan_allows(
    page: Client, workspace: Workspace, full: Channel, settings: Any
) -> None:
    answer = page.post(ADDRESS + "branding/", {"colour": "#0B7A6B", "logo": picture("JPEG")})
    assert answer.status_code == 302
    kept = bytes(Branding.objects.get().logo or b"")
    with Image.open(io.BytesIO(kept)) as logo:
        assert (logo.format, logo.size) == ("PNG", (512, 128))
        assert not logo.info
    assert b"hidden" not in kept
    assert brand_of(workspace).colour == "#0b7a6b"
    assert 'fill="#0b7a6b"' in text_of(page.get("/app/channels/@qulay_savdo/report/?period=7d"))
    settings.DEFAULT_PLAN = "free"
    forget_plan(workspace.pk)
    assert brand_of(workspace) == Brand()
    assert "Your plan sends reports in our colours." in text_of(page.get(ADDRESS + "branding/"))
    forget_plan(workspace.pk)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"colour": "red"}, "Write the colour like #2350c9."),
        ({"colour": "#ffee88"}, "White letters could not be read on this colour."),
        ({"logo": SimpleUploadedFile("x.svg", b"<svg onload='alert(1)'/>")}, "This is no PNG, JPEG or WebP picture"),
        (
            {"logo": SimpleUploadedFile("x.png", b"\x89PNG\r\n\x1a\n" + b"0" * 90)},
            "This is no PNG, JPEG or WebP picture",
        ),
        ({"logo": SimpleUploadedFile("x.png", b"0" * 2_100_000)}, "The picture is larger than 2 MB."),
        ({"logo": SimpleUploadedFile("x.png", b"0" * 3_000_000)}, "The picture is larger than 2 MB."),
    ],
)
def test_branding_that_cannot_be_worn_says_why(page: Client, given: dict[str, Any], words: str) -> None:
    answer = page.post(ADDRESS + "branding/", given)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Branding.objects.exists()


def test_preview_is_the_mail(page: Client, full: Channel, now: datetime) -> None:
    page.post(ADDRESS + "new/", SAVED)
    schedule = ReportSchedule.objects.get()
    address = f"{ADDRESS}saved/{schedule.public_id}/preview/"
    shown = page.get(address)
    assert "frame-src 'self'" in shown["Content-Security-Policy"]
    body = page.get(address + "mail/")
    assert "frame-ancestors 'self'" in body["Content-Security-Policy"]
    assert "script-src 'none'" in body["Content-Security-Policy"]
    day = latest_day(schedule.rhythm, TASHKENT, now)
    row = ReportDelivery.objects.create(
        schedule=schedule, recipient=schedule.recipients.get(), period="x", day=day, time_zone="Asia/Tashkent",
        planned_at=now,
    )  # fmt: skip
    message = message_for(row, now=now)
    assert without_links(body.content.decode()) == without_links(message.html)
    assert message.subject in text_of(shown)


def without_links(markup: str) -> str:
    """What a preview and a mail have in common: all but the links to stop and how pictures are put in."""
    return re.sub(r"/reports/stop/[^\"]+|src=\"[^\"]+\"", "", markup)


def test_media_kit_is_edited_and_made(page: Client, full: Channel) -> None:
    address = "/app/channels/@qulay_savdo/media-kit/"
    said = {"about": "About <b>us</b>", "prices": "1/24: 900 000", "contact": "@anna"}
    assert page.post(address, said).status_code == 302
    shown = page.get(address).content.decode()
    assert "About &lt;b&gt;us&lt;/b&gt;" in shown
    assert "900 000" in shown
    assert page.post(address + "file/", {"form": "png"}).status_code == 302
    run_due_files()
    row = ReportFile.objects.get()
    assert (row.kind, row.form, row.last_error) == ("kit", "png", "")
    assert page.get(f"/api/v2/reports/{row.public_id}/file").getvalue().startswith(b"\x89PNG")


def test_viewer_may_look_but_not_change(client: Client, workspace: Workspace, full: Channel, page: Client) -> None:
    page.post(ADDRESS + "new/", SAVED)
    page.post(ADDRESS, GIVEN)
    schedule, made = ReportSchedule.objects.get(), ReportFile.objects.get()
    viewer = make_user()
    make_member(workspace, viewer, Role.VIEWER)
    client.force_login(viewer)
    shown = text_of(client.get(ADDRESS))
    assert "may read reports, but not make or change them" in shown
    assert "Make the report" not in shown
    assert "anna@example.org" not in shown
    refused = [
        client.post(ADDRESS, GIVEN),
        client.get(ADDRESS + "new/"),
        client.get(f"{ADDRESS}saved/{schedule.public_id}/preview/"),
        client.post(ADDRESS + "branding/", {"colour": "#000000"}),
        client.post(f"{ADDRESS}saved/{schedule.public_id}/", SAVED),
        client.post(f"{ADDRESS}saved/{schedule.public_id}/delete/"),
        client.post(f"{ADDRESS}files/{made.public_id}/remove/"),
        client.post("/app/channels/@qulay_savdo/media-kit/", {"about": "x"}),
        client.post("/app/channels/@qulay_savdo/media-kit/file/"),
    ]
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    assert ReportSchedule.objects.count() == ReportFile.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"recipients": "anna@example.org nobody"}, "“nobody” is no e-mail address."),
        ({"recipients": " "}, "This field is required."),
        ({"channels": ["@nobody"]}, "Select a valid choice."),
        ({"every": "hour"}, "Select a valid choice."),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice."),
        ({"recipients": "\n".join(f"p{number}@example.org" for number in range(21))}, "At most 20 recipients."),
    ],
)
def test_report_that_cannot_be_saved_says_why(page: Client, full: Channel, changed: dict[str, Any], words: str) -> None:
    answer = page.post(ADDRESS + "new/", {**SAVED, **changed})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not ReportSchedule.objects.exists()


def test_saved_report_is_changed_paused_and_deleted(page: Client, full: Channel) -> None:
    page.post(ADDRESS + "new/", SAVED)
    schedule = ReportSchedule.objects.get()
    own = f"{ADDRESS}saved/{schedule.public_id}/"
    assert 'value="09:00"' in page.get(own).content.decode()
    page.post(own, {**SAVED, "every": "month", "month_day": "0", "name": "Monthly"})
    assert "On the last day of each month at 09:00 (Asia/Tashkent)" in text_of(page.get(ADDRESS))
    assert "Paused" in text_of(page.post(own + "pause/", follow=True))
    assert schedule.recipients.get().next_at is None
    assert "Resumed." in text_of(page.post(own + "resume/", follow=True))
    assert schedule.recipients.get().next_at is not None
    assert "The saved report was deleted." in text_of(page.post(own + "delete/", follow=True))
    assert not ReportRecipient.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_page_takes_the_same_queries_for_any_number(page: Client, full: Channel, count: int) -> None:
    for _number in range(count):
        page.post(ADDRESS + "new/", SAVED)
        page.post(ADDRESS, GIVEN)
    with CaptureQueriesContext(connection) as queries:
        assert page.get(ADDRESS).status_code == 200
    assert len(queries) == QUERIES_OF_THE_PAGE


def test_program_makes_a_report(client: Client, workspace: Workspace, full: Channel) -> None:
    headers = bearer(make_token(workspace))
    asked = client.post("/api/v2/reports", {"channel": "@qulay_savdo"}, "application/json", headers=headers)
    assert asked.status_code == 202
    body = asked.json()
    assert (body["format"], body["kind"], body["state"], body["file"]) == ("pdf", "report", "queued", None)
    first, last = date.fromisoformat(body["first"]), date.fromisoformat(body["last"])
    assert (last - first).days == 27
    assert client.get(f"{asked['Location']}/file", headers=headers).status_code == 409
    run_due_files()
    ready = client.get(asked["Location"], headers=headers).json()
    assert ready["state"] == "ready"
    assert client.get(ready["file"], headers=headers).getvalue().startswith(b"%PDF-")
    assert [one["id"] for one in client.get("/api/v2/reports", headers=headers).json()["data"]] == [ready["id"]]
    assert client.delete(asked["Location"], headers=headers).status_code == 204
    assert client.get(asked["Location"], headers=headers).status_code == 404
    reading = bearer(make_token(workspace, scopes=["analytics:read", "reports:read"]))
    refused = client.post("/api/v2/reports", {"channel": "@qulay_savdo"}, "application/json", headers=reading)
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"channel": "@qulay_savdo", "format": "exe"}, "format"),
        ({"channel": "@qulay_savdo", "format": "png"}, "format"),
        ({"channel": "@qulay_savdo", "first": "2026-02-02", "last": "2026-02-01"}, "first"),
        ({"channel": "@qulay_savdo", "last": "9999-12-31"}, "last"),
        ({"channel": "@qulay_savdo", "first": "0001-01-01"}, "first"),
        ({"channel": "a\x00b"}, "channel"),
        ({}, "channel"),
    ],
)
def test_program_is_told_what_is_wrong(
    client: Client, workspace: Workspace, full: Channel, body: dict[str, str], field: str
) -> None:
    answer = client.post("/api/v2/reports", body, "application/json", headers=bearer(make_token(workspace)))
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


@pytest.mark.parametrize("token", ["x", "0" * 32 + ".abc", "%00", "a" * 500])
def test_wrong_link_stops_nobody(client: Client, page: Client, full: Channel, token: str) -> None:
    page.post(ADDRESS + "new/", SAVED)
    for purpose in ("stop", "confirm"):
        assert client.post(f"/reports/{purpose}/{token}/").status_code in {200, 404}
    assert ReportRecipient.objects.get().stopped_at is None


def test_link_for_one_thing_is_none_for_another(client: Client, page: Client, full: Channel) -> None:
    page.post(ADDRESS + "new/", {**SAVED, "recipients": "stranger@example.com"})
    recipient = ReportRecipient.objects.get()
    client.post(f"/reports/confirm/{token_of(recipient, Purpose.STOP)}/")
    recipient.refresh_from_db()
    assert recipient.confirmed_at is None


def test_channel_leads_to_the_report_of_what_is_on_screen(page: Client, full: Channel) -> None:
    shown = page.get("/app/channels/@qulay_savdo/growth/?first=2026-01-05&last=2026-01-11").content.decode()
    address = "/app/channels/@qulay_savdo/report/?first=2026-01-05&amp;last=2026-01-11"
    assert address in shown
    report = text_of(page.get(unescape(address)))
    assert "Jan 5 – Jan 11, 2026" in report
    assert "/app/reports/?channel=@qulay_savdo&first=2026-01-05&last=2026-01-11" in report
