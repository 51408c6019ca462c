"""Numbers and moments in words."""

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyticbot.core.charts import words

TASHKENT = ZoneInfo("Asia/Tashkent")
MOMENT = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)  # the 22nd in Tashkent


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("value", "language", "expected"),
    [
        (0, "en", "0"),
        (9_876, "en", "9,876"),
        (12_345, "en", "12.3K"),
        (12_345, "ru", "12,3 тыс."),
        (12_345, "uz", "12,3 ming"),
        (1_260_000, "ru", "1,3 млн"),
        (-12_345, "en", "−12.3K"),
        (45.25, "en", "45.2"),
        (450.25, "en", "450"),
    ],
)
def test_compact_number_is_short_in_each_language(value: float, language: str, expected: str) -> None:
    assert plain(words.compact_number(value, language)) == expected


@pytest.mark.parametrize("value", [None, math.nan, math.inf, 1e30])
def test_unknown_value_is_a_dash_and_never_zero(value: float | None) -> None:
    tellers = (words.compact_number, words.full_number, words.percent, words.signed_number, words.signed_percent)
    assert {teller(value, "ru") for teller in tellers} == {"—"}


def test_signed_number_of_nothing_has_no_sign() -> None:
    assert words.signed_number(0, "en") == "0"
    assert words.signed_percent(-0.01, "en") == "0%"
    assert words.signed_number(-5, "en") == "−5"
    assert plain(words.signed_percent(5.25, "ru")) == "+5,2 %"


def test_days_are_local_and_in_the_language() -> None:
    assert words.day(MOMENT, "en", TASHKENT) == "Nov 22, 2026"
    assert plain(words.day(MOMENT, "ru", TASHKENT)) == "22 нояб. 2026"
    assert words.day(MOMENT, "uz", TASHKENT) == "22-noy, 2026"
    assert words.moment_words(MOMENT, "en", TASHKENT) == "Nov 22, 2026, 01:30"


def test_span_names_one_day_once_and_the_year_once() -> None:
    day = datetime(2026, 11, 22, tzinfo=TASHKENT)
    assert words.span(day, day.replace(day=23), "en", TASHKENT) == "Nov 22, 2026"
    assert words.span(day, day.replace(day=30), "en", TASHKENT) == "Nov 22 – Nov 29, 2026"
    assert words.span(day, day.replace(year=2027), "en", TASHKENT) == "Nov 22, 2026 – Nov 21, 2027"


def test_language_that_is_not_known_is_told_in_english() -> None:
    assert words.compact_number(12_345, "xx-nothing") == "12.3K"


@given(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from(["en", "ru", "uz"]))
def test_any_float_has_words(value: float, language: str) -> None:
    for teller in (words.compact_number, words.full_number, words.percent, words.signed_number):
        text = teller(value, language)
        assert text
        assert "nan" not in text.lower()
