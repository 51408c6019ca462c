"""Files of answers and of whole tables: asked for, built, fetched, expired; the same numbers as the API tells."""

import csv
import io
import json
import re
import struct
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.models import Role, Workspace
from analyticbot.core.audit import SYSTEM
from analyticbot.core.charts.files import chart_png
from analyticbot.core.csv_text import DANGEROUS, csv_blocks
from analyticbot.core.made_files import remove_expired
from analyticbot.core.models import AuditEntry
from analyticbot.core.work import MAX_ATTEMPTS
from analytics.exports import work
from analytics.models import ExportFile
from analytics.questions.columns import columns_of
from analytics.schemas.posts import TOP_POSTS
from billing.changing import change_plan
from billing.plans import Plan
from channels_app.models import Channel, Post, TrackedChannel
from tests.analytics.world import NOW, Seen, make_channel, make_posts, take_snapshots
from tests.factories import bearer, make_member, make_token, make_workspace

Api: TypeAlias = Callable[..., Any]
URL = "/api/v2/exports"
HOUR = timedelta(hours=1)
ZONE = ZoneInfo("Asia/Tashkent")
SPAN = {"from": "2026-06-08", "to": "2026-06-15"}
WILD = [
    "=1+1",
    "+7",
    "-2",
    "@x",
    "\tx",
    "＝1",
    'say "hi", you',
    "two\nlines",
    "\\N",
    "",
    "Oʻzbek Ўзбек 🔥",
    "\\.",
    "%d%%",
]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.EXPORT_DIR = tmp_path / "exports"
    settings.EXPORT_ENABLED = True
    settings.API_LIMIT_FACTOR = 100
    return tmp_path / "exports"


@pytest.fixture
def workspace(db: None) -> Workspace:
    workspace = make_workspace()
    workspace.time_zone = "Asia/Tashkent"
    workspace.save()
    return workspace


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    channel = make_channel()
    TrackedChannel.objects.create(workspace=workspace, channel=channel, created_at=NOW)
    posts = [
        Seen(NOW - (24 + number) * HOUR, views=None if number == 3 else 300 - number) for number in range(len(WILD))
    ]
    for post, text in zip(make_posts(channel, posts), WILD, strict=True):
        Post.objects.filter(pk=post.pk).update(text=text)
    return channel


@pytest.fixture
def api(client: Client, workspace: Workspace) -> Client:
    client.defaults["HTTP_AUTHORIZATION"] = bearer(make_token(workspace))["Authorization"]
    return client


def request_file(api: Client, form: str, channel: Channel, what: str = "top-posts", change: Any = None) -> Any:
    parameters = {**SPAN, "limit": "50"} if what == "top-posts" else {}
    body = {"what": what, "channel": f"@{channel.username}", "format": form, "parameters": parameters} | (change or {})
    return api.post(URL, json.dumps(body), "application/json")


