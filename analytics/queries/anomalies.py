"""Days that stand out: what a day brought against the four weeks before it. Two statements.

The score of a day counts how many usual deviations it lies from the median of the days before it; the deviation is the
median absolute deviation × 1.4826. From 3.5 on a value is called an outlier (Iglewicz and Hoaglin, "How to Detect and
Handle Outliers", 1993: the modified z-score).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from statistics import median

from analytics.period import days_between
from analytics.queries.figures import Span, figures
from analytics.queries.question import Number, Provenance, StatsQuery

METRICS = ("views_gained", "followers_change")
THRESHOLD = 3.5
# Days before that a day is compared with, and how many of them must be known.
COMPARED_DAYS, LEAST_DAYS = 28, 10
# Days of the period that are looked at, the newest ones.
MOST_DAYS = 400
# A day that was watched less than this tells little of itself.
_LEAST_COVERAGE = 0.9
# Counts scatter by their root, and a tenth of the usual is nothing to speak of.
_LEAST_SHARE = 0.1
_NORMAL = 1.4826
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A local day of a metric: value, median of the days before it, how many of them were known, and the score."""

    metric: str
    start: datetime
    end: datetime
    value: float
    usual: float
    score: float
    known: int


@dataclass(frozen=True, slots=True)
class Anomalies:
    """The days that stand out, the farthest from the usual first; how many days could be told of, by metric."""

    rows: tuple[Anomaly, ...]
    told: Mapping[str, int]
    days: int
    provenance: Provenance


def anomalies(query: StatsQuery, *, limit: int) -> Anomalies:
    """Whole days of the period that are over, by each of `METRICS`."""
    today = query.now.astimezone(query.period.zone).date()
    first, end = query.period.whole_days
    end = min(end, today)
    first = max(first, end - timedelta(days=MOST_DAYS))
    count = max(0, (end - first).days)
    if not count:
        return Anomalies((), dict.fromkeys(METRICS, 0), 0, Provenance(None, None, None))
    spans = _days(query, first - timedelta(days=COMPARED_DAYS), end)
    found = figures(query, spans, (*METRICS, "followers"))
    rows: list[Anomaly] = []
    told = {}
    for metric in METRICS:
        values = [_value(numbers[metric]) for numbers in found]
        if metric == "followers_change":
            # After days without a count the first one tells the change of all of them.
            before = [None, *(numbers["followers"].value for numbers in found[:-1])]
            values = [None if earlier is None else value for value, earlier in zip(values, before, strict=True)]
        scored = [_anomaly(metric, spans, values, index) for index in range(COMPARED_DAYS, len(spans))]
        known = [one for one in scored if one is not None]
        told[metric] = len(known)
        rows += [one for one in known if abs(one.score) >= THRESHOLD]
    rows.sort(key=lambda one: (-abs(one.score), one.start, one.metric))
    observed = max((at for numbers in found if (at := numbers["views_gained"].provenance.observed_at)), default=None)
    source = next((one for numbers in reversed(found) if (one := numbers["views_gained"].provenance.source)), None)
    share = max(told.values()) / count
    return Anomalies(tuple(rows[:limit]), told, count, Provenance(source, observed, share))


def _days(query: StatsQuery, first: date, end: date) -> list[Span]:
    spans = []
    for number in range((end - first).days):
        day = days_between(first + number * _DAY, first + (number + 1) * _DAY, query.period.zone)
        spans.append(Span(query.channel_id, day.start, day.end, query.owned, is_step=True))
    return spans


def _value(number: Number) -> float | None:
    """A number of a whole day; None where too little of the day was seen."""
    seen = number.provenance.coverage
    return None if number.value is None or seen is None or seen < _LEAST_COVERAGE else float(number.value)


def _anomaly(metric: str, spans: Sequence[Span], values: Sequence[float | None], index: int) -> Anomaly | None:
    value = values[index]
    before = [one for one in values[index - COMPARED_DAYS : index] if one is not None]
    if value is None or len(before) < LEAST_DAYS:
        return None
    usual = median(before)
    spread = median(abs(one - usual) for one in before) * _NORMAL
    spread = max(spread, abs(usual) * _LEAST_SHARE, sqrt(abs(usual)), 1.0)
    span = spans[index]
    return Anomaly(
        metric=metric,
        start=span.start,
        end=span.end,
        value=value,
        usual=usual,
        score=(value - usual) / spread,
        known=len(before),
    )
