"""Notes as a page tells them: people's own, and automatic ones made of what was observed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.cache import cache

from analyticbot.core.charts import Mark
from analytics.notes.models import Note
from analytics.notes.told import event_words
from analytics.notes.work import author_of, notes_in
from analytics.sections.visit import Visit

# As long as the answer may lag behind what other channels do.
_KEPT_SECONDS = 120
# Automatic notes that tell what the workspace did, and are none of a visitor's business.
_OF_THE_WORKSPACE = {"import"}


@dataclass(frozen=True, slots=True)
class ShownNote:
    """A line of the list. `public_id` and `author` are of people's notes; `kind` of automatic ones ("" else)."""

    at: datetime
    until: datetime | None
    text: str
    kind: str = ""
    address: str = ""
    public_id: UUID | None = None
    author: str = ""

    @property
    def automatic(self) -> bool:
        """Whether it was observed, and not written."""
        return not self.public_id

    @property
    def mark(self) -> Mark:
        """As it stands on a chart. A gap is hatched already: its mark is at its beginning alone."""
        until = None if self.kind == "gap" else self.until
        return Mark(self.at, self.text, automatic=self.automatic, until=until, address=self.address)


def notes_for(visit: Visit) -> tuple[ShownNote, ...]:
    """Notes of the picked period in order of time: one statement, and three once in two minutes."""
    found = [*own_notes(visit), *automatic_notes(visit)]
    return tuple(sorted(found, key=lambda note: (note.at, note.automatic)))


def own_notes(visit: Visit) -> tuple[ShownNote, ...]:
    """What people of the workspace wrote; nothing where a shared link does not tell it."""
    if not visit.shows_notes:
        return ()
    period = visit.picked.period
    rows = notes_in(visit.reader.workspace_id, visit.head.id, start=period.start, end=period.end)
    return tuple(map(shown_note, rows))


def shown_note(row: Note) -> ShownNote:
    """A note of the table."""
    return ShownNote(row.at, row.until, row.text, public_id=row.public_id, author=author_of(row))


def automatic_notes(visit: Visit) -> tuple[ShownNote, ...]:
    """What was observed to happen, in words."""
    private = set() if visit.shows_notes else _OF_THE_WORKSPACE
    return tuple(_automatic(row, visit) for row in _events(visit) if row["kind"] not in private)


def _events(visit: Visit) -> list[Mapping[str, Any]]:
    period = visit.picked.period
    key = ":".join(
        str(part)
        for part in (
            "events",
            visit.head.id,
            visit.head.version,
            visit.reader.workspace_id,
            visit.head.owned,
            int(period.start.timestamp()),
            int(period.end.timestamp()),
            int(visit.now.timestamp()) // _KEPT_SECONDS,
        )
    )
    found: list[Mapping[str, Any]] | None = cache.get(key)
    if found is None:
        found = list(visit.ask("events").data)
        cache.set(key, found, _KEPT_SECONDS)
    return found


def _automatic(row: Mapping[str, Any], visit: Visit) -> ShownNote:
    at = datetime.fromisoformat(row["at"])
    until = datetime.fromisoformat(row["until"]) if row["until"] else None
    return ShownNote(at, until, event_words(row), kind=row["kind"], address=_address(row, visit) or "")


def _address(row: Mapping[str, Any], visit: Visit) -> str | None:
    kind = row["kind"]
    if kind == "ahead":
        return visit.doors.post(row["msg_id"], row["permalink"])
    if kind in {"title", "username"}:
        section = visit.doors.section("changes")
        return section + ("" if visit.elsewhere == "?" else visit.elsewhere) if section else None
    address: str | None = row["permalink"]
    return address
