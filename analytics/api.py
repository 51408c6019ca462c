"""API v2 of the statistics: one address for each declared question.

Whatever holds for all of them stands here: who may ask, `fields`, JSON or CSV, the ETag that is checked before
anything heavy is read, and the rendered answers that Redis keeps for a short while.
"""

from collections.abc import Sequence
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone, translation
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import workspace_of
from analyticbot.core.api import FormOf, OrjsonRenderer
from analyticbot.core.csv_text import csv_blocks
from analyticbot.core.ratelimit import ANALYTICS
from analytics.questions import CHANNEL_QUESTIONS, WORKSPACE_QUESTIONS
from analytics.questions.answering import Answer, body_of
from analytics.questions.asking import Asked, Reader, ask_channel, ask_workspace, channel_for
from analytics.questions.columns import columns_of
from analytics.questions.declaring import SEGMENT, ChannelQuestion, Question, WorkspaceQuestion
from analytics.questions.freshness import matches, settled, tag_of
from analytics.questions.tables import cut, table_of, wanted_fields
from analytics.registry_api import MetricsView

_CHANNEL = OpenApiParameter("channel", str, OpenApiParameter.PATH, description="Bare Telegram id or @username.")
_PERIOD = (
    OpenApiParameter("from", str, description="ISO date or datetime; a date is meant in the workspace's zone."),
    OpenApiParameter("to", str, description="ISO date or datetime, exclusive. Without both: the last 30 days."),
)
_FIELDS = OpenApiParameter("fields", str, description="Only these names of `data` or of its rows, comma between.")
_FORMAT = OpenApiParameter("format", str, enum=["json", "csv"], description="The same as `Accept`, for links.")
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag of an answer that you have: 304 if it stands."
)
_CONTENT_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8; header=present"}
_UNCHANGED = OpenApiResponse(description="The answer whose ETag you sent still stands.")


class CsvRenderer(BaseRenderer):
    """The form text/csv; what it holds is made by the view."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> Any:  # noqa: ARG002
        """What is ready already."""
        return data


class _QuestionView(APIView):
    """Answers one question."""

    required_scope = "analytics:read"
    rate_limits = (ANALYTICS,)
    renderer_classes = (OrjsonRenderer, CsvRenderer)
    content_negotiation_class = FormOf
    question: Question[Any]

    def get(self, request: Request, **path: Any) -> HttpResponse:
        """Authorise, parse, compare the tag, and only then read and compute."""
        columns = columns_of(self.question.schema)
        wanted = wanted_fields(request.query_params.get("fields"), columns)
        asked = self.asked(request, path)
        form = request.accepted_renderer.format
        tag = tag_of(self.question, asked, form=form, fields=wanted)
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if matches(request.headers.get("If-None-Match"), tag):
            return HttpResponse(status=304, headers=headers)
        key = f"answer:{tag}"
        body = cache.get(key)
        if body is None:
            may_keep = settled(asked)
            body = self.body(self.question.answer(asked), asked, form=form, wanted=wanted)
            if may_keep:
                cache.set(key, body, timeout=self.question.keep_for)
            else:
                del headers["ETag"]
        return HttpResponse(body, content_type=_CONTENT_TYPES[form], headers=headers)

    def body(self, answer: Answer, asked: Asked, *, form: str, wanted: tuple[str, ...] | None) -> bytes:
        """The answer in one of its forms."""
        columns = columns_of(self.question.schema)
        if form == CsvRenderer.format:
            table = table_of(answer, asked, columns, wanted=wanted)
            return "".join(csv_blocks(tuple(table.kinds), table.rows, zone=asked.period.zone)).encode()
        return OrjsonRenderer().render(body_of(cut(answer, columns, wanted), asked))

    def asked(self, request: Request, path: dict[str, Any]) -> Asked:
        """The question as it was asked: 404 unless it may be, 400 for a wrong parameter."""
        return ask_workspace(reader_of(request), request.query_params.dict(), now=timezone.now(), path=path)

    def handle_exception(self, exc: Exception) -> Response:
        """Errors are JSON, whatever form the answer would have had."""
        if hasattr(self.request, "accepted_renderer"):
            self.request.accepted_renderer = OrjsonRenderer()
            self.request.accepted_media_type = OrjsonRenderer.media_type
        return super().handle_exception(exc)


class _ChannelQuestionView(_QuestionView):
    """Answers one question about a channel that the workspace tracks."""

    def asked(self, request: Request, path: dict[str, Any]) -> Asked:
        """The question as it was asked; 404 unless the workspace tracks the channel."""
        reader = reader_of(request)
        channel = channel_for(reader, path.pop("channel"))
        return ask_channel(
            reader,
            channel,
            request.query_params.dict(),
            now=timezone.now(),
            path=path,
            segmented=self.question.takes_segment,
        )


def reader_of(request: HttpRequest) -> Reader:
    """Who reads, from an authenticated request."""
    workspace = workspace_of(request)
    return Reader(workspace.pk, workspace.time_zone, translation.get_language() or "en")


def _address(
    question: Question[Any], base: type[_QuestionView], before: str, parameters: Sequence[OpenApiParameter]
) -> URLPattern:
    name = question.name.replace("-", "_")
    described = extend_schema_view(
        get=extend_schema(
            operation_id=name,
            summary=question.summary,
            description=question.description,
            parameters=[
                *parameters,
                *(_PERIOD if question.takes_period else ()),
                *question.parameters,
                *(SEGMENT if question.takes_segment else ()),
                _FIELDS,
                _FORMAT,
                _IF_NONE_MATCH,
            ],
            responses={(200, OrjsonRenderer.media_type): question.schema, (200, "text/csv"): str, 304: _UNCHANGED},
        )
    )
    view: Any = described(type(f"{name.title().replace('_', '')}View", (base,), {"question": question}))
    address: URLPattern = path(before + question.address, view.as_view(), name=question.name)
    return address


def _channel_address(question: ChannelQuestion) -> URLPattern:
    return _address(question, _ChannelQuestionView, "analytics/channels/<str:channel>/", [_CHANNEL])


def _workspace_address(question: WorkspaceQuestion) -> URLPattern:
    return _address(question, _QuestionView, "analytics/", [])


urlpatterns = [
    path("metrics", MetricsView.as_view(), name="metrics"),
    *map(_channel_address, CHANNEL_QUESTIONS),
    *map(_workspace_address, WORKSPACE_QUESTIONS),
]