def whole(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def fetch(api: Client, asked: Any) -> bytes:
    assert asked.status_code == 202, asked.content
    assert work.run_due_exports() == 1
    state = api.get(asked["Location"]).json()
    assert state["state"] == "ready", state
    response = api.get(state["file"])
    assert response.status_code == 200
    body = whole(response)
    assert len(body) == state["size"] == int(response["Content-Length"])
    return body


def answered(api: Client, channel: Channel, what: str = "top-posts") -> Any:
    return api.get(f"/api/v2/analytics/channels/@{channel.username}/{what}", {**SPAN, "limit": "50"}).json()


def test_an_export_goes_from_queued_to_ready_to_expired(api: Client, channel: Channel, folder: Path) -> None:
    asked = request_file(api, "csv", channel)
    body = asked.json()
    assert (body["state"], body["rows"], body["file"]) == ("queued", 0, None)
    early = api.get(f"{asked['Location']}/file")
    assert (early.status_code, early.json()["error"]["code"]) == (409, "export_queued")

    fetch(api, asked)

    ready = api.get(asked["Location"]).json()
    assert (ready["rows"], ready["total"], ready["error"]) == (len(WILD), len(WILD), None)
    left = datetime.fromisoformat(ready["expires_at"]) - datetime.fromisoformat(ready["finished_at"])
    assert left == timedelta(hours=72)
    assert [path.suffix for path in folder.iterdir()] == [".csv"]
    assert remove_expired(ExportFile, now=timezone.now() + timedelta(hours=71)) == 0
    ExportFile.objects.update(expires_at=timezone.now())
    assert remove_expired(ExportFile, now=timezone.now()) == 1
    assert list(folder.iterdir()) == []
    assert api.get(asked["Location"]).json()["state"] == "expired"
    assert api.get(f"{asked['Location']}/file").json()["error"]["code"] == "export_expired"
    remove_expired(ExportFile, now=timezone.now() + timedelta(days=31))
    assert api.get(asked["Location"]).status_code == 404


def test_every_step_leaves_an_audit_row(api: Client, channel: Channel, workspace: Workspace) -> None:
    asked = request_file(api, "json", channel)
    fetch(api, asked)
    assert api.delete(asked["Location"]).status_code == 204

    actions = AuditEntry.objects.filter(action__startswith="analytics:export").order_by("pk")
    assert [row.action.rpartition(":")[2] for row in actions] == ["requested", "finished", "fetched", "deleted"]
    assert {(row.workspace_id, row.actor_kind) for row in actions} == {(workspace.pk, "token")}


def test_json_is_what_the_api_answers(api: Client, channel: Channel) -> None:
    found = json.loads(fetch(api, request_file(api, "json", channel)))

    assert found["data"] == answered(api, channel)["data"]


def test_csv_is_what_the_api_answers_and_holds_no_formula(api: Client, channel: Channel) -> None:
    text = fetch(api, request_file(api, "csv", channel)).decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    told = answered(api, channel)["data"]

    assert text.startswith("\ufeff")
    assert [(int(row["msg_id"]), row["views"]) for row in rows] == [
        (row["msg_id"], "" if row["views"] is None else str(row["views"])) for row in told
    ]
    assert [datetime.fromisoformat(row["date"]) for row in rows] == [datetime.fromisoformat(r["date"]) for r in told]
    assert all(row["date"].endswith("+05:00") for row in rows)
    assert not [cell for row in rows for cell in row.values() if cell.startswith(tuple(DANGEROUS))]


@pytest.mark.parametrize(("language", "pattern"), [("en", "yyyy-mm-dd hh:mm:ss"), ("ru", "dd.mm.yyyy hh:mm:ss")])
def test_xlsx_has_dates_numbers_and_texts(api: Client, channel: Channel, language: str, pattern: str) -> None:
    api.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    book = openpyxl.load_workbook(io.BytesIO(fetch(api, request_file(api, "xlsx", channel))))
    page, notes = book["Data"], book["Sources"]
    told = {row["msg_id"]: row for row in answered(api, channel)["data"]}
    lines = list(page.iter_rows(min_row=2))

    assert len(lines) == len(told)
    names = list(columns_of(TOP_POSTS).rows)
    for line in lines:
        row = dict(zip(names, line, strict=False))
        one = told[row["msg_id"].value]
        assert row["date"].is_date
        assert row["date"].number_format == pattern
        assert row["date"].value.replace(tzinfo=ZONE) == datetime.fromisoformat(one["date"])
        assert row["views"].value == one["views"]
        assert row["views"].data_type == "n"
        assert (row["title"].value or "") == one["title"]
        assert all(cell.data_type != "f" for cell in line)
    assert page.freeze_panes == "A2"
    assert {"zone", "views: source", "views: coverage"} <= {line[0].value for line in notes.iter_rows()}


def test_whole_tables_tell_every_post(api: Client, channel: Channel) -> None:
    Post.objects.filter(channel=channel, message_id=2).update(deleted_at=NOW)
    stored = list(Post.objects.filter(channel=channel).order_by("message_id"))
    response = api.get(f"{URL}/channels/@{channel.username}/all-posts")
    streamed = whole(response).decode()
    rows = list(csv.DictReader(io.StringIO(streamed, newline="")))

    assert [int(row["msg_id"]) for row in rows] == [post.message_id for post in stored]
    assert [row["views"] for row in rows] == ["" if post.views is None else str(post.views) for post in stored]
    assert [datetime.fromisoformat(row["date"]) for row in rows] == [post.published_at for post in stored]
    assert {row["date"][-6:] for row in rows} == {"+05:00"}
    for row, post in zip(rows, stored, strict=True):
        assert row["text"] == ("'" + post.text if post.text[:1] in set(DANGEROUS) - {""} and post.text else post.text)
    assert [bool(row["deleted_at"]) for row in rows] == [number == 1 for number in range(len(rows))]
    with connection.cursor() as cursor:
        cursor.execute("SHOW TimeZone")
        assert cursor.fetchone()[0] == "UTC"


def test_a_whole_table_is_the_same_in_every_form(api: Client, channel: Channel) -> None:
    for post in Post.objects.filter(channel=channel):
        take_snapshots(post, (HOUR, 10), (2 * HOUR, 20 + post.message_id))
    address = f"{URL}/channels/@{channel.username}/all-snapshots"
    as_csv = whole(api.get(address)).decode()
    as_json = json.loads(whole(api.get(address, {"format": "json"})))["data"]
    built = fetch(api, request_file(api, "csv", channel, "all-snapshots")).decode().removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(as_csv, newline="")))

    assert len(rows) == 2 * len(WILD)
    assert ExportFile.objects.get().rows_done == len(rows)
    assert as_csv.replace("\r\n", "\n") == built.replace("\r\n", "\n")
    assert [(int(r["msg_id"]), int(r["views"]), datetime.fromisoformat(r["observed_at"])) for r in rows] == [
        (r["msg_id"], r["views"], datetime.fromisoformat(r["observed_at"])) for r in as_json
    ]
    assert rows == sorted(rows, key=lambda row: (int(row["msg_id"]), row["observed_at"]))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20), max_size=8))
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_survives_csv(texts: list[str]) -> None:
    whole = "".join(csv_blocks(("text",), [(text,) for text in texts], zone=ZoneInfo("UTC")))
    rows = list(csv.reader(io.StringIO(whole, newline="")))[1:]

    assert len(rows) == len(texts)
    for row, text in zip(rows, texts, strict=True):
        cell = row[0] if row else ""
        assert cell == (f"'{text}" if text.startswith(tuple(DANGEROUS)) else text)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"what": "luck"}, "what"),
        ({"what": 5}, "what"),
        ({"format": "doc"}, "format"),
        ({"channel": 5}, "channel"),
        ({"parameters": {"from": "never"}}, "from"),
        ({"parameters": {"fields": "luck"}}, "fields"),
        ({"parameters": {"a": 1}}, "parameters"),
        ({"parameters": {"a": "x\x00"}}, "parameters"),
        ({"parameters": []}, "parameters"),
    ],
)
def test_a_wrong_export_is_refused_at_once(api: Client, channel: Channel, change: dict[str, Any], field: str) -> None:
    asked = request_file(api, "csv", channel, change=change)

    assert (asked.status_code, asked.json()["error"]["field"]) == (400, field), asked.content
    assert not ExportFile.objects.exists()


