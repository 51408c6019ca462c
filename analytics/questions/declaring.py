"""How a question is declared: once, for the API, its document, exports and whatever else asks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from drf_spectacular.utils import OpenApiParameter

from analytics.questions.answering import Answer
from analytics.questions.asking import Asked, AskedOfChannel

A = TypeVar("A", bound=Asked)


@dataclass(frozen=True, slots=True)
class Question(Generic[A]):
    """One question.

    `name` is its address below the channel (or the workspace) and its name in exports; `route`, where it differs,
    the address with converters ("posts/<int:msg_id>"). `schema` is the serializer that describes the answer,
    `parameters` what it takes beside the period. `summary` and `description` go into the API's document.
    """

    name: str
    summary: str
    description: str
    answer: Callable[[A], Answer]
    schema: Any
    parameters: tuple[OpenApiParameter, ...] = ()
    route: str | None = None
    # False for questions that look at all time: they take no `from` and `to`.
    takes_period: bool = True

    @property
    def address(self) -> str:
        """Its route below the channel or the workspace."""
        return self.route or self.name


class ChannelQuestion(Question[AskedOfChannel]):
    """A question about one channel: /api/v2/analytics/channels/{channel}/…"""


class WorkspaceQuestion(Question[Asked]):
    """A question about several channels of a workspace: /api/v2/analytics/…"""
