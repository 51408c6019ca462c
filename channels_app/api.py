"""API v2 of the channels: add one, list them, read one with the progress of its collecting, let go of one."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import access_of, workspace_of
from accounts.models import Workspace
from analyticbot.core.api import page_asked, read_page
from analyticbot.core.errors import Conflict, InvalidInput, NotFound
from channels_app.models import Relation, SyncState, TrackedChannel
from channels_app.queries import (
    ChannelStatus,
    channel_name,
    channels_for_workspace,
    find_tracked,
    status_of,
    tracked_by_id,
)
from channels_app.tracking import track_channel, untrack_channel
from mtproto.references import ReferenceInvalid, parse_reference

_LOOK_AGAIN_SECONDS = 0.1
_LONGEST_REFERENCE = 200
_CHANNEL = OpenApiParameter(
    "channel", str, OpenApiParameter.PATH, description="Bare Telegram id, @username, or +hash of an invite link."
)


class SyncReasonShape(serializers.Serializer[Any]):
    """Why collecting failed or waits."""

    code = serializers.CharField()
    message = serializers.CharField()


class SyncShape(serializers.Serializer[Any]):
    """Progress of the history. Posts are counted as stored: an album once, service messages not at all."""

    state = serializers.ChoiceField(choices=SyncState.values)
    posts = serializers.IntegerField()
    oldest = serializers.DateTimeField(allow_null=True)
    newest = serializers.DateTimeField(allow_null=True)
    error = SyncReasonShape(allow_null=True)
    total = serializers.IntegerField(allow_null=True, help_text="Messages of the channel, as Telegram counts them.")
    waiting = SyncReasonShape(allow_null=True, help_text="Why nothing happens right now; it goes on by itself.")


class ChannelShape(serializers.Serializer[Any]):
    """A channel that the workspace tracks. Unknown is null; `id` is null until Telegram has told it."""

    id = serializers.IntegerField(allow_null=True)
    username = serializers.CharField(allow_null=True)
    title = serializers.CharField(allow_null=True)
    subscribers = serializers.IntegerField(allow_null=True)
    subscribers_at = serializers.DateTimeField(allow_null=True)
    relation = serializers.ChoiceField(choices=Relation.values)
    name = serializers.CharField(help_text="How addresses of this API name the channel.")
    added_at = serializers.DateTimeField()
    sync = SyncShape()


def _channel_list() -> Any:
    """One page of channels, latest added first. (`data` cannot be declared in a serializer's class.)"""
    following = serializers.CharField(allow_null=True, help_text="`cursor` of the next page; null on the last.")
    meta = inline_serializer("ListMeta", {"next": following})
    return inline_serializer("ChannelList", {"data": ChannelShape(many=True), "meta": meta})


class AddChannelShape(serializers.Serializer[Any]):
    """What names the channel to add."""

    ref = serializers.CharField(
        max_length=_LONGEST_REFERENCE, help_text="@name, https://t.me/name, an invite link, or the numeric id."
    )


class ChannelsView(APIView):
    """The channels of the workspace."""

    required_scope: Mapping[str, str] = {"GET": "channels:read", "POST": "channels:write"}

    @extend_schema(
        operation_id="list_channels",
        parameters=[
            OpenApiParameter("limit", int, description="1 to 100, 50 when absent."),
            OpenApiParameter("cursor", str, description="`meta.next` of the page before."),
        ],
        responses=_channel_list(),
    )
    def get(self, request: Request) -> Response:
        """One page of the tracked channels, latest added first."""
        page = read_page(channels_for_workspace(workspace_of(request)), page_asked(request.query_params))
        return Response({"data": [channel_body(status_of(row)) for row in page.rows], "meta": {"next": page.next}})

    @extend_schema(
        operation_id="add_channel",
        request=AddChannelShape,
        responses={
            201: OpenApiResponse(ChannelShape, description="Now tracked; its history is being collected."),
            200: OpenApiResponse(ChannelShape, description="Was tracked already."),
        },
    )
    def post(self, request: Request) -> Response:
        """Track a channel. Waits a moment for Telegram to say who it is, so that `id` is usually known."""
        access = access_of(request)
        try:
            reference = parse_reference(_reference_text(request.data))
        except ReferenceInvalid as error:
            raise InvalidInput(str(error), field="ref", code="reference_invalid") from None
        tracked, created = track_channel(
            workspace=access.workspace, reference=reference, actor=access.actor, user=access.user, now=timezone.now()
        )
        status = _resolved(access.workspace, tracked, seconds=settings.CHANNEL_RESOLVE_WAIT)
        return Response(channel_body(status), status=201 if created else 200)


class ChannelView(APIView):
    """One channel of the workspace."""

    required_scope: Mapping[str, str] = {"GET": "channels:read", "DELETE": "channels:write"}

    @extend_schema(operation_id="read_channel", parameters=[_CHANNEL], responses=ChannelShape)
    def get(self, request: Request, channel: str) -> Response:
        """The channel and the progress of its collecting."""
        return Response(channel_body(status_of(_tracked(request, channel))))

    @extend_schema(operation_id="remove_channel", parameters=[_CHANNEL], responses={204: None})
    def delete(self, request: Request, channel: str) -> Response:
        """Stop tracking it. What was collected is kept for other workspaces that track it."""
        untrack_channel(_tracked(request, channel), actor=access_of(request).actor, now=timezone.now())
        return Response(status=204)


def channel_body(status: ChannelStatus) -> dict[str, Any]:
    """The JSON of a channel."""
    sync = status.sync
    return {
        "id": status.id,
        "username": status.username,
        "title": status.title or None,
        "subscribers": status.subscribers,
        "subscribers_at": _iso(status.subscribers_at),
        "relation": status.relation,
        "name": status.name,
        "added_at": _iso(status.added_at),
        "sync": {
            "state": sync.state.value,
            "posts": sync.posts,
            "oldest": _iso(sync.oldest),
            "newest": _iso(sync.newest),
            "error": {"code": sync.error_code, "message": sync.error} if sync.error_code else None,
            "total": sync.total,
            "waiting": _reason(sync.waiting),
        },
    }


def _reference_text(body: Any) -> str:
    """`ref` of the body; a bare number is an id. Raises InvalidInput."""
    ref = body.get("ref") if isinstance(body, Mapping) else None
    if isinstance(ref, int) and not isinstance(ref, bool):
        ref = str(ref)
    if not isinstance(ref, str) or not ref.strip():
        raise InvalidInput(_('Send {"ref": "@name"}: a name, a link or an id.'), field="ref", code="required")
    if len(ref) > _LONGEST_REFERENCE:
        raise InvalidInput(_("This is too long to name a channel."), field="ref", code="reference_invalid")
    return ref


def _tracked(request: Request, name: str) -> TrackedChannel:
    tracked = find_tracked(workspace_of(request), name)
    if tracked is None:
        raise NotFound(_("This workspace tracks no such channel."))
    return tracked


def _resolved(workspace: Workspace, tracked: TrackedChannel, *, seconds: float) -> ChannelStatus:
    """The status once the collector has resolved or refused the channel, or as it is after `seconds`."""
    deadline = time.monotonic() + seconds
    name = channel_name(tracked.channel)
    while True:
        # The collector may find that it is a channel we know by another name: this row is then merged into that one.
        row = tracked_by_id(workspace, tracked.pk) or find_tracked(workspace, name)
        if row is None:
            raise Conflict(_("This is a channel that the workspace tracks already, by another name."), field="ref")
        status = status_of(row)
        known = status.id is not None and bool(status.title)
        if known or status.sync.state == SyncState.FAILED or time.monotonic() >= deadline:
            return status
        if not connection.in_atomic_block:
            connection.close()  # back into the pool: who waits needs none
        time.sleep(_LOOK_AGAIN_SECONDS)


def _reason(note: str | None) -> dict[str, str] | None:
    """``CODE: sentence`` in parts."""
    if note is None:
        return None
    code, colon, message = note.partition(": ")
    return {"code": code, "message": message} if colon else {"code": "WAITING", "message": note}


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


urlpatterns = [
    path("channels", ChannelsView.as_view(), name="channels"),
    path("channels/<str:channel>", ChannelView.as_view(), name="channel"),
]
