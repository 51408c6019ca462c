"""The page of reports: what is saved, what can be made, who may do what."""

import re
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.test import Client

from analytics.models import ReportDelivery, ReportRecipient, ReportSchedule
from analytics.reports.deliveries import run_due_deliveries
from analytics.reports.making import run_due_files
from analytics.reports.planning import plan_due
from channels_app.models import Channel

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

ADDRESS = "/app/reports/"
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
