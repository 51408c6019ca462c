"""Where a channel stands among public channels of its size: as the last run measured them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from analytics.network.bands import BANDS, LEAST_CHANNELS, PERCENTILES, RATES, band_of
from analytics.network.models import NetworkKind, NetworkRun
from analytics.period import Period
from analytics.queries.figures import Span, figures
from analytics.queries.question import Number, Provenance, StatsQuery
from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts
from mtproto.records import Source


@dataclass(frozen=True, slots=True)
class BandRow:
    """One rate over the channels of one band; `percentiles` None where there are too few channels."""

    band: int
    metric: str
    channels: int
    percentiles: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A channel's own rate, and the percent of the other channels of its band below it (a tie counts half)."""

    band: int
    metric: str
    number: Number
    channels: int
    percentile: float | None


@dataclass(frozen=True, slots=True)
class Benchmarks:
    """Bands by size and rate, the asked channel's standings, and the run behind them (None: not run yet)."""

    bands: tuple[BandRow, ...]
    standings: tuple[Standing, ...]
    run: NetworkRun | None
    provenance: Provenance


def rates_of(
    channels: Sequence[int], *, since: datetime, until: datetime, now: datetime
) -> list[tuple[int | None, dict[str, Number]]]:
    """Subscribers (None: unknown) and rates of channels, as anyone may see them: three statements for all of them."""
    spans = [Span(channel_id, since, until) for channel_id in channels]
    query = StatsQuery(channels[0] if channels else 0, Period(since, until, ZoneInfo("UTC")), now=now)
    found = figures(query, spans, (*RATES, "followers")) if spans else []
    return [(_whole(numbers["followers"].value), {name: numbers[name] for name in RATES}) for numbers in found]


def benchmarks(channel_id: int | None, *, now: datetime) -> Benchmarks:
    """The bands of the last run; of a channel its standing, its rates taken over the days of that run.

    One statement, five with a channel.
    """
    run = NetworkRun.objects.filter(kind=NetworkKind.STANDINGS, computed_at__isnull=False).first()
    if run is None or run.since is None or run.until is None:
        return Benchmarks((), (), None, Provenance(None, None, None))
    standings = () if channel_id is None else _standings(channel_id, since=run.since, until=run.until, now=now)
    told = Provenance(Source.MTPROTO, run.computed_at, None, "public_collected_channels")
    return Benchmarks(_bands(run.facts), standings, run, told)


def _bands(facts: Mapping[str, Any]) -> tuple[BandRow, ...]:
    known = {(row["band"], row["metric"]): row for row in facts["bands"]}
    return tuple(
        BandRow(
            band,
            metric,
            known.get((band, metric), {}).get("channels", 0),
            _shown(known.get((band, metric))),
        )
        for band in range(len(BANDS))
        for metric in RATES
    )


def _shown(row: Mapping[str, Any] | None) -> tuple[float, ...] | None:
    return tuple(row["percentiles"]) if row and row["channels"] >= LEAST_CHANNELS else None


_VALUES = "(VALUES " + ", ".join(f"('{name}', s.{name})" for name in RATES) + ") m(metric, value)"
_MEASURED = f"""
SELECT s.band, m.metric, count(*) AS channels,
       percentile_cont(%(shares)s::float8[]) WITHIN GROUP (ORDER BY m.value) AS percentiles
FROM analytics_channelstanding s CROSS JOIN LATERAL {_VALUES}
WHERE m.value IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
"""


def measured_bands() -> list[dict[str, Any]]:
    """Percentiles of each rate in each band over the stored standings: [{band, metric, channels, percentiles}]."""
    with read_cursor() as cursor:
        cursor.execute(_MEASURED, {"shares": [share / 100 for share in PERCENTILES]})
        rows = rows_as_dicts(cursor)
    return [row | {"percentiles": [round(value, 6) for value in row["percentiles"]]} for row in rows]


_BELOW = f"""
SELECT m.metric, count(*) AS channels,
       count(*) FILTER (WHERE m.value < o.value) + 0.5 * count(*) FILTER (WHERE m.value = o.value) AS below
FROM analytics_channelstanding s CROSS JOIN LATERAL {_VALUES}
JOIN unnest(%(names)s::text[], %(own)s::float8[]) AS o(metric, value) ON o.metric = m.metric
WHERE s.band = %(band)s AND s.channel_id <> %(channel)s AND m.value IS NOT NULL GROUP BY 1
"""


def _standings(channel_id: int, *, since: datetime, until: datetime, now: datetime) -> tuple[Standing, ...]:
    [(subscribers, rates)] = rates_of([channel_id], since=since, until=until, now=now)
    if subscribers is None:
        return ()
    band = band_of(subscribers)
    parameters: dict[str, Any] = {
        "band": band,
        "channel": channel_id,
        "names": list(rates),
        "own": [number.value for number in rates.values()],
    }
    with read_cursor() as cursor:
        cursor.execute(_BELOW, parameters)
        rows = {row["metric"]: row for row in rows_as_dicts(cursor)}
    return tuple(_standing(band, name, number, rows.get(name)) for name, number in rates.items())


def _standing(band: int, metric: str, number: Number, row: Mapping[str, Any] | None) -> Standing:
    channels = row["channels"] if row else 0
    if number.value is None or row is None or channels < LEAST_CHANNELS:
        return Standing(band, metric, number, channels, None)
    return Standing(band, metric, number, channels, round(float(row["below"]) / channels * 100, 4))


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
