"""How the counters of a post grow with its age, and how the day's rhythm bends that."""

from __future__ import annotations

import math
from bisect import bisect_right

HOUR = 3600.0
DAY = 24 * HOUR

# Age in hours -> share of the views the post has at seven days. See docs in README of the project for the data.
KNOTS: list[tuple[float, float]] = [
    (0.0, 0.0),
    (0.05, 0.01),
    (0.25, 0.06),
    (1.0, 0.17),
    (3.0, 0.33),
    (6.0, 0.46),
    (12.0, 0.60),
    (24.0, 0.75),
    (48.0, 0.87),
    (72.0, 0.92),
    (168.0, 1.0),
    (720.0, 1.08),
    (2160.0, 1.12),
]
_FINAL = KNOTS[-1][1]
_LOGS = [math.log1p(hours) for hours, _ in KNOTS]
_SHARES = [share / _FINAL for _, share in KNOTS]

# Share of a day's reading that falls into each UTC hour (Tashkent is UTC+5): a night dip and an evening peak.
_RHYTHM = [3, 3, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 7, 7, 7, 6, 5, 4, 3, 2, 2, 2, 2]
_CUMULATIVE = [0.0]
for _weight in _RHYTHM:
    _CUMULATIVE.append(_CUMULATIVE[-1] + 24.0 * _weight / sum(_RHYTHM))


def reading_hours(moment: float) -> float:
    """Hours of average reading since the epoch: real time stretched by day and squeezed by night."""
    days, rest = divmod(moment / HOUR, 24.0)
    hour = int(rest)
    low = _CUMULATIVE[hour]
    return days * 24.0 + low + (_CUMULATIVE[hour + 1] - low) * (rest - hour)


def share_at(hours: float) -> float:
    """Share (0..1) of a post's final counters reached at an age of *hours* of average reading."""
    if hours <= 0:
        return 0.0
    x = math.log1p(hours)
    i = bisect_right(_LOGS, x)
    if i >= len(_LOGS):
        return 1.0
    left, right = _LOGS[i - 1], _LOGS[i]
    return _SHARES[i - 1] + (_SHARES[i] - _SHARES[i - 1]) * (x - left) / (right - left)


def share_between(published: float, moment: float) -> float:
    """Share (0..1) of the final counters a post published at *published* has at *moment* (Unix seconds)."""
    if moment <= published:
        return 0.0
    return share_at(reading_hours(moment) - reading_hours(published))
