"""Curves of 24 hours, from the samples: states as they were, and how much counters rose from sample to sample."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _

from analyticbot.core.charts import Chart, Gap, Point, RenderedChart, Series, Shape, draw
from analyticbot.core.request_metrics import BOUNDS

SPAN = timedelta(hours=24)
# Of the samples of each minute a curve takes every fifth.
STEP = timedelta(minutes=5)
_HEIGHT = 170
_MEBIBYTE = 1024 * 1024

_EVERY = """
SELECT at, values FROM superadmin_systemsample
WHERE at > %s AND extract(minute FROM at)::int %% 5 = 0 ORDER BY at
"""

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sampled:
    """A sample as it was read."""

    at: datetime
    values: Values


def samples_since(since: datetime) -> list[Sampled]:
    """Every fifth minute's sample, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_EVERY, [since])
        rows = cursor.fetchall()
    import orjson  # the driver gives JSON as text to a bare cursor

    return [Sampled(at, orjson.loads(values) if isinstance(values, str) else values) for at, values in rows]


def quantile(buckets: Mapping[str, int], share: float) -> float | None:
    """Seconds below which this share of requests were answered, between the bounds of its bucket; None for none.

    `buckets`: how many fell between each bound and the one before, and `over`, how many took longer than all.
    """
    counts = [buckets.get(f"{bound:g}", 0) for bound in BOUNDS]
    total = sum(counts) + buckets.get("over", 0)
    if total <= 0:
        return None
    wanted, seen, low = share * total, 0, 0.0
    for bound, count in zip(BOUNDS, counts, strict=True):
        if count and seen + count >= wanted:
            return low + (bound - low) * (wanted - seen) / count
        seen, low = seen + count, bound
    return BOUNDS[-1]


def rise(before: Values, after: Values, *path: str) -> float | None:
    """By how much a counter rose; None where it was not read, or began anew."""
    first, second = _at(before, path), _at(after, path)
    if first is None or second is None or second < first:
        return None
    return second - first


def answered(before: Values, after: Values) -> dict[str, int] | None:
    """Requests between two samples, by field of `core.request_metrics`; None where Redis forgot, or was away."""
    first, second = before.get("requests"), after.get("requests")
    if not first or not second:
        return None
    risen = {name: second[name] - first.get(name, 0) for name in second}
    return None if any(amount < 0 for amount in risen.values()) else risen


def requests_of(risen: Mapping[str, int]) -> int:
    """All requests of a rise."""
    return sum(amount for name, amount in risen.items() if name.startswith("n|"))


def latency_of(risen: Mapping[str, int], share: float) -> float | None:
    """A quantile of the answers of a rise, in seconds."""
    buckets = {name.removeprefix("le|"): amount for name, amount in risen.items() if name.startswith("le|")}
    buckets["over"] = requests_of(risen) - sum(buckets.values())
    return quantile(buckets, share)


def _at(values: Values, path: Sequence[str]) -> float | None:
    found: Any = values
    for name in path:
        if not isinstance(found, Mapping) or found.get(name) is None:
            return None
        found = found[name]
    return float(found)


