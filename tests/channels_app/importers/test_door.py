"""The command: what it makes, what it refuses, and that a refused file leaves nothing behind."""

import csv
import gzip
import json
import os
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from analyticbot.core.audit import AuditAction
from analyticbot.core.models import AuditEntry
from channels_app.models import Channel, ImportFile, Post, PostRevision, PostSnapshot, Relation, TrackedChannel
from tests.channels_app.importers.exports import desktop_chat, desktop_message
from tests.channels_app.importers.places import row_counts
from tests.factories import make_user, make_workspace

pytestmark = pytest.mark.django_db
MADE = datetime(2025, 3, 1, 12, tzinfo=UTC)


def run(path: Path, **options: Any) -> str:
    out = StringIO()
    call_command("import_channel", str(path), stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def write_table(folder: Path, rows: list[list[Any]], *, name: str = "some_channel.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([["id", "date", "text", "views", "forwards", "replies"], *rows])
    os.utime(path, (MADE.timestamp(), MADE.timestamp()))
    return path


def row(number: int, *, day: int = 1, text: str = "text", views: Any = 10) -> list[Any]:
    return [number, f"2025-02-{day:02} 10:00:00+00:00", text, views, 1, ""]


def write_export(folder: Path, value: Any) -> Path:
    path = folder / "result.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def test_import_makes_a_watched_channel_and_an_audit_row(tmp_path: Path) -> None:
    workspace = make_workspace()

    run(write_table(tmp_path, [row(1), row(2)]))

    tracked = TrackedChannel.objects.get()
    assert (tracked.workspace, tracked.relation, tracked.channel.username) == (
        workspace,
        Relation.WATCHED,
        "some_channel",
    )
    entry = AuditEntry.objects.get(action=AuditAction.IMPORT_FINISHED)
    assert entry.after is not None
    assert (entry.workspace_id, entry.after["new_posts"]) == (workspace.pk, 2)
    done = ImportFile.objects.get()
    assert (done.format, done.messages, done.refused, done.finished_at is not None) == ("csv", 2, "", True)
    assert done.read_bytes == done.total_bytes


def test_counters_are_as_of_the_files_time(tmp_path: Path) -> None:
    report = run(write_table(tmp_path, [row(1)]))

    assert Post.objects.get().counters_at == MADE
    assert "2025-03-01 12:00 UTC: the file's own time" in report


def test_counters_are_never_older_than_the_newest_message(tmp_path: Path) -> None:
    path = write_table(tmp_path, [row(1, day=1), row(2, day=27)])
    os.utime(path, (datetime(2025, 1, 1, tzinfo=UTC).timestamp(),) * 2)

    run(path)

    assert set(Post.objects.values_list("counters_at", flat=True)) == {datetime(2025, 2, 27, 10, tzinfo=UTC)}


def test_time_of_reading_may_be_given(tmp_path: Path) -> None:
    report = run(write_table(tmp_path, [row(1)]), observed_at="2025-02-20T09:00", zone="Asia/Tashkent")

    assert Post.objects.get().counters_at == datetime(2025, 2, 20, 4, tzinfo=UTC)
    assert "2025-02-20 04:00 UTC, as given" in report


def test_last_of_repeated_ids_wins_and_is_no_edit(tmp_path: Path) -> None:
    rows = [row(1, text="first", views=5), *(row(n) for n in range(2, 1200)), row(1, text="last", views=7)]
    path = write_table(tmp_path, rows)

    report = run(path)
    run(path)

    post = Post.objects.get(message_id=1)
    assert (post.text, post.views) == ("last", 7)
    assert not PostRevision.objects.exists()
    assert PostSnapshot.objects.filter(post=post).count() == 1
    assert "1 message id came more than once" in report


def test_report_says_what_was_unknown(tmp_path: Path) -> None:
    report = run(write_export(tmp_path, desktop_chat([desktop_message(1), desktop_message(2, reactions=None)])))

    assert "Views: unknown, the file does not tell them." in report
    assert "Reactions: unknown for 1 of 2 messages." in report
    assert "does not tell albums" in report
    assert list(Post.objects.values_list("views", "forwards", "replies").distinct()) == [(None, None, None)]


def test_workspace_is_found_by_owner_number_or_public_id(tmp_path: Path) -> None:
    owner = make_user("owner@example.org")
    workspace = make_workspace(owner=owner)
    make_workspace()
    path = write_table(tmp_path, [row(1)])

    for given in ("OWNER@example.org", str(workspace.pk), str(workspace.public_id)):
        run(path, workspace=given)

    assert TrackedChannel.objects.get().workspace == workspace
    with pytest.raises(CommandError, match="several workspaces"):
        run(path)
    with pytest.raises(CommandError, match="No workspace is known"):
        run(path, workspace="nobody@example.org")


def test_channel_may_be_named_by_hand(tmp_path: Path) -> None:
    path = write_table(tmp_path, [row(1)], name="export 2025.csv")

    with pytest.raises(CommandError, match="does not say which channel"):
        run(path)
    run(path, channel="https://t.me/Good_Name", title="Заголовок")

    channel = Channel.objects.get()
    assert (channel.username, channel.title, channel.tg_id) == ("good_name", "Заголовок", None)


def test_channel_of_an_export_is_known_by_its_id(tmp_path: Path) -> None:
    path = write_export(tmp_path, desktop_chat([desktop_message(1)]))

    run(path, channel="@good_name")
    run(path)

    channel = Channel.objects.get()
    assert (channel.tg_id, channel.username, channel.title) == (1234567, "good_name", "Канал")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"channel": "-100999"}, "is of channel 1234567, not of 999"),
        ({"channel": "??"}, "Give a channel as"),
        ({"channel": "@taken"}, "@taken is channel 55"),
        ({"chat": "Другой"}, "no such chat"),
        ({"zone": "Mars/Olympus"}, "no time zone"),
        ({"observed_at": "soon"}, "no ISO date"),
        ({"observed_at": "2024-01-01"}, "cannot have been read"),
        ({"observed_at": "2099-01-01"}, "in the future"),
    ],
)
def test_options_that_do_not_fit_are_refused(tmp_path: Path, options: dict[str, str], words: str) -> None:
    Channel.objects.create(username="taken", tg_id=55, created_at=MADE)
    before = row_counts()

    with pytest.raises(CommandError, match=words):
        run(write_export(tmp_path, desktop_chat([desktop_message(1)])), **options)

    assert row_counts() == before


