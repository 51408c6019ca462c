"""The audit trail as staff sees it: searched, read, proven, taken out."""

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.access import user_actor
from analyticbot.core.audit import SYSTEM, AuditAction, record_audit
from analyticbot.core.models import AuditEntry
from superadmin.running.audit import find_entries
from tests.factories import WHEN, make_channel, make_user, make_workspace
from tests.superadmin.staff import enter, make_staff

pytestmark = pytest.mark.django_db
LIST = "/superadmin/core/auditentry/"


@pytest.fixture
def page() -> Client:
    return enter(make_staff())


def test_rows_are_found_by_who_what_and_where() -> None:
    person, workspace, channel = make_user("hilola@example.org"), make_workspace(), make_channel()
    mine = record_audit(AuditAction.CHANNEL_RESYNCED, channel, actor=user_actor(person), now=WHEN)
    other = record_audit(AuditAction.PLAN_CHANGED, workspace, actor=SYSTEM, now=WHEN, workspace_id=workspace.pk)
    rows = AuditEntry.objects.all()

    def found(term: str) -> set[int]:
        return set(find_entries(rows, term).values_list("pk", flat=True))

    assert found("Hilola@example.org") == {mine.pk}
    assert found(str(other.pk)) == {other.pk}
    assert found(f"workspace:{workspace.pk}") == {other.pk}
    assert found(f"channels_app.channel:{channel.pk}") == {mine.pk}
    assert found("accounts.workspace") == {other.pk}
    assert found("billing:plan:changed") == {other.pk}
    assert found("9" * 30) == found("no such request") == set()


def test_row_shows_what_was_before_beside_what_is_after(page: Client) -> None:
    entry = record_audit(
        AuditAction.PLAN_CHANGED,
        make_workspace(),
        actor=SYSTEM,
        now=WHEN,
        before={"plan": "free", "gone": 1},
        after={"plan": "<b>pro</b>"},
    )
    shown = page.get(f"{LIST}{entry.pk}/change/").content.decode()
    assert "free" in shown
    assert "&lt;b&gt;pro&lt;/b&gt;" in shown
    assert "billing:plan:changed" in page.get(f"{LIST}?q=accounts.workspace").content.decode()


def test_trail_is_proven_from_the_page(page: Client) -> None:
    entry = record_audit(AuditAction.CHANNEL_RESYNCED, make_channel(), actor=SYSTEM, now=WHEN)
    assert "As it was written" in page.post("/superadmin/audit/verify/").content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE core_auditentry SET action = 'x' WHERE id = %s", [entry.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    shown = page.post("/superadmin/audit/verify/").content.decode()
    assert "Not as it was written" in shown
    assert f"(id {entry.pk})" in shown


def test_rows_are_taken_out_as_csv_and_that_is_a_row(page: Client) -> None:
    workspace = make_workspace()
    record_audit(
        AuditAction.PLAN_CHANGED, workspace, actor=SYSTEM, now=timezone.now(), after={"plan": "pro"}, workspace_id=7
    )
    record_audit(AuditAction.CHANNEL_RESYNCED, make_channel(), actor=SYSTEM, now=timezone.now())
    answer = page.post("/superadmin/audit/export/", {"what": "workspace:7", "reason": "a question of ours"})
    lines = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert [line["action"] for line in lines] == ["billing:plan:changed"]
    assert lines[0]["after"] == '{"plan": "pro"}'
    told = AuditEntry.objects.get(action=AuditAction.AUDIT_EXPORTED)
    assert told.after == {"what": "workspace:7", "reason": "a question of ours"}


def test_export_needs_a_reason_and_days_that_exist(page: Client) -> None:
    for given in ({"reason": ""}, {"reason": "x", "first": "2026-02-31"}):
        assert page.post("/superadmin/audit/export/", given).status_code == 422
    assert not AuditEntry.objects.filter(action=AuditAction.AUDIT_EXPORTED).exists()
