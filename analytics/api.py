"""API v2 of the statistics: one address for each declared question."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone, translation
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import workspace_of
from analyticbot.core.ratelimit import ANALYTICS
from analytics.questions import CHANNEL_QUESTIONS, WORKSPACE_QUESTIONS
from analytics.questions.answering import body_of
from analytics.questions.asking import Asked, Reader, ask_channel, ask_workspace, channel_for
from analytics.questions.declaring import SEGMENT, ChannelQuestion, Question, WorkspaceQuestion

_CHANNEL = OpenApiParameter("channel", str, OpenApiParameter.PATH, description="Bare Telegram id or @username.")
_PERIOD = (
    OpenApiParameter("from", str, description="ISO date or datetime; a date is meant in the workspace's zone."),
    OpenApiParameter("to", str, description="ISO date or datetime, exclusive. Without both: the last 30 days."),
)


class _QuestionView(APIView):
    """Answers one question."""

    required_scope = "analytics:read"
    rate_limits = (ANALYTICS,)
    question: Question[Any]

    def get(self, request: Request, **path: Any) -> Response:
        """Authorise, parse, answer."""
        asked = self.asked(request, path)
        return Response(body_of(self.question.answer(asked), asked))

    def asked(self, request: Request, path: dict[str, Any]) -> Asked:
        """The question as it was asked: 404 unless it may be, 400 for a wrong parameter."""
        return ask_workspace(reader_of(request), request.query_params.dict(), now=timezone.now(), path=path)


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
            ],
            responses=question.schema,
        )
    )
    view: type[_QuestionView] = described(type(f"{name.title().replace('_', '')}View", (base,), {"question": question}))
    return path(before + question.address, view.as_view(), name=question.name)


def _channel_address(question: ChannelQuestion) -> URLPattern:
    return _address(question, _ChannelQuestionView, "analytics/channels/<str:channel>/", [_CHANNEL])


def _workspace_address(question: WorkspaceQuestion) -> URLPattern:
    return _address(question, _QuestionView, "analytics/", [])


urlpatterns = [
    *map(_channel_address, CHANNEL_QUESTIONS),
    *map(_workspace_address, WORKSPACE_QUESTIONS),
]