def test_refused_file_leaves_only_its_refusal(tmp_path: Path) -> None:
    make_workspace()
    before = row_counts()
    path = write_table(tmp_path, [*(row(n) for n in range(1, 3000)), row(-1)])

    with pytest.raises(CommandError, match="Line 3001: the message id -1"):
        run(path)

    assert row_counts() == before
    refused = ImportFile.objects.get()
    assert "message id -1" in refused.refused
    assert (refused.finished_at is not None, refused.due_at) == (True, None)


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandError, match=r"is not there|is a folder"):
        run(tmp_path / name)


def test_gzip_import_equals_the_plain_one(tmp_path: Path) -> None:
    plain = write_table(tmp_path, [row(n) for n in range(1, 20)])
    packed = tmp_path / "other_channel.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    os.utime(packed, (MADE.timestamp(), MADE.timestamp()))

    run(plain)
    run(packed)

    fields = ("message_id", "text", "views", "counters_at")
    first, second = Channel.objects.order_by("pk")
    assert list(first.posts.values_list(*fields)) == list(second.posts.values_list(*fields))


def test_newer_file_brings_newer_counters_and_an_older_one_takes_none_back(tmp_path: Path) -> None:
    run(write_table(tmp_path, [row(1, views=10)]), observed_at="2025-03-01T00:00Z")
    run(write_table(tmp_path, [row(1, views=30)]), observed_at="2025-03-03T00:00Z")
    run(write_table(tmp_path, [row(1, views=20)]), observed_at="2025-03-02T00:00Z")

    post = Post.objects.get()
    assert post.views == 30
    snapshots = PostSnapshot.objects.filter(post=post).order_by("observed_at")
    assert list(snapshots.values_list("views", flat=True)) == [10, 20, 30]
