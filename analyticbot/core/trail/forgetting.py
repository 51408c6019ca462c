"""Words about a person leave the trail; that something was done, when and to what, stays and stays proven."""

import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet
from psycopg.types.json import Jsonb

from analyticbot.core.audit import SYSTEM, AuditAction, record_audit
from analyticbot.core.trail.models import AuditEntry, AuditWords

# What stands where words stood.
FORGOTTEN = "…"
# Row by row: one statement that names a value for each of many rows takes ten times as long.
_WRITE = """
UPDATE core_auditwords SET actor_label = %s, for_label = %s, address = %s, agent = %s, before = %s, after = %s,
  salt = '', forgotten_by = %s
WHERE entry_id = %s
"""


@transaction.atomic
def forget_in_trail(
    person: Model,
    *,
    actors: Iterable[tuple[str, int]],
    texts: Iterable[str],
    describing: frozenset[str] = frozenset(),
    now: datetime,
) -> int:
    """Blank what the trail says about a person (a user): labels, addresses, values; returns in how many entries.

    `actors` are kind and id of those as whom they acted, their tokens included. `texts` (addresses, names, what else
    points to them) are blanked wherever the trail has them, in any case. `describing` are labels of models whose rows
    say who somebody is: values of what they did to such go as a whole. One entry more tells how many others were
    touched: `audit_verify` counts.
    """
    mine = frozenset(actors)
    sought = sorted({text for text in texts if text}, key=len, reverse=True)
    found = list(_words_about(person, mine, sought).select_for_update(of=("self",)).select_related("entry"))
    # As a whole: ann@example.org is not joann@example.org.
    pattern = (
        re.compile(rf"(?<![\w.+-])(?:{'|'.join(map(re.escape, sought))})(?![\w-])", re.IGNORECASE) if sought else None
    )
    for words in found:
        _blank(words, person, mine, describing)
        if pattern is not None:
            for name in ("actor_label", "for_label", "before", "after"):
                setattr(words, name, _without(getattr(words, name), pattern))
    return _keep(found, person, now=now)


@transaction.atomic
def forget_workspace_in_trail(workspace: Model, *, now: datetime) -> int:
    """Blank the values in the chain of a workspace that is erased; who did what to which row when stays."""
    chain = AuditWords.objects.filter(entry__workspace_id=workspace.pk)
    valued = chain.filter(Q(before__isnull=False) | Q(after__isnull=False)).order_by("pk")
    found = list(valued.select_for_update(of=("self",)))
    for words in found:
        words.before = words.after = None
    return _keep(found, workspace, now=now)


def _keep(found: list[AuditWords], about: Model, *, now: datetime) -> int:
    """Write what was blanked, and an entry that says how many entries that were whole before."""
    fresh = sum(words.forgotten_by is None for words in found)
    told = record_audit(AuditAction.PERSON_FORGOTTEN, about, actor=SYSTEM, now=now, after={"entries": fresh})
    with connection.cursor() as cursor:
        cursor.executemany(_WRITE, [_row(words, by=words.forgotten_by or told.pk) for words in found])
    return len(found)


def _row(words: AuditWords, *, by: int) -> tuple[Any, ...]:
    """As `_WRITE` takes it."""
    values = (None if value is None else Jsonb(value) for value in (words.before, words.after))
    return (words.actor_label, words.for_label, words.address, words.agent, *values, by, words.pk)


def _words_about(person: Model, actors: frozenset[tuple[str, int]], texts: list[str]) -> QuerySet[AuditWords]:
    about = Q(entry__object_type=person._meta.label_lower, entry__object_id=str(person.pk))
    about |= Q(entry__for_user_id=person.pk)
    for kind, number in actors:
        about |= Q(entry__actor_kind=kind, entry__actor_id=number)
    for text in texts:
        in_json = json.dumps(text, ensure_ascii=False)[1:-1]
        about |= Q(actor_label__icontains=text) | Q(for_label__icontains=text)
        about |= Q(before__icontains=in_json) | Q(after__icontains=in_json)
    # An entry that tells of forgetting names nobody, and its count must stay proven.
    found = AuditWords.objects.filter(about).exclude(entry__action=AuditAction.PERSON_FORGOTTEN)
    return found.order_by("pk")


def _blank(words: AuditWords, person: Model, actors: frozenset[tuple[str, int]], describing: frozenset[str]) -> None:
    """What is theirs because of who they are in the entry."""
    entry: AuditEntry = words.entry
    if (entry.actor_kind, entry.actor_id) in actors:
        words.actor_label = words.address = words.agent = ""
        if entry.object_type in describing:
            words.before = words.after = None
    if entry.for_user_id == person.pk:
        words.for_label = ""
    if (entry.object_type, entry.object_id) == (person._meta.label_lower, str(person.pk)):
        words.before = words.after = None


def _without(value: Any, pattern: re.Pattern[str]) -> Any:
    match value:
        case str():
            return pattern.sub(FORGOTTEN, value)
        case dict():
            return {_without(name, pattern): _without(inner, pattern) for name, inner in value.items()}
        case list():
            return [_without(inner, pattern) for inner in value]
    return value
