"""Times of many runs of one thing, and what stands out of them."""

import statistics
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Times(NamedTuple):
    """Milliseconds: the median, and what 95 of 100 stay below."""

    p50: float
    p95: float

    def __str__(self) -> str:
        return f"{self.p50:7.2f} {self.p95:7.2f}"


def times_of(seconds: Iterable[float]) -> Times:
    """Of single runs, in seconds."""
    found = sorted(seconds)
    return Times(statistics.median(found) * 1000, found[min(len(found) - 1, int(len(found) * 0.95))] * 1000)


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """(seconds, what it gave)."""
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found
