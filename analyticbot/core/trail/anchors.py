"""Anchors: once an hour the ends of all chains that moved are written down, out of the database's reach as well.

What is cut off the end of a chain leaves no trace in the chain; an anchor remembers how far it went. Each anchor holds
the hash of the one before, and one line of it goes to a file (AUDIT_ANCHOR_FILE) and to the log: who can rewrite the
database, cannot rewrite those.
"""

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from analyticbot.core.trail.chain import START, hash_anchor, signing_key
from analyticbot.core.trail.models import AuditAnchor, AuditEntry

logger = logging.getLogger("analyticbot.audit")

# Two beats drop two anchors where one is wanted; the later one finds a fresh one and leaves.
_SHORTEST = timedelta(minutes=30)
_HEADS = """
SELECT DISTINCT ON (workspace_id) coalesce(workspace_id, 0)::text, seq, encode(hash, 'hex')
FROM core_auditentry WHERE id > %s ORDER BY workspace_id, seq DESC
"""


@dataclass(frozen=True, slots=True)
class AnchorLine:
    """An anchor as the file and the log know it."""

    number: int
    at: str
    hash: str


def drop_anchor(*, now: datetime) -> AuditAnchor | None:
    """Write down the ends of the chains that moved; None if nothing has, or the last anchor is younger than 30 min."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('core_auditanchor', 0))")
        last = AuditAnchor.objects.order_by("-number").first()
        if last is not None and now - last.at < _SHORTEST:
            return None
        newest = AuditEntry.objects.aggregate(newest=Max("pk"))["newest"] or 0
        if newest == (last.last_entry if last else 0):
            return None
        cursor.execute(_HEADS, [_looked_at_twice()])
        heads = {chain: [seq, proof] for chain, seq, proof in cursor.fetchall()}
        anchor = _anchor(last, heads=heads, last_entry=newest, now=now)
        anchor.save(force_insert=True)
        transaction.on_commit(lambda: _publish(anchor))
    return anchor


def _looked_at_twice() -> int:
    """Entries up to this one were in the window of two anchors: one whose transaction was slow was seen by one."""
    before = AuditAnchor.objects.order_by("-number").values_list("last_entry", flat=True)[1:2]
    return next(iter(before), 0)


def _anchor(last: AuditAnchor | None, *, heads: dict[str, Any], last_entry: int, now: datetime) -> AuditAnchor:
    number, prev_hash, key = (last.number + 1, bytes(last.hash), signing_key()) if last else (1, START, signing_key())
    proof = hash_anchor(number, at=now, heads=heads, last_entry=last_entry, prev_hash=prev_hash, key=key)
    return AuditAnchor(
        number=number, at=now, heads=heads, last_entry=last_entry, prev_hash=prev_hash, hash=proof, key=key
    )


def _publish(anchor: AuditAnchor) -> None:
    """To the log and the file. A file that cannot be written is told of, and the anchor holds in the table."""
    proof = bytes(anchor.hash).hex()
    logger.info("audit anchor %s %s chains %s", anchor.number, len(anchor.heads), proof)
    path: Path = settings.AUDIT_ANCHOR_FILE
    line = json.dumps({"number": anchor.number, "at": anchor.at.isoformat(), "hash": proof}) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        logger.exception("audit anchor %s is not in its file", anchor.number)


def anchor_file() -> Path | None:
    """The anchors' file of this machine; None where no worker has written one."""
    path: Path = settings.AUDIT_ANCHOR_FILE
    return path if path.exists() else None


def lines_of(path: Path) -> Iterator[AnchorLine]:
    """The anchors of a file, as far as it is one. Raises OSError, and ValueError for what is no anchor."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                found = json.loads(line)
                yield AnchorLine(int(found["number"]), str(found["at"]), str(found["hash"]))
            except (ValueError, KeyError, TypeError):
                raise ValueError(f"{path}: this line is no anchor: {line[:80]!r}") from None
