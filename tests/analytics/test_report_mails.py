"""Saved reports by e-mail, over real SMTP: once each, at the recipient's own hour, whatever breaks."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Role, User, Workspace
from analyticbot.core.audit import SYSTEM
from analyticbot.core.errors import InvalidInput
from analytics.models import ReportDelivery, ReportRecipient, ReportSchedule
from analytics.reports.deliveries import repeat_delivery, run_due_deliveries
from analytics.reports.models import Outcome, ReportForm, Section
from analytics.reports.planning import plan_due
from analytics.reports.schedules import (
    Wish,
    change_schedule,
    create_schedule,
    delete_schedule,
    pause_schedule,
    resume_schedule,
)
from analytics.reports.timetable import Every
from billing.limits import PlanLimitReached
from channels_app.models import Channel
from integrations.email import message_id
from integrations.messages import Message
from tests.analytics.report_mail import MailServer, free_port, mail_server, use_smtp
from tests.analytics.report_world import NAME, NOW, report_channel
from tests.factories import make_member, make_tracked, make_user, make_workspace

MONDAY = datetime(2025, 11, 10, 4, 0, tzinfo=UTC)  # 09:00 in Tashkent
BEFORE = MONDAY - timedelta(days=3)


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with mail_server(settings) as running:
        yield running


@pytest.fixture
def workspace(db: None) -> Workspace:
    owner = make_user("anna@example.org")
    workspace = make_workspace(owner=owner, name="Anna")
    workspace.time_zone = owner.time_zone = "Asia/Tashkent"
    workspace.save()
    owner.save()
    return workspace


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    return report_channel(workspace, days=21)


def wish(*recipients: str, **changes: Any) -> Wish:
    usual: dict[str, Any] = {
        "name": "Weekly", "channels": (NAME,), "recipients": recipients or ("anna@example.org",), "every": Every.WEEK,
        "day": 1, "at": time(9), "language": "en", "forms": (), "sections": (Section.SENTENCES,),
    }  # fmt: skip
    return Wish(**(usual | changes))


def saved(workspace: Workspace, *recipients: str, now: datetime = BEFORE, **changes: Any) -> ReportSchedule:
    return create_schedule(workspace, wish=wish(*recipients, **changes), actor=SYSTEM, now=now)


def tick(now: datetime) -> None:
    plan_due(now=now)
    run_due_deliveries(clock=lambda: now, limit=50)


def member(workspace: Workspace, email: str, zone: str, language: str) -> User:
    user = make_user(email)
    user.time_zone, user.language = zone, language
    user.save()
    make_member(workspace, user, Role.VIEWER)
    return user


def test_three_people_in_three_zones_get_it_once_at_their_nine_oclock_across_changes_of_the_clock(
    workspace: Workspace, channel: Channel, server: MailServer
) -> None:
    zones = {
        "anna@example.org": "Asia/Tashkent",
        "berlin@example.org": "Europe/Berlin",
        "york@example.org": "America/New_York",
    }
    member(workspace, "berlin@example.org", "Europe/Berlin", "ru")
    member(workspace, "york@example.org", "America/New_York", "uz")
    begun = datetime(2025, 10, 22, tzinfo=UTC)
    saved(workspace, *zones, now=begun)
    arrived: list[tuple[str, str]] = []
    for hours in (*range(24 * 4, 24 * 6), *range(24 * 11, 24 * 13)):
        now, known = begun + timedelta(hours=hours), len(server.taken)
        plan_due(now=now)  # two beats do no harm
        tick(now)
        for letter in server.taken[known:]:
            local = now.astimezone(ZoneInfo(zones[letter["To"]]))
            arrived.append((str(letter["To"]), f"{local:%m-%d %H:%M %z}"))
    assert sorted(arrived) == [
        ("anna@example.org", "10-27 09:00 +0500"),
        ("anna@example.org", "11-03 09:00 +0500"),
        ("berlin@example.org", "10-27 09:00 +0100"),
        ("berlin@example.org", "11-03 09:00 +0100"),
        ("york@example.org", "10-27 09:00 -0400"),
        ("york@example.org", "11-03 09:00 -0500"),
    ]
    assert {str(one["Content-Language"]) for one in server.taken} == {"en", "ru", "uz"}
    assert {row.period for row in ReportDelivery.objects.all()} == {"2025-10-20/2025-10-26", "2025-10-27/2025-11-02"}


def test_mail_leads_to_the_page_of_its_own_days(workspace: Workspace, channel: Channel, server: MailServer) -> None:
    """A week in New York is another one than in Tashkent, where the workspace is: the page tells the same numbers."""
    york = member(workspace, "york@example.org", "America/New_York", "en")
    saved(workspace, "anna@example.org", york.email)
    saved(workspace, york.email, name="In Berlin", time_zone="Europe/Berlin")
    for hours in (0, 4, 10):
        tick(MONDAY + timedelta(hours=hours))
    led = {}
    for letter in server.taken:
        body = letter.get_body(("html",))
        found = re.search(r"/app/channels/@qulay_savdo/\?([^\"#]+)", body.get_content() if body else "")
        if found:
            led[str(letter["To"]), str(letter["Subject"]).split(":")[0]] = dict(parse_qsl(unescape(found[1])))
    days = {"first": "2025-11-03", "last": "2025-11-09"}
    assert led["anna@example.org", "Weekly"] == days
    assert led[york.email, "Weekly"] == {**days, "zone": "own"}
    assert led[york.email, "In Berlin"] == {"from": "2025-11-02T23:00:00Z", "to": "2025-11-09T23:00:00Z"}


def test_mail_tells_of_the_days_it_was_planned_for(workspace: Workspace, channel: Channel, server: MailServer) -> None:
    """The list of deliveries says which days; a rhythm that is changed meanwhile makes them no others."""
    schedule = saved(workspace)
    plan_due(now=MONDAY)
    change_schedule(schedule, wish=wish(every=Every.DAY, day=0), actor=SYSTEM, now=MONDAY)
    tick(MONDAY + timedelta(minutes=1))
    assert [str(letter["Subject"]) for letter in server.taken] == ["Weekly: Nov 3 – Nov 9, 2025"]
    assert ReportDelivery.objects.get().period == "2025-11-03/2025-11-09"


def test_mail_holds_text_html_pictures_files_and_the_headers_that_stop_it(
    workspace: Workspace, channel: Channel, server: MailServer
) -> None:
    saved(workspace, forms=(ReportForm.PDF, ReportForm.XLSX), sections=tuple(Section))
    tick(MONDAY)
    (letter,) = server.taken
    delivery = ReportDelivery.objects.get()
    assert delivery.outcome == Outcome.SENT
    assert letter["Message-ID"] == f"<report-{delivery.public_id.hex}@analyticbot.local>"
    assert letter["Subject"] == "Weekly: Nov 3 – Nov 9, 2025"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = re.fullmatch(r"<http://[^/]+(/reports/stop/[^>]+)>", letter["List-Unsubscribe"])
    assert stop is not None
    text, html = (letter.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert "Qulay savdo" in text.get_content()
    assert stop[1] in text.get_content()
    markup = html.get_content()
    assert "http" not in "".join(re.findall(r'src="([^"]*)"', markup))
    named = re.findall(r'src="cid:([^"]+)"', markup)
    held = [part["Content-ID"].strip("<>") for part in letter.walk() if part["Content-ID"]]
    assert named == held
    assert [part.get_filename() for part in letter.iter_attachments()] == [
        "qulay_savdo-2025-11-03-2025-11-09.pdf",
        "qulay_savdo-2025-11-03-2025-11-09.xlsx",
    ]

    one_click = Client(enforce_csrf_checks=True).post(stop[1], {"List-Unsubscribe": "One-Click"})
    assert one_click.status_code == 200
    tick(MONDAY + timedelta(days=7))
    assert len(server.taken) == 1


def test_refused_address_parks_that_mail_alone_until_it_is_repeated(
    workspace: Workspace, channel: Channel, server: MailServer
) -> None:
    member(workspace, "gone@example.org", "Asia/Tashkent", "en")
    server.answers["gone@example.org"] = "550 5.1.1 no such user"
    saved(workspace, "gone@example.org", "anna@example.org")
    tick(MONDAY)
    assert [one["To"] for one in server.taken] == ["anna@example.org"]
    refused = ReportDelivery.objects.get(recipient__email="gone@example.org")
    assert (refused.outcome, refused.last_error) == (Outcome.REFUSED, "550 5.1.1 no such user")
    assert refused.parked_at is not None

    server.answers.clear()
    repeat_delivery(refused, actor=SYSTEM, now=MONDAY)
    tick(MONDAY)
    assert [one["To"] for one in server.taken] == ["anna@example.org", "gone@example.org"]


def test_mail_server_that_is_away_is_tried_again(workspace: Workspace, channel: Channel, settings: Any) -> None:
    use_smtp(settings, free_port())
    saved(workspace)
    plan_due(now=MONDAY)
    run_due_deliveries(clock=lambda: MONDAY, limit=1)
    waiting = ReportDelivery.objects.get()
    assert (waiting.outcome, waiting.attempts, waiting.handed_at) == (Outcome.OPEN, 1, None)
    assert waiting.due_at == MONDAY + timedelta(seconds=30)
    with mail_server(settings) as server:
        server.answers["anna@example.org"] = "451 4.3.0 later"
        run_due_deliveries(clock=lambda: MONDAY + timedelta(minutes=1), limit=1)
        assert not server.taken
        server.answers.clear()
        tick(MONDAY + timedelta(minutes=3))
        assert len(server.taken) == 1
    assert ReportDelivery.objects.get().outcome == Outcome.SENT


def test_report_that_could_not_be_sent_for_days_is_not_sent_at_last(
    workspace: Workspace, channel: Channel, server: MailServer
) -> None:
    saved(workspace)
    plan_due(now=MONDAY)
    tick(MONDAY + timedelta(days=4))
    assert not server.taken
    assert ReportDelivery.objects.get().outcome == Outcome.LATE


def test_outage_longer_than_a_period_sends_the_latest_report_only(
    workspace: Workspace, channel: Channel, server: MailServer
) -> None:
    saved(workspace, now=MONDAY - timedelta(days=25))
    tick(MONDAY + timedelta(hours=2))
    assert [row.period for row in ReportDelivery.objects.all()] == ["2025-11-03/2025-11-09"]
    assert len(server.taken) == 1


def test_stranger_is_asked_once_and_gets_nothing_before_saying_yes(
    workspace: Workspace, channel: Channel, server: MailServer, client: Client
) -> None:
    schedule = saved(workspace, "stranger@example.com", language="ru")
    tick(BEFORE)
    (question,) = server.taken
    assert question["To"] == "stranger@example.com"
    tick(MONDAY)
    change_schedule(schedule, wish=wish("stranger@example.com"), actor=SYSTEM, now=MONDAY)
    tick(MONDAY)
    assert len(server.taken) == 1
    body = question.get_body(("plain",))
    assert body is not None
    confirm = re.search(r"http://[^/]+(/reports/confirm/\S+)", body.get_content())
    assert confirm is not None
    client.get(confirm[1])
    assert ReportRecipient.objects.get().confirmed_at is None
    assert client.post(confirm[1]).status_code == 200
    tick(MONDAY + timedelta(days=7))
    recipient = ReportRecipient.objects.get()
    assert recipient.confirmed_at is not None


def test_one_address_is_not_asked_by_everybody(workspace: Workspace, channel: Channel, server: MailServer) -> None:
    for _number in range(3):
        saved(workspace, "stranger@example.com")
    with pytest.raises(InvalidInput, match="asked often enough"):
        saved(workspace, "stranger@example.com")
    assert ReportSchedule.objects.count() == 3


def test_deleting_a_report_and_saving_it_anew_asks_nobody_more_often(
    workspace: Workspace, channel: Channel, server: MailServer
) -> None:
    for number in range(3):
        delete_schedule(saved(workspace, f"one{number}@example.com", "two@example.com"), actor=SYSTEM, now=BEFORE)
    with pytest.raises(InvalidInput, match="asked often enough"):
        saved(workspace, "two@example.com")
    strangers = [f"stranger{number}@example.com" for number in range(14)]
    delete_schedule(saved(workspace, *strangers), actor=SYSTEM, now=BEFORE)
    with pytest.raises(InvalidInput, match="20 people within a day"):
        saved(workspace, "last@example.com")
    saved(workspace, "last@example.com", now=BEFORE + timedelta(days=1, seconds=1))


def test_who_said_never_again_is_asked_by_nobody_until_they_take_it_back(
    workspace: Workspace, channel: Channel, server: MailServer, client: Client
) -> None:
    schedule = saved(workspace, "stranger@example.com")
    tick(MONDAY)
    stop = str(server.taken[0]["List-Unsubscribe"]).strip("<>").partition("127.0.0.1:8000")[2]
    client.post(stop)
    delete_schedule(schedule, actor=SYSTEM, now=MONDAY)
    other = make_workspace(owner=make_user("other@example.org"))
    make_tracked(other, channel)
    for asking in (workspace, other):
        with pytest.raises(InvalidInput, match="does not want to be asked"):
            saved(asking, "stranger@example.com", now=MONDAY + timedelta(days=30))
    assert len(server.taken) == 1


def test_stopping_is_taken_back_for_questions_as_well(
    workspace: Workspace, channel: Channel, server: MailServer, client: Client
) -> None:
    saved(workspace, "stranger@example.com")
    tick(MONDAY)
    stop = str(server.taken[0]["List-Unsubscribe"]).strip("<>").partition("127.0.0.1:8000")[2]
    client.post(stop)
    client.post(stop, {"again": "1"})
    saved(workspace, "stranger@example.com", now=MONDAY + timedelta(days=30))
    tick(MONDAY + timedelta(days=30))
    assert len(server.taken) == 2


def test_who_left_is_asked_like_a_stranger_when_the_report_is_saved_again(
    workspace: Workspace, channel: Channel, server: MailServer
) -> None:
    left = member(workspace, "left@example.org", "Asia/Tashkent", "en")
    schedule = saved(workspace, "left@example.org")
    left.memberships.all().delete()
    change_schedule(schedule, wish=wish("left@example.org", name="Renamed"), actor=SYSTEM, now=BEFORE)
    tick(MONDAY)
    (letter,) = server.taken
    assert "Please confirm" in letter["Subject"]


def test_who_stopped_it_is_not_won_back_by_adding_them_again(
    workspace: Workspace, channel: Channel, server: MailServer, client: Client
) -> None:
    schedule = saved(workspace)
    tick(MONDAY)
    client.post(str(server.taken[0]["List-Unsubscribe"]).strip("<>").partition("127.0.0.1:8000")[2])
    change_schedule(schedule, wish=wish("berlin@example.com"), actor=SYSTEM, now=MONDAY)
    change_schedule(schedule, wish=wish("anna@example.org"), actor=SYSTEM, now=MONDAY)
    tick(MONDAY + timedelta(days=7))
    assert [one["To"] for one in server.taken if one["List-Unsubscribe"]].count("anna@example.org") == 1


def test_paused_report_sends_nothing_and_does_not_catch_up(
    workspace: Workspace, channel: Channel, server: MailServer
) -> None:
    schedule = saved(workspace)
    pause_schedule(schedule, actor=SYSTEM, now=BEFORE)
    tick(MONDAY)
    resume_schedule(schedule, actor=SYSTEM, now=MONDAY + timedelta(days=1))
    tick(MONDAY + timedelta(days=1))
    assert not server.taken
    tick(MONDAY + timedelta(days=7))
    assert len(server.taken) == 1


def test_who_left_the_workspace_gets_nothing_more(workspace: Workspace, channel: Channel, server: MailServer) -> None:
    left = member(workspace, "left@example.org", "Asia/Tashkent", "en")
    saved(workspace, "left@example.org")
    left.memberships.all().delete()
    tick(MONDAY)
    assert not server.taken


def test_whose_account_is_closed_gets_nothing_until_it_is_open_again(
    workspace: Workspace, channel: Channel, server: MailServer
) -> None:
    closed = member(workspace, "closed@example.org", "Asia/Tashkent", "en")
    saved(workspace, "closed@example.org")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    tick(MONDAY + timedelta(hours=1))
    assert not server.taken
    User.objects.filter(pk=closed.pk).update(is_active=True)
    tick(MONDAY + timedelta(hours=2))
    assert not server.taken
    tick(MONDAY + timedelta(days=7, hours=1))
    assert len(server.taken) == 1


def test_plan_limits_saved_reports(workspace: Workspace, channel: Channel, settings: Any) -> None:
    settings.DEFAULT_PLAN = "free"
    saved(workspace)
    with pytest.raises(PlanLimitReached):
        saved(workspace)


def test_names_cannot_end_a_header_or_become_markup(workspace: Workspace, channel: Channel, server: MailServer) -> None:
    Channel.objects.filter(pk=channel.pk).update(title="<b>bad</b>\r\nBcc: all@example.org")
    saved(workspace, name="A\r\nBcc: all@example.org\r\n\r\n<script>")
    tick(MONDAY)
    (letter,) = server.taken
    assert letter["Bcc"] is None
    assert "\n" not in letter["Subject"]
    html = letter.get_body(("html",))
    assert html is not None
    assert "<b>bad" not in html.get_content()
    assert "<script" not in html.get_content()


@pytest.mark.parametrize(("stage", "arrives"), [("on_rcpt", 1), ("on_data", 1)])
@pytest.mark.django_db(transaction=True)
def test_worker_killed_in_the_middle_loses_and_doubles_nothing(settings: Any, stage: str, arrives: int) -> None:
    """Killed before the mail is out: it is sent by the next one. Killed before the answer: nobody sends it twice."""
    owner = make_user("anna@example.org")
    owner.time_zone = "Asia/Tashkent"
    owner.save()
    workspace = make_workspace(owner=owner)
    report_channel(workspace, days=20)
    saved(workspace)
    plan_due(now=MONDAY)
    with mail_server(settings) as server:
        worker = start_worker(server.port)
        setattr(server, stage, lambda: os.kill(worker.pid, signal.SIGKILL))
        assert worker.wait(timeout=60) == -signal.SIGKILL
        setattr(server, stage, None)
        run_due_deliveries(clock=lambda: MONDAY)
        assert len(server.taken) == (0 if stage == "on_rcpt" else 1)  # its lease still holds
        ReportDelivery.objects.update(leased_until=NOW)
        run_due_deliveries(clock=lambda: MONDAY)
        run_due_deliveries(clock=lambda: MONDAY)
        assert len(server.taken) == arrives
    outcome = ReportDelivery.objects.get().outcome
    assert outcome == (Outcome.SENT if stage == "on_rcpt" else Outcome.UNSURE)


def start_worker(port: int) -> "subprocess.Popen[bytes]":
    """A process of its own that sends what is due."""
    told = connection.settings_dict
    address = f"{told['HOST']}:{told['PORT']}" if told["PORT"] else told["HOST"]
    secret = f":{quote(str(told['PASSWORD']))}" if told["PASSWORD"] else ""
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgres://{quote(str(told['USER']))}{secret}@{address}/{told['NAME']}",
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
    }
    code = (
        "import django; django.setup()\n"
        "from datetime import datetime\n"
        "from analytics.reports.deliveries import run_due_deliveries\n"
        f"run_due_deliveries(clock=lambda: datetime.fromisoformat({MONDAY.isoformat()!r}))\n"
    )
    return subprocess.Popen([sys.executable, "-c", code], env=environment)


class Broken:
    """A sender with a fault of our own making."""

    def send(self, message: Message, *, before_handover: Callable[[], None]) -> None:
        """Never sends."""
        raise RuntimeError("a fault")


def test_fault_of_our_own_is_tried_eight_times_and_holds_nobody_up(
    workspace: Workspace, channel: Channel, server: MailServer
) -> None:
    saved(workspace)
    plan_due(now=MONDAY)
    for _attempt in range(8):
        run_due_deliveries(clock=lambda: MONDAY, limit=1, sender=Broken())
        row = ReportDelivery.objects.get()
        row.due_at = row.due_at and MONDAY
        row.save()
    assert (row.outcome, row.due_at, row.attempts) == (Outcome.FAILED, None, 8)
    assert "a fault" not in row.last_error


def test_connection_that_breaks_before_the_answer_leaves_the_mail_open(
    workspace: Workspace, channel: Channel, settings: Any
) -> None:
    saved(workspace)
    plan_due(now=MONDAY)
    with mail_server(settings) as server:
        settings.EMAIL_TIMEOUT = 1
        released = threading.Event()
        server.on_data = lambda: released.wait(3)
        run_due_deliveries(clock=lambda: MONDAY, limit=1)
        released.set()
        assert len(server.taken) == 1
        unsure = ReportDelivery.objects.get()
        assert unsure.outcome == Outcome.UNSURE
        server.on_data = None
        repeat_delivery(unsure, actor=SYSTEM, now=MONDAY)
        settings.EMAIL_TIMEOUT = 5
        run_due_deliveries(clock=lambda: MONDAY, limit=1)
        # Whoever got both can tell that they are one.
        assert [one["Message-ID"] for one in server.taken] == [server.taken[0]["Message-ID"]] * 2


def test_without_a_mail_server_the_mail_becomes_a_file(
    workspace: Workspace, channel: Channel, settings: Any, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND, settings.MAIL_DIR = "accounts.mail.FileMailBackend", tmp_path
    saved(workspace)
    tick(MONDAY)
    (file,) = tmp_path.glob("*.eml")
    letter = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert letter["Message-ID"] == message_id(f"report-{ReportDelivery.objects.get().public_id.hex}")
    assert ReportDelivery.objects.get().outcome == Outcome.SENT
