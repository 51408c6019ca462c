"""Where real data lies beside the repository, when it is there, and what other tests of imports share."""

import gzip
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from django.db import connection

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
DUMPS = sorted(SHARED.glob("a_telethon/*/channel_messages.json.gz"))
TABLES = sorted(SHARED.glob("a_posts_csv/*/*.csv.gz"))
NOT_HERE = "../shared/data is not here"
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)

# Tables that an import may write to; its own row and the audit trail aside.
_WRITTEN = (
    "channel", "trackedchannel", "channelsync", "collecttask", "post", "postsnapshot", "postreference", "postrevision",
    "albumitem", "channelday", "channelhour", "subscribersample", "channelfactchange",
)  # fmt: skip


def cases(paths: Sequence[Path], *, missing: str) -> list[ParameterSet]:
    """One case for each file, by its name; without any, one that is skipped by the name of what is missing."""
    if not paths:
        return [pytest.param(None, id=missing, marks=pytest.mark.skip(reason=f"{missing}: {NOT_HERE}"))]
    return [pytest.param(path, id=f"{path.parent.name}-{path.name.partition('.')[0]}") for path in paths]


def row_counts() -> dict[str, int]:
    """Rows in every table that an import may write to."""
    counts = {}
    with connection.cursor() as cursor:
        for table in _WRITTEN:
            cursor.execute(f"SELECT count(*) FROM channels_app_{table}")
            counts[table] = cursor.fetchone()[0]
    return counts


def dumped(path: Path) -> list[dict[str, Any]]:
    """Content messages of a dump, by plain JSON."""
    with gzip.open(path, "rt", encoding="utf-8") as text:
        return [message for message in json.load(text) if message["_"] == "Message"]


def posts_of(messages: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Messages by post: an album's items together."""
    albums: dict[int, list[dict[str, Any]]] = {}
    for message in messages:
        group = message.get("grouped_id")
        if group is None:
            yield [message]
        else:
            albums.setdefault(group, []).append(message)
    yield from albums.values()
