"""How a question is declared: once, for the API, its document, exports and whatever else asks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from drf_spectacular.utils import OpenApiParameter

from analytics.queries.segments import LengthBand
from analytics.questions.answering import Answer
from analytics.questions.asking import Asked, AskedOfChannel
from mtproto.records import MediaKind

A = TypeVar("A", bound=Asked)

# Which posts are meant: `analytics.queries.segments`.
SEGMENT = (
    OpenApiParameter("media", str, enum=list(MediaKind), description="Only posts of this kind."),
    OpenApiParameter(
        "length",
        str,
        enum=list(LengthBand),
        description="Only posts whose text is as long: none, short (to 200 characters), medium (to 800), long.",
    ),
    OpenApiParameter("hashtag", str, description="Only posts with this hashtag, in any case, with or without #."),
    OpenApiParameter("forwarded", bool, description="Only forwarded posts (true) or only own ones (false)."),
    OpenApiParameter("hour", int, description="Only posts published in this hour, 0 to 23, of the workspace's zone."),
    OpenApiParameter("weekday", int, description="Only posts published on this weekday, 1 (Monday) to 7."),
    OpenApiParameter("author", str, description="Only posts signed so."),
    OpenApiParameter("with_link", bool, description="Only posts with a link (true) or without one (false)."),
)


def _never(_asked: Asked) -> bool:
    return False


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
    # True where the answer is narrowed by the segment parameters (`media`, `hashtag`, …); others refuse them.
    takes_segment: bool = False
    # How often the answer changes without new data of this channel: by the clock, or by what other channels do.
    # None: only while its period runs, and then every five minutes (see `freshness`).
    moves_every: timedelta | None = None
    # True where the answer tells of further channels because the workspace tracks them: it ends with the tracking.
    sees_others: Callable[[A], bool] = _never
    # Seconds, 30 to 180, for which a rendered answer may be kept; new data is seen at once all the same.
    keep_for: int = 120

    @property
    def address(self) -> str:
        """Its route below the channel or the workspace."""
        return self.route or self.name


class ChannelQuestion(Question[AskedOfChannel]):
    """A question about one channel: /api/v2/analytics/channels/{channel}/…"""


class WorkspaceQuestion(Question[Asked]):
    """A question about several channels of a workspace: /api/v2/analytics/…"""
