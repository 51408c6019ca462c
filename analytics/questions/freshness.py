"""When an answer is still the same: its tag, made of all that it depends on.

The tag is known before anything heavy is read: from the channel's data version (raised by each ingest that changed
something a reader can see), who reads and as what, what was asked, the language, the form, and the program itself.
A period that is still running, and whatever else moves by the clock, changes its tag with the time as well.
"""

import hashlib
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from django.db import DEFAULT_DB_ALIAS, connection, connections

from analyticbot.core.replica import read_alias
from analytics.questions.asking import Asked, AskedOfChannel
from analytics.questions.declaring import Question

# How long an answer about a running period may lag behind the clock (not behind the data).
MOVES_EVERY = timedelta(minutes=5)
# Late readings and gaps of the last day are still being settled.
SETTLED_AFTER = timedelta(days=1)
_TAG_LENGTH = 32
_READ_ELSEWHERE = frozenset({"from", "to", "fields", "format"})


def tag_of(question: Question[Any], asked: Asked, *, form: str, fields: tuple[str, ...] | None) -> str:
    """The weak ETag of an answer (`generated_at` may differ between answers of one tag); one read at most."""
    parts = [
        code_version(),
        type(question).__name__,
        question.name,
        sorted((name, str(value)) for name, value in asked.path.items()),
        sorted((name, text) for name, text in asked.parameters.texts.items() if name not in _READ_ELSEWHERE),
        # Some questions end with the latest post unless they are told where to end.
        [bool(asked.parameters.text(name)) for name in ("from", "to")],
        asked.period.start.isoformat(),
        asked.period.end.isoformat(),
        str(asked.period.zone),
        asked.reader.workspace_id,
        asked.reader.language,
        _state(question, asked),
        form,
        fields,
        time_bucket(question, asked),
    ]
    return f'W/"{hashlib.sha256(orjson.dumps(parts)).hexdigest()[:_TAG_LENGTH]}"'


def time_bucket(question: Question[Any], asked: Asked) -> int | None:
    """The number of the time step that the answer belongs to; None for one that the clock does not move."""
    step = question.moves_every
    if step is None:
        if question.takes_period and asked.period.end <= asked.now - SETTLED_AFTER:
            return None
        step = MOVES_EVERY
    return int(_seconds(asked.now) // step.total_seconds())


def settled(asked: Asked) -> bool:
    """True if what statistics are read from knows all that the tag stands for, so that the answer may be kept.

    The tag's version is the primary's; a replica may be a moment behind it.
    """
    alias = read_alias()
    if alias == DEFAULT_DB_ALIAS:
        return True
    if not isinstance(asked, AskedOfChannel):
        return False
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT version FROM channels_app_channel WHERE id = %s", [asked.channel.id])
        row = cursor.fetchone()
    return row is not None and row[0] >= asked.channel.version


def matches(header: str | None, tag: str) -> bool:
    """True if `If-None-Match` names the tag (RFC 9110 §13.1.2: compared weakly).

    `*` never does: whether there is an answer at all (a wrong parameter? no such post?) shows only when it is made.
    """
    if not header:
        return False
    given = {one.strip().removeprefix("W/") for one in header.split(",")}
    return tag.removeprefix("W/") in given


@lru_cache(maxsize=1)
def code_version() -> str:
    """A digest of the source that answers: a new release makes new tags."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).resolve().parent.parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _state(question: Question[Any], asked: Asked) -> Any:
    """What of the stored data the answer stands on, as a version."""
    if isinstance(asked, AskedOfChannel):
        channel = [asked.channel.id, asked.channel.version, asked.channel.owned]
        return [*channel, _tracked_state(asked)] if question.sees_others(asked) else channel
    return _tracked_state(asked)


def _tracked_state(asked: Asked) -> str:
    return tracked_state(asked.reader.workspace_id)


def tracked_state(workspace_id: int) -> str:
    """All that the workspace tracks: versions and rights, as one word. One read."""
    with connection.cursor() as cursor:
        cursor.execute(_WORKSPACE_STATE, [workspace_id])
        return str(cursor.fetchone()[0])


_WORKSPACE_STATE = """
SELECT md5(coalesce(string_agg(concat_ws(':', t.channel_id, c.version, t.relation), ',' ORDER BY t.channel_id), ''))
FROM channels_app_trackedchannel t JOIN channels_app_channel c ON c.id = t.channel_id
WHERE t.workspace_id = %s AND c.hold <> 'blocked'
"""


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
