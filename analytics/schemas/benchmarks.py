"""Shapes of benchmarks by size."""

from rest_framework import serializers

from analytics.network.bands import PERCENTILES, RATES
from analytics.schemas.shapes import fraction, integer, meta, moment, shape, text

_BAND = {
    "subscribers_from": integer(null=False),
    "subscribers_below": integer(help_text="Null: no end."),
    "metric": serializers.ChoiceField(RATES),
    "channels": integer(null=False, help_text="n: channels behind the row."),
}

BENCHMARKS = shape(
    "BenchmarksAnswer",
    {
        "data": shape(
            "Benchmarks",
            {
                "bands": shape(
                    "BenchmarkBand",
                    {
                        **_BAND,
                        **{f"p{share}": fraction("Null where there are too few channels.") for share in PERCENTILES},
                        "note": text(null=True),
                    },
                    many=True,
                ),
                "standing": shape(
                    "BenchmarkStanding",
                    {
                        **_BAND,
                        "value": fraction("The asked channel's own, over the same days."),
                        "percentile": fraction("Percent of the other channels of the band that are below."),
                        "note": text(null=True),
                    },
                    many=True,
                ),
            },
        ),
        "meta": meta(
            "BenchmarksMeta",
            computed_at=moment(null=True),
            since=moment(null=True),
            until=moment(null=True),
            channels=integer(help_text="Public channels measured, in all bands."),
            least_channels=integer(null=False, help_text="Rows of fewer channels show no figures."),
        ),
    },
)
