"""What holds for every question: fields, CSV, tags, caching, and life without Redis."""

import csv
import io
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import redis
from django.core.cache import cache
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Workspace
from analyticbot.local.binaries import valkey_program
from analytics.questions import CHANNEL_QUESTIONS, WORKSPACE_QUESTIONS
from analytics.questions.declaring import Question
from channels_app.models import Channel, CollectionGap, Post, Relation, TrackedChannel
from tests.analytics.world import NOW, Seen, count_subscribers, make_channel, make_posts
from tests.factories import bearer, make_token, make_workspace

Asker: TypeAlias = Callable[..., Any]
HOUR = timedelta(hours=1)
SPAN = "from=2026-06-08&to=2026-06-15"

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace(db: None) -> Workspace:
    workspace = make_workspace()
    workspace.time_zone = "Asia/Tashkent"
    workspace.save()
    return workspace


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    channel = make_channel()
    TrackedChannel.objects.create(workspace=workspace, channel=channel, relation=Relation.WATCHED, created_at=NOW)
    make_posts(channel, [Seen(NOW - 24 * HOUR, views=300), Seen(NOW - 48 * HOUR, views=100)])
    count_subscribers(channel, (NOW - 36 * HOUR, 1000))
    return channel


@pytest.fixture
def ask(client: Client, workspace: Workspace) -> Asker:
    token = bearer(make_token(workspace))

    def read(channel: Channel, what: str, query: str = SPAN, **headers: str) -> Any:
        address = f"/api/v2/analytics/channels/@{channel.username}/{what}?{query}"
        return client.get(
            address, headers={**token, **{name.replace("_", "-"): text for name, text in headers.items()}}
        )

    return read


def table(response: Any) -> list[dict[str, str]]:
    assert response.status_code == 200, response.content
    assert response["Content-Type"].startswith("text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(response.content.decode(), newline="")))


def test_fields_cut_rows_of_a_list(ask: Asker, channel: Channel) -> None:
    answer = ask(channel, "top-posts", f"{SPAN}&fields=views,msg_id").json()

    assert answer["data"] == [{"views": 300, "msg_id": 1}, {"views": 100, "msg_id": 2}]
    assert answer["meta"]["provenance"]["views"]["source"] == "mtproto"


def test_fields_cut_points_and_names_of_data(ask: Asker, channel: Channel) -> None:
    points = ask(channel, "reach", f"{SPAN}&fields=t,y").json()["data"]
    top = ask(channel, "overview", f"{SPAN}&fields=posts,err").json()["data"]
    both = ask(channel, "reach", f"{SPAN}&fields=at_age").json()["data"]

    assert all(set(point) == {"t", "y"} for point in points["points"])
    assert set(points) == {"points"}
    assert set(top) == {"posts", "err"}
    assert set(both) == {"at_age"}


@pytest.mark.parametrize("fields", ["luck", "posts,luck", ",", "posts__id"])
def test_an_unknown_field_is_refused_before_anything_is_read(ask: Asker, channel: Channel, fields: str) -> None:
    answer = ask(channel, "overview", f"{SPAN}&fields={fields}")

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "fields")
    assert "posts" in answer.json()["error"]["message"]


def test_csv_is_the_same_numbers_with_dates_in_the_zone_of_the_workspace(ask: Asker, channel: Channel) -> None:
    rows = table(ask(channel, "top-posts", Accept="text/csv"))

    assert [(row["msg_id"], row["date"], row["views"]) for row in rows] == [
        ("1", "2026-06-14T17:00:00+05:00", "300"),
        ("2", "2026-06-13T17:00:00+05:00", "100"),
    ]
    assert rows[0]["source"] == "mtproto"
    assert datetime.fromisoformat(rows[0]["observed_at"]) == NOW
    assert rows[0]["replies"] == ""


def test_csv_marks_steps_that_were_not_observed(ask: Asker, channel: Channel) -> None:
    start = datetime(2026, 6, 10, 3, tzinfo=UTC)
    CollectionGap.objects.create(channel=channel, kind="updates", started_at=start, ended_at=start + HOUR)
    rows = table(ask(channel, "reach", f"{SPAN}&format=csv"))
    gaps = ask(channel, "reach").json()["meta"]["gaps"]

    inside = [row["t"] for row in rows if row["gap"] == "1"]
    assert len(gaps) == 1
    assert inside == ["2026-06-10T00:00:00+05:00"]
    assert {row["gap"] for row in rows} <= {"0", "1"}


def test_csv_of_one_row_says_where_each_number_comes_from(ask: Asker, channel: Channel) -> None:
    (row,) = table(ask(channel, "overview", Accept="text/csv"))

    assert (row["posts"], row["views"], row["views_source"]) == ("2", "400", "mtproto")
    assert "previous" not in row


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "＝1"])
def test_csv_holds_no_formula(ask: Asker, channel: Channel, text: str) -> None:
    Post.objects.filter(channel=channel, message_id=1).update(text=text)

    row = table(ask(channel, "top-posts", Accept="text/csv"))[0]

    assert row["title"] == "'" + text.strip() or row["title"] == text.strip() == "x"


