"""Values as files write them, turned into what records hold. Unknown is None; what cannot be is refused or noted."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from channels_app.importers.findings import Findings, Note
from channels_app.importers.refusal import BadValue

# Telegram was launched in August 2013; no message is older.
EARLIEST = datetime(2013, 8, 1, tzinfo=UTC)
# A clock that runs ahead is forgiven this much.
AHEAD = timedelta(days=1)
MAX_MESSAGE_ID = 2**31 - 1
MAX_LONG = 2**63 - 1
# More than a hundred times the people on earth: no counter of Telegram gets there.
MAX_COUNT = 10**12
_SHOWN = 40
_DIGITS = re.compile(r"-?\d{1,19}")
_ABBREVIATED = re.compile(r"(\d{1,6}(?:[.,]\d{1,3})?)\s?([KMB])", re.IGNORECASE)
_FACTORS = {"K": 1_000, "M": 1_000_000, "B": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class Context:
    """What all values of a file are read with: the moment of reading, the zone of local dates, where to note."""

    now: datetime
    zone: tzinfo
    findings: Findings


def shown(value: object) -> str:
    """`value` short enough for a message."""
    text = str(value) if isinstance(value, int | float | str) else type(value).__name__
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def whole(value: object) -> int | None:
    """The whole number that `value` is or spells; None for anything else (booleans too)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value == int(value) else None
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        return int(value)
    return None


def message_id(value: object) -> int:
    """A message's id. Raises BadValue when Telegram could not have given it."""
    number = whole(value)
    if number is None or not 1 <= number <= MAX_MESSAGE_ID:
        raise BadValue(f"the message id {shown(value)} is not a number from 1 to {MAX_MESSAGE_ID}")
    return number


def moment(value: object, context: Context) -> datetime:
    """A moment in UTC from ISO text or Unix seconds; text without an offset is in the context's zone, and noted.

    Raises BadValue when it cannot be read or lies outside the life of Telegram.
    """
    found = _read_moment(value, context)
    if found is None:
        raise BadValue(f"{shown(value)} is not a date")
    if not EARLIEST <= found <= context.now + AHEAD:
        raise BadValue(f"the date {found:%Y-%m-%d %H:%M} lies before Telegram or in the future")
    return found


def optional_moment(value: object, context: Context) -> datetime | None:
    """As `moment`, but None when absent; what cannot be becomes None and is noted."""
    if value in (None, "", 0):
        return None
    try:
        return moment(value, context)
    except BadValue:
        context.findings.notes[Note.DETAILS_IMPOSSIBLE] += 1
        return None


def _read_moment(value: object, context: Context) -> datetime | None:
    try:
        seconds = whole(value)
        if seconds is not None:
            return datetime.fromtimestamp(seconds, UTC)
        if not isinstance(value, str):
            return None
        found = datetime.fromisoformat(value.strip())
        if found.tzinfo is None:
            context.findings.notes[Note.LOCAL_DATES] += 1
            found = found.replace(tzinfo=context.zone)
        return found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def counter(value: object, context: Context) -> int | None:
    """A counter, None when unknown. Negative, fractional or impossibly large is unknown, and noted."""
    if value is None:
        return None
    number = whole(value)
    if number is None or not 0 <= number <= MAX_COUNT:
        context.findings.notes[Note.COUNTERS_IMPOSSIBLE] += 1
        return None
    return number


def optional_id(value: object, context: Context, *, limit: int = MAX_LONG) -> int | None:
    """An id that a record may have (1 … limit); None when absent or 0; an impossible one is None, and noted."""
    if value in (None, "", 0):
        return None
    number = whole(value)
    if number is None or not 1 <= number <= limit:
        context.findings.notes[Note.DETAILS_IMPOSSIBLE] += 1
        return None
    return number


def optional_group(value: object, context: Context) -> int | None:
    """An album's key: a signed 64-bit number, not 0."""
    number = whole(value)
    if number in (None, 0):
        if value not in (None, "", 0):
            context.findings.notes[Note.DETAILS_IMPOSSIBLE] += 1
        return None
    if not -MAX_LONG <= number <= MAX_LONG:
        context.findings.notes[Note.DETAILS_IMPOSSIBLE] += 1
        return None
    return number


def reaction_counts(pairs: list[tuple[str, object]], context: Context) -> dict[str, int] | None:
    """Reactions by kind, equal kinds added up. One impossible count makes all of them unknown."""
    counts: dict[str, int] = {}
    for kind, value in pairs:
        count = counter(value, context)
        if count is None:
            return None
        counts[kind] = counts.get(kind, 0) + count
    if sum(counts.values()) > MAX_COUNT:
        context.findings.notes[Note.COUNTERS_IMPOSSIBLE] += 1
        return None
    return counts


def clean_text(value: str, context: Context) -> str:
    """`value` without what a database cannot hold: NUL and half a surrogate pair become U+FFFD; noted.

    One for one, so that offsets into the text stay right.
    """
    if value.isascii() and "\x00" not in value:
        return value
    kept = value.replace("\x00", "\ufffd")
    try:
        kept.encode()
    except UnicodeEncodeError:
        kept = kept.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if kept != value:
        context.findings.notes[Note.TEXT_REPAIRED] += 1
    return kept


def optional_text(value: object, context: Context) -> str | None:
    """Clean text, None when empty or not text."""
    return (clean_text(value, context) or None) if isinstance(value, str) else None


def abbreviated(text: str) -> tuple[int, bool] | None:
    """Read "746", "1 474 933", "37.2K" or "1.13M": the number, and True when digits were left out. None: neither."""
    text = text.strip()
    plain = re.sub(r"[\s\u00a0\u202f']", "", text)
    if plain.isascii() and plain.isdigit() and len(plain) < len(str(MAX_COUNT)):
        return int(plain), False
    if match := _ABBREVIATED.fullmatch(text):
        return round(float(match[1].replace(",", ".")) * _FACTORS[match[2].upper()]), True
    return None


def objects(value: object) -> list[dict[str, object]]:
    """The objects of a list; [] when it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
