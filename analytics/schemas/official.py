"""Shapes of official graphs."""

from typing import Any

from rest_framework import serializers

from analytics.schemas.shapes import fraction, integer, meta, moment, shape, text


def _flag() -> Any:
    return serializers.BooleanField(allow_null=True)


OFFICIAL_GRAPHS = shape(
    "OfficialGraphsAnswer",
    {
        "data": shape(
            "OfficialGraphHead",
            {
                "graph": text(),
                "loads": integer(null=False),
                "loaded_at": moment(),
                "error": text(null=True),
                "first": moment(null=True),
                "last": moment(null=True),
                "resolution": text(null=True),
            },
            many=True,
        ),
        "meta": meta(
            "OfficialGraphsMeta",
            reason=serializers.CharField(allow_null=True, help_text="owners_only, never_loaded, or null."),
        ),
    },
)

OFFICIAL_GRAPH = shape(
    "OfficialGraphAnswer",
    {
        "data": shape(
            "OfficialGraph",
            {
                "graph": text(),
                "form": text(),
                "loads": integer(null=False, help_text="How many loads there are."),
                "loaded_at": moment(),
                "error": text(null=True),
                "raw": serializers.JSONField(allow_null=True, help_text="The last load as Telegram gave it."),
                "resolution": text(null=True),
                "percentage": _flag(),
                "stacked": _flag(),
                "passed_over": integer(help_text="Loads that do not fit the newest one's axis."),
                "series": shape("OfficialSeries", {"name": text(), "type": text()}, many=True),
                "points": shape(
                    "OfficialPoint",
                    {
                        "t": moment(null=True),
                        "index": integer(help_text="Hour of the day or day of the week, where the axis is not time."),
                        "values": serializers.ListField(child=fraction(), help_text="One for each series."),
                    },
                    many=True,
                ),
            },
        ),
        "meta": meta("OfficialGraphMeta"),
    },
)