def charts_of(samples: Sequence[Sampled], *, now: datetime, zone: ZoneInfo, language: str) -> list[RenderedChart]:
    """All curves of the page."""
    pen = _Pen(samples, now=now, zone=zone, language=language)
    return [
        pen.states("queue", _("Longest wait of due work, seconds"), lambda v: _at(v, ("queue_age",))),
        pen.rates("requests", _("Requests a minute"), lambda a, b: _per_minute(answered(a.values, b.values), a, b)),
        pen.rates(
            "latency",
            _("Time to answer, milliseconds"),
            lambda a, b: _milliseconds(answered(a.values, b.values), 0.5),
            label=_("Half of them"),
            second=(_("95 of 100"), lambda a, b: _milliseconds(answered(a.values, b.values), 0.95)),
        ),
        pen.rates("errors", _("Errors of ours, percent"), lambda a, b: _errors(answered(a.values, b.values))),
        pen.rates(
            "stored",
            _("Rows stored a minute"),
            lambda a, b: _minutely(rise(a.values, b.values, "stored", "posts"), a, b),
            label=_("Posts"),
            second=(
                _("Readings of counters"),
                lambda a, b: _minutely(rise(a.values, b.values, "stored", "snapshots"), a, b),
            ),
        ),
        pen.states("lag", _("Channel looked at longest ago, seconds"), lambda v: _at(v, ("sync_lag",))),
        pen.states("floods", _("Flood waits that run"), lambda v: _at(v, ("floods",))),
        pen.states("database", _("Database, MiB"), lambda v: _scaled(v, "database_bytes")),
        pen.states("cache", _("Cache, MiB"), lambda v: _scaled(v, "cache_bytes")),
    ]


State = Callable[[Values], float | None]
Rate = Callable[[Sampled, Sampled], float | None]


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws over the same day."""

    samples: Sequence[Sampled]
    now: datetime
    zone: ZoneInfo
    language: str

    def states(self, name: str, title: str, of: State) -> RenderedChart:
        """What was read at each sample."""
        points = tuple(Point(one.at, of(one.values)) for one in self.samples)
        return self._drawn(name, title, points, Shape.AREA)

    def rates(
        self, name: str, title: str, of: Rate, *, label: str = "", second: tuple[str, Rate] | None = None
    ) -> RenderedChart:
        """What happened between two samples; unknown where they lie too far apart."""
        points = self._between(of)
        further: tuple[Series, ...] = ()
        if second is not None:
            further = (Series(second[0], self._between(second[1])),)
        return self._drawn(name, title, points, Shape.LINE if further else Shape.AREA, label=label, further=further)

    def _between(self, of: Rate) -> tuple[Point, ...]:
        return tuple(
            Point(a.at, of(a, b) if b.at - a.at <= 2 * STEP else None, until=b.at) for a, b in pairwise(self.samples)
        )

    def _drawn(
        self,
        name: str,
        title: str,
        points: tuple[Point, ...],
        shape: Shape,
        *,
        label: str = "",
        further: tuple[Series, ...] = (),
    ) -> RenderedChart:
        chart = Chart(
            name=f"sample-{name}",
            title=title,
            shape=shape,
            points=points,
            start=self.now - SPAN,
            end=self.now,
            zone=self.zone,
            language=self.language,
            height=_HEIGHT,
            digits=1,
            label=label,
            series=further,
            gaps=self._gaps(),
        )
        return draw(chart)

    def _gaps(self) -> tuple[Gap, ...]:
        """Where nobody took samples: no worker, or no beat."""
        moments = [self.now - SPAN, *(one.at for one in self.samples), self.now]
        return tuple(Gap(a, b) for a, b in pairwise(moments) if b - a > 2 * STEP)


def _minutely(risen: float | None, a: Sampled, b: Sampled) -> float | None:
    return None if risen is None else round(risen / ((b.at - a.at).total_seconds() / 60), 2)


def _per_minute(risen: Mapping[str, int] | None, a: Sampled, b: Sampled) -> float | None:
    return None if risen is None else _minutely(requests_of(risen), a, b)


def _milliseconds(risen: Mapping[str, int] | None, share: float) -> float | None:
    seconds = None if risen is None else latency_of(risen, share)
    return None if seconds is None else round(seconds * 1000, 1)


def _errors(risen: Mapping[str, int] | None) -> float | None:
    if risen is None or not requests_of(risen):
        return None
    return round(risen.get("n|5xx", 0) / requests_of(risen) * 100, 2)


def _scaled(values: Values, name: str) -> float | None:
    found = _at(values, (name,))
    return None if found is None else round(found / _MEBIBYTE, 1)
