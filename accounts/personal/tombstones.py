"""The list of the erased: a file outside the database, so that a restored backup can be told whom to erase again.

One line of JSON for each: {"person": id, "joined": moment, "at": moment}. It names nobody; keep it beside the backups.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Somebody who was erased. A restored database gives ids anew: only both together tell who it was."""

    person_id: int
    joined_at: datetime


def note_erased(one: Tombstone, *, now: datetime) -> None:
    """Add a line. A disk that does not take it is an error in the log, which has the same words."""
    line = json.dumps({"person": one.person_id, "joined": one.joined_at.isoformat(), "at": now.isoformat()})
    path = Path(settings.TOMBSTONES)
    logger.info("erased %s", line)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as handle:
            handle.write(line + "\n")
    except OSError:
        logger.exception("missing in the list of the erased: %s", line)


def read_tombstones(path: Path) -> Iterator[Tombstone]:
    """A list in its order; ValueError, naming the line, for what is none."""
    with path.open(encoding="utf-8") as handle:
        for number, line in enumerate(handle, start=1):
            try:
                told = json.loads(line)
                yield Tombstone(int(told["person"]), datetime.fromisoformat(told["joined"]))
            except (ValueError, KeyError, TypeError):
                raise ValueError(f"line {number} of {path} does not belong to a list of the erased") from None
