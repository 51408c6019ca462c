"""Quotients and their rounding: one rule for headlines, series and lists, the one that PostgreSQL's `round` has."""

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

DIGITS = 4
# Sums of counters have up to 25 digits before the point.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


def rounded(value: Any, digits: int = DIGITS) -> float | None:
    """A number to so many decimals, a five away from zero; None stays."""
    if value is None:
        return None
    # A float stands for the shortest decimal that reads as it.
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return float(exact.quantize(Decimal(1).scaleb(-digits), context=_EXACT))


def quotient(value: Any, by: Any, times: int = 1) -> Decimal | None:
    """value ÷ by × times; None where either is unknown, or nothing is divided by."""
    if value is None or not by:
        return None
    return _EXACT.divide(_EXACT.multiply(Decimal(value), Decimal(times)), Decimal(by))
