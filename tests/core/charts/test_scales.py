"""Round ticks on both axes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyticbot.core.charts.scales import tick_labels, time_ticks, value_scale

ZONES = ["UTC", "Asia/Tashkent", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca"]
FINITE = st.floats(-(2.0**63), 2.0**63)
MOMENTS = st.datetimes(datetime(2013, 8, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as hypothesis wants it


@given(st.lists(FINITE, max_size=20), st.booleans(), st.booleans())
def test_value_scale_holds_every_value(values: list[float], holds_zero: bool, whole: bool) -> None:
    scale = value_scale(values, holds_zero=holds_zero, whole=whole)
    assert scale.low < scale.high
    assert len(scale.ticks) <= 18
    assert all(a < b for a, b in pairwise(scale.ticks))
    for value in values:
        assert -1e-6 <= scale.share(value) <= 1 + 1e-6
    if holds_zero:
        assert scale.low <= 0 <= scale.high
    labels = tick_labels(scale, "en")
    assert len(labels) == len(scale.ticks)


def test_value_scale_has_round_steps() -> None:
    assert value_scale([12_300, 12_940], holds_zero=False, whole=True).ticks == (12_200, 12_400, 12_600, 12_800, 13_000)
    assert value_scale([0, 97], holds_zero=True, whole=True).ticks == (0, 25, 50, 75, 100)


def test_value_scale_of_whole_numbers_has_no_halves() -> None:
    assert value_scale([0, 1], holds_zero=True, whole=True).ticks == (0, 1)


def test_tick_labels_tell_near_ticks_apart() -> None:
    scale = value_scale([48_000, 48_900], holds_zero=False, whole=True)
    assert tick_labels(scale, "en") == ("48K", "48.25K", "48.5K", "48.75K", "49K")


@given(MOMENTS, st.timedeltas(timedelta(seconds=1), timedelta(days=365 * 90)), st.sampled_from(ZONES))
def test_time_ticks_lie_in_the_span_in_order_and_are_few(start: datetime, span: timedelta, zone: str) -> None:
    ticks = time_ticks(start, start + span, ZoneInfo(zone), "ru")
    assert len(ticks) <= 11
    assert sum(not tick.minor for tick in ticks) <= 3
    assert all(start <= tick.at < start + span for tick in ticks)
    assert all(a.at < b.at for a, b in pairwise(ticks))
    assert all(tick.label for tick in ticks)


def test_day_ticks_are_local_midnights_across_a_change_of_clocks() -> None:
    zone = ZoneInfo("America/New_York")  # clocks go back on 1 November 2026
    start = datetime(2026, 10, 30, tzinfo=zone)
    ticks = time_ticks(start.astimezone(UTC), (start + timedelta(days=6)).astimezone(UTC), zone, "en")
    assert [tick.at.astimezone(zone).hour for tick in ticks] == [0] * 6
    assert [tick.label for tick in ticks] == ["Oct 30", "Oct 31", "Nov 1", "Nov 2", "Nov 3", "Nov 4"]


@pytest.mark.parametrize("days", [400, 800, 4000])
def test_long_spans_are_cut_at_firsts_of_months_and_years(days: int) -> None:
    start = datetime(2014, 5, 17, tzinfo=UTC)
    ticks = time_ticks(start, start + timedelta(days=days), ZoneInfo("UTC"), "en")
    assert {tick.at.day for tick in ticks} == {1}
    assert any(tick.label.isdigit() for tick in ticks)
