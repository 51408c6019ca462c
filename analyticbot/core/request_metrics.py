"""Requests of all web processes, added up in Redis: how many by kind of answer, and how long they took.

Each process adds up what it has answered and hands it over every few seconds, so that a request costs a few additions.
One hash holds everything, and its numbers only rise: `n|CLASS` (2xx, 3xx, 4xx, 5xx), `le|SECONDS` how many took no
longer than that and longer than the bound before, and `microseconds`. An emptied Redis starts them at 0.
"""

import threading
import time
from bisect import bisect_left
from collections import Counter

from analyticbot.core.tally import add, counts

KEY = "analyticbot:requests"
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
HANDED_OVER_SECONDS = 5.0
_lock = threading.Lock()
_counted: Counter[str] = Counter()
_handed_over = 0.0


def count_request(status: int, seconds: float) -> None:
    """Add an answer; hands over what has been added up when it is time. Never fails, and never waits long."""
    global _handed_over  # noqa: PLW0603 - of this process, under the lock
    place = bisect_left(BOUNDS, seconds)
    now = time.monotonic()
    with _lock:
        _counted[f"n|{status // 100}xx"] += 1
        _counted["microseconds"] += round(seconds * 1e6)
        if place < len(BOUNDS):
            _counted[f"le|{BOUNDS[place]:g}"] += 1
        if now - _handed_over < HANDED_OVER_SECONDS:
            return
        _handed_over = now
    hand_over()


def hand_over() -> None:
    """Give Redis what this process has added up."""
    with _lock:
        adding = dict(_counted)
        _counted.clear()
    if adding:
        add(KEY, adding)


def requests_counted() -> dict[str, int]:
    """All counters as they stand now; empty while Redis is away."""
    hand_over()
    return counts(KEY)
