"""Notes on charts: people's own through the pages, automatic ones of what was observed."""

import re
from datetime import date, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

from django.test import Client
from django.utils import timezone

from accounts.models import Role, Workspace
from analyticbot.core.charts.files import chart_png
from analyticbot.core.models import AuditEntry
from analytics.exports.drawing import picture_of
from analytics.exports.sheets import Wanted, open_sheet
from analytics.models import Note
from analytics.notes.forms import initial_of
from analytics.period import days_between
from analytics.questions.asking import Reader
from channels_app.ingest.merging import merge_channels
from channels_app.models import Channel, ImportFile
from tests.face.section_world import enrich
from tests.face.world import full_channel, track
from tests.factories import make_channel, make_member, make_tracked, make_user, make_workspace, owner_of

PAGE = "/app/channels/@qulay_savdo/"
ADD = f"{PAGE}notes/add/"
ZONE = ZoneInfo("Asia/Tashkent")


def today() -> str:
    return timezone.now().astimezone(ZONE).date().isoformat()


def days_ago(days: int) -> str:
    return (timezone.now().astimezone(ZONE) - timedelta(days=days)).date().isoformat()


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def write(page: Client, **fields: str) -> Note:
    response = page.post(ADD, {"text": "Ad in @durov", "day": days_ago(3), **fields})
    assert response.status_code == 302, plain(response.content.decode())
    return Note.objects.latest("pk")


def test_note_is_written_and_stands_on_the_charts(page: Client, full: Channel, workspace: Workspace) -> None:
    note = write(page, text="  Ad in\n @durov ", next=PAGE)
    start = datetime.fromisoformat(days_ago(3)).replace(tzinfo=ZONE)
    assert (note.text, note.at, note.until) == ("Ad in @durov", start, start + timedelta(days=1))
    assert (note.workspace, note.channel, note.author) == (workspace, full, owner_of(workspace))
    for address in (PAGE, f"{PAGE}growth/"):
        html = page.get(address).content.decode()
        assert "chart__badge--own" in html, address
        assert "Ad in @durov" in plain(html)
    entry = AuditEntry.objects.get(action="analytics:note:added")
    assert (entry.workspace_id, (entry.after or {})["text"]) == (workspace.pk, "Ad in @durov")


def test_moment_and_span_mean_what_they_say(page: Client, full: Channel) -> None:
    moment = write(page, time="15:30")
    assert moment.at.astimezone(ZONE).strftime("%H:%M") == "15:30"
    assert moment.until is None
    span = write(page, day=days_ago(5), last=days_ago(3))
    assert span.until == span.at + timedelta(days=3)
    text = plain(page.get(f"{PAGE}notes/").content.decode())
    assert text.count("Ad in @durov") == 2


WRONG: list[tuple[dict[str, str], str]] = [
    ({"text": " "}, "This field is required."),
    ({"text": "x" * 201}, "at most 200 characters"),
    ({"text": "a\x07b"}, "cannot be shown"),
    ({"text": "a\u202eb"}, "cannot be shown"),
    ({"text": "a\x00b"}, "Null characters"),
    ({"day": "yesterday"}, "Enter a valid date"),
    ({"day": "1999-01-01"}, "too far from today"),
    ({"day": "2999-01-01"}, "too far from today"),
    ({"day": "9999-12-31"}, "too far from today"),
    ({"last": "9999-12-31"}, "too far from today"),
    ({"day": "2026-11-05", "last": "2026-11-04"}, "The end must be after the beginning"),
    ({"time": "25:99"}, "Enter a valid time"),
]


def test_what_is_no_note_is_said_at_the_form(page: Client, full: Channel) -> None:
    for fields, said in WRONG:
        sent = {"text": "fine", "day": days_ago(1), **fields}
        whole = page.post(ADD, sent)
        assert (whole.status_code, said in plain(whole.content.decode())) == (422, True), fields
        part = page.post(ADD, sent, headers={"HX-Request": "true"})
        assert (part.status_code, part["HX-Retarget"]) == (422, "#note-form")
        assert part.content.decode().strip().startswith('<div id="note-form"')
    assert not Note.objects.exists()


def test_htmx_is_led_back_to_the_part_of_the_page(page: Client, full: Channel) -> None:
    response = page.post(
        ADD,
        {"text": "fine", "day": days_ago(1), "next": f"{PAGE}?period=7d"},
        headers={"HX-Request": "true"},
        follow=True,
    )
    html = response.content.decode()
    assert html.strip().startswith('<div id="report"')
    assert "fine" in plain(html)


def test_nobody_is_led_elsewhere(page: Client, full: Channel) -> None:
    for address in ("https://evil.example/", "//evil.example/app/", "/account/logout/", "javascript:1"):
        response = page.post(ADD, {"text": "fine", "day": days_ago(1), "next": address})
        assert response["Location"] == f"{PAGE}notes/", address


def test_note_is_changed_and_removed(page: Client, full: Channel) -> None:
    note = write(page, time="10:00")
    address = f"{PAGE}notes/{note.public_id}/"
    html = page.get(address).content.decode()
    assert 'value="Ad in @durov"' in html
    assert 'value="10:00"' in html
    page.post(address, {"text": "Sale <b>begins</b>", "day": days_ago(2)})
    note.refresh_from_db()
    assert note.text == "Sale <b>begins</b>"
    assert note.changed_at > note.created_at
    html = page.get(PAGE).content.decode()
    assert "<b>begins</b>" not in html
    assert "Sale &lt;b&gt;begins" in html
    entry = AuditEntry.objects.get(action="analytics:note:changed")
    assert (entry.before or {})["text"] == "Ad in @durov"
    page.post(address, {"text": "Sale <b>begins</b>", "day": days_ago(2)})
    assert AuditEntry.objects.filter(action="analytics:note:changed").count() == 1  # nothing was different
    page.post(f"{address}remove/")
    assert not Note.objects.exists()
    assert AuditEntry.objects.filter(action="analytics:note:removed").count() == 1


