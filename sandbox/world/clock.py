"""The sandbox's time: real time plus whatever the control port has moved it by.

Only payload dates follow this clock; MTProto message ids always follow the real one (clients check them).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Unix seconds as floats. ``moved`` is how far the control port has moved the clock since the start."""

    def __init__(self, start: float | None = None) -> None:
        self._offset = 0.0 if start is None else start - time.time()
        self.moved = 0.0

    def now(self) -> float:
        """The sandbox's present, Unix seconds."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Move the present by *seconds* (may be negative)."""
        self._offset += seconds
        self.moved += seconds

    def set(self, moment: float) -> None:
        """Make *moment* (Unix seconds) the present."""
        self.advance(moment - self.now())

    def iso(self) -> str:
        """The present as ISO 8601, UTC."""
        return iso(self.now())


def iso(moment: float) -> str:
    """Unix seconds as ISO 8601 in UTC with whole seconds."""
    return datetime.fromtimestamp(int(moment), UTC).isoformat()


def from_iso(text: str) -> float:
    """Unix seconds of an ISO 8601 text; no zone means UTC."""
    value = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
