"""The ages at which posts are looked at."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from channels_app.schedule import LOOK_AGES, next_poll_at

PUBLISHED = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = 3600, 86_400


def test_ages_are_log_spaced_from_five_minutes_and_capped() -> None:
    assert LOOK_AGES[:4] == (300, 375, 469, 586)
    assert LOOK_AGES[-1] == 30 * DAY
    for before, after in pairwise(LOOK_AGES):
        assert 0 < after - before <= min(before * 0.25 + 1, 2 * HOUR if before < 48 * HOUR else DAY)
    assert len(LOOK_AGES) == 72


@given(st.timedeltas(timedelta(hours=-5), timedelta(days=40)))
def test_next_look_is_after_now_and_none_when_closed(age: timedelta) -> None:
    now = PUBLISHED + age

    due = next_poll_at(PUBLISHED, now=now)

    assert (due is None) == (age >= timedelta(days=30))
    assert due is None or now < due <= max(now, PUBLISHED) + timedelta(days=1)
