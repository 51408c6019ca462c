"""Reach at equal ages on real curves of views, against the same line drawn in plain Python."""

import itertools
from datetime import timedelta
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest

from analytics.period import Period
from analytics.queries import StatsQuery, reach_at_age
from tests.analytics.test_curve import DATA, real_curves
from tests.analytics.world import Seen, make_channel, make_posts, take_snapshots

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POSTS = 120


def _between(samples: list[tuple[timedelta, int]], age: timedelta) -> float | None:
    """On the line between the samples around the age, each at most a quarter of it away, or telling the same."""
    seen = [one for one in samples if one[0] <= 60 * HOUR]
    before = [one for one in seen if one[0] <= age]
    # What no reading follows is told by the latest counter.
    after = [one for one in seen if one[0] >= age] or [one for one in samples[-1:] if one[0] >= age]
    if not after or (not before and after[0][0] > age):
        return None
    (b, high), (a, low) = after[0], before[-1]
    if b == age or low == high:
        return float(high)
    return low + (high - low) * ((age - a) / (b - a)) if max(age - a, b - age) <= age / 4 else None


@pytest.mark.django_db
@pytest.mark.skipif(not DATA.exists(), reason="no real view snapshots here")
def test_reach_at_ages_of_a_real_channel_is_the_mean_of_its_lines() -> None:
    channel = make_channel()
    curves = [samples for samples in itertools.islice(real_curves(), POSTS) if len(samples) > 1]
    # When these posts were published is not told: an hour before they were first seen.
    born = [samples[0][0] - HOUR for samples in curves]
    posts = make_posts(channel, [Seen(at, samples[-1][1]) for at, samples in zip(born, curves, strict=True)])
    aged = [
        sorted({at - start: views for at, views in samples}.items())
        for start, samples in zip(born, curves, strict=True)
    ]
    for post, samples in zip(posts, aged, strict=True):
        post.counters_at = post.published_at + samples[-1][0]
        post.save(update_fields=["counters_at"])
        take_snapshots(post, *samples)
    now = max(samples[-1][0] for samples in curves) + 30 * DAY
    period = Period(min(born), max(born) + HOUR, ZoneInfo("UTC"))

    found = reach_at_age(StatsQuery(channel.pk, period, now=now))

    assert len(curves) > POSTS / 2
    for hours, reading in found.items():
        lines = [_between(samples, hours * HOUR) for samples in aged]
        known = [views for views in lines if views is not None]
        assert (reading.known, reading.old_enough) == (len(known), len(curves))
        assert reading.value == (pytest.approx(fmean(known)) if known else None)
    assert found[24].known > POSTS / 6
