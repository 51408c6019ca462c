"""Every index has its query named in docs/scaling.md, and the document names no index that is not there."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

pytestmark = pytest.mark.django_db

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "scaling.md").read_text(encoding="utf-8")
TABLE = TEXT[TEXT.index("## Indexes") :]
NAMED = set(re.findall(r"`([a-z0-9_]+)`", TABLE))
OURS = {"accounts", "analytics", "billing", "channels_app", "core", "mtproto"}


def our_indexes() -> set[str]:
    """Indexes of our tables; those of partitions are their table's."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in OURS]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.indexname FROM pg_indexes i JOIN pg_class c ON c.oid = i.indexname::regclass"
            " WHERE i.tablename = ANY(%s) AND NOT c.relispartition",
            [[model._meta.db_table for model in models]],
        )
        return {name for (name,) in cursor.fetchall()}


def is_of_the_house(name: str) -> bool:
    """Of a primary key, or made by Django for LIKE: one rule names them all."""
    return name.endswith(("_pkey", "_like"))


def test_every_index_has_its_query() -> None:
    assert sorted(name for name in our_indexes() - NAMED if not is_of_the_house(name)) == []


def test_every_named_index_is_there() -> None:
    assert sorted(NAMED - our_indexes()) == []


def test_no_index_begins_another_one() -> None:
    """An index whose columns another one begins with costs each write and serves nothing of its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.indexrelid::regclass::text, b.indexrelid::regclass::text FROM pg_index a JOIN pg_index b"
            " ON a.indrelid = b.indrelid AND a.indexrelid <> b.indexrelid"
            " AND a.indpred IS NULL AND b.indpred IS NULL AND a.indexprs IS NULL AND b.indexprs IS NULL"
            " AND NOT a.indisunique AND a.indclass::text = left(b.indclass::text, length(a.indclass::text))"
            " AND (b.indkey::text || ' ') LIKE (a.indkey::text || ' %')"
            " JOIN pg_class c ON c.oid = a.indrelid WHERE c.relname LIKE 'channels\\_app\\_%' AND NOT c.relispartition"
        )
        assert cursor.fetchall() == []
