"""Which count of subscribers holds at a moment, against the rule in plain Python."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from analytics.metrics import METRICS
from analytics.period import Period
from analytics.queries import StatsQuery, overview
from channels_app.models import SubscriberSample
from tests.analytics.world import NOW, make_channel

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK = Period(NOW - 7 * DAY, NOW, ZoneInfo("UTC"))
# (source, hours before the end, count); preview pages round.
samples = st.lists(
    st.tuples(st.sampled_from(["mtproto", "bot", "import", "preview"]), st.integers(1, 400), st.integers(0, 999)),
    max_size=8,
    unique_by=lambda one: one[:2],
)


def _holds(told: list[tuple[str, int, int]]) -> int | None:
    if not told:
        return None
    newest = min(hours for _, hours, _ in told)
    exact = [one for one in told if one[0] != "preview" and one[1] < newest + 7 * 24]
    if not any(hours == newest and source != "preview" for source, hours, _ in told) and not exact:
        kind = [one for one in told if one[0] == "preview"]
    else:
        kind = exact
    last = min(hours for _, hours, _ in kind)
    order = [source.value for source in METRICS["followers"].sources]
    day = [one for one in kind if one[1] < last + 24]
    return min(day, key=lambda one: (order.index(one[0]), one[1]))[2]


@rules(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(told=samples)
def test_the_best_source_of_the_last_day_holds_and_rounded_counts_give_way(told: list[tuple[str, int, int]]) -> None:
    channel = make_channel()
    SubscriberSample.objects.bulk_create(
        SubscriberSample(
            channel=channel,
            observed_at=NOW - hours * HOUR,
            source=source,
            count=count,
            approximate=source == "preview",
        )
        for source, hours, count in told
    )

    followers = overview(StatsQuery(channel.pk, WEEK, now=NOW)).current["followers"]

    assert followers.value == _holds(told)
