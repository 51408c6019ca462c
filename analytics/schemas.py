"""Shapes of the answers, for the OpenAPI document. Answers are built from query results, never through these."""

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers


def _integer(*, null: bool = True, help_text: str = "") -> Any:
    return serializers.IntegerField(allow_null=null, help_text=help_text)


def _float(help_text: str = "") -> Any:
    return serializers.FloatField(allow_null=True, help_text=help_text)


def _moment(*, null: bool = False) -> Any:
    return serializers.DateTimeField(allow_null=null)


def _text(*, null: bool = False) -> Any:
    return serializers.CharField(allow_null=null, allow_blank=True)


# The document knows a shape by its name: one class for each.
_SHAPES: dict[str, Any] = {}


def _shape(name: str, fields: dict[str, Any], *, many: bool = False) -> Any:
    if name not in _SHAPES:
        _SHAPES[name] = type(inline_serializer(name, fields))
    return _SHAPES[name](many=many)


def _period() -> Any:
    return _shape("Period", {"from": _moment(), "to": _moment(), "zone": _text()})


def _provenance() -> Any:
    fields = {
        "source": _text(null=True),
        "observed_at": _moment(null=True),
        "coverage": _float("Share 0..1 of the posts or steps behind the number."),
        "note": serializers.CharField(required=False),
    }
    return serializers.DictField(child=_shape("Provenance", fields))


def _meta(name: str, **more: Any) -> Any:
    return _shape(name, {"period": _period(), "generated_at": _moment(), "provenance": _provenance(), **more})


def _gaps() -> Any:
    return _shape("Gap", {"from": _moment(), "to": _moment()}, many=True)


def _numbers() -> dict[str, Any]:
    return {
        "posts": _integer(),
        "views": _integer(),
        "forwards": _integer(),
        "replies": _integer(),
        "reactions": _integer(),
        "avg_reach": _float("Mean views of own posts."),
        "err": _float("Percent."),
        "er_views": _float("Percent."),
        "followers": _integer(help_text="Subscribers at the end of the period."),
        "views_gained": _integer(),
    }


OVERVIEW = _shape(
    "OverviewAnswer",
    {
        "data": _shape("Overview", {**_numbers(), "previous": _shape("OverviewNumbers", _numbers())}),
        "meta": _meta("OverviewMeta", previous_period=_period(), previous_provenance=_provenance()),
    },
)

GROWTH = _shape(
    "GrowthAnswer",
    {
        "data": _shape(
            "Growth",
            {
                "points": _shape(
                    "GrowthPoint",
                    {"t": _moment(), "y": _integer(), "joined": _integer(), "left": _integer(), "net": _integer()},
                    many=True,
                )
            },
        ),
        "meta": _meta("GrowthMeta", gaps=_gaps()),
    },
)

REACH = _shape(
    "ReachAnswer",
    {
        "data": _shape(
            "Reach",
            {
                "points": _shape(
                    "ReachPoint", {"t": _moment(), "y": _float(), "posts": _integer(null=False)}, many=True
                ),
                "at_age": _shape("ReachAtAge", {"12h": _float(), "24h": _float(), "48h": _float()}),
            },
        ),
        "meta": _meta("ReachMeta", gaps=_gaps()),
    },
)

TOP_POSTS = _shape(
    "TopPostsAnswer",
    {
        "data": _shape(
            "TopPost",
            {
                "msg_id": _integer(null=False),
                "date": _moment(),
                "views": _integer(),
                "forwards": _integer(),
                "replies": _integer(),
                "reactions": _integer(),
                "title": _text(),
                "permalink": _text(null=True),
                "media": _text(),
                "is_forward": serializers.BooleanField(),
            },
            many=True,
        ),
        "meta": _meta("TopPostsMeta"),
    },
)