def test_viewers_read_notes_and_write_none(client: Client, full: Channel, workspace: Workspace, now: datetime) -> None:
    viewer = make_user()
    make_member(workspace, viewer, Role.VIEWER)
    note = Note.objects.create(workspace=workspace, channel=full, at=now, text="Ours", created_at=now, changed_at=now)
    client.force_login(viewer)
    html = client.get(PAGE).content.decode()
    assert "Ours" in html
    assert "note-form" not in html
    assert "by somebody who left" in plain(client.get(f"{PAGE}notes/").content.decode())
    for address in (ADD, f"{PAGE}notes/{note.public_id}/", f"{PAGE}notes/{note.public_id}/remove/"):
        assert client.post(address, {"text": "x", "day": today()}).status_code == 403
    assert Note.objects.get().text == "Ours"


def test_notes_of_another_workspace_are_not_there(page: Client, full: Channel, now: datetime) -> None:
    others = make_workspace(name="Other")
    make_tracked(others, full)
    theirs = Note.objects.create(
        workspace=others, channel=full, at=now, text="Secret plan", created_at=now, changed_at=now
    )
    for address in (PAGE, f"{PAGE}notes/", f"{PAGE}growth/"):
        assert "Secret plan" not in page.get(address).content.decode()
    address = f"{PAGE}notes/{theirs.public_id}/"
    assert page.get(address).status_code == 404
    assert page.post(address, {"text": "x", "day": today()}).status_code == 404
    assert page.post(f"{address}remove/").status_code == 404
    assert Note.objects.get().text == "Secret plan"


def test_observed_facts_are_noted_by_themselves(
    page: Client, full: Channel, workspace: Workspace, now: datetime
) -> None:
    enrich(full, now=now)
    ImportFile.objects.create(
        workspace=workspace, channel=full, path="x", original_name="<i>result</i>.json", created_at=now,
        finished_at=now - timedelta(days=2), messages=40,
    )  # fmt: skip
    ImportFile.objects.create(
        workspace=make_workspace(), channel=full, path="y", original_name="not ours.json", created_at=now,
        finished_at=now - timedelta(days=2),
    )  # fmt: skip
    html = page.get(f"{PAGE}notes/?of=automatic").content.decode()
    text = plain(html)
    for told in (
        "Mentioned by Boshqa kanal (12.4K)",
        "Not observed",
        "New title: Qulay savdo · Удобные покупки",
        "File imported: <i>result</i>.json",
    ):
        assert told in text
    assert "<i>result" not in html
    assert "not ours" not in text
    assert 'href="https://t.me/boshqa_kanal/3"' in html
    chart = page.get(PAGE).content.decode()
    assert "Mentioned by Boshqa kanal" in chart
    assert "chart__badge--own" not in chart


def test_small_channels_and_short_gaps_are_no_news(page: Client, full: Channel, now: datetime) -> None:
    enrich(full, now=now)
    Channel.objects.filter(username="boshqa_kanal").update(subscribers=900)
    full.gaps.update(started_at=now - timedelta(days=5, minutes=30), ended_at=now - timedelta(days=5))
    text = plain(page.get(f"{PAGE}notes/?of=automatic").content.decode())
    assert "Boshqa kanal" not in text
    assert "Not observed" not in text


def test_merged_channel_keeps_its_notes(workspace: Workspace, now: datetime) -> None:
    pending = make_channel(None, tg_id=5_500_001)
    known = make_channel("known_one")
    note = Note.objects.create(
        workspace=workspace, channel=pending, at=now, text="Before", created_at=now, changed_at=now
    )
    merge_channels(pending.pk, into_id=known.pk)
    note.refresh_from_db()
    assert note.channel == known


def test_too_many_notes_are_refused(page: Client, full: Channel, workspace: Workspace, now: datetime) -> None:
    Note.objects.bulk_create(
        Note(workspace=workspace, channel=full, at=now, text="x", created_at=now, changed_at=now) for _ in range(1000)
    )
    response = page.post(ADD, {"text": "one more", "day": today()})
    assert response.status_code == 422
    assert Note.objects.count() == 1000


def test_unknown_channel_has_no_notes(page: Client, now: datetime) -> None:
    other = make_workspace(name="Other")
    channel = full_channel(now=now, username="theirs", days=1)
    track(other, channel, now=now)
    assert page.get("/app/channels/@theirs/notes/").status_code == 404
    assert page.post("/app/channels/@theirs/notes/add/", {"text": "x", "day": today()}).status_code == 404


def test_chart_in_a_file_carries_the_notes(page: Client, full: Channel, workspace: Workspace) -> None:
    write(page, text="Ad <1> & more")
    reader = Reader(workspace.pk, workspace.time_zone)
    wanted = Wanted("growth", "@qulay_savdo", {})
    sheet = open_sheet(reader, wanted, now=timezone.now())
    document = picture_of(sheet, language="en")
    assert "Ad &lt;1&gt; &amp; more" in document
    assert "chart__badge--own" in document
    assert "Not observed" in document
    assert chart_png(document).startswith(b"\x89PNG")


def test_whole_day_that_begins_at_one_oclock_stays_a_whole_day() -> None:
    """In Santiago clocks go forward at midnight."""
    zone = ZoneInfo("America/Santiago")
    period = days_between(date(2026, 9, 6), date(2026, 9, 7), zone)
    held = initial_of(Note(text="x", at=period.start, until=period.end), zone)
    assert (held["day"], held["time"], held["last"]) == ("2026-09-06", "", "")
