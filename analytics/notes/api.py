"""API v2 of notes: list those of a channel, write one, change one, remove one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import access_of, workspace_of
from analyticbot.core.errors import InvalidInput, NotFound
from analytics.notes.models import MOST_LETTERS, Note
from analytics.notes.work import MOST_NOTES, add_note, author_of, change_note, find_note, notes_in, remove_note
from analytics.period import EARLIEST, LATEST, parse_moment, parse_period, zone_named
from analytics.questions.answering import iso
from analytics.schemas.shapes import moment, shape
from channels_app.models import TrackedChannel

_CHANNEL = OpenApiParameter("channel", str, OpenApiParameter.PATH, description="Bare Telegram id or @username.")
_ID = OpenApiParameter("public_id", UUID, OpenApiParameter.PATH, description="`id` of the note.")
_NOTE = {
    "id": serializers.UUIDField(),
    "at": moment(),
    "until": serializers.DateTimeField(allow_null=True, help_text="End of a span, exclusive; null for a moment."),
    "text": serializers.CharField(),
    "author": serializers.CharField(allow_null=True, help_text="Name or e-mail; null when they have left."),
    "created_at": moment(),
    "changed_at": moment(),
}
_WRITTEN = {
    "text": serializers.CharField(max_length=MOST_LETTERS),
    "at": serializers.CharField(help_text="ISO date (its first moment in the workspace's zone) or datetime."),
    "until": serializers.CharField(required=False, allow_null=True, help_text="As `at`, exclusive; absent: a moment."),
}
NOTE = shape("Note", _NOTE)
NOTES = shape(
    "NoteList",
    {
        "data": shape("Note", _NOTE, many=True),
        "meta": shape("NotesMeta", {"most": serializers.IntegerField(help_text="So many a channel may have.")}),
    },
)
WRITTEN = shape("WrittenNote", _WRITTEN)
CHANGED = shape(
    "ChangedNote",
    {
        "text": serializers.CharField(max_length=MOST_LETTERS, required=False),
        "at": serializers.CharField(required=False, help_text="ISO date or datetime."),
        "until": serializers.CharField(required=False, allow_null=True, help_text="As `at`; null for a moment."),
    },
)


class NotesView(APIView):
    """The notes of a channel."""

    required_scope: Mapping[str, str] = {"GET": "notes:read", "POST": "notes:write"}

    @extend_schema(
        operation_id="list_notes",
        parameters=[
            _CHANNEL,
            OpenApiParameter("from", str, description="ISO date or datetime; all time when absent."),
            OpenApiParameter("to", str, description="ISO date or datetime, exclusive."),
        ],
        responses=NOTES,
    )
    def get(self, request: Request, channel: str) -> Response:
        """What people of the workspace wrote, in order of time. What was observed is in `events` of the analytics."""
        tracked = _tracked(request, channel)
        start, end = _bounds(request)
        rows = notes_in(workspace_of(request), tracked.channel_id, start=start, end=end)
        return Response({"data": [note_body(row) for row in rows], "meta": {"most": MOST_NOTES}})

    @extend_schema(
        operation_id="add_note",
        parameters=[_CHANNEL],
        request=WRITTEN,
        responses={201: OpenApiResponse(NOTE, description="Written.")},
    )
    def post(self, request: Request, channel: str) -> Response:
        """Write a note at a moment, or over [at, until)."""
        tracked, access = _tracked(request, channel), access_of(request)
        given = _given(request)
        if given["text"] is None or given["at"] is None:
            raise InvalidInput(_('Send {"text": "…", "at": "2026-01-31"}.'), code="required")
        row = add_note(
            access.workspace,
            tracked.channel,
            text=given["text"],
            at=given["at"],
            until=given["until"],
            author=access.user,
            actor=access.actor,
            now=timezone.now(),
        )
        return Response(note_body(row), status=201)


class NoteView(APIView):
    """One note."""

    required_scope: Mapping[str, str] = {
        "GET": "notes:read",
        "PATCH": "notes:write",
        "DELETE": "notes:write",
    }

    @extend_schema(operation_id="read_note", parameters=[_CHANNEL, _ID], responses=NOTE)
    def get(self, request: Request, channel: str, public_id: UUID) -> Response:
        """The note."""
        return Response(note_body(_found(request, channel, public_id)))

    @extend_schema(operation_id="change_note", parameters=[_CHANNEL, _ID], request=CHANGED, responses=NOTE)
    def patch(self, request: Request, channel: str, public_id: UUID) -> Response:
        """Change what is given; `until` null makes a moment of a span."""
        row = _found(request, channel, public_id)
        given = _given(request)
        row = change_note(
            row,
            text=row.text if given["text"] is None else given["text"],
            at=given["at"] or row.at,
            until=given["until"] if "until" in request.data else row.until,
            actor=access_of(request).actor,
            now=timezone.now(),
        )
        return Response(note_body(row))

    @extend_schema(operation_id="remove_note", parameters=[_CHANNEL, _ID], responses={204: None})
    def delete(self, request: Request, channel: str, public_id: UUID) -> Response:
        """Remove the note."""
        remove_note(_found(request, channel, public_id), actor=access_of(request).actor, now=timezone.now())
        return Response(status=204)


def note_body(row: Note) -> dict[str, Any]:
    """The JSON of a note."""
    return {
        "id": str(row.public_id),
        "at": iso(row.at),
        "until": iso(row.until) if row.until else None,
        "text": row.text,
        "author": author_of(row) or None,
        "created_at": iso(row.created_at),
        "changed_at": iso(row.changed_at),
    }


def _bounds(request: Request) -> tuple[datetime, datetime]:
    given = request.query_params
    zone = zone_named(workspace_of(request).time_zone)
    if given.get("from"):
        period = parse_period(given.get("from"), given.get("to"), now=timezone.now(), zone=zone)
        return period.start, period.end if given.get("to") else LATEST
    end = parse_moment(given["to"], field="to", zone=zone) if given.get("to") else LATEST
    return EARLIEST, end


def _given(request: Request) -> dict[str, Any]:
    """Text and moments of the body; None for what is not there. InvalidInput naming the field."""
    body = request.data
    if not isinstance(body, Mapping):
        raise InvalidInput(_('Send {"text": "…", "at": "2026-01-31"}.'), code="required")
    zone = zone_named(workspace_of(request).time_zone)
    found: dict[str, Any] = {"text": None, "at": None, "until": None}
    for name in found:
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, str) or "\x00" in value:
            raise InvalidInput(_("`%(name)s` must be a text.") % {"name": name}, field=name)
        found[name] = value if name == "text" else parse_moment(value, field=name, zone=zone)
    return found


def _tracked(request: Request, name: str) -> TrackedChannel:
    rows = TrackedChannel.objects.for_workspace(workspace_of(request)).named(name).select_related("channel")
    row = rows.first()
    if row is None:
        raise NotFound(_("This workspace tracks no such channel."))
    return row


def _found(request: Request, channel: str, public_id: UUID) -> Note:
    row = find_note(workspace_of(request), _tracked(request, channel).channel_id, public_id=public_id)
    if row is None:
        raise NotFound(_("This channel has no such note."))
    return row


urlpatterns = [
    path("channels/<str:channel>/notes", NotesView.as_view(), name="notes"),
    path("channels/<str:channel>/notes/<uuid:public_id>", NoteView.as_view(), name="note"),
]
