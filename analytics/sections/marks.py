"""Notes that stand on the charts of a visit: automatic ones, and those that people wrote."""

from analyticbot.core.charts import Mark
from analytics.sections.visit import Visit


def marks_for(visit: Visit) -> tuple[Mark, ...]:  # noqa: ARG001 - notes are stored by and by
    """Notes of the picked period, in order of time."""
    return ()
