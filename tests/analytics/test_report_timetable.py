"""When a report is due: local time, through changes of the clock, months of every length."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.reports.timetable import Every, Rhythm, latest_day, moment_of, next_after, period_of

BERLIN, NEW_YORK, TASHKENT = (ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Tashkent"))
MONDAYS = Rhythm(Every.WEEK, 1, time(9))
ZONES = sorted(name for name in available_timezones() if "/" in name)


def due(rhythm: Rhythm, zone: ZoneInfo, after: str, count: int) -> list[str]:
    moment, found = datetime.fromisoformat(after).replace(tzinfo=UTC), []
    for _number in range(count):
        moment = next_after(rhythm, zone, moment)
        found.append(f"{moment.astimezone(zone):%Y-%m-%d %H:%M %z}")
    return found


def test_weekly_report_keeps_its_local_hour_across_both_changes_of_the_clock() -> None:
    autumn = due(MONDAYS, BERLIN, "2025-10-15", 3)
    assert autumn == ["2025-10-20 09:00 +0200", "2025-10-27 09:00 +0100", "2025-11-03 09:00 +0100"]
    assert due(MONDAYS, NEW_YORK, "2025-03-01", 2) == ["2025-03-03 09:00 -0500", "2025-03-10 09:00 -0400"]


def test_hour_that_is_left_out_comes_that_much_later_and_once() -> None:
    night = Rhythm(Every.DAY, 1, time(2, 30))
    assert due(night, BERLIN, "2025-03-29T00:00", 3) == [
        "2025-03-29 02:30 +0100", "2025-03-30 03:30 +0200", "2025-03-31 02:30 +0200",
    ]  # fmt: skip


def test_hour_that_comes_twice_is_its_first_coming() -> None:
    night = Rhythm(Every.DAY, 1, time(2, 30))
    assert due(night, BERLIN, "2025-10-25T12:00", 2) == ["2025-10-26 02:30 +0200", "2025-10-27 02:30 +0100"]


def test_monthly_report_on_a_day_and_on_the_last_one() -> None:
    assert [text[:10] for text in due(Rhythm(Every.MONTH, 28, time(9)), TASHKENT, "2024-01-30", 3)] == [
        "2024-02-28", "2024-03-28", "2024-04-28",
    ]  # fmt: skip
    assert [text[:10] for text in due(Rhythm(Every.MONTH, 0, time(9)), TASHKENT, "2024-01-30", 3)] == [
        "2024-01-31", "2024-02-29", "2024-03-31",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rhythm", "day", "first", "last"),
    [
        (Rhythm(Every.DAY, 1, time(9)), date(2025, 10, 27), "2025-10-26", "2025-10-26"),
        (MONDAYS, date(2025, 10, 27), "2025-10-20", "2025-10-26"),
        (Rhythm(Every.MONTH, 1, time(9)), date(2025, 3, 1), "2025-02-01", "2025-02-28"),
        (Rhythm(Every.MONTH, 0, time(9)), date(2025, 3, 31), "2025-02-28", "2025-03-30"),
    ],
)
def test_report_tells_of_the_days_since_the_one_before(rhythm: Rhythm, day: date, first: str, last: str) -> None:
    period = period_of(rhythm, day, BERLIN)
    assert (str(period.first_day), str(period.last_day)) == (first, last)


@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    now=st.integers(0, 20 * 365 * 24 * 60).map(
        lambda minutes: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    rhythm=st.one_of(
        st.builds(Rhythm, st.just(Every.DAY), st.just(1), st.times()),
        st.builds(Rhythm, st.just(Every.WEEK), st.integers(1, 7), st.times()),
        st.builds(Rhythm, st.just(Every.MONTH), st.integers(0, 28), st.times()),
    ),
)
def test_every_zone_has_one_moment_a_turn_and_no_gap_between_periods(
    zone: ZoneInfo, now: datetime, rhythm: Rhythm
) -> None:
    after = next_after(rhythm, zone, now)
    assert now < after <= now + timedelta(days=33)
    before = latest_day(rhythm, zone, now)
    assert moment_of(rhythm, before, zone) <= now
    reached = latest_day(rhythm, zone, after)
    assert moment_of(rhythm, reached, zone) == after
    assert period_of(rhythm, reached, zone).start == period_of(rhythm, before, zone).end
