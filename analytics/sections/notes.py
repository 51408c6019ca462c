"""Notes of the channel: people's own, and what was observed."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from analytics.notes.shown import notes_for
from analytics.sections.choices import choices_of
from analytics.sections.visit import Visit

OWN = ("of",)
_SHOWN = {
    "": gettext_lazy("All notes"),
    "own": gettext_lazy("Our own"),
    "automatic": gettext_lazy("Observed"),
}


def build(visit: Visit) -> Mapping[str, Any]:
    """What the section shows, newest first."""
    of = visit.word("of", _SHOWN, "")
    notes = [note for note in notes_for(visit) if not of or note.automatic == (of == "automatic")]
    return {"of": of, "choices": choices_of(visit, "of", _SHOWN, of, default=""), "notes": tuple(reversed(notes))}
