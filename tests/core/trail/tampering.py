"""What somebody can do who rules the database but has not the key."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from analyticbot.core.audit import SYSTEM, Actor, AuditAction, record_audit
from analyticbot.core.models import AuditEntry, Heartbeat

WHEN = datetime(2026, 11, 1, 12, tzinfo=UTC)
THING = Heartbeat(pk=1)


_NUMBERED: dict[str, Any] = {}


def write(
    count: int,
    *,
    workspace_id: int | None = 7,
    actor: Actor = SYSTEM,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = _NUMBERED,
) -> list[AuditEntry]:
    """Entries of one chain, a minute apart."""
    return [
        record_audit(
            AuditAction.NOTE_ADDED,
            THING,
            now=WHEN + timedelta(minutes=number),
            workspace_id=workspace_id,
            actor=actor,
            before=before,
            after={"text": f"note {number}"} if after is _NUMBERED else after,
        )
        for number in range(count)
    ]


@contextmanager
def triggers_off() -> Iterator[None]:
    """What a superuser of the database can do."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = origin")


def tamper(sql: str, *parameters: Any) -> None:
    """Change the tables behind the application's back."""
    with triggers_off(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        assert cursor.rowcount > 0, "the tampering did nothing"


def delete(*entries: AuditEntry) -> None:
    """Delete entries with their words."""
    keys = [entry.pk for entry in entries]
    tamper("DELETE FROM core_auditwords WHERE entry_id = ANY(%s)", keys)
    tamper("DELETE FROM core_auditentry WHERE id = ANY(%s)", keys)
