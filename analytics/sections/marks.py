"""Notes that stand on the charts of a visit: automatic ones, and those that people wrote."""

from analyticbot.core.charts import Mark
from analytics.notes.shown import notes_for
from analytics.sections.visit import Visit


def marks_for(visit: Visit) -> tuple[Mark, ...]:
    """Notes of the picked period, in order of time."""
    return tuple(note.mark for note in notes_for(visit))
