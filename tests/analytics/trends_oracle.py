"""Expectations and scores of posts in plain Python, written out where the program takes short cuts."""

from collections.abc import Sequence
from datetime import datetime
from math import exp, log, sqrt
from statistics import median

from analytics.queries.trending import SMOOTHING
from tests.analytics.trends_world import DAY, Grown, readings_of, views_at

Curve = Sequence[tuple[float, int]]
# Expectation and score by message id.
Scores = dict[int, tuple[float, float]]


def oracle(posts: Sequence[Grown], method: str, *, since: datetime, seen_at: datetime) -> Scores:
    """Expectation and score of each post that has them, by message id."""
    own = [
        (post.at, number, _curve(post, seen_at))
        for number, post in enumerate(posts, 1)
        if not post.is_forward and not post.deleted
    ]
    return scores_of(own, method, since=since)


def scores_of(posts: Sequence[tuple[datetime, int, Curve]], method: str, *, since: datetime) -> Scores:
    """The same from publication, message id and readings (age in seconds, views), of which the last is the latest."""
    order = sorted(posts, key=lambda post: post[:2])
    found = {}
    for place, (at, number, curve) in enumerate(order):
        if at < since or not curve:
            continue
        age, views = curve[-1]
        before = [other[2] for other in order[max(0, place - 100) : place]]
        values = [value for value in (_at(other, age) for other in before) if value is not None]
        if age < 7 * 86400 and len(values) < 10:
            later = [[views for at, views in other if at >= age] for other in before]
            values = [float(views[0]) for views in later if views]
        if len(values) >= 10:
            logs = [log(1 + value) for value in values]
            centre, spread = robust(logs) if method == "zscore" else weighted(logs)
            scale = max(spread, 0.1, 1 / sqrt(exp(centre)))
            found[number] = (exp(centre) - 1, (log(1 + views) - centre) / scale)
    return found


def _curve(post: Grown, seen_at: datetime) -> list[tuple[float, int]]:
    if not post.known:
        return []
    read = [(at, views) for at, views in readings_of(post, seen_at) if at <= post.at + 31 * DAY]
    curve = [((at - post.at).total_seconds(), views) for at, views in read]
    last = ((seen_at - post.at).total_seconds(), views_at(post.final, seen_at - post.at))
    return curve if last in curve else [*curve, last]


def _at(curve: Sequence[tuple[float, int]], age: float) -> float | None:
    for (t0, v0), (t1, v1) in zip([(0.0, 0), *curve], curve, strict=False):
        if t0 < age <= t1:
            close = age - t0 <= age / 4 and t1 - age <= age / 4
            if t1 == age or close or abs(v1 - v0) <= max(v0, v1) / 20:
                return v1 - (v1 - v0) * (t1 - age) / (t1 - t0)
    if age >= 7 * 86400:
        settled = [(abs(t - age), v) for t, v in curve if t >= 7 * 86400]
        return float(min(settled, key=lambda one: one[0])[1]) if settled else None
    return None


def robust(logs: Sequence[float]) -> tuple[float, float]:
    """Centre and spread by medians."""
    centre = median(logs)
    return centre, 1.4826 * median([abs(one - centre) for one in logs])


def weighted(logs: Sequence[float]) -> tuple[float, float]:
    """Centre and spread by weights written out."""
    n = len(logs)
    weights = [(1 - SMOOTHING) ** (n - 1), *(SMOOTHING * (1 - SMOOTHING) ** (n - i) for i in range(2, n + 1))]
    centre = sum(weight * one for weight, one in zip(weights, logs, strict=True))
    variance = sum(weight * (one - centre) ** 2 for weight, one in zip(weights, logs, strict=True))
    return centre, sqrt(variance / (1 - sum(weight**2 for weight in weights)))
