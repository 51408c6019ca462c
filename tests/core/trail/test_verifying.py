"""The trail: what was done to its rows behind our back is found, and the first bad row is named."""

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from analyticbot.core.audit import Actor
from analyticbot.core.models import AuditAnchor, AuditEntry
from analyticbot.core.trail.anchors import drop_anchor
from analyticbot.core.trail.verifying import verify_trail
from tests.core.trail.tampering import WHEN, delete, tamper, write

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _anchors_here(settings: Settings, tmp_path: Path) -> None:
    settings.AUDIT_ANCHOR_FILE = tmp_path / "audit" / "anchors.jsonl"


def verdict(*options: str) -> str:
    """What the command says, or complains of."""
    out = io.StringIO()
    try:
        call_command("audit_verify", *options, stdout=out)
    except CommandError as error:
        return f"refused: {error}"
    return out.getvalue()


def test_untouched_trail_is_whole() -> None:
    write(3)
    write(2, workspace_id=8)
    write(4, workspace_id=None)

    assert "9 rows of 3 chains are as they were written" in verdict()
    assert "3 rows of 1 chains" in verdict("--workspace=7")


def test_empty_trail_is_whole() -> None:
    assert "0 rows of 0 chains" in verdict()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", WHEN - HOUR),
        ("actor_kind", "user"),
        ("actor_id", 5),
        ("for_user_id", 5),
        ("action", "analytics:note:removed"),
        ("object_type", "core.other"),
        ("object_id", "2"),
        ("request_id", "another-request"),
        ("words_hash", bytes(32)),
        ("hash", bytes(32)),
        ("key", "00000000"),
    ],
)
def test_edited_row_is_named(column: str, value: object) -> None:
    entry = write(5)[2]

    tamper(f"UPDATE core_auditentry SET {column} = %s WHERE id = %s", value, entry.pk)

    assert f"refused: Workspace 7, row 3 (id {entry.pk})" in verdict()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("after", json.dumps({"text": "another"})),
        ("before", json.dumps({})),
        ("actor_label", "somebody"),
        ("for_label", "somebody"),
        ("address", "192.0.2.1"),
        ("agent", "0" * 16),
        ("salt", bytes(16)),
    ],
)
def test_edited_words_are_named(column: str, value: object) -> None:
    entry = write(5)[2]

    tamper(f"UPDATE core_auditwords SET {column} = %s WHERE entry_id = %s", value, entry.pk)

    assert f"Workspace 7, row 3 (id {entry.pk}): its words were changed." in verdict()


def test_deleted_row_is_named() -> None:
    entries = write(5)

    delete(entries[2])

    assert verdict() == "refused: Workspace 7, row 3: it is missing."


def test_deleted_words_are_named() -> None:
    entry = write(2)[1]

    tamper("DELETE FROM core_auditwords WHERE entry_id = %s", entry.pk)

    assert f"row 2 (id {entry.pk}): its words are missing." in verdict()


def test_row_deleted_with_the_gap_closed_is_named() -> None:
    entries = write(5)

    delete(entries[2])
    tamper("UPDATE core_auditentry SET seq = seq - 1 WHERE id = %s", entries[3].pk)
    tamper("UPDATE core_auditentry SET seq = seq - 1 WHERE id = %s", entries[4].pk)

    assert f"row 3 (id {entries[3].pk}): it does not follow the row before it." in verdict()


def test_inserted_row_is_named() -> None:
    entries = write(3)

    # A copy of a good row behind the last, as good as it can be made without the key.
    tamper(
        "INSERT INTO core_auditentry (at, workspace_id, actor_kind, action, object_type, object_id, request_id, seq,"
        " words_hash, prev_hash, hash, key) SELECT at, workspace_id, actor_kind, action, object_type, object_id,"
        " request_id, 4, words_hash, hash, words_hash, key FROM core_auditentry WHERE id = %s",
        entries[2].pk,
    )

    assert "row 4 (id" in verdict()
    assert "it was changed, or not written by AnalyticBot." in verdict()


def test_swapped_rows_are_named() -> None:
    one, other = write(5)[1:3]

    tamper("UPDATE core_auditentry SET seq = 99 WHERE id = %s", one.pk)
    tamper("UPDATE core_auditentry SET seq = 2 WHERE id = %s", other.pk)
    tamper("UPDATE core_auditentry SET seq = 3 WHERE id = %s", one.pk)

    assert f"row 2 (id {other.pk}): it does not follow the row before it." in verdict()


