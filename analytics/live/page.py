"""What a page needs to stay as new as its data: where its socket is, and the tag of what it shows.

The page asks for its own part (`HX-Request`) with `If-None-Match`. While nothing has moved the answer is 304 and costs
the sign-in and one read of the channel. The tag is no browser's business (`no-store`): what people change themselves
(notes, saved filters) does not move it, and whoever follows a link must see that at once.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from django.http import HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.translation import get_language

from accounts.access import WorkspaceRequest
from analyticbot.core.errors import NotFound
from analytics.questions.asking import ChannelHead, Reader, channel_for
from analytics.questions.freshness import MOVES_EVERY, code_version, matches
from channels_app.models import Relation, TrackedChannel
from channels_app.queries import channel_name

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
    if until < now - _JUST_NOW or not (channel.username or channel.tg_id):
        return None
    head = ChannelHead(
        id=channel.pk,
        tg_id=channel.tg_id,
        username=channel.username,
        title=channel.title,
        version=channel.version,
        owned=tracked.relation == Relation.OWNED,
    )
    return Live(f"/ws/channels/{channel_name(channel)}/", _tag(request, head, now=now, moves_every=moves_every))


def unchanged(request: WorkspaceRequest, name: str, *, moves_every: timedelta = MOVES_EVERY) -> HttpResponse | None:
    """304 if the part of the page that the browser has is still the same, else None: one read of the channel."""
    given = request.headers.get("If-None-Match")
    if not given or request.headers.get("HX-Request") != "true":
        return None
    workspace = request.access.workspace
    try:
        head = channel_for(Reader(workspace.pk, workspace.time_zone), name)
    except NotFound:
        return None
    tag = _tag(request, head, now=timezone.now(), moves_every=moves_every)
    return _stamped(HttpResponseNotModified(), tag) if matches(given, tag) else None


def stamped(response: HttpResponse, live: Live | None) -> HttpResponse:
    """The response with its tag, if it is live."""
    return _stamped(response, live.tag) if live else response


def socket_of_list() -> str:
    """The address of the WebSocket that tells of all channels of the workspace."""
    return "/ws/channels/"


def _stamped(response: HttpResponse, tag: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-store"
    return response


def _tag(request: WorkspaceRequest, head: ChannelHead, *, now: datetime, moves_every: timedelta) -> str:
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
        [head.id, head.version, head.owned],
        int(now.timestamp() // moves_every.total_seconds()),
    ]
    return f'W/"{hashlib.sha256(orjson.dumps(parts)).hexdigest()[:_TAG_LENGTH]}"'
