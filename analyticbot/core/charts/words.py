"""Numbers and moments in words of a language, through Babel's CLDR data. Unknown is a dash, never 0."""

import math
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeGuard
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_datetime
from babel.numbers import format_compact_decimal, get_decimal_symbol, get_group_symbol

UNKNOWN = "—"
LARGEST = 2**63
# Below this every digit is shown: 9,876 says more than 9.9K and is not longer.
_COMPACT_FROM = 10_000
_WHOLE_FROM = 100
NO_BREAK = "\u00a0"


@lru_cache(maxsize=16)
def locale_of(language: str) -> Locale:
    """Babel's locale for a language code of Django; English for one it does not know."""
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def is_known(value: float | int | None) -> TypeGuard[float | int]:
    """Whether there is a number that a counter of 64 bits can hold; nothing we count is greater."""
    return value is not None and math.isfinite(value) and abs(value) <= LARGEST


@lru_cache(maxsize=16)
def _separators(language: str) -> tuple[str, str]:
    """What stands between thousands and before decimals."""
    locale = locale_of(language)
    return get_group_symbol(locale), get_decimal_symbol(locale)


def full_number(value: float | int | None, language: str, *, digits: int = 0) -> str:
    """All digits, grouped: 12,345 · 12 345; `digits` decimals at most."""
    if not is_known(value):
        return UNKNOWN
    # Tables hold hundreds of these: this is ten times as fast as a pattern of Babel's.
    whole, _point, decimals = f"{_no_minus_zero(value, digits):,.{digits}f}".partition(".")
    group, point = _separators(language)
    decimals = decimals.rstrip("0")
    return whole.replace("-", "−").replace(",", group) + (point + decimals if decimals else "")


def compact_number(value: float | int | None, language: str, *, digits: int = 1) -> str:
    """Short: 12.4K · 12,4 тыс. · 12,4 ming; below 10,000 all digits."""
    if not is_known(value):
        return UNKNOWN
    if abs(value) < _COMPACT_FROM:
        # From a hundred on, the decimals of a mean say nothing.
        return full_number(value, language, digits=digits if abs(value) < _WHOLE_FROM else 0)
    text: str = format_compact_decimal(value, locale=locale_of(language), fraction_digits=digits)
    return text.replace("-", "−")


def signed_number(value: float | int | None, language: str, *, digits: int = 0) -> str:
    """A difference with its sign: +1,234 · −5; zero has none."""
    if not is_known(value):
        return UNKNOWN
    plain = full_number(abs(value), language, digits=digits)
    rounded = _no_minus_zero(value, digits)
    return plain if rounded == 0 else ("+" if rounded > 0 else "−") + plain


def percent(value: float | int | None, language: str, *, digits: int = 1) -> str:
    """A figure that is already in percent: 7.3% · 7,3 %."""
    if not is_known(value):
        return UNKNOWN
    return full_number(value, language, digits=digits) + ("%" if language.startswith("en") else f"{NO_BREAK}%")


def signed_percent(value: float | int | None, language: str, *, digits: int = 1) -> str:
    """A change in percent, with its sign."""
    if not is_known(value):
        return UNKNOWN
    text = percent(abs(value), language, digits=digits)
    rounded = _no_minus_zero(value, digits)
    return text if rounded == 0 else ("+" if rounded > 0 else "−") + text


# CLDR's own patterns say "г." after each Russian year, which is too solemn for an axis.
_DAY = {"en": "MMM d, y", "ru": "d MMM y", "uz": "d-MMM, y"}
_DAY_OF_YEAR = {"en": "MMM d", "ru": "d MMM", "uz": "d-MMM"}


def day(moment: datetime, language: str, zone: ZoneInfo, *, year: bool = True) -> str:
    """The local day: Nov 22, 2026 · 22 нояб. 2026 · 22-noy, 2026."""
    patterns = _DAY if year else _DAY_OF_YEAR
    return _formatted(patterns.get(language[:2], patterns["en"]), moment, language, zone)


def span(start: datetime, end: datetime, language: str, zone: ZoneInfo) -> str:
    """The local days of [start, end): one day, or from day to day, with a year where it is not said twice."""
    last = end - timedelta(microseconds=1)
    first_local, last_local = start.astimezone(zone).date(), last.astimezone(zone).date()
    if first_local == last_local:
        return day(start, language, zone)
    same_year = first_local.year == last_local.year
    return f"{day(start, language, zone, year=not same_year)} – {day(last, language, zone)}"


def month(moment: datetime, language: str, zone: ZoneInfo) -> str:
    """The local month without its year: Nov · нояб. · Noy."""
    return _formatted("LLL", moment, language, zone)


def clock(moment: datetime, language: str, zone: ZoneInfo) -> str:
    """The local time: 15:30, in every language (statistics read better without AM and PM)."""
    return _formatted("HH:mm", moment, language, zone)


def moment_words(moment: datetime, language: str, zone: ZoneInfo, *, year: bool = True) -> str:
    """Day and time: Nov 22, 2026, 15:30."""
    return f"{day(moment, language, zone, year=year)}, {clock(moment, language, zone)}"


@lru_cache(maxsize=4096)
def _formatted(pattern: str, moment: datetime, language: str, zone: ZoneInfo) -> str:
    return str(format_datetime(moment.astimezone(zone), pattern, locale=locale_of(language)))


def _no_minus_zero(value: float | int, digits: int) -> float | int:
    rounded = round(value, digits)
    return 0 if rounded == 0 else value
