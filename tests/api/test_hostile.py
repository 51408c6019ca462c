"""What somebody might send who means no good, and what answers must never share or keep for too long."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import openpyxl
import pytest
import redis
from django.core.cache.backends.redis import RedisCacheClient
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client
from django.utils import timezone

from accounts.models import Workspace
from analyticbot.core.made_files import remove_expired
from analytics.exports import work
from analytics.models import ExportFile
from channels_app.cells import recompute_dirty_cells
from channels_app.collect.gaps import note_lateness, open_overdue
from channels_app.importing.uploads import remove_finished
from channels_app.ingest.official import ingest_official
from channels_app.models import (
    Channel,
    ChannelHour,
    CollectKind,
    CollectTask,
    ImportFile,
    Post,
    Relation,
    TrackedChannel,
)
from mtproto.records import Graph
from tests.analytics.network_world import Pointer, point
from tests.analytics.world import NOW, Seen, make_channel, make_posts
from tests.factories import bearer, make_token, make_workspace

EXPORTS = "/api/v2/exports"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPAN = "from=2026-06-08&to=2026-06-15"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.EXPORT_DIR = tmp_path / "exports"
    settings.EXPORT_ENABLED = True
    settings.API_LIMIT_FACTOR = 100
    return tmp_path / "exports"


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    channel = make_channel()
    TrackedChannel.objects.create(workspace=workspace, channel=channel, relation=Relation.OWNED, created_at=NOW)
    make_posts(channel, [Seen(NOW - number * DAY, views=100 + number) for number in range(1, 6)])
    return channel


@pytest.fixture
def api(client: Client, workspace: Workspace) -> Client:
    client.defaults["HTTP_AUTHORIZATION"] = bearer(make_token(workspace))["Authorization"]
    return client


def order(api: Client, **body: Any) -> Any:
    return api.post(EXPORTS, json.dumps(body), "application/json")


def ask(api: Client, channel: Channel, what: str, query: str = SPAN, **headers: Any) -> Any:
    return api.get(f"/api/v2/analytics/channels/@{channel.username}/{what}?{query}", **headers)


@pytest.mark.parametrize("name", ["a\r\nSet-Cookie: x=1", "\x00", "@\x00", "../../etc/passwd", 'x"; y="', "\u202egnp"])
@pytest.mark.parametrize("what", ["compare", "overview"])
def test_an_export_cannot_be_named_into_headers_or_paths(api: Client, channel: Channel, what: str, name: str) -> None:
    parameters = {"channels": f"@{channel.username}"} if what == "compare" else {}
    asked = order(api, what=what, channel=name, format="csv", parameters=parameters)

    assert asked.status_code in {400, 404}, asked.content
    assert asked.json()["error"]["message"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"x" * 100_000: "1"},
        {"": "1"},
        {"from": "x" * 501},
        {"a\x00": "1"},
        {f"p{number}": "1" for number in range(21)},
    ],
)
def test_an_export_keeps_no_huge_or_odd_parameters(api: Client, channel: Channel, parameters: Any) -> None:
    asked = order(api, what="overview", channel=f"@{channel.username}", format="csv", parameters=parameters)

    assert (asked.status_code, asked.json()["error"]["field"]) == (400, "parameters")


def test_a_whole_table_refuses_to_be_narrowed_rather_than_ignore_it(api: Client, channel: Channel) -> None:
    found = api.get(f"{EXPORTS}/channels/@{channel.username}/all-posts?media=photo")

    assert (found.status_code, found.json()["error"]["field"]) == (400, "media")


def test_a_failed_export_does_not_tell_about_the_machine(
    api: Client, channel: Channel, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    settings.EXPORT_DIR = tmp_path / "file" / "exports"  # a folder that cannot be made
    asked = order(api, what="overview", channel=f"@{channel.username}", format="csv")
    for _ in range(10):
        ExportFile.objects.update(due_at=timezone.now() - DAY)
        work.run_due_exports()
        if ExportFile.objects.get().parked_at:
            break
    told = api.get(asked["Location"]).json()

    assert told["state"] == "failed"
    assert told["error"]
    assert str(tmp_path) not in json.dumps(told)
    assert "Error" not in told["error"]


def test_what_killed_builders_left_is_removed(api: Client, channel: Channel, folder: Path) -> None:
    asked = order(api, what="overview", channel=f"@{channel.username}", format="csv")
    work.run_due_exports()
    (folder / "0b9c.xlsx.3.part").write_text("half")
    (folder / "tmpabc").mkdir()
    remove_expired(ExportFile, now=timezone.now())
    assert (folder / "0b9c.xlsx.3.part").exists()  # it may be growing still

    remove_expired(ExportFile, now=timezone.now() + timedelta(days=2))

    assert [path.suffix for path in folder.iterdir() if path.is_file()] == [".csv"]
    assert api.get(f"{asked['Location']}/file").status_code == 200


def test_a_long_export_leaves_workers_to_others(api: Client, channel: Channel) -> None:
    for form in ("csv", "json"):
        order(api, what="overview", channel=f"@{channel.username}", format=form)
    first = ExportFile.objects.order_by("pk").first()
    assert first is not None
    ExportFile.objects.filter(pk=first.pk).update(leased_by="worker:1", leased_until=timezone.now() + HOUR)

    assert work.run_due_exports() == 0
    ExportFile.objects.filter(pk=first.pk).update(leased_until=timezone.now() - HOUR)
    assert work.run_due_exports() == 1


def test_a_full_redis_slows_answers_and_breaks_none(
    api: Client, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise redis.exceptions.OutOfMemoryError("OOM command not allowed when used memory > 'maxmemory'.")

    monkeypatch.setattr(RedisCacheClient, "set", refuse)

    assert ask(api, channel, "overview").status_code == 200


def test_a_recomputed_cell_renews_the_answer(api: Client, channel: Channel) -> None:
    ChannelHour.objects.create(channel=channel, hour=NOW - 3 * DAY, posts=9, views=999, dirty=True)
    tag = ask(api, channel, "growth")["ETag"]

    recompute_dirty_cells()

    assert ask(api, channel, "growth", HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_an_official_graph_renews_the_answer_at_once(api: Client, channel: Channel) -> None:
    tag = ask(api, channel, "official-graphs", "")["ETag"]

    ingest_official(channel.pk, graphs={"languages_graph": Graph(json='{"columns": []}')}, daily={}, observed_at=NOW)

    assert ask(api, channel, "official-graphs", "", HTTP_IF_NONE_MATCH=tag).status_code == 200


@pytest.mark.parametrize("found_by", ["sweep", "run"])
def test_a_gap_that_is_found_late_renews_the_answer(api: Client, channel: Channel, found_by: str) -> None:
    task = CollectTask.objects.create(
        channel=channel, kind=CollectKind.FACTS, due_at=NOW - 3 * DAY, finished_at=NOW - 4 * DAY
    )
    tag = ask(api, channel, "growth")["ETag"]

    if found_by == "sweep":
        assert open_overdue(now=NOW) == 1
    else:
        note_lateness(task, "subscribers", now=NOW)

    assert ask(api, channel, "growth", HTTP_IF_NONE_MATCH=tag).status_code == 200


@pytest.mark.parametrize("what", ["best-time", "content-effects"])
def test_a_given_end_is_another_question_than_none(api: Client, channel: Channel, what: str) -> None:
    tomorrow = (timezone.now() + DAY).date()

    assert ask(api, channel, what, f"to={tomorrow}")["ETag"] != ask(api, channel, what, "")["ETag"]


def _files(form: str) -> Any:
    return {"file": SimpleUploadedFile("x.csv", b"a,b\n"), "channel": "", "modified": form}


def test_a_stranger_fills_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []
    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", lambda *_args, **_kwargs: kept.append("file"))

    answer = Client(enforce_csrf_checks=True).post("/app/import/", _files(""))

    assert answer.status_code in {302, 403}
    assert kept == []


def test_headers_tell_limits_and_never_share(api: Client, channel: Channel) -> None:
    first = ask(api, channel, "overview")
    same = ask(api, channel, "overview", HTTP_IF_NONE_MATCH=first["ETag"])
    table = ask(api, channel, "overview", f"{SPAN}&format=csv")
    head = api.head(f"/api/v2/analytics/channels/@{channel.username}/overview?{SPAN}")

    assert (same.status_code, table.status_code, head.status_code, head.content) == (304, 200, 200, b"")
    assert table["ETag"] != first["ETag"] == head["ETag"]
    for answer in (first, same, table, head):
        assert "RateLimit-Remaining" in answer
        assert answer["Cache-Control"].startswith("private")
        assert {"Authorization", "Cookie", "Accept-Language", "Accept"} <= set(answer["Vary"].split(", "))


def test_no_tag_opens_what_was_closed(api: Client, client: Client, channel: Channel, workspace: Workspace) -> None:
    tag = ask(api, channel, "overview")["ETag"]
    stranger = bearer(make_token(make_workspace()))["Authorization"]
    narrow = bearer(make_token(workspace, scopes=["channels:read"]))["Authorization"]
    for header, status in ((stranger, 404), (narrow, 403), ("Bearer abk_live_x", 401)):
        answer = ask(client, channel, "overview", HTTP_IF_NONE_MATCH=f"{tag}, *", HTTP_AUTHORIZATION=header)
        assert answer.status_code == status

    TrackedChannel.objects.update(relation=Relation.WATCHED)
    assert ask(api, channel, "overview", HTTP_IF_NONE_MATCH=tag).status_code == 200
    TrackedChannel.objects.all().delete()
    assert ask(api, channel, "overview", HTTP_IF_NONE_MATCH=tag).status_code == 404


def test_a_compared_channel_ends_with_its_tracking(api: Client, channel: Channel, workspace: Workspace) -> None:
    other = make_channel()
    tracked = TrackedChannel.objects.create(workspace=workspace, channel=other, relation=Relation.OWNED, created_at=NOW)
    query = f"{SPAN}&compare=channel:@{other.username}"
    tag = ask(api, channel, "statistics", query)["ETag"]
    assert ask(api, channel, "statistics", query, HTTP_IF_NONE_MATCH=tag).status_code == 304

    TrackedChannel.objects.filter(pk=tracked.pk).update(relation=Relation.WATCHED)
    assert ask(api, channel, "statistics", query, HTTP_IF_NONE_MATCH=tag).status_code == 200
    tracked.delete()
    assert ask(api, channel, "statistics", query, HTTP_IF_NONE_MATCH=tag).status_code == 404


def test_a_private_source_ends_with_its_tracking(api: Client, channel: Channel, workspace: Workspace) -> None:
    private = make_channel()
    Channel.objects.filter(pk=private.pk).update(username=None, title="Hidden")
    tracked = TrackedChannel.objects.create(workspace=workspace, channel=private, created_at=NOW)
    point(Pointer(private, NOW - 2 * DAY, names=[channel.username or ""]))
    assert b"Hidden" in ask(api, channel, "sources").content

    tracked.delete()

    assert b"Hidden" not in ask(api, channel, "sources").content


def test_a_tag_of_anything_does_not_hide_mistakes(api: Client, channel: Channel) -> None:
    assert ask(api, channel, "top-posts", f"{SPAN}&limit=x", HTTP_IF_NONE_MATCH="*").status_code == 400
    assert ask(api, channel, "posts/999", "", HTTP_IF_NONE_MATCH="*").status_code == 404


WILD = [
    *("-1", "1e3", "١٢", "9" * 5000, "x" * 10_000, "((((a+)+)+)+)$%\\'", "\ud7ff\uffff🔥"),
    *("9999-12-31T23:59:59-14:00", "cHVibGlzaGVkOjk5OTk5OTk5OTk5OTk5OTk6OTk5OTk5OTk5OQ", "\r\nX: y\t"),
]
NAMES = [
    "limit",
    "cursor",
    "fields",
    "q",
    "from",
    "to",
    "order",
    "window",
    "hashtag",
    "hour",
    "author",
    "channels",
    "at",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("what", ["posts", "growth", "compare"])
def test_wild_parameters_break_nothing(api: Client, channel: Channel, what: str, name: str) -> None:
    base = "/api/v2/analytics/" if what == "compare" else f"/api/v2/analytics/channels/@{channel.username}/"
    for value in WILD:
        answer = api.get(f"{base}{what}?{name}={quote(value)}&{name}={quote(value)}")
        assert answer.status_code < 500, (name, value)
        if answer.status_code >= 400:
            assert set(answer.json()["error"]) == {"code", "message", "field"}
            assert answer.json()["error"]["message"]


@pytest.mark.parametrize("name", ["0", "-1", "@", "@@", "9" * 400, "99999999999999999999", "@ünï", "@" + "x" * 9000])
def test_wild_channels_and_posts_are_not_found(api: Client, channel: Channel, name: str) -> None:
    assert api.get(f"/api/v2/analytics/channels/{quote(name)}/overview").status_code == 404
    for number in ("0", "2147483648", "9" * 19, "9" * 400, "9" * 5000):
        assert ask(api, channel, f"posts/{number}", "").status_code == 404
        assert ask(api, channel, f"posts/{number}/curve", "").status_code == 404


@pytest.mark.parametrize("form", ["csv", "xlsx", "json", "svg", "png"])
def test_odd_signs_in_titles_and_texts_reach_every_form(api: Client, channel: Channel, form: str) -> None:
    odd = "=\x01\x0b\x1f]]>&<\ufffe\uffff\u2028 _x0041_ \x7f"
    Channel.objects.update(title=odd)
    Post.objects.update(text=odd, post_author=odd)
    for what in ("growth",) if form in {"svg", "png"} else ("top-posts", "all-posts"):
        asked = order(api, what=what, channel=f"@{channel.username}", format=form, parameters={"from": "2026-06-01"})
        assert work.run_due_exports() == 1
        state = api.get(asked["Location"]).json()
        assert state["state"] == "ready", (state, ExportFile.objects.get(public_id=state["id"]).last_error)
        file: Any = api.get(state["file"])
        body = b"".join(file.streaming_content)
        if form == "svg":
            ElementTree.fromstring(body)
        if form == "xlsx":
            book = openpyxl.load_workbook(io.BytesIO(body))
            assert not [cell for row in book["Data"].iter_rows() for cell in row if cell.data_type == "f"]


def test_uploads_that_failed_for_good_go_at_last(workspace: Workspace, settings: Any, tmp_path: Path) -> None:
    settings.UPLOAD_DIR = tmp_path / "uploads"
    settings.UPLOAD_DIR.mkdir()
    secret = tmp_path / "secret"
    secret.write_text("kept")
    (settings.UPLOAD_DIR / "link").symlink_to(secret)
    (settings.UPLOAD_DIR / "broken").symlink_to(tmp_path / "nowhere")
    path = settings.UPLOAD_DIR / "a"
    path.write_text("x")
    now = timezone.now()
    ImportFile.objects.create(workspace=workspace, path=str(path), original_name="a", created_at=now, parked_at=now)

    remove_finished(now=now + timedelta(days=6))
    assert path.exists()
    remove_finished(now=now + timedelta(days=8))

    assert list(settings.UPLOAD_DIR.iterdir()) == []
    assert secret.exists()
