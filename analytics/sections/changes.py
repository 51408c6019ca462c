"""What was changed and what was taken away: posts, and what the channel is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.queries.facts import FactChange, fact_changes
from analytics.sections.choices import choices_of
from analytics.sections.difference import Piece, difference
from analytics.sections.explaining import told
from analytics.sections.visit import CURSOR, Visit

OWN = ("kind", CURSOR)
_PAGE = "20"
_KINDS = {
    "": gettext_lazy("Edits and deletions"),
    "edit": gettext_lazy("Edits"),
    "deletion": gettext_lazy("Deletions"),
}
_FACTS = {"title": gettext_lazy("Title"), "username": gettext_lazy("Username"), "about": gettext_lazy("Description")}


@dataclass(frozen=True, slots=True)
class Entry:
    """An edit with its difference, or a deletion."""

    found: Mapping[str, Any]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Renaming:
    """A change of the channel itself."""

    label: Promise
    change: FactChange
    pieces: tuple[Piece, ...]


def build(visit: Visit) -> Mapping[str, Any]:
    """What the section shows."""
    kind, cursor = visit.word("kind", _KINDS, ""), visit.text(CURSOR)
    asked = {"limit": _PAGE} | ({"kind": kind} if kind else {}) | ({CURSOR: cursor} if cursor else {})
    answer = visit.ask("ledger", asked)
    return {
        "kinds": choices_of(visit, "kind", _KINDS, kind, default=""),
        "entries": tuple(_entry(row) for row in answer.data),
        "older": visit.address(cursor=answer.next) if answer.next else None,
        "first": visit.address() if cursor else None,
        "renamings": () if cursor else tuple(map(_renaming, fact_changes(visit.query, fields=tuple(_FACTS)))),
        "told": told(
            answer.provenance["entries"],
            [
                (_("Edits"), _("A change of text between two readings; the time is when the new text was first seen.")),
                (
                    _("Deletions"),
                    _("Only on Telegram's proof. The post was deleted between when it was last seen and found gone."),
                ),
            ],
        ),
    }


def _entry(row: Mapping[str, Any]) -> Entry:
    edited = row["kind"] == "edit"
    return Entry(row, difference(row["before"] or "", row["after"] or "") if edited else ())


def _renaming(change: FactChange) -> Renaming:
    label = _FACTS[change.field]
    pieces = difference(change.old or "", change.new or "") if change.field == "about" else ()
    return Renaming(label, change, pieces)
