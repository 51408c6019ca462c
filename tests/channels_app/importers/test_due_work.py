"""Uploads as due work: slices, refusals, tenants, and processes that die."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from accounts.models import Workspace
from analyticbot.core.work import MAX_ATTEMPTS
from channels_app.importing import ImportOptions, add_import, run_due_imports
from channels_app.models import Channel, ImportFile, Post, TrackedChannel
from tests.channels_app.importers.exports import desktop_chat, desktop_message, write_large_export
from tests.channels_app.importers.places import row_counts
from tests.factories import make_workspace


def now() -> datetime:
    return datetime.now(UTC)


def add(path: Path, workspace: Workspace | None = None, *, trusted: bool = False) -> ImportFile:
    # A moment ago: the database's clock decides what is due, and stands still within a test's transaction.
    return add_import(
        path=path,
        original_name=path.name,
        workspace=workspace,
        options=ImportOptions(trusted=trusted),
        now=now() - timedelta(minutes=1),
    )


def write_export(folder: Path, numbers: range) -> Path:
    path = folder / "result.json"
    path.write_text(json.dumps(desktop_chat([desktop_message(number) for number in numbers])), encoding="utf-8")
    return path


@pytest.mark.django_db
def test_due_import_is_done_once(tmp_path: Path) -> None:
    workspace = make_workspace()
    row = add(write_export(tmp_path, range(1, 30)), workspace)

    worked = [run_due_imports(now=now()) for _ in range(2)]

    row.refresh_from_db()
    assert worked == [1, 0]
    assert (row.messages, row.finished_at is not None, row.due_at, row.attempts) == (29, True, None, 0)
    assert Post.objects.count() == 29
    assert TrackedChannel.objects.get().workspace == workspace


@pytest.mark.django_db
def test_long_import_goes_on_slice_by_slice(tmp_path: Path) -> None:
    row = add(write_export(tmp_path, range(1, 11_001)))
    slices = 0
    while row.finished_at is None and slices < 10:
        slices += run_due_imports(now=now() - timedelta(seconds=30), budget=timedelta(0))
        row.refresh_from_db()

    assert slices == 3
    assert (row.messages, Post.objects.count()) == (11_000, 11_000)
    assert row.report is not None
    assert row.report["written"]["new_posts"] == 11_000


@pytest.mark.django_db
def test_missing_and_broken_files_are_finished_with_their_refusal(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"name": "x", "type": "public_channel", "id": 5, "messages": [{"id": 1')
    rows = [add(tmp_path / "gone.json"), add(broken)]
    before = row_counts()

    run_due_imports(now=now(), limit=2)

    for row in rows:
        row.refresh_from_db()
    assert [row.refused[:20] for row in rows] == ["The file is not ther", "The file is cut off "]
    assert all(row.finished_at for row in rows)
    assert row_counts() == before


@pytest.mark.django_db
def test_upload_cannot_write_to_a_channel_that_others_follow(tmp_path: Path) -> None:
    mine, theirs = make_workspace(), make_workspace()
    channel = Channel.objects.create(tg_id=1234567, title="Their own", created_at=now())
    TrackedChannel.objects.create(workspace=theirs, channel=channel, created_at=now())
    row = add(write_export(tmp_path, range(1, 3)), mine)
    before = row_counts()

    run_due_imports(now=now())

    row.refresh_from_db()
    assert "Others follow" in row.refused
    assert row_counts() == before


@pytest.mark.django_db
def test_file_that_changed_between_slices_is_taken_from_its_beginning(tmp_path: Path) -> None:
    row = add(write_export(tmp_path, range(1, 6001)))
    run_due_imports(now=now() - timedelta(seconds=30), budget=timedelta(0))
    write_export(tmp_path, range(101, 6101))

    for _ in range(3):
        run_due_imports(now=now() - timedelta(seconds=30))

    row.refresh_from_db()
    assert (row.refused, row.messages, row.finished_at is not None) == ("", 6000, True)
    assert set(Post.objects.values_list("message_id", flat=True)) >= set(range(101, 6101))


@pytest.mark.django_db
def test_import_that_gets_its_process_killed_each_time_is_parked(tmp_path: Path) -> None:
    row = add(write_export(tmp_path, range(1, 3)))
    ImportFile.objects.update(attempts=MAX_ATTEMPTS)

    run_due_imports(now=now())

    row.refresh_from_db()
    assert (row.parked_at is not None, row.due_at, Post.objects.count()) == (True, None, 0)


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A command that is importing, as a process of its own on the test's database."""
    write_large_export(tmp_path / "result.json", megabytes=5, characters=100)
    info = connection.get_connection_params()
    address = (
        f"postgres://{info['user']}:{info['password']}@{info['host']}:{info['port']}/{connection.settings_dict['NAME']}"
    )
    process = subprocess.Popen(
        [sys.executable, "manage.py", "import_channel", str(tmp_path / "result.json")],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": address},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield process
    process.kill()
    process.wait()


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_import_killed_in_the_middle_is_finished_by_the_next_process(killed: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not (row := ImportFile.objects.filter(messages__gte=2000).first()):
        assert time.monotonic() < deadline, "the command has not begun to write"
        assert killed.poll() is None, "the command ended before it was killed"
    killed.send_signal(signal.SIGKILL)
    killed.wait()

    row.refresh_from_db()
    assert row.finished_at is None
    assert Post.objects.count() == row.messages
    assert run_due_imports(now=now()) == 0
    # The lease of the dead process runs out.
    ImportFile.objects.update(leased_until=now() - timedelta(seconds=1))
    while row.finished_at is None:
        assert run_due_imports(now=now()) == 1
        row.refresh_from_db()

    ids = list(Post.objects.order_by("message_id").values_list("message_id", flat=True))
    assert ids == list(range(1, len(ids) + 1))
    assert (row.messages, row.report["messages"], row.report["written"]["new_posts"]) == (len(ids),) * 3
    assert row.report["written"]["changed_posts"] == 0


@pytest.mark.django_db(transaction=True)
def test_process_that_lost_its_lease_writes_nothing_more(tmp_path: Path) -> None:
    row = add(write_export(tmp_path, range(1, 3001)))
    run_dsn = connection.get_connection_params()
    with psycopg.connect(
        host=run_dsn["host"],
        port=run_dsn["port"],
        user=run_dsn["user"],
        password=run_dsn["password"],
        dbname=connection.settings_dict["NAME"],
        autocommit=True,
    ) as other:
        # Another process takes the row over as soon as this one has claimed it.
        other.execute(
            "CREATE FUNCTION steal() RETURNS trigger AS $$ BEGIN IF NEW.messages >= 2000 AND OLD.messages < 2000 THEN"
            " NEW.fence := NEW.fence + 1; END IF; RETURN NEW; END $$ LANGUAGE plpgsql"
        )
        other.execute(
            "CREATE TRIGGER steal BEFORE UPDATE ON channels_app_importfile FOR EACH ROW EXECUTE FUNCTION steal()"
        )
        try:
            run_due_imports(now=now())
        finally:
            other.execute("DROP FUNCTION steal CASCADE")

    row.refresh_from_db()
    assert (row.messages, Post.objects.count(), row.finished_at) == (2000, 2000, None)
