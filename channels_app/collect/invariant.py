"""The daily check of every channel: cells plus baselines equal the sum of the latest counters.

What was found stands in the database (`CellCheck`), so that every process shows the same metric, whoever checked.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q

from channels_app.cells import Difference, check_invariant
from channels_app.models import CellCheck, Channel

logger = logging.getLogger(__name__)

# Enough of a broken channel's differences to see what is wrong; a repair computes all anew.
SHOWN = 5
# Each channel once a day. A little less, so that the hour of the check does not wander.
EVERY = timedelta(hours=23)
# A slice stays far below the time limit of tasks; beat goes on with the rest.
SLICE = timedelta(seconds=60)
_AT_ONCE = 200


def check_due_cells(*, now: datetime, budget: timedelta = SLICE) -> int:
    """Check channels whose last check is a day old, longest ago first, for about `budget`; returns how many broke."""
    broken, until = 0, time.monotonic() + budget.total_seconds()
    for channel_id in _due(now):
        differences = check_invariant(channel_id)
        note_check(channel_id, differences, now=now)
        if differences:
            broken += 1
            logger.error(
                "channel=%s does not add up: %s differences, first %s",
                channel_id,
                len(differences),
                differences[:SHOWN],
            )
        if time.monotonic() >= until:
            break
    return broken


def _due(now: datetime) -> Iterator[int]:
    """Ids of channels to be checked; asked for in portions, each channel once."""
    seen: set[int] = set()
    while True:
        due = Channel.objects.filter(Q(cellcheck__isnull=True) | Q(cellcheck__checked_at__lte=now - EVERY))
        ids = due.order_by(F("cellcheck__checked_at").asc(nulls_first=True), "pk").values_list("pk", flat=True)
        fresh = [pk for pk in ids[:_AT_ONCE] if pk not in seen]
        if not fresh:
            return
        seen.update(fresh)
        yield from fresh


def note_check(channel_id: int, differences: Sequence[Difference], *, now: datetime) -> None:
    """Keep what a check found."""
    CellCheck.objects.update_or_create(
        channel_id=channel_id,
        defaults={
            "checked_at": now,
            "differences": len(differences),
            "first": str(differences[0]) if differences else "",
        },
    )
