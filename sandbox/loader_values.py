"""Reading single values that somebody else wrote: numbers, moments, with None for what is not one."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

INT32 = 2**31 - 1
_DATE_FORMATS = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%d/%m/%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S")
_MILLISECONDS_FROM = 10**11


def whole(value: Any) -> int | None:
    """An integer that fits 32 bits, or None for blank, unknown and nonsense."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value if abs(value) <= INT32 else None
    if isinstance(value, str):
        text = re.sub(r"[\s\u00a0\u202f_']", "", value)
        if not re.fullmatch(r"[+-]?\d+([.,]0*)?", text):
            try:
                value = float(text)  # 1e3, 12.5, nan
            except ValueError:
                return None
        else:
            number = int(re.split(r"[.,]", text)[0])
            return number if abs(number) <= INT32 else None
    if isinstance(value, float) and math.isfinite(value) and abs(value) <= INT32:
        return int(value)
    return None


def moment(value: Any) -> int | None:
    """Unix seconds of an ISO text, a common date format, or an epoch number; no zone means UTC."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _epoch(float(value))
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()
    if re.fullmatch(r"-?\d+(\.\d+)?", text) and len(text.split(".")[0]) > 8:
        return _epoch(float(text))
    parsed = _parse(text)
    if parsed is None:
        return None
    return _epoch((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())


def _parse(text: str) -> datetime | None:
    cleaned = re.sub(r"\s+UTC$", "+00:00", text).replace("Z", "+00:00")
    cleaned = re.sub(r"\s+([+-]\d\d:?\d\d)$", r"\1", cleaned)
    try:
        return datetime.fromisoformat(cleaned)
    except ValueError:
        pass
    for pattern in _DATE_FORMATS:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is put in by the caller
        except ValueError:
            continue
    return None


def _epoch(seconds: float) -> int | None:
    if not math.isfinite(seconds):
        return None
    if abs(seconds) >= _MILLISECONDS_FROM:
        seconds /= 1000
    return int(seconds) if 0 < seconds <= INT32 else None
