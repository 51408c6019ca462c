"""What a page needs to stay as new as its data: where its socket is, and the tag of what it shows.

The page asks for its own part (`HX-Request`) with `If-None-Match`. While nothing has moved the answer is 304 and costs
the sign-in and one read of the channel. The tag is no browser's business (`no-store`): what people change themselves
(notes, saved filters) does not move it, and whoever follows a link must see that at once.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.http import HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.translation import get_language

from accounts.access import WorkspaceRequest
from analyticbot.core.errors import NotFound
from analytics.questions.asking import ChannelHead, Reader, channel_for
from analytics.questions.freshness import MOVES_EVERY, code_version, matches, tracked_state
from channels_app.models import Relation, TrackedChannel

_TAG_LENGTH = 32
# A period that ended just now still shows the present.
_JUST_NOW = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Live:
    """A page that shows the present. `socket`: the address of its WebSocket; `tag`: of what it shows."""

    socket: str
    tag: str


def live_of(
    request: WorkspaceRequest,
    tracked: TrackedChannel,
    *,
    until: datetime,
    now: datetime,
    moves_every: timedelta = MOVES_EVERY,
) -> Live | None:
    """How the page of a channel stays live; None for one that shows the past only (`until`: where its period ends).

    Take it before the page's numbers are read: a tag may be older than what it stands for, never newer.
    """
    channel = tracked.channel
    head = ChannelHead(
        id=channel.pk,
        tg_id=channel.tg_id,
        username=channel.username,
        title=channel.title,
        version=channel.version,
        owned=tracked.relation == Relation.OWNED,
    )
    return None if until < now - _JUST_NOW else live_channel(request, head, now=now, moves_every=moves_every)


def live_channel(
    request: WorkspaceRequest, head: ChannelHead, *, now: datetime, moves_every: timedelta = MOVES_EVERY
) -> Live | None:
    """The same of a channel as it was read before; None while addresses cannot name it."""
    name = f"@{head.username}" if head.username else head.tg_id
    if name is None:
        return None
    return Live(f"/ws/channels/{name}/", _tag(request, _state(head), now=now, moves_every=moves_every))


def live_list(request: WorkspaceRequest, *, now: datetime) -> Live:
    """How the list of channels stays live: one read."""
    state = tracked_state(request.access.workspace.pk)
    return Live("/ws/channels/", _tag(request, state, now=now, moves_every=MOVES_EVERY))


def unchanged(request: WorkspaceRequest, name: str, *, moves_every: timedelta = MOVES_EVERY) -> HttpResponse | None:
    """304 if the part of the page that the browser has is still the same, else None: one read of the channel."""
    if not _asks_for_news(request):
        return None
    workspace = request.access.workspace
    try:
        head = channel_for(Reader(workspace.pk, workspace.time_zone), name)
    except NotFound:
        return None
    return _same(request, _tag(request, _state(head), now=timezone.now(), moves_every=moves_every))


def unchanged_list(request: WorkspaceRequest) -> HttpResponse | None:
    """The same of the list of channels."""
    return _same(request, live_list(request, now=timezone.now()).tag) if _asks_for_news(request) else None


def stamped(response: HttpResponse, live: Live | None) -> HttpResponse:
    """The response with its tag, if it is live."""
    return _stamped(response, live.tag) if live else response


def _asks_for_news(request: WorkspaceRequest) -> bool:
    return bool(request.headers.get("If-None-Match")) and request.headers.get("HX-Request") == "true"


def _same(request: WorkspaceRequest, tag: str) -> HttpResponse | None:
    return _stamped(HttpResponseNotModified(), tag) if matches(request.headers.get("If-None-Match"), tag) else None


def _stamped(response: HttpResponse, tag: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-store"
    return response


def _state(head: ChannelHead) -> list[Any]:
    return [head.id, head.version, head.owned]


def _tag(request: WorkspaceRequest, state: Any, *, now: datetime, moves_every: timedelta) -> str:
    access = request.access
    parts = [
        code_version(),
        request.path,
        sorted((name, request.GET.getlist(name)) for name in request.GET),
        access.workspace.pk,
        access.workspace.time_zone,
        access.user.pk,
        access.role,
        access.is_demo,
        get_language(),
        state,
        int(now.timestamp() // moves_every.total_seconds()),
    ]
    return f'W/"{hashlib.sha256(orjson.dumps(parts)).hexdigest()[:_TAG_LENGTH]}"'
