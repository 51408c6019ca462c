"""Signs of life of long-running processes: one row each, rewritten every few seconds."""

import json
import os
import socket
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from analyticbot.core.models import Heartbeat

# A process beats every few seconds; without a sign for this long it counts as gone.
ALIVE_FOR = timedelta(seconds=30)
# Rows of processes that are gone for good are of no use to anyone after a day.
KEPT_FOR = timedelta(days=1)
# Rows of this kind say when a Telegram account last followed its channels: the ledger of gaps needs them later, too.
ACCOUNT_KIND = "account"

_UPSERT = """
INSERT INTO core_heartbeat (name, kind, pid, started_at, seen_at, detail)
VALUES (%(name)s, %(kind)s, %(pid)s, %(now)s, %(now)s, %(detail)s::jsonb)
ON CONFLICT (name) DO UPDATE SET
  kind = excluded.kind, pid = excluded.pid, detail = excluded.detail,
  started_at = CASE WHEN core_heartbeat.pid = excluded.pid THEN core_heartbeat.started_at ELSE excluded.started_at END,
  seen_at = greatest(excluded.seen_at, CASE WHEN core_heartbeat.pid = excluded.pid
                                            THEN core_heartbeat.started_at ELSE excluded.started_at END)
"""


def process_name(kind: str) -> str:
    """A name for this process that its successor on the same machine does not share: kind, host and pid."""
    return f"{kind}@{socket.gethostname()}:{os.getpid()}"


def beat(name: str, kind: str, now: datetime, detail: dict[str, Any] | None = None) -> None:
    """Write a sign of life of the process `name`; `kind` is collector, worker, beat, bot or web."""
    values: dict[str, Any] = {
        "name": name,
        "kind": kind,
        "pid": os.getpid(),
        "now": now,
        "detail": json.dumps(detail or {}),
    }
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, values)


def is_alive(kind: str, *, now: datetime) -> bool:
    """Whether some process of this kind has given a sign of life lately."""
    return Heartbeat.objects.filter(kind=kind, seen_at__gt=now - ALIVE_FOR).exists()


def forget(name: str) -> None:
    """Remove the row of a process that ends in order."""
    Heartbeat.objects.filter(name=name).delete()


def clean_heartbeats(*, now: datetime) -> int:
    """Remove rows of processes that are gone for good; returns how many."""
    gone = Heartbeat.objects.filter(seen_at__lt=now - KEPT_FOR).exclude(kind=ACCOUNT_KIND)
    return gone.delete()[0]
