"""What several sources tell of a day, side by side, and the one whose word is taken: by the registry's order.

Days are those of the asking zone. Telegram's own days are days of UTC; they stand at the same date.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import orjson

from analytics.metrics import METRICS
from analytics.period import Period, days_between
from analytics.queries.question import Number, Provenance, StatsQuery
from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts
from analytics.queries.sums import NOBODY, number
from mtproto.records import Source

# Which column of a day's facts a metric reads.
_COLUMNS = {
    "joined": "joined",
    "left": "left",
    "muted": "muted",
    "unmuted": "unmuted",
    "day_views": "views",
    "day_shares": "shares",
    "day_reactions": "reactions",
}
# What our own cells call the same.
_CELLS = {"day_views": "views", "day_shares": "forwards", "day_reactions": "reactions"}
# Subscribers with notifications on, and of how many: the day's share of them, in percent.
_NOTIFICATIONS, _NOTIFIED, _NOTIFIED_OF = "notifications", "notified", "notified_of"
DAY_METRICS = (*_COLUMNS, "net", "daily_reach", _NOTIFICATIONS)
# What they are made of.
_PARTS_OF_NET, _READ = ("joined", "left"), ("day_views",)
_DAY = timedelta(days=1)


class Stretch(Protocol):
    """What is asked of days: a channel, from when to when, and whether the reader owns it."""

    @property
    def channel_id(self) -> int: ...
    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def owned(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Told:
    """One source's word of a day. `coverage` 0..1: the share of the day that the source saw."""

    value: int
    source: str
    observed_at: datetime | None
    coverage: float


@dataclass(frozen=True, slots=True)
class Watch:
    """Since when a channel is watched, and the spans in which its counters were not read."""

    began: datetime | None
    gaps: tuple[tuple[datetime, datetime], ...]

    def share(self, start: datetime, end: datetime) -> float:
        """Share 0..1 of the time from `start` to `end` in which we watched."""
        if self.began is None or self.began >= end:
            return 0.0
        seen, at = timedelta(), max(self.began, start)
        for gap_start, gap_end in self.gaps:
            seen += max(min(gap_start, end) - at, timedelta())
            at = max(at, gap_end)
        return (seen + max(end - at, timedelta())) / (end - start)


@dataclass(frozen=True, slots=True)
class Days:
    """Facts of days by channel and local date."""

    facts: Mapping[tuple[int, date], Mapping[str, Any]]
    watches: Mapping[int, Watch]
    zone: ZoneInfo
    now: datetime

    def told(self, name: str, stretch: Stretch, day: date) -> tuple[Told, ...]:
        """Every source's word of a day on a metric, the best first, by the declared order."""
        metric = METRICS[name]
        if metric.owners_only and not stretch.owned:
            return ()
        row = self.facts.get((stretch.channel_id, day), {})
        found: dict[str, Told] = {}
        for fact in row.get("facts", ()):
            value = fact[_COLUMNS[name]]
            if value is not None and (stretch.owned or fact["source"] != Source.OFFICIAL):
                at = datetime.fromisoformat(fact["observed_at"])
                found[fact["source"]] = Told(value, fact["source"], at, 1.0)
        counted = self._counted(name, stretch.channel_id, day, row)
        if counted is not None:
            found[counted.source] = counted
        return tuple(found[source] for source in metric.sources if source in found)

    def official(self, stretch: Stretch, day: date) -> Mapping[str, Any]:
        """Telegram's own facts of a day by column; empty where there are none or they are not the reader's."""
        facts = self.facts.get((stretch.channel_id, day), {}).get("facts", ())
        return next((fact for fact in facts if stretch.owned and fact["source"] == Source.OFFICIAL), {})

    def _counted(self, name: str, channel_id: int, day: date, row: Mapping[str, Any]) -> Told | None:
        """What our cells hold of the day; None where we did not watch."""
        if name not in _CELLS:
            return None
        span = days_between(day, day + _DAY, self.zone)
        share = self.watches[channel_id].share(span.start, span.end)
        if not share or span.start > self.now:
            return None
        # What is still to come of today is not watched yet.
        ahead = max(span.end - max(self.now, span.start), timedelta()) / (span.end - span.start)
        return Told(int(row.get(_CELLS[name]) or 0), Source.MTPROTO, row.get("last_hour"), max(share - ahead, 0.0))

    def numbers(self, stretch: Stretch, metrics: AbstractSet[str] = frozenset(DAY_METRICS)) -> dict[str, Number]:
        """Numbers of the whole days of a stretch by metric name: those of `metrics` at least."""
        days = list(whole_days(stretch, self.zone, now=self.now))
        wanted = {*metrics, *(_PARTS_OF_NET if "net" in metrics else ()), *(_READ if "daily_reach" in metrics else ())}
        best = {name: [self.told(name, stretch, day)[:1] for day in days] for name in _COLUMNS if name in wanted}
        numbers = {
            name: _sum(name, [told for part in parts for told in part], len(days)) for name, parts in best.items()
        }
        if "net" in metrics:
            pairs = [(a[0], b[0]) for a, b in zip(best["joined"], best["left"], strict=True) if a and b]
            net = [Told(a.value - b.value, a.source, a.observed_at, min(a.coverage, b.coverage)) for a, b in pairs]
            numbers["net"] = _sum("net", net, len(days))
        if "daily_reach" in metrics:
            views = numbers["day_views"]
            known = sum(bool(part) for part in best["day_views"])
            mean = None if views.value is None else views.value / known
            numbers["daily_reach"] = number("daily_reach", mean, views.provenance)
        if _NOTIFICATIONS in metrics:
            numbers[_NOTIFICATIONS] = self._notifications(stretch, days)
        return numbers

    def _notifications(self, stretch: Stretch, days: Sequence[date]) -> Number:
        """Of the last day that tells it; coverage is the share of the days that do."""
        told = [fact for day in days if (fact := self.official(stretch, day)).get(_NOTIFIED) is not None]
        if not told:
            return Number(None, NOBODY)
        last = told[-1]
        observed = datetime.fromisoformat(last["observed_at"])
        provenance = Provenance(Source.OFFICIAL, observed, len(told) / len(days))
        return number(_NOTIFICATIONS, last[_NOTIFIED] / last[_NOTIFIED_OF] * 100, provenance)


