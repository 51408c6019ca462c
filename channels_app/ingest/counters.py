"""What a post is known to count, how a new reading changes that, and what was gained when. Pure.

A reading is what one look told; a counter it does not tell stays as known. Abbreviated numbers ("1.2K") never replace
one that was told exactly. The first value of a counter is its baseline, credited to no hour, unless it was read within
an hour of publication. Deltas are signed: counters fall when Telegram recounts or removes bots.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from mtproto.records import Counters

# Views, forwards, replies, total of reactions: in this order everywhere in ingest.
COUNTERS = 4
VIEWS, FORWARDS, REPLIES, REACTIONS = range(COUNTERS)
Values = tuple[int | None, int | None, int | None, int | None]
# A rise of views, forwards and replies.
Lift = tuple[int, int, int]
UNKNOWN: Values = (None, None, None, None)
ALL_BITS = 0b1111

# A post seen this soon after publication had nothing before: all it counts was gained now.
YOUNG = timedelta(hours=1)
HOUR_SECONDS = 3600


def hour_of(moment: datetime) -> int:
    """The UTC hour of an aware moment, counted from the epoch."""
    return int(moment.timestamp() // HOUR_SECONDS)


class Reading(NamedTuple):
    """Counters of a post (or album item) as one look told them."""

    at: datetime
    values: Values
    reactions: Mapping[str, int] | None
    approximate: bool
    source: str

    @classmethod
    def of(cls, counters: Counters, *, at: datetime, source: str) -> "Reading":
        """The reading of a record."""
        reactions = counters.reactions
        total = None if reactions is None else sum(reactions.values())
        values = (counters.views, counters.forwards, counters.replies, total)
        return cls(at, values, reactions, counters.approximate, source)

    @property
    def tells(self) -> bool:
        """Does it tell any counter?"""
        return self.values != UNKNOWN


class Known(NamedTuple):
    """The latest of each counter, and (bits) which were told exactly."""

    values: Values = UNKNOWN
    reactions: Mapping[str, int] | None = None
    exact: int = 0

    @property
    def approximate(self) -> bool:
        """Is the number of views abbreviated? Without views: is any other counter?"""
        if self.values[VIEWS] is not None:
            return not self.exact & 1
        return any(value is not None and not self.exact >> i & 1 for i, value in enumerate(self.values))

    @property
    def all_exact(self) -> bool:
        """Was every counter that is known told exactly?"""
        return not told(self.values) & ~self.exact


def told(values: Values) -> int:
    """The bits of the counters that are known."""
    views, forwards, replies, reactions = values
    return (
        (views is not None)
        | (forwards is not None) << FORWARDS
        | (replies is not None) << REPLIES
        | (reactions is not None) << REACTIONS
    )


NOTHING = Known()


def first_known(reading: Reading) -> Known:
    """What is known after the first reading."""
    return Known(reading.values, reading.reactions, 0 if reading.approximate else told(reading.values))


def first_told(counters: Counters) -> Known:
    """The same of a record's counters."""
    reactions = counters.reactions
    total = None if reactions is None else sum(reactions.values())
    values = (counters.views, counters.forwards, counters.replies, total)
    return Known(values, reactions, 0 if counters.approximate else told(values))


def read_on(known: Known, reading: Reading) -> Known:
    """What is known after a reading that is newer than all before. The same object when nothing changes."""
    if not reading.approximate and None not in reading.values:
        after = Known(reading.values, reading.reactions, ALL_BITS)
        return known if after == known else after
    values, exact = list(known.values), known.exact
    reactions = known.reactions
    for i, value in enumerate(reading.values):
        bit = 1 << i
        if value is None or (reading.approximate and exact & bit):
            continue
        values[i] = value
        if i == REACTIONS:
            reactions = reading.reactions
        if not reading.approximate:
            exact |= bit
    after = Known((values[0], values[1], values[2], values[3]), reactions, exact)
    return known if after == known else after


def fill_unknown(known: Known, reading: Reading) -> Known:
    """What is known after a reading that is older: it only fills what is unknown, or abbreviated where it is exact."""
    values, exact, reactions = list(known.values), known.exact, known.reactions
    for i, value in enumerate(reading.values):
        bit = 1 << i
        better = values[i] is None or (not reading.approximate and not exact & bit)
        if value is None or not better:
            continue
        values[i] = value
        exact |= 0 if reading.approximate else bit
        if i == REACTIONS:
            reactions = reading.reactions
    return Known((values[0], values[1], values[2], values[3]), reactions, exact)


def highest(parts: Sequence[Known]) -> Known:
    """The maximum of each counter over an album's items; exact where the item that gives it is."""
    if len(parts) == 1:
        return parts[0]
    values: list[int | None] = []
    exact, reactions = 0, None
    for i in range(COUNTERS):
        told = [(part.values[i], part.exact >> i & 1, part) for part in parts if part.values[i] is not None]
        best = max(told, key=lambda one: (one[0] or 0, one[1]), default=None)
        values.append(best[0] if best else None)
        if best:
            exact |= best[1] << i
            if i == REACTIONS:
                reactions = best[2].reactions
    return Known((values[0], values[1], values[2], values[3]), reactions, exact)


def lifted(reading: Reading, lift: Lift) -> Reading:
    """The reading as if it had counted so much more; what it does not tell stays unknown."""
    views, forwards, replies = (
        None if value is None else value + more for value, more in zip(reading.values, lift, strict=False)
    )
    return reading._replace(values=(views, forwards, replies, reading.values[REACTIONS]))


def is_young(published_at: datetime, at: datetime) -> bool:
    """Was the post read within an hour of publication?"""
    return at - published_at <= YOUNG


def gained(before: Values, after: Values, *, young: bool) -> tuple[list[int], list[int]]:
    """(gain, baseline) of one step, four numbers each. Unknown counts as 0 in sums."""
    gain, baseline = [0] * COUNTERS, [0] * COUNTERS
    for i in range(COUNTERS):
        old, new = before[i], after[i]
        if new is None:
            continue
        if old is None and not young:
            baseline[i] = new
        else:
            gain[i] = new - (old or 0)
    return gain, baseline


@dataclass(slots=True)
class Fold:
    """All readings of a post taken together."""

    known: Known = NOTHING
    baseline: list[int] = field(default_factory=lambda: [0] * COUNTERS)
    # Gains by hour.
    hours: dict[int, list[int]] = field(default_factory=dict)


def fold(readings: Iterable[Reading], *, published_at: datetime) -> Fold:
    """Go through readings in order of time. Incremental ingest and recomputation in SQL give the same."""
    total = Fold()
    for reading in readings:
        after = read_on(total.known, reading)
        gain, baseline = gained(total.known.values, after.values, young=is_young(published_at, reading.at))
        total.baseline = [a + b for a, b in zip(total.baseline, baseline, strict=True)]
        if any(gain):
            hour = total.hours.setdefault(hour_of(reading.at), [0] * COUNTERS)
            for i in range(COUNTERS):
                hour[i] += gain[i]
        total.known = after
    return total
