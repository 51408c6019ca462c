"""API v2 of the statistics: `{"data": …, "meta": {"period", "generated_at", "provenance", …}}`; unknown is null."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import workspace_of
from analyticbot.core.errors import InvalidInput, NotFound
from analyticbot.core.ratelimit import ANALYTICS
from analytics.period import Period, parse_period, zone_named
from analytics.queries import (
    Number,
    PostOrder,
    PostRow,
    Provenance,
    Series,
    StatsQuery,
    Window,
    growth,
    overview,
    reach,
    reach_at_age,
    top_posts,
)
from analytics.queries.posts import MAX_POSTS
from analytics.schemas import GROWTH, OVERVIEW, REACH, TOP_POSTS
from channels_app.models import Relation, TrackedChannel

_PERIOD_PARAMETERS = [
    OpenApiParameter("channel", str, OpenApiParameter.PATH, description="Bare Telegram id or @username."),
    OpenApiParameter("from", str, description="ISO date or datetime; a date is meant in the workspace's zone."),
    OpenApiParameter("to", str, description="ISO date or datetime, exclusive. Without both: the last 30 days."),
]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request for statistics, authorised and parsed."""

    query: StatsQuery
    now: datetime
    parameters: Mapping[str, str]

    def limit(self) -> int:
        """`limit`, 1 to 50, 10 when absent."""
        text = self.parameters.get("limit", "10")
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_POSTS):
            raise InvalidInput(
                _("`limit` must be a whole number from 1 to %(most)s.") % {"most": MAX_POSTS}, field="limit"
            )
        return int(text)

    def choice(self, name: str, default: Any) -> Any:
        """A parameter that must be one of the words of `default`'s enum."""
        kind: type[StrEnum] = type(default)
        try:
            return kind(self.parameters.get(name, default))
        except ValueError:
            raise InvalidInput(
                _("`%(name)s` must be one of %(words)s.") % {"name": name, "words": ", ".join(kind)}, field=name
            ) from None


def _ask(request: Request, channel: str) -> _Asked:
    """Authorise and parse: 404 unless the workspace tracks the channel, 400 for a wrong parameter."""
    workspace = workspace_of(request)
    tracked = TrackedChannel.objects.for_workspace(workspace).named(channel).values("channel_id", "relation").first()
    if tracked is None:
        raise NotFound(_("This workspace tracks no such channel. Add it with POST /api/v2/channels."))
    now = timezone.now()
    parameters = request.query_params
    period = parse_period(parameters.get("from"), parameters.get("to"), now=now, zone=zone_named(workspace.time_zone))
    query = StatsQuery(tracked["channel_id"], period, owned=tracked["relation"] == Relation.OWNED, now=now)
    return _Asked(query, now, parameters)


class _StatsView(APIView):
    """Reads statistics of one channel."""

    required_scope = "analytics:read"
    rate_limits = (ANALYTICS,)


class OverviewView(_StatsView):
    """Headline numbers of a period and of the equal period before."""

    @extend_schema(operation_id="overview", parameters=_PERIOD_PARAMETERS, responses=OVERVIEW)
    def get(self, request: Request, channel: str) -> Response:
        """Posts, views, average reach, ERR, engagement, subscribers; `previous` has the same names."""
        asked = _ask(request, channel)
        answer = overview(asked.query)
        data: dict[str, Any] = {name: number.value for name, number in answer.current.items()}
        data["previous"] = {name: number.value for name, number in answer.previous.items()}
        meta = _meta(asked, {name: number.provenance for name, number in answer.current.items()})
        meta["previous_period"] = _period(answer.previous_period)
        meta["previous_provenance"] = _provenances(_of(answer.previous))
        return Response({"data": data, "meta": meta})


