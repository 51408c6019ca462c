"""The parts that shapes of answers are made of."""

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers


def integer(*, null: bool = True, help_text: str = "") -> Any:
    """A count; null is unknown unless it always is known."""
    return serializers.IntegerField(allow_null=null, help_text=help_text)


def fraction(help_text: str = "") -> Any:
    """A mean, percent, ratio or score; null is unknown."""
    return serializers.FloatField(allow_null=True, help_text=help_text)


def moment(*, null: bool = False, help_text: str | None = None) -> Any:
    """A moment in UTC."""
    return serializers.DateTimeField(allow_null=null, help_text=help_text)


def text(*, null: bool = False) -> Any:
    """A text, perhaps empty."""
    return serializers.CharField(allow_null=null, allow_blank=True)


# The document knows a shape by its name: one class for each.
_SHAPES: dict[str, Any] = {}


def shape(name: str, fields: dict[str, Any], *, many: bool = False, null: bool = False) -> Any:
    """A shape of that name in the document; the same name is the same shape. `null`: it may be null as a whole."""
    if name not in _SHAPES:
        _SHAPES[name] = type(inline_serializer(name, fields))
    # Not set later: what is declared within another shape is made anew from its arguments.
    return _SHAPES[name](many=many, allow_null=null)


def period() -> Any:
    """The period of an answer."""
    return shape("Period", {"from": moment(), "to": moment(), "zone": text()})


def provenance() -> Any:
    """Where each number comes from, by its name."""
    fields = {
        "source": text(null=True),
        "observed_at": moment(null=True),
        "coverage": fraction("Share 0..1 of the posts or steps behind the number."),
        "note": serializers.CharField(required=False),
    }
    return serializers.DictField(child=shape("Provenance", fields))


def meta(name: str, **more: Any) -> Any:
    """What belongs to an answer beside its data."""
    return shape(name, {"period": period(), "generated_at": moment(), "provenance": provenance(), **more})


def gaps() -> Any:
    """Spans without observation."""
    return shape("Gap", {"from": moment(), "to": moment()}, many=True)
