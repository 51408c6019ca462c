"""What a metric is: its unit, how it adds up, how often it becomes new, whose word counts."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise

from mtproto.records import Source


class Unit(StrEnum):
    """What kind of number a metric is; they are never mixed."""

    COUNT = "count"
    PERCENT = "percent"
    RATIO = "ratio"  # a share or quotient, 1 is the whole
    MEAN = "mean"  # a mean of counts
    DURATION = "duration"  # hours
    SCORE = "score"  # without a unit, comparable with itself only


class Aggregation(StrEnum):
    """How a metric adds up over time."""

    ADDITIVE = "additive"  # the sum over sub-periods is the value of the period
    LAST = "last"  # the value at the end of the period
    RATIO = "ratio"  # computed anew for each period from its parts


class Cadence(StrEnum):
    """How often the number may become new."""

    LIVE = "live"  # with each look at the posts: from minutes for new ones to a day for old ones
    HOURLY = "hourly"  # in cells of an hour
    DAILY = "daily"  # one figure for each day


@dataclass(frozen=True, slots=True)
class Metric:
    """A named number: what it is called, how it is computed, and whose word counts most, first to last.

    `digits`: decimals in answers, enough to tell two values apart.
    """

    name: str
    label: Promise
    unit: Unit
    aggregation: Aggregation
    cadence: Cadence
    formula: Promise
    sources: tuple[Source, ...]
    # Only for workspaces that own the channel.
    owners_only: bool = False

    @property
    def digits(self) -> int:
        """Decimals in answers: none of a count, six of a ratio, else four."""
        return {Unit.COUNT: 0, Unit.RATIO: 6}.get(self.unit, 4)


# Who counts posts' counters for us. Ingest keeps for each counter the last exact word, so there is one value; the
# order says whose word replaces whose when both tell of the same moment.
COUNTED = (Source.MTPROTO, Source.IMPORT, Source.PREVIEW)
SUBSCRIBERS = (Source.MTPROTO, Source.BOT, Source.OFFICIAL, Source.IMPORT, Source.PREVIEW)
# Who came and who left: Telegram's own figures, then what a bot saw as it happened, then what was read by an account.
MOVEMENT = (Source.OFFICIAL, Source.BOT, Source.MTPROTO, Source.IMPORT)
# What a whole day brought: Telegram's own figures, then the cells that we count.
DAY = (Source.OFFICIAL, Source.MTPROTO)