def test_an_export_of_a_channel_that_is_not_tracked_is_not_found(api: Client, channel: Channel) -> None:
    assert request_file(api, "csv", make_channel()).status_code == 404


def test_what_only_the_question_refuses_is_told_by_the_export(api: Client, channel: Channel) -> None:
    asked = request_file(api, "csv", channel, change={"parameters": {"limit": "999"}})
    work.run_due_exports()

    state = api.get(asked["Location"]).json()
    assert (state["state"], "limit" in state["error"]) == ("failed", True)


def test_switched_off_exports_say_so(api: Client, channel: Channel, settings: Any) -> None:
    settings.EXPORT_ENABLED = False

    for response in (api.get(URL), request_file(api, "csv", channel), api.get(f"{URL}/channels/@x/all-posts")):
        assert (response.status_code, response.json()["error"]["code"]) == (403, "exports_off")
    assert answered(api, channel)["data"]


def test_viewers_see_exports_but_make_none(client: Client, workspace: Workspace, channel: Channel) -> None:
    viewer = make_member(workspace, role=Role.VIEWER).user
    analyst = make_member(workspace, role=Role.ANALYST).user
    client.defaults["HTTP_AUTHORIZATION"] = bearer(make_token(workspace, creator=viewer))["Authorization"]

    assert client.get(URL).status_code == 200
    assert request_file(client, "csv", channel).status_code == 403
    assert client.get(f"{URL}/channels/@{channel.username}/all-posts").status_code == 403
    client.defaults["HTTP_AUTHORIZATION"] = bearer(make_token(workspace, creator=analyst))["Authorization"]
    assert request_file(client, "csv", channel).status_code == 202


def test_another_workspace_cannot_fetch(api: Client, channel: Channel) -> None:
    asked = request_file(api, "csv", channel)
    fetch(api, asked)
    stranger = Client(headers=bearer(make_token(make_workspace())))

    for method, address in [("get", ""), ("get", "/file"), ("delete", "")]:
        assert getattr(stranger, method)(asked["Location"] + address).status_code == 404
    assert stranger.get(URL).json()["data"] == []
    assert api.get(f"{URL}/{uuid.uuid4()}").status_code == 404


