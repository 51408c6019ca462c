"""The period picker takes anything from the address bar."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.picker import Picked, pick

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
    chosen = picked(first="2026-03-01", last="2026-03-31")
    assert chosen.earlier is not None
    back = pick(dict(parse_qsl(chosen.earlier[1:])), now=NOW, zone=ZONE, oldest=OLDEST)
    assert (str(back.period.first_day), str(back.last_day)) == ("2026-01-29", "2026-02-28")
    assert back.later is not None
    again = pick(dict(parse_qsl(back.later[1:])), now=NOW, zone=ZONE, oldest=OLDEST)
    assert again.period == chosen.period