def whole_days(stretch: Stretch, zone: ZoneInfo, *, now: datetime) -> Iterator[date]:
    """The local days that lie wholly in a stretch and have begun."""
    day, end = Period(stretch.start, stretch.end, zone).whole_days
    end = min(end, now.astimezone(zone).date() + _DAY)
    while day < end:
        yield day
        day += _DAY


def _sum(name: str, told: Sequence[Told], days: int) -> Number:
    if not told:
        return Number(None, NOBODY)
    sources = [one.source for one in told]
    note = "mixed_sources" if len(set(sources)) > 1 else None
    observed = max((one.observed_at for one in told if one.observed_at), default=None)
    provenance = Provenance(
        max(sorted(set(sources)), key=sources.count), observed, sum(one.coverage for one in told) / days, note
    )
    return number(name, sum(one.value for one in told), provenance)


_DAYS = """
WITH range AS (
  SELECT * FROM unnest(%(channels)s::bigint[], %(firsts)s::date[], %(lasts)s::date[]) AS r(channel, first, last)
), facts AS (
  SELECT f.channel_id, f.day, jsonb_agg(to_jsonb(f) - 'detail' - 'id' ORDER BY f.source) AS facts
  FROM range r JOIN channels_app_dailyfact f ON f.channel_id = r.channel AND f.day >= r.first AND f.day < r.last
  GROUP BY 1, 2
), cells AS (
  SELECT h.channel_id, (h.hour AT TIME ZONE %(zone)s)::date AS day, sum(h.views) AS views,
         sum(h.forwards) AS forwards, sum(h.reactions) AS reactions, max(h.hour) AS last_hour
  FROM range r JOIN channels_app_channelhour h ON h.channel_id = r.channel
    AND h.hour >= r.first::timestamp AT TIME ZONE %(zone)s AND h.hour < r.last::timestamp AT TIME ZONE %(zone)s
  GROUP BY 1, 2
)
SELECT channel_id, day, facts, views, forwards, reactions, last_hour FROM facts FULL JOIN cells USING (channel_id, day)
"""
_WATCHES = """
SELECT y.channel_id, y.started_at AS began, coalesce(g.gaps, '[]') AS gaps
FROM channels_app_channelsync y
LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_array(started_at, coalesce(ended_at, %(now)s)) ORDER BY started_at) AS gaps
  FROM channels_app_collectiongap WHERE channel_id = y.channel_id AND kind = 'counters'
) g ON true
WHERE y.channel_id = ANY(%(channels)s)
"""


def days_of(query: StatsQuery, stretches: Iterable[Stretch]) -> Days:
    """Facts and cells of every local day of the stretches, in the query's zone: two statements."""
    zone = query.period.zone
    bounds: dict[int, tuple[datetime, datetime]] = {}
    for one in stretches:
        start, end = bounds.get(one.channel_id, (one.start, one.end))
        bounds[one.channel_id] = (min(start, one.start), max(end, one.end))
    periods = {channel: Period(start, end, zone) for channel, (start, end) in bounds.items()}
    ranges = {channel: (period.first_day, period.last_day) for channel, period in periods.items()}
    parameters: dict[str, Any] = {
        "channels": list(ranges),
        "firsts": [first for first, _ in ranges.values()],
        "lasts": [last + _DAY for _, last in ranges.values()],
        "zone": str(zone),
        "now": query.now,
    }
    with read_cursor() as cursor:
        cursor.execute(_DAYS, parameters)
        facts = {(row["channel_id"], row["day"]): _parsed(row) for row in rows_as_dicts(cursor)}
        cursor.execute(_WATCHES, parameters)
        watches = {row["channel_id"]: _watch(row) for row in rows_as_dicts(cursor)}
    unseen = Watch(None, ())
    return Days(facts, {channel: watches.get(channel, unseen) for channel in ranges}, zone, query.now)


def _parsed(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"facts": orjson.loads(row["facts"] or "[]")}


def _watch(row: Mapping[str, Any]) -> Watch:
    gaps = tuple((datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in orjson.loads(row["gaps"]))
    return Watch(row["began"], gaps)