def test_exports_are_limited_by_plan_and_do_not_pile_up(
    api: Client, workspace: Workspace, channel: Channel, settings: Any
) -> None:
    change_plan(workspace, plan=Plan.PRO, actor=SYSTEM, now=NOW)
    answers = [request_file(api, "csv", channel).status_code for _number in range(3)]
    assert answers == [202, 202, 409]
    change_plan(workspace, plan=Plan.AGENCY, actor=SYSTEM, now=NOW)
    answers = [request_file(api, "csv", channel).status_code for _number in range(4)]
    assert answers == [202, 202, 202, 409]

    settings.API_LIMIT_FACTOR = 1
    assert 429 in [request_file(api, "csv", channel).status_code for _number in range(12)]
    assert api.get(URL).status_code == 200


def test_a_build_that_was_killed_is_taken_up_again_and_given_up_at_last(api: Client, channel: Channel) -> None:
    asked = request_file(api, "csv", channel)
    ExportFile.objects.update(leased_by="dead", leased_until=timezone.now() - HOUR, attempts=1, fence=4)
    assert fetch(api, asked)

    again = request_file(api, "csv", channel)
    ExportFile.objects.filter(finished_at__isnull=True).update(attempts=MAX_ATTEMPTS)
    work.run_due_exports()
    assert api.get(again["Location"]).json()["state"] == "failed"


def test_a_deleted_export_leaves_no_file(
    api: Client, channel: Channel, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    asked = request_file(api, "csv", channel)
    fetch(api, asked)
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(asked["Location"]).status_code == 204

    assert list(folder.iterdir()) == []
    assert api.get(asked["Location"]).status_code == 404


def test_lists_page_by_key_newest_first(api: Client, channel: Channel) -> None:
    made = [request_file(api, "csv", channel).json()["id"] for _number in range(3)]
    first = api.get(f"{URL}?limit=2").json()
    second = api.get(f"{URL}?limit=2&cursor={first['meta']['next']}").json()

    assert [row["id"] for row in first["data"] + second["data"]] == made[::-1]
    assert second["meta"]["next"] is None


def test_moments_are_told_in_utc(api: Client, channel: Channel) -> None:
    assert datetime.fromisoformat(request_file(api, "csv", channel).json()["created_at"]).tzinfo == UTC


@pytest.mark.parametrize("language", ["en", "ru", "uz"])
def test_a_series_is_drawn_as_svg_and_png(api: Client, channel: Channel, language: str) -> None:
    Channel.objects.filter(pk=channel.pk).update(title="Yangiliklar: Oʻzbek <b>ва</b> рус")
    api.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    change = {"parameters": SPAN}
    svg = fetch(api, request_file(api, "svg", channel, "reach", change))
    png = fetch(api, request_file(api, "png", channel, "reach", change))
    root = ElementTree.fromstring(svg)

    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "Yangiliklar: Oʻzbek <b>ва</b> рус" in "".join(root.itertext())
    assert "Asia/Tashkent" in "".join(root.itertext())
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    assert (width, height) == (2 * int(root.get("width") or 0), 2 * int(root.get("height") or 0))
    assert re.search(r'<path class="chart__bars"[^>]* d="M', svg.decode())


def test_one_number_of_several_is_drawn_by_its_field(api: Client, channel: Channel) -> None:
    change = {"parameters": {**SPAN, "fields": "t,views"}}
    svg = fetch(api, request_file(api, "svg", channel, "statistics", change))

    assert "Views" in "".join(ElementTree.fromstring(svg).itertext())


def test_what_is_no_series_has_no_picture(api: Client, channel: Channel) -> None:
    asked = request_file(api, "png", channel)
    work.run_due_exports()

    assert api.get(asked["Location"]).json()["state"] == "failed"


def test_the_font_has_the_letters_of_our_languages() -> None:
    def drawn(text: str) -> bytes:
        head = '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40">'
        return chart_png(f'{head}<text x="5" y="30" font-size="24" font-family="DejaVu Sans">{text}</text></svg>')

    letters = "aЯЎўҚқҒғҲҳʻʼёЁ₽–…"
    pictures = {drawn(letter) for letter in letters}
    # Each letter is a picture of its own, and none is the empty one, nor the box of a letter that is missing.
    assert len(pictures | {drawn(""), drawn("\U000f0000")}) == len(letters) + 2
