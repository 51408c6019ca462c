"""How the counters of a post grow with its age, and how the day's rhythm bends that."""

from __future__ import annotations

import math
from bisect import bisect_right

HOUR = 3600.0
DAY = 24 * HOUR

# Age in hours -> share of the views a post has at seven days. Derived from 50,759 snapshots of 1,698 posts in 16
# public channels (December 2024): in each age bin the median over posts of d ln(views) / d ln(age), integrated
# outward from 168 h. Posts per bin: 29 at 1 h, 53 at 3 h, 74 at 6 h, 111 at 12 h, 127 at 24 h, 145 at 48 h, 150 at
# 72 h, 199 at 168 h, 472 at 720 h. A cross-section of 2,342 posts of 26 other channels lies 5 to 15 % lower between
# 24 and 96 h. Below 15 min nothing was measured: the curve is laid through the origin.
KNOTS: list[tuple[float, float]] = [
    (0.0, 0.0),
    (0.02, 0.03),
    (0.05, 0.07),
    (0.25, 0.177),
    (0.5, 0.230),
    (1.0, 0.291),
    (2.0, 0.366),
    (3.0, 0.405),
    (4.0, 0.435),
    (6.0, 0.473),
    (8.0, 0.502),
    (12.0, 0.542),
    (18.0, 0.589),
    (24.0, 0.629),
    (36.0, 0.703),
    (48.0, 0.744),
    (72.0, 0.810),
    (96.0, 0.873),
    (120.0, 0.920),
    (168.0, 1.0),
    (240.0, 1.080),
    (336.0, 1.132),
    (480.0, 1.189),
    (720.0, 1.248),
    (1440.0, 1.314),
    (2160.0, 1.358),
]
_FINAL = KNOTS[-1][1]
_LOGS = [math.log1p(hours) for hours, _ in KNOTS]
_SHARES = [share / _FINAL for _, share in KNOTS]

# Reading by UTC hour relative to the mean, for a Tashkent audience (UTC+5): the hourly shape of 365 published daily
# charts of one channel (joins per hour, April 2018 to April 2019), shifted so that its trough falls on 04:00 local.
_RHYTHM = [
    0.13, 0.24, 0.46, 0.58, 0.79, 0.95, 1.05, 1.15, 1.31, 1.50, 1.60, 1.42,
    1.41, 1.50, 1.52, 1.51, 1.62, 1.60, 1.38, 0.98, 0.63, 0.36, 0.20, 0.11,
]  # fmt: skip
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


def rhythm_share(moment: float) -> float:
    """Share (0..1) of the UTC day's reading that is done by *moment* (Unix seconds)."""
    return (reading_hours(moment) % 24.0) / 24.0


def share_between(published: float, moment: float) -> float:
    """Share (0..1) of the final counters a post published at *published* has at *moment* (Unix seconds)."""
    if moment <= published:
        return 0.0
    return share_at(reading_hours(moment) - reading_hours(published))
