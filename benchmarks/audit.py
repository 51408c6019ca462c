"""What the chain costs: an audit entry against a plain insert, fifty writers on one chain, and proving it all.

The plain insert writes the same columns into a table with the same indexes, by one statement of the driver in a
transaction of its own; so does the entry. Both commit, in turns.
"""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from analyticbot.core.audit import SYSTEM, AuditAction, record_audit
from analyticbot.core.models import AuditEntry, Heartbeat
from analyticbot.core.trail.verifying import verify_trail
from benchmarks.timing import timed, times_of

TURNS = 2_000
WRITERS = 50
EACH = 40
# No workspace has this number.
_CHAIN = -1
_THING = Heartbeat(pk=1)
_AFTER = {"name": "A channel", "title": "Another title", "limit": 20, "tags": ["one", "two"]}
_PLAIN_TABLE = """
CREATE TABLE bench_audit (LIKE core_auditentry INCLUDING ALL);
ALTER TABLE bench_audit ADD actor_label text, ADD before jsonb, ADD after jsonb
"""
_PLAIN = """
INSERT INTO bench_audit (at, workspace_id, seq, actor_kind, action, object_type, object_id, request_id, words_hash,
  prev_hash, hash, key, actor_label, before, after)
VALUES (%s, %s, %s, 'system', 'analytics:note:added', 'core.heartbeat', '1', '', %s, %s, %s, '', 'system', NULL, %s)
"""


def run() -> None:
    """Prints milliseconds of both, their difference, and how fast many write and one reads."""
    with connection.cursor() as cursor:
        cursor.execute(_PLAIN_TABLE)
    try:
        _compare()
        _crowd()
        seconds, found = timed(lambda: verify_trail(workspace_id=_CHAIN))
        if not found.is_whole:
            raise RuntimeError(found.findings)
        print(f"proving: {found.rows / seconds:,.0f} rows/s")
    finally:
        _clean()


def _compare() -> None:
    plain, chained = [], []
    for number in range(TURNS):
        plain.append(timed(lambda: _insert(number))[0])  # noqa: B023 - called at once
        chained.append(timed(_record)[0])
    ours, theirs = times_of(chained), times_of(plain)
    print(f"entry        p50, p95 ms: {ours}")
    print(f"plain insert p50, p95 ms: {theirs}")
    more = statistics.median(a - b for a, b in zip(chained, plain, strict=True)) * 1000
    print(f"an entry costs {more:.2f} ms more (goal: at most 1)")


def _insert(number: int) -> None:
    proof = bytes(32)
    with transaction.atomic(), connection.cursor() as cursor:
        values: list[Any] = [timezone.now(), _CHAIN, number + 1, proof, proof, proof, Jsonb(_AFTER)]
        cursor.execute(_PLAIN, values)


def _record() -> AuditEntry:
    now = timezone.now()
    with transaction.atomic():
        return record_audit(AuditAction.NOTE_ADDED, _THING, actor=SYSTEM, now=now, workspace_id=_CHAIN, after=_AFTER)


def _crowd() -> None:
    def work(_number: int) -> list[float]:
        try:
            return [timed(_record)[0] for _ in range(EACH)]
        finally:
            connection.close()

    begun = time.perf_counter()
    with ThreadPoolExecutor(WRITERS) as pool:
        found = [seconds for part in pool.map(work, range(WRITERS)) for seconds in part]
    rate = len(found) / (time.perf_counter() - begun)
    print(f"{WRITERS} writers on one chain: {rate:,.0f} entries/s, p50, p95 ms: {times_of(found)}")


def _clean() -> None:
    """Only a superuser of the database can, and those of benchmarks are."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_audit")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "DELETE FROM core_auditwords w USING core_auditentry e WHERE e.id = w.entry_id AND e.workspace_id = %s",
            [_CHAIN],
        )
        cursor.execute("DELETE FROM core_auditentry WHERE workspace_id = %s", [_CHAIN])
