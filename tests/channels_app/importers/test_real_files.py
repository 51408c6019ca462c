"""Real files through the real door, against the same numbers in plain Python."""

import csv
import gzip
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from channels_app.models import Channel, ChannelSync, Post, SyncState
from tests.channels_app.importers.places import DUMPS, NOT_HERE, TABLES, cases, dumped, posts_of, row_counts

pytestmark = pytest.mark.django_db
needs_data = pytest.mark.skipif(not DUMPS, reason=NOT_HERE)


def run_import(*args: Any, **options: Any) -> str:
    out = StringIO()
    call_command("import_channel", *map(str, args), stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def maximum(messages: list[dict[str, Any]], name: str) -> int | None:
    return max((m[name] for m in messages if m.get(name) is not None), default=None)


def number(cell: str) -> int | None:
    return int(float(cell)) if cell else None


def reactions(messages: list[dict[str, Any]]) -> int | None:
    sums = [sum(r["count"] for r in m["reactions"]["results"]) for m in messages if m.get("reactions")]
    return max(sums, default=None)


@pytest.mark.parametrize("path", cases(DUMPS, missing="real dumps"))
def test_dump_posts_and_sums_equal_plain_python(path: Path) -> None:
    wanted = {
        min(m["id"] for m in messages): (maximum(messages, "views"), maximum(messages, "forwards"), reactions(messages))
        for messages in posts_of(dumped(path))
    }

    run_import(path)

    posts = Post.objects.values_list("message_id", "views", "forwards", "reactions_total")
    assert {message_id: tuple(rest) for message_id, *rest in posts} == wanted


@pytest.mark.parametrize("path", cases(TABLES, missing="real tables"))
def test_table_posts_and_sums_equal_plain_python(path: Path) -> None:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    wanted = {
        int(row["id"]): (
            row["text"],
            *(int(float(row[n])) if row[n] else None for n in ("views", "forwards", "replies")),
        )
        for row in rows
    }

    run_import(path)

    posts = Post.objects.values_list("message_id", "text", "views", "forwards", "replies")
    assert {message_id: tuple(rest) for message_id, *rest in posts} == wanted
    assert Channel.objects.get().username == path.name.partition(".")[0]


@needs_data
def test_dump_imported_twice_changes_nothing() -> None:
    run_import(DUMPS[0])
    before = row_counts(), list(Post.objects.order_by("pk").values()), Channel.objects.get().version

    report = run_import(DUMPS[0])

    assert (row_counts(), list(Post.objects.order_by("pk").values()), Channel.objects.get().version) == before
    assert "0 posts are new, 0 changed" in report


def write_plain_table(dump: Path, folder: Path) -> Path:
    """The same messages as a table that does not tell albums."""
    path = folder / "plain.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "date", "text", "views"])
        writer.writerows([m["id"], m["date"], m["message"], m["views"]] for m in dumped(dump))
    return path


@needs_data
@pytest.mark.parametrize("dump_first", [True, False])
def test_table_without_albums_and_dump_agree_in_either_order(tmp_path: Path, *, dump_first: bool) -> None:
    dump = DUMPS[0]
    channel = str(dumped(dump)[0]["peer_id"]["channel_id"])
    wanted = {min(m["id"] for m in messages): maximum(messages, "views") for messages in posts_of(dumped(dump))}

    for path in [dump, write_plain_table(dump, tmp_path)][:: 1 if dump_first else -1]:
        run_import(path, channel=channel)

    assert dict(Post.objects.values_list("message_id", "views")) == wanted


@needs_data
def test_dump_leaves_the_sync_to_the_collector() -> None:
    run_import(DUMPS[0])

    assert not ChannelSync.objects.exclude(state=SyncState.PENDING).exists()
    assert Channel.objects.get().title == "КудаПитер"