class GrowthView(_StatsView):
    """Subscribers over time."""

    @extend_schema(
        operation_id="growth",
        parameters=[*_PERIOD_PARAMETERS, OpenApiParameter("window", str, enum=list(Window), default=Window.DAY)],
        responses=GROWTH,
    )
    def get(self, request: Request, channel: str) -> Response:
        """Subscribers at the end of each hour, day or week; joined and left where official statistics are ours."""
        asked = _ask(request, channel)
        series = growth(asked.query, window=asked.choice("window", Window.DAY))
        points = [{"t": _iso(point.t), "y": point.y, **point.extra} for point in series.points]
        meta = _meta(asked, {"followers": series.provenance}) | {"gaps": _gaps(series)}
        return Response({"data": {"points": points}, "meta": meta})


class ReachView(_StatsView):
    """Views per post by day of publication, and at equal ages."""

    @extend_schema(operation_id="reach", parameters=_PERIOD_PARAMETERS, responses=REACH)
    def get(self, request: Request, channel: str) -> Response:
        """Mean views of own posts by day; `at_age` interpolated between snapshots, null where they are too far."""
        asked = _ask(request, channel)
        series = reach(asked.query)
        points = [{"t": _iso(point.t), "y": point.y, **point.extra} for point in series.points]
        meta = _meta(asked, {"reach": series.provenance}) | {"gaps": _gaps(series)}
        return Response({"data": {"points": points, "at_age": reach_at_age(asked.query)}, "meta": meta})


class TopPostsView(_StatsView):
    """The best posts of a period."""

    @extend_schema(
        operation_id="top_posts",
        parameters=[
            *_PERIOD_PARAMETERS,
            OpenApiParameter("limit", int, description=f"1 to {MAX_POSTS}, 10 when absent."),
            OpenApiParameter("order", str, enum=list(PostOrder), default=PostOrder.VIEWS),
        ],
        responses=TOP_POSTS,
    )
    def get(self, request: Request, channel: str) -> Response:
        """By views (or another counter), ties by message id; an album is one post, named by its smallest id."""
        asked = _ask(request, channel)
        rows = top_posts(asked.query, limit=asked.limit(), order=asked.choice("order", PostOrder.VIEWS))
        known = [row.counters_at for row in rows if row.counters_at]
        provenance = Provenance(
            source=rows[0].counters_source if rows else None,
            observed_at=max(known, default=None),
            coverage=len(known) / len(rows) if rows else None,
        )
        return Response({"data": [_post(row) for row in rows], "meta": _meta(asked, {"views": provenance})})


def _post(row: PostRow) -> dict[str, Any]:
    return {
        "msg_id": row.message_id,
        "date": _iso(row.published_at),
        "views": row.views,
        "forwards": row.forwards,
        "replies": row.replies,
        "reactions": row.reactions,
        "title": row.title,
        "permalink": row.permalink,
        "media": row.media_kind,
        "is_forward": row.is_forward,
    }


def _of(numbers: Mapping[str, Number]) -> dict[str, Provenance]:
    return {name: number.provenance for name, number in numbers.items()}


def _meta(asked: _Asked, provenance: Mapping[str, Provenance]) -> dict[str, Any]:
    return {
        "period": _period(asked.query.period),
        "generated_at": _iso(asked.now),
        "provenance": _provenances(provenance),
    }


def _provenances(provenance: Mapping[str, Provenance]) -> dict[str, Any]:
    return {
        name: {
            "source": one.source,
            "observed_at": _iso(one.observed_at) if one.observed_at else None,
            "coverage": None if one.coverage is None else round(one.coverage, 4),
        }
        | ({"note": one.note} if one.note else {})
        for name, one in provenance.items()
    }


def _period(period: Period) -> dict[str, str]:
    return {"from": _iso(period.start), "to": _iso(period.end), "zone": str(period.zone)}


def _gaps(series: Series) -> list[dict[str, str]]:
    return [{"from": _iso(start), "to": _iso(end)} for start, end in series.gaps]


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


urlpatterns = [
    path("analytics/channels/<str:channel>/overview", OverviewView.as_view(), name="overview"),
    path("analytics/channels/<str:channel>/growth", GrowthView.as_view(), name="growth"),
    path("analytics/channels/<str:channel>/reach", ReachView.as_view(), name="reach"),
    path("analytics/channels/<str:channel>/top-posts", TopPostsView.as_view(), name="top-posts"),
]
