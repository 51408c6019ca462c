"""Puts a row at the end of its chain."""

import hashlib
import logging
import secrets
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import JSONField
from psycopg.types.json import Jsonb

from analyticbot.core.address import client_address
from analyticbot.core.context import current_request, current_request_id
from analyticbot.core.trail.chain import SALT_BYTES, START, Facts, Words, hash_entry, hash_words, signing_key
from analyticbot.core.trail.models import AuditEntry, AuditWords

logger = logging.getLogger("analyticbot.audit")

_AGENT_LENGTH = 16


class Origin(NamedTuple):
    """Where a change comes from: empty outside of requests."""

    request_id: str
    address: str
    agent: str


def present_origin() -> Origin:
    """Of the request or work in progress."""
    request = current_request()
    if request is None:
        return Origin(current_request_id(), "", "")
    program = request.META.get("HTTP_USER_AGENT", "").encode("utf-8", "replace")
    agent = hashlib.sha256(program).hexdigest()[:_AGENT_LENGTH] if program else ""
    return Origin(current_request_id(), client_address(request), agent)


def append_entry(
    *,
    workspace_id: int | None,
    at: datetime,
    actor_kind: str,
    actor_id: int | None,
    for_user_id: int | None,
    action: str,
    object_type: str,
    object_id: str,
    request_id: str,
    words: Words,
) -> AuditEntry:
    """Write an entry and its words behind the last of its chain.

    The chain is locked until the transaction ends, so that there is one last row at any time.
    """
    # Without a transaction around it the lock would not outlast its own statement.
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute("SELECT seq, hash FROM core_audit_head(%s)", [workspace_id])
        last, prev_hash = cursor.fetchone() or (0, START)
        facts = Facts(
            workspace_id, last + 1, at, actor_kind, actor_id, for_user_id, action, object_type, object_id, request_id
        )
        entry = _signed(facts, words, prev_hash=bytes(prev_hash))
        cursor.execute(_insert_sql(), _values(entry) + _values(entry.words))
        entry.pk = entry.words.pk = cursor.fetchone()[0]
        entry._state.adding = entry.words._state.adding = False
        entry._state.db = entry.words._state.db = connection.alias
    transaction.on_commit(partial(_tell, facts, bytes(entry.hash)))
    return entry


def _signed(facts: Facts, words: Words, *, prev_hash: bytes) -> AuditEntry:
    key, salt = signing_key(), secrets.token_bytes(SALT_BYTES)
    words_hash = hash_words(words, salt=salt, key=key)
    entry = AuditEntry(
        **facts._asdict(),
        words_hash=words_hash,
        prev_hash=prev_hash,
        hash=hash_entry(facts, words_hash=words_hash, prev_hash=prev_hash, key=key),
        key=key,
    )
    AuditWords(entry=entry, **words._asdict(), salt=salt)
    return entry


_INSERT = """
WITH entry AS (INSERT INTO core_auditentry ({columns}) VALUES ({values}) RETURNING id)
INSERT INTO core_auditwords (entry_id, {word_columns}) SELECT id, {word_values} FROM entry RETURNING entry_id
"""


@lru_cache(maxsize=1)
def _insert_sql() -> str:
    """Both rows by one statement, written out once."""
    columns = [str(field.column) for field in AuditEntry._meta.concrete_fields[1:]]
    word_columns = [str(field.column) for field in AuditWords._meta.concrete_fields[1:]]
    return _INSERT.format(
        columns=", ".join(columns),
        values=", ".join(["%s"] * len(columns)),
        word_columns=", ".join(word_columns),
        word_values=", ".join(f"%s::{field.db_type(connection)}" for field in AuditWords._meta.concrete_fields[1:]),
    )


def _values(row: AuditEntry | AuditWords) -> list[Any]:
    """The columns of a row as the driver takes them, all but the key."""
    found = ((field, getattr(row, field.attname)) for field in row._meta.concrete_fields[1:])
    return [Jsonb(value) if isinstance(field, JSONField) and value is not None else value for field, value in found]


def _tell(facts: Facts, proof: bytes) -> None:
    """One line in the log, out of the database's reach. No words: they may have to be forgotten."""
    chain = "-" if facts.workspace_id is None else facts.workspace_id
    logger.info("audit %s:%s %s %s", chain, facts.seq, facts.action, proof.hex())
