"""The trail is looked after: recent rows, anchors and their file; what is wrong is logged and counted."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from analyticbot.core.tasks import anchor_audit, watch_audit
from analyticbot.core.trail.anchors import drop_anchor
from analyticbot.core.trail.verifying import verify_recent
from analyticbot.core.trail.watch import trail_counter, watch_trail
from tests.core.trail.tampering import WHEN, delete, tamper, write

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def anchor_file(settings: Settings, tmp_path: Path) -> Path:
    """Where anchors go."""
    settings.AUDIT_ANCHOR_FILE = tmp_path / "audit" / "anchors.jsonl"
    return tmp_path / "audit" / "anchors.jsonl"


def counted(outcome: str) -> float:
    return sum(sample.value for sample in trail_counter().samples if sample.labels == {"outcome": outcome})


def test_recent_rows_only_are_looked_at() -> None:
    write(5)
    write(2, workspace_id=None)
    drop_anchor(now=WHEN)
    recent = write(3)
    drop_anchor(now=WHEN + DAY)

    found = verify_recent(since=WHEN + DAY / 2)

    assert (found.is_whole, found.rows, found.chains, found.anchors) == (True, 3, 1, 2)
    tamper("UPDATE core_auditentry SET object_id = 'x' WHERE id = %s", recent[1].pk)
    assert [finding.seq for finding in verify_recent(since=WHEN + DAY / 2).findings] == [7]


def test_rows_cut_off_are_missed_even_where_none_is_recent() -> None:
    rows = write(5)
    drop_anchor(now=WHEN)
    delete(*rows[3:])

    assert [finding.seq for finding in verify_recent(since=WHEN + DAY).findings] == [4]


def test_first_recent_row_deleted_is_missed() -> None:
    write(2)
    drop_anchor(now=WHEN)
    delete(write(3)[0])

    assert [finding.seq for finding in verify_recent(since=WHEN).findings] == [3]


def test_broken_trail_is_logged_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    whole, broken = counted("whole"), counted("broken")
    row = write(2)[0]
    watch_trail(now=WHEN)
    tamper("UPDATE core_auditentry SET object_id = 'x' WHERE id = %s", row.pk)

    with caplog.at_level(logging.ERROR, "analyticbot.audit"):
        watch_trail(now=WHEN)

    assert (counted("whole"), counted("broken")) == (whole + 1, broken + 1)
    assert f"row 1 (id {row.pk})" in caplog.text


def test_unreadable_anchors_count_as_broken(anchor_file: Path) -> None:
    anchor_file.parent.mkdir()
    anchor_file.write_bytes(b"\xff\xfe")

    assert not watch_trail(now=WHEN).is_whole


def test_tasks_drop_anchors_into_the_file_and_prove_them(
    anchor_file: Path, django_capture_on_commit_callbacks: Any
) -> None:
    write(1)
    with django_capture_on_commit_callbacks(execute=True):
        number = anchor_audit()

    assert number == 1
    assert anchor_file.read_text().startswith('{"number": 1, ')
    assert anchor_file.stat().st_mode & 0o077 == 0
    assert watch_audit()


def test_anchor_holds_where_its_file_cannot_be_written(
    settings: Settings, tmp_path: Path, django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken").write_text("a file")
    settings.AUDIT_ANCHOR_FILE = tmp_path / "taken" / "anchors.jsonl"
    write(1)

    with django_capture_on_commit_callbacks(execute=True):
        anchor = drop_anchor(now=WHEN)

    assert anchor is not None
    assert "audit anchor 1 is not in its file" in caplog.text
