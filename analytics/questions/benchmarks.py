"""Where a channel stands among channels of its size."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter

from analytics.network.bands import LEAST_CHANNELS, PERCENTILES, bounds_of
from analytics.queries.benchmarks import BandRow, Benchmarks, Standing, benchmarks
from analytics.questions.answering import Answer, iso
from analytics.questions.asking import Asked
from analytics.questions.declaring import WorkspaceQuestion
from analytics.questions.several import channel_asked
from analytics.questions.sources import OTHERS_CHANGE
from analytics.schemas.benchmarks import BENCHMARKS

TOO_FEW = "too_few_channels"


def _benchmarks(asked: Asked) -> Answer:
    head = channel_asked(asked)
    found = benchmarks(head.id if head else None, now=asked.now)
    provenance = {row.metric: found.provenance for row in found.bands}
    data = {
        "bands": [_band_json(row) for row in found.bands],
        "standing": [_standing_json(row) for row in found.standings],
    }
    return Answer(data, provenance, more=_run_json(found))


def _of_band(row: BandRow | Standing) -> dict[str, Any]:
    first, beyond = bounds_of(row.band)
    return {
        "subscribers_from": first,
        "subscribers_below": beyond,
        "metric": row.metric,
        "channels": row.channels,
        "note": TOO_FEW if row.channels < LEAST_CHANNELS else None,
    }


def _band_json(row: BandRow) -> dict[str, Any]:
    shown = row.percentiles or (None,) * len(PERCENTILES)
    return _of_band(row) | {f"p{share}": value for share, value in zip(PERCENTILES, shown, strict=True)}


def _standing_json(row: Standing) -> dict[str, Any]:
    return _of_band(row) | {"value": row.number.value, "percentile": row.percentile}


def _run_json(found: Benchmarks) -> dict[str, Any]:
    run = found.run
    return {
        "computed_at": iso(run.computed_at) if run and run.computed_at else None,
        "since": iso(run.since) if run and run.since else None,
        "until": iso(run.until) if run and run.until else None,
        "channels": run.channels if run else None,
        "least_channels": LEAST_CHANNELS,
    }


QUESTIONS = (
    WorkspaceQuestion(
        "benchmarks",
        "Rates of public channels by size, and where a channel stands among them.",
        "Percentiles of ERR, ERR in 24 hours, engagement by views and virality over the last 30 whole days, by bands "
        f"of subscribers. Rows of fewer than {LEAST_CHANNELS} channels show no figures.",
        _benchmarks,
        BENCHMARKS,
        (
            OpenApiParameter(
                "channel", str, description="A tracked channel to place in its band, @username or bare id."
            ),
        ),
        takes_period=False,
        moves_every=OTHERS_CHANGE,
    ),
)
