"""Shapes of who points at whom."""

from typing import Any

from rest_framework import serializers

from analytics.schemas.shapes import fraction, integer, meta, moment, shape, text

_EXAMPLE = shape(
    "SourceExample", {"msg_id": integer(null=False), "date": moment(), "permalink": text(null=True)}, many=True
)


def _by_label() -> Any:
    return serializers.DictField(child=serializers.IntegerField())


_OFFICIAL = shape(
    "OfficialSources",
    {
        "views_by_source": _by_label(),
        "new_followers_by_source": _by_label(),
        "source": text(null=True),
        "observed_at": moment(null=True),
        "coverage": fraction("Share 0..1 of the days of the period that Telegram told of."),
    },
)
# Null for those who do not own the channel.
_OFFICIAL_OR_NULL = type(_OFFICIAL)(allow_null=True)

SOURCES = shape(
    "SourcesAnswer",
    {
        "data": shape(
            "SourceRow",
            {
                "src": serializers.CharField(help_text="Username (else id) of the channel that points."),
                "dst": serializers.CharField(help_text="Username (else id) of the channel it points at."),
                "count": integer(null=False, help_text="Posts that point; each counts once."),
                "kind": serializers.CharField(help_text="mention or forward."),
                "src_id": integer(),
                "src_title": text(null=True),
                "src_subscribers": integer(),
                "dst_id": integer(),
                "dst_title": text(null=True),
                "dst_subscribers": integer(),
                "views": integer(help_text="Of posts that mention; a forward shows its original's counter."),
                "first_at": moment(),
                "last_at": moment(),
                "evidence": serializers.ListField(child=serializers.CharField()),
                "examples": _EXAMPLE,
            },
            many=True,
        ),
        "meta": meta(
            "SourcesMeta",
            direction=text(),
            total=integer(),
            total_posts=integer(),
            official=_OFFICIAL_OR_NULL,
        ),
    },
)