def test_row_moved_to_another_chain_is_named() -> None:
    write(3)
    entry = write(1, workspace_id=None)[0]

    tamper("UPDATE core_auditentry SET workspace_id = 9 WHERE id = %s", entry.pk)

    assert f"Workspace 9, row 1 (id {entry.pk}): it was changed" in verdict()


def test_every_chain_names_its_own_first_bad_row() -> None:
    one, other = write(3)[1], write(3, workspace_id=None)[2]

    tamper("UPDATE core_auditentry SET object_id = '2' WHERE id IN (%s, %s)", one.pk, other.pk)

    assert [(found.workspace_id, found.seq) for found in verify_trail().findings] == [(7, 2), (None, 3)]


def test_cut_off_end_is_missed_by_the_anchor() -> None:
    entries = write(5)
    drop_anchor(now=WHEN + HOUR)

    delete(*entries[3:])

    assert verdict() == "refused: Workspace 7, row 4: the end of the trail was cut off: anchor 1 saw row 5."


def test_chain_cut_off_whole_is_missed_by_the_anchor() -> None:
    entries = write(2, workspace_id=None)
    drop_anchor(now=WHEN + HOUR)

    delete(*entries)

    assert "No workspace, row 1: the end of the trail was cut off" in verdict()


def test_end_cut_off_and_written_on_is_missed_by_the_anchor() -> None:
    entries = write(5)
    drop_anchor(now=WHEN + HOUR)
    delete(*entries[3:])

    write(3)

    assert verdict() == "refused: Workspace 7, row 5: it is not the row that anchor 1 saw."


def test_anchors_changed_with_the_trail_are_missed_by_their_file(
    django_capture_on_commit_callbacks: object,
) -> None:
    entries = write(5)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # of pytest-django
        drop_anchor(now=WHEN + HOUR)
    assert "5 rows" in verdict()

    delete(*entries[3:])
    tamper("DELETE FROM core_auditanchor")

    assert verdict() == "refused: Anchor 1 is not the one that its file holds."


@pytest.mark.parametrize("damage", ["DELETE FROM core_auditanchor", "UPDATE core_auditanchor SET heads = '{}'"])
def test_damaged_anchors_are_named(damage: str) -> None:
    for hour in range(1, 4):
        write(1)
        drop_anchor(now=WHEN + hour * HOUR)

    tamper(f"{damage} WHERE number = 1")

    assert verdict() == "refused: Anchor 1 is missing or was changed."


def test_anchor_is_dropped_only_where_something_moved() -> None:
    assert drop_anchor(now=WHEN) is None
    write(2)
    write(1, workspace_id=None)

    first = drop_anchor(now=WHEN)
    assert drop_anchor(now=WHEN + HOUR) is None
    write(1)
    assert drop_anchor(now=WHEN + timedelta(minutes=10)) is None  # another beat has just done so

    assert first is not None
    assert {chain: seq for chain, (seq, _proof) in first.heads.items()} == {"7": 2, "0": 1}
    assert AuditAnchor.objects.count() == 1


def test_file_that_is_none_of_anchors_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.txt"
    file.write_text("hello\n")

    assert "is no anchor: 'hello" in verdict(f"--anchors={file}")
    assert "cannot be read" in verdict(f"--anchors={tmp_path / 'none'}")


def test_rows_of_an_old_key_are_proven_as_long_as_it_is_known(settings: Settings) -> None:
    old = settings.ENC_KEYS
    write(2)
    settings.ENC_KEYS = f"k2:{Fernet.generate_key().decode()}"
    write(2)

    assert "row 1" in verdict()
    assert "neither AUDIT_KEYS nor ENC_KEYS holds" in verdict()
    settings.AUDIT_KEYS = f"a1:{Fernet.generate_key().decode()},{old}"
    write(1)

    assert "5 rows" in verdict()
    assert len(set(AuditEntry.objects.values_list("key", flat=True))) == 3


def test_trail_made_with_another_key_is_refused(settings: Settings) -> None:
    entries = write(2)
    genuine = settings.ENC_KEYS
    settings.ENC_KEYS = f"k1:{Fernet.generate_key().decode()}"
    delete(*entries)
    write(2, actor=Actor(kind="user", id=3, label="mallory"))
    settings.ENC_KEYS = genuine

    assert "row 1" in verdict()
