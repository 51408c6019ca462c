"""What waits to be done, over every table whose rows carry their own work; and giving up rows another try."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Count, F, Min, Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict
from analyticbot.core.work import DueWork

_HELD = Q(leased_until__gt=Now())
_DUE = Q(due_at__lte=Now(), parked_at__isnull=True) & (Q(leased_until__isnull=True) | Q(leased_until__lte=Now()))
_PARKED = Q(parked_at__isnull=False)
STATES = {"due": _DUE, "leased": _HELD, "parked": _PARKED}
# Rows replayed in one go; whoever has more parked than this presses again.
MOST_REPLAYED = 1_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """Rows of one table, and of one kind where the table has kinds ("" where it has none)."""

    table: str
    kind: str
    due: int
    leased: int
    parked: int
    # Since when the longest waiting row waits; None when none does.
    oldest: datetime | None


def work_models() -> dict[str, type[DueWork]]:
    """Every model whose rows carry work, by its label."""
    found = {model._meta.label_lower: model for model in apps.get_models() if issubclass(model, DueWork)}
    return dict(sorted(found.items()))


def backlogs() -> Iterator[Backlog]:
    """One statement for each table; what has nothing waiting, in hand or parked is left out."""
    for table, model in work_models().items():
        kind: Any = F("kind") if has_kinds(model) else Value("")
        rows = model._default_manager.filter(_DUE | _HELD | _PARKED).order_by().annotate(sort=kind)
        counted = rows.values("sort").annotate(
            due=Count("pk", filter=_DUE),
            leased=Count("pk", filter=_HELD),
            parked=Count("pk", filter=_PARKED),
            oldest=Min("due_at", filter=_DUE),
        )
        for row in counted.order_by("sort"):
            # Without kinds there is one row of counts, whatever they are.
            if row["due"] or row["leased"] or row["parked"]:
                yield Backlog(table, row["sort"], row["due"], row["leased"], row["parked"], row["oldest"])


def has_kinds(model: type[DueWork]) -> bool:
    """Whether rows of this table are told apart by a kind."""
    return any(field.name == "kind" for field in model._meta.fields)


@transaction.atomic
def replay(row: DueWork, *, actor: Actor, now: datetime) -> None:
    """Give a parked row another try, as if it had never failed. Conflict if it is not parked (any more)."""
    if not _revive(type(row)._default_manager.filter(pk=row.pk), now=now):
        raise Conflict(_("This work is not parked any more."))
    _record(row, now=now, actor=actor)


@transaction.atomic
def replay_parked(model: type[DueWork], *, actor: Actor, now: datetime) -> int:
    """Give up to MOST_REPLAYED parked rows of a table another try, longest parked first; returns how many."""
    rows = list(
        model._default_manager.filter(_PARKED)
        .order_by("parked_at", "pk")
        .select_for_update(skip_locked=True)[:MOST_REPLAYED]
    )
    _revive(model._default_manager.filter(pk__in=[row.pk for row in rows]), now=now)
    for row in rows:
        _record(row, actor=actor, now=now)
    return len(rows)


def _revive(rows: Any, *, now: datetime) -> int:
    revived: int = rows.filter(_PARKED).update(
        parked_at=None, due_at=now, attempts=0, leased_by="", leased_until=None, last_error=""
    )
    return revived


def _record(row: DueWork, *, actor: Actor, now: datetime) -> None:
    # What went wrong may name people's channels; it stands in the log, not in the trail.
    record_audit(AuditAction.WORK_REPLAYED, row, actor=actor, now=now, before={"attempts": row.attempts})