@pytest.mark.parametrize("query", ["", "&format=xml"])
def test_a_form_that_there_is_not_is_not_acceptable(ask: Asker, channel: Channel, query: str) -> None:
    answer = ask(channel, "overview", SPAN + query, **({} if query else {"Accept": "image/png"}))

    assert (answer.status_code, answer.json()["error"]["code"]) == (406, "not_acceptable")


def test_errors_are_json_also_for_csv(ask: Asker, channel: Channel) -> None:
    answer = ask(channel, "growth", f"{SPAN}&window=M", Accept="text/csv")

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "window")
    assert answer["Content-Type"] == "application/json"


def test_the_same_question_is_not_modified_and_costs_two_reads(ask: Asker, channel: Channel) -> None:
    first = ask(channel, "overview")
    with CaptureQueriesContext(connection) as asked:
        again = ask(channel, "overview", If_None_Match=f'"other", {first["ETag"]}')

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert first["Cache-Control"] == again["Cache-Control"] == "private, no-cache"
    assert len(asked) == 2  # who asks; may they, and which version
    assert {"Authorization", "Accept", "Accept-Language"} <= {part.strip() for part in again["Vary"].split(",")}


def test_a_kept_answer_costs_two_reads_and_is_the_same(ask: Asker, channel: Channel) -> None:
    first = ask(channel, "growth")
    with CaptureQueriesContext(connection) as asked:
        again = ask(channel, "growth")

    assert (again.status_code, again.content) == (200, first.content)
    assert len(asked) == 2


def test_new_data_is_seen_at_once(ask: Asker, channel: Channel) -> None:
    first = ask(channel, "overview")
    Post.objects.filter(channel=channel, message_id=1).update(views=5_000)
    Channel.objects.filter(pk=channel.pk).update(version=F("version") + 1)

    again = ask(channel, "overview", If_None_Match=first["ETag"])

    assert (again.status_code, again.json()["data"]["views"]) == (200, 5_100)


def test_the_tag_tells_apart_all_that_changes_an_answer(ask: Asker, client: Client, channel: Channel) -> None:
    other = make_workspace()
    tracked = TrackedChannel.objects.create(workspace=other, channel=channel, created_at=NOW)
    address = f"/api/v2/analytics/channels/@{channel.username}/overview?{SPAN}"
    theirs = bearer(make_token(other))
    tags = [
        ask(channel, "overview")["ETag"],
        ask(channel, "growth")["ETag"],
        ask(channel, "overview", f"{SPAN}&fields=posts")["ETag"],
        ask(channel, "overview", f"{SPAN}&media=photo")["ETag"],
        ask(channel, "overview", "from=2026-06-08&to=2026-06-14")["ETag"],
        ask(channel, "overview", Accept="text/csv")["ETag"],
        ask(channel, "overview", Accept_Language="ru")["ETag"],
        client.get(address, headers=theirs)["ETag"],
    ]
    TrackedChannel.objects.filter(pk=tracked.pk).update(relation=Relation.OWNED)
    tags.append(client.get(address, headers=theirs)["ETag"])

    assert len(set(tags)) == len(tags)
    # The same question in other words.
    assert ask(channel, "overview", "to=2026-06-15T00:00:00%2B05:00&from=2026-06-08")["ETag"] == tags[0]


def test_a_stranger_is_told_nothing_by_a_tag(ask: Asker, client: Client, channel: Channel) -> None:
    tag = ask(channel, "overview")["ETag"]
    stranger = bearer(make_token(make_workspace()))

    for given in (tag, "*"):
        answer = client.get(
            f"/api/v2/analytics/channels/@{channel.username}/overview?{SPAN}",
            headers={**stranger, "If-None-Match": given},
        )
        assert answer.status_code == 404


def test_questions_keep_their_answers_for_a_sensible_time() -> None:
    questions: list[Question[Any]] = [*CHANNEL_QUESTIONS, *WORKSPACE_QUESTIONS]
    for question in questions:
        assert 30 <= question.keep_for <= 180, question.name


class _Server:
    """A Redis of this test's own, to be stopped and started."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen([str(valkey_program()), *words], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                with redis.Redis(port=self.port) as client:
                    client.ping()
                return
            except redis.exceptions.ConnectionError:
                pass
        raise AssertionError("no Redis")

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(10)
            self.process = None


@pytest.fixture
def server(tmp_path: Path, settings: Any) -> Iterator[_Server]:
    server = _Server(tmp_path)
    server.start()
    address = f"redis://127.0.0.1:{server.port}/0"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": address}}
    settings.CACHE_REDIS_URL = address
    yield server
    server.stop()
    cache.close()


def test_answers_go_on_without_redis_and_are_kept_again_after_it(server: _Server, ask: Asker, channel: Channel) -> None:
    def cost(query: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert ask(channel, "overview", query).status_code == 200
        return len(asked)

    fresh = cost(SPAN)
    assert cost(SPAN) == 2 < fresh

    server.stop()
    without = cost(SPAN)
    assert without > 2
    assert ask(channel, "overview", If_None_Match=ask(channel, "overview")["ETag"]).status_code == 304

    server.start()
    cost(SPAN)
    assert cost(SPAN) == 2
