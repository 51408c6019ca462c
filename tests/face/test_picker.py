"""The period picker takes anything from the address bar."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.picker import LABELS, Picked, pick

NOW = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)  # the 23rd in Tashkent
ZONE = ZoneInfo("Asia/Tashkent")
OLDEST = datetime(2024, 2, 29, 23, tzinfo=UTC)
DATES = st.dates().map(str) | st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat) | st.text(max_size=30)
PARAMETERS = st.dictionaries(st.sampled_from(["period", "first", "last", "from", "to"]), DATES | st.just("all"))


def picked(**parameters: str) -> Picked:
    return pick(parameters, now=NOW, zone=ZONE, oldest=OLDEST)


@given(PARAMETERS, st.none() | st.datetimes(datetime(2013, 8, 1), datetime(2026, 11, 22), timezones=st.just(UTC)))  # noqa: DTZ001 - as hypothesis wants it
def test_any_address_gives_a_period_and_never_an_error(parameters: dict[str, str], oldest: datetime | None) -> None:
    chosen = pick(parameters, now=NOW, zone=ZONE, oldest=oldest)
    assert chosen.period.start < chosen.period.end <= NOW + timedelta(days=1)
    assert chosen.words
    for address in filter(None, (chosen.earlier, chosen.later)):
        assert pick(dict(parse_qsl(address[1:])), now=NOW, zone=ZONE, oldest=oldest).error is None


@pytest.mark.parametrize(("name", "days"), [("today", 1), ("7d", 7), ("28d", 28), ("90d", 90), ("365d", 365)])
def test_presets_end_with_the_local_today(name: str, days: int) -> None:
    chosen = picked(period=name)
    assert str(chosen.last_day) == "2026-11-23"
    assert (chosen.last_day - chosen.period.first_day).days == days - 1


def test_all_time_begins_with_the_first_post() -> None:
    assert str(picked(period="all").period.first_day) == "2024-03-01"
    assert not picked(period="all").compares
    assert picked(period="all").earlier is None


def test_steps_back_and_forth_return() -> None:
    chosen = picked(first="2026-03-02", last="2026-03-31")
    back = followed(chosen.earlier)
    assert days(back) == ("2026-01-31", "2026-03-01")
    assert followed(back.later).period == chosen.period


def followed(address: str | None) -> Picked:
    """Where an arrow leads."""
    assert address is not None
    return pick(dict(parse_qsl(address[1:])), now=NOW, zone=ZONE, oldest=OLDEST)


def days(chosen: Picked) -> tuple[str, str]:
    return str(chosen.period.first_day), str(chosen.last_day)


@pytest.mark.parametrize(
    ("name", "first", "last", "before"),
    [
        ("yesterday", "2026-11-22", "2026-11-22", ("2026-11-21", "2026-11-21")),
        ("month", "2026-11-01", "2026-11-23", ("2026-10-01", "2026-10-31")),
        ("last-month", "2026-10-01", "2026-10-31", ("2026-09-01", "2026-09-30")),
        ("year", "2026-01-01", "2026-11-23", ("2025-01-01", "2025-12-31")),
    ],
)
def test_months_move_by_months_and_years_by_years(name: str, first: str, last: str, before: tuple[str, str]) -> None:
    chosen = picked(period=name)
    assert days(chosen) == (first, last)
    back = followed(chosen.earlier)
    assert days(back) == before
    assert followed(back.later).period.start == chosen.period.start
    again = followed(back.earlier)
    assert followed(again.later).period == back.period


@pytest.mark.parametrize("name", ["month", "year"])
def test_back_in_the_running_month_or_year_arrows_still_move_by_it(name: str) -> None:
    chosen = picked(period=name)
    before = followed(chosen.earlier)
    back = followed(before.later)
    assert back.period == chosen.period
    assert days(followed(back.earlier)) == days(before)


def test_a_day_and_a_night_are_whole_hours_that_move_by_as_many() -> None:
    chosen = picked(period="24h")
    assert (chosen.period.start, chosen.period.end) == (
        datetime(2026, 11, 21, 21, tzinfo=UTC),
        datetime(2026, 11, 22, 21, tzinfo=UTC),
    )
    assert chosen.later is None
    back = followed(chosen.earlier)
    assert (back.period.start, back.period.end) == (datetime(2026, 11, 20, 21, tzinfo=UTC), chosen.period.start)
    assert followed(back.later).period == chosen.period


@pytest.mark.parametrize(
    ("zone", "now"),
    [
        ("Asia/Kolkata", datetime(2027, 9, 15, 18, 9, tzinfo=UTC)),  # the running hour ends in the next day
        ("Asia/Beirut", datetime(2026, 3, 29, 22, 22, tzinfo=UTC)),  # yesterday began at one o'clock
        ("America/Santiago", datetime(2026, 9, 5, 6, 13, tzinfo=UTC)),  # tomorrow will
    ],
)
def test_arrows_return_wherever_clocks_change(zone: str, now: datetime) -> None:
    for name in LABELS.keys() - {"all"}:
        chosen = pick({"period": name}, now=now, zone=ZoneInfo(zone), oldest=None)
        back = pick(dict(parse_qsl((chosen.earlier or "")[1:])), now=now, zone=ZoneInfo(zone), oldest=None)
        again = pick(dict(parse_qsl((back.later or "")[1:])), now=now, zone=ZoneInfo(zone), oldest=None)
        assert again.period == chosen.period, name


def test_every_preset_has_a_place_in_the_menu_and_a_key_of_its_own() -> None:
    chosen = picked()
    assert sorted(one.name for group in chosen.groups for one in group) == sorted(LABELS)
    assert len({one.key for one in chosen.presets}) == len(LABELS)
