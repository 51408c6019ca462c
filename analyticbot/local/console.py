"""The lines a local run prints: one per stage, with the seconds since the command was given."""

import os
import sys
import time

# Set by the part that runs before the virtual environment exists, so that seconds count from the command.
STARTED = "ANALYTICBOT_STARTED_AT"
_NAME_WIDTH = 14


def started_at() -> float:
    """When the command was given, in seconds since the epoch."""
    try:
        return float(os.environ[STARTED])
    except (KeyError, ValueError):
        now = time.time()
        os.environ[STARTED] = str(now)
        return now


def say(stage: str, text: str) -> None:
    """Print one stage line: `[  3.2 s] database      ready`."""
    plain(f"[{max(0.0, time.time() - started_at()):6.1f} s] {stage:<{_NAME_WIDTH}}{text}")


def plain(text: str) -> None:
    """Print text as it is; a closed terminal or pipe stops no server."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except (BrokenPipeError, OSError, ValueError):
        return


class Progress:
    """A line for a long step, at most one every `every` seconds."""

    def __init__(self, stage: str, *, every: float = 2.0) -> None:
        self._stage = stage
        self._every = every
        self._next = time.monotonic() + every
        self._last = ""

    def show(self, text: str) -> None:
        """Print the line if it is due and says something new."""
        if time.monotonic() >= self._next and text != self._last:
            self._next = time.monotonic() + self._every
            self._last = text
            say(self._stage, text)
