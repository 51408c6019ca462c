"""Finding rows of the audit trail, telling what they say, and writing them out."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _

from accounts.models import User
from analyticbot.core.audit import AuditAction
from analyticbot.core.csv_text import csv_blocks
from analyticbot.core.models import AuditEntry
from superadmin.details import Detail, Fact, Table, link

# As many rows as one file takes; whoever needs more asks for shorter spans.
MOST_EXPORTED = 100_000
_OBJECT = re.compile(r"([a-z_]+\.[a-z_]+)(?::(.{1,60}))?")
_WORKSPACE = re.compile(r"workspace:(\d{1,18})")
COLUMNS = (
    "id", "at", "workspace", "seq", "actor_kind", "actor_id", "actor", "for_user", "action", "object_type",
    "object_id", "request_id", "address", "before", "after", "hash",
)  # fmt: skip


def find_entries(rows: "QuerySet[AuditEntry]", term: str) -> "QuerySet[AuditEntry]":
    """Rows that a term means: an id, an e-mail address (who acted), `workspace:12`, a table (and `:id`), an action,
    or a request id. Each is answered by an index, but for the last."""
    if term.isascii() and term.isdigit():
        return rows.filter(pk=int(term)) if len(term) < 19 else rows.none()  # noqa: PLR2004 - what a bigint holds
    if "@" in term:
        actor = User.objects.filter(email=term.lower()).values("pk")[:1]
        return rows.filter(actor_kind__in=["user", "staff"], actor_id__in=actor)
    if found := _WORKSPACE.fullmatch(term):
        return rows.filter(workspace_id=int(found[1]))
    if term in AuditAction.__members__.values():
        return rows.filter(action=term)
    if found := _OBJECT.fullmatch(term):
        story = rows.filter(object_type=found[1])
        return story.filter(object_id=found[2]) if found[2] else story
    return rows.filter(request_id=term)


def between(rows: "QuerySet[AuditEntry]", first: date | None, last: date | None) -> "QuerySet[AuditEntry]":
    """Rows of whole days of the reader's zone, both included."""
    condition = Q()
    if first is not None:
        condition &= Q(at__gte=make_aware(datetime.combine(first, time())))
    if last is not None:
        condition &= Q(at__lt=make_aware(datetime.combine(last + timedelta(days=1), time())))
    return rows.filter(condition)


def entry_detail(entry: AuditEntry) -> Detail:
    """A row: who did what, from where, with what was before beside what is after."""
    words = entry.words
    facts = [
        Fact(_("When"), entry.at.isoformat(timespec="milliseconds")),
        Fact(_("Who"), actor_link(entry)),
        Fact(_("Did"), entry.action),
        Fact(_("To"), f"{entry.object_type} {entry.object_id}"),
        Fact(_("Workspace"), _workspace(entry)),
        Fact(_("Place in the chain"), entry.seq),
        Fact(_("From"), words.address or "–"),
        Fact(_("Request"), entry.request_id or "–"),
        Fact(_("Proof"), bytes(entry.hash).hex()[:16]),
    ]
    if entry.for_user_id is not None:
        facts.insert(2, Fact(_("Looking as"), words.for_label or entry.for_user_id, "warn"))
    if words.forgotten_by is not None:
        facts.append(Fact(_("Words"), _("forgotten with their person, by row %(id)s") % {"id": words.forgotten_by}))
    return Detail(facts=facts, tables=[_changes(entry)])


def actor_link(entry: AuditEntry) -> str:
    """Who it was; a person that is still here as a link."""
    label = entry.actor_label or f"{entry.actor_kind} {entry.actor_id or ''}".strip()
    if entry.actor_kind == "user" and entry.actor_id:
        return link(label, "admin:accounts_user_change", entry.actor_id)
    return label


def _workspace(entry: AuditEntry) -> Any:
    if entry.workspace_id is None:
        return "–"
    return link(entry.workspace_id, "admin:accounts_workspace_change", entry.workspace_id)


def _changes(entry: AuditEntry) -> Table:
    before, after = entry.before or {}, entry.after or {}
    names = [*before, *(name for name in after if name not in before)]
    return Table(
        _("What changed"),
        (_("Value"), _("Before"), _("After")),
        [(name, _shown(before, name), _shown(after, name)) for name in names],
        _("This act has no values."),
    )


def _shown(values: dict[str, Any], name: str) -> str:
    if name not in values:
        return "–"
    value = values[name]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def csv_of(rows: "QuerySet[AuditEntry]") -> Iterator[str]:
    """The rows as CSV in UTC, newest first, at most MOST_EXPORTED."""
    newest = rows.order_by("-pk")[:MOST_EXPORTED].iterator(chunk_size=2_000)
    return csv_blocks(COLUMNS, map(_cells, newest), zone=ZoneInfo("UTC"))


def _cells(entry: AuditEntry) -> list[Any]:
    words = entry.words
    return [
        entry.pk, entry.at, entry.workspace_id, entry.seq, entry.actor_kind, entry.actor_id,
        words.actor_label, entry.for_user_id, entry.action, entry.object_type, entry.object_id, entry.request_id,
        words.address, _json(words.before), _json(words.after), bytes(entry.hash).hex(),
    ]  # fmt: skip


def _json(values: dict[str, Any] | None) -> str:
    return "" if values is None else json.dumps(values, ensure_ascii=False)
