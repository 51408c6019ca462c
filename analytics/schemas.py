"""Shapes of the answers, for the OpenAPI document. Answers are built from query results, never through these."""

from typing import Any

from rest_framework import serializers


def _nullable(
    kind: type[serializers.Field[Any, Any, Any, Any]], **kwargs: Any
) -> serializers.Field[Any, Any, Any, Any]:
    return kind(allow_null=True, **kwargs)


class PeriodShape(serializers.Serializer[Any]):
    """Half-open span and the zone that cuts it into days."""

    zone = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python, so it cannot be an attribute."""
        return {"from": serializers.DateTimeField(), "to": serializers.DateTimeField(), **super().get_fields()}


class ProvenanceShape(serializers.Serializer[Any]):
    """Where a number comes from."""

    source = _nullable(serializers.CharField)
    observed_at = _nullable(serializers.DateTimeField)
    coverage = _nullable(serializers.FloatField, help_text="Share 0..1 of the posts or steps behind the number.")
    note = serializers.CharField(required=False)


class MetaShape(serializers.Serializer[Any]):
    """About the answer."""

    period = PeriodShape()
    generated_at = serializers.DateTimeField()
    provenance = serializers.DictField(child=ProvenanceShape())


class GapShape(serializers.Serializer[Any]):
    """A span in which nothing was observed."""

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python, so it cannot be an attribute."""
        return {"from": serializers.DateTimeField(), "to": serializers.DateTimeField()}


class SeriesMetaShape(MetaShape):
    """About a series."""

    gaps = GapShape(many=True)


class NumbersShape(serializers.Serializer[Any]):
    """Headline numbers; null is unknown."""

    posts = _nullable(serializers.IntegerField)
    views = _nullable(serializers.IntegerField)
    forwards = _nullable(serializers.IntegerField)
    replies = _nullable(serializers.IntegerField)
    reactions = _nullable(serializers.IntegerField)
    avg_reach = _nullable(serializers.FloatField)
    err = _nullable(serializers.FloatField, help_text="Percent.")
    er_views = _nullable(serializers.FloatField, help_text="Percent.")
    followers = _nullable(serializers.IntegerField)
    views_gained = _nullable(serializers.IntegerField)


class OverviewShape(NumbersShape):
    """Headline numbers with the equal period before."""

    previous = NumbersShape()


class OverviewMetaShape(MetaShape):
    """About an overview."""

    previous_period = PeriodShape()
    previous_provenance = serializers.DictField(child=ProvenanceShape())


class OverviewAnswer(serializers.Serializer[Any]):
    """Answer of `overview`."""

    data = OverviewShape()
    meta = OverviewMetaShape()


class GrowthPointShape(serializers.Serializer[Any]):
    """One step of subscribers."""

    t = serializers.DateTimeField()
    y = _nullable(serializers.IntegerField)
    joined = _nullable(serializers.IntegerField)
    left = _nullable(serializers.IntegerField)
    net = _nullable(serializers.IntegerField)


class GrowthShape(serializers.Serializer[Any]):
    """Steps in order."""

    points = GrowthPointShape(many=True)


class GrowthAnswer(serializers.Serializer[Any]):
    """Answer of `growth`."""

    data = GrowthShape()
    meta = SeriesMetaShape()


class ReachPointShape(serializers.Serializer[Any]):
    """Mean views of the own posts of one day."""

    t = serializers.DateTimeField()
    y = _nullable(serializers.FloatField)
    posts = serializers.IntegerField()


class ReachShape(serializers.Serializer[Any]):
    """Days in order, and the mean at equal ages."""

    points = ReachPointShape(many=True)
    at_age = serializers.DictField(child=serializers.FloatField(allow_null=True))


class ReachAnswer(serializers.Serializer[Any]):
    """Answer of `reach`."""

    data = ReachShape()
    meta = SeriesMetaShape()


class TopPostShape(serializers.Serializer[Any]):
    """One post of a list."""

    msg_id = serializers.IntegerField()
    date = serializers.DateTimeField()
    views = _nullable(serializers.IntegerField)
    forwards = _nullable(serializers.IntegerField)
    replies = _nullable(serializers.IntegerField)
    reactions = _nullable(serializers.IntegerField)
    title = serializers.CharField(allow_blank=True)
    permalink = _nullable(serializers.CharField)
    media = serializers.CharField()
    is_forward = serializers.BooleanField()


class TopPostsAnswer(serializers.Serializer[Any]):
    """Answer of `top-posts`."""

    data = TopPostShape(many=True)
    meta = MetaShape()
