"""API v2 of exports: ask for a file, see how far it is, fetch it; or take a whole table as a stream."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponseBase
from django.urls import path
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import access_of, workspace_of
from analyticbot.core import runtime
from analyticbot.core.api import FormOf, OrjsonRenderer, page_asked, read_page
from analyticbot.core.audit import AuditAction, record_audit
from analyticbot.core.errors import InvalidInput, NotAllowed, NotFound
from analyticbot.core.made_files import FileState
from analyticbot.core.ratelimit import EXPORTS
from analytics.exports.fetching import AnyRenderer, ErrorsAsJson, file_answer, hold_ready, life_of
from analytics.exports.models import ExportFile, ExportFormat
from analytics.exports.sheets import Wanted, ask_whole, known_names, open_sheet
from analytics.exports.streaming import streamed
from analytics.exports.whole import WHOLE_TABLES, WholeTable, csv_stream
from analytics.exports.work import delete_export, find_export, request_export
from analytics.exports.writers import json_blocks
from analytics.questions.asking import Reader
from analytics.schemas.shapes import shape

_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.JSON: "application/json",
    ExportFormat.PNG: "image/png",
    ExportFormat.SVG: "image/svg+xml",
}
_ID = OpenApiParameter("public_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="`id` of the export.")
_CHANNEL = OpenApiParameter("channel", str, OpenApiParameter.PATH, description="Bare Telegram id or @username.")
_LONGEST_VALUE = 500
_LONGEST_NAME = 60
_MOST_PARAMETERS = 20


class ExportShape(serializers.Serializer[Any]):
    """An export: what is in it, how far it has come, and until when its file can be fetched."""

    id = serializers.UUIDField()
    what = serializers.CharField()
    channel = serializers.CharField(allow_null=True)
    parameters = serializers.DictField(child=serializers.CharField(allow_blank=True))
    format = serializers.ChoiceField(choices=ExportFormat.values)
    state = serializers.ChoiceField(choices=FileState.values)
    rows = serializers.IntegerField(help_text="Rows written so far.")
    total = serializers.IntegerField(allow_null=True, help_text="Rows there will be; null while unknown.")
    size = serializers.IntegerField(allow_null=True, help_text="Bytes of the file, once it is ready.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(allow_null=True, help_text="Why it failed.")
    file = serializers.CharField(allow_null=True, help_text="Address of the file, once it is ready.")


class NewExportShape(serializers.Serializer[Any]):
    """What to export: a question or a whole table, with the parameters that its address takes."""

    what = serializers.CharField(max_length=60, help_text="Name of a question, `all-posts` or `all-snapshots`.")
    channel = serializers.CharField(max_length=80, required=False, help_text="For questions about one channel.")
    format = serializers.ChoiceField(choices=ExportFormat.values)
    parameters = serializers.DictField(child=serializers.CharField(max_length=_LONGEST_VALUE), required=False)


def _export_list() -> Any:
    following = serializers.CharField(allow_null=True, help_text="`cursor` of the next page; null on the last.")
    return shape("ExportList", {"data": ExportShape(many=True), "meta": shape("ExportListMeta", {"next": following})})


class _Switched(APIView):
    """Views that are there only while exports are switched on."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After sign-in: 403 where the operator has switched exports off."""
        super().initial(request, *args, **kwargs)
        if not runtime.EXPORTS.now():
            raise NotAllowed(_("Exports are switched off on this installation."), code="exports_off")


class ExportsView(_Switched):
    """The exports of the workspace."""

    required_scope: Mapping[str, str] = {"GET": "exports:read", "POST": "exports:write"}
    rate_limits: Mapping[str, Any] = {"POST": (EXPORTS,)}

    @extend_schema(
        operation_id="list_exports",
        parameters=[
            OpenApiParameter("limit", int, description="1 to 100, 50 when absent."),
            OpenApiParameter("cursor", str, description="`meta.next` of the page before."),
        ],
        responses=_export_list(),
    )
    def get(self, request: Request) -> Response:
        """One page of the exports, newest first."""
        rows = ExportFile.objects.filter(workspace=workspace_of(request))
        page = read_page(rows, page_asked(request.query_params))
        now = timezone.now()
        return Response({"data": [export_body(row, now=now) for row in page.rows], "meta": {"next": page.next}})

    @extend_schema(
        operation_id="request_export",
        request=NewExportShape,
        responses={202: OpenApiResponse(ExportShape, description="Accepted; it is built as soon as a worker is free.")},
    )
    def post(self, request: Request) -> Response:
        """Ask for a file. Its address answers how far it is."""
        access = access_of(request)
        wanted, form = _wanted(request.data)
        now = timezone.now()
        language = translation.get_language() or "en"
        row = request_export(access.workspace, wanted=wanted, form=form, language=language, actor=access.actor, now=now)
        body = export_body(row, now=now)
        return Response(body, status=202, headers={"Location": f"/api/v2/exports/{row.public_id}"})


class ExportView(_Switched):
    """One export."""

    required_scope: Mapping[str, str] = {"GET": "exports:read", "DELETE": "exports:write"}

    @extend_schema(operation_id="read_export", parameters=[_ID], responses=ExportShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """How far it has come."""
        return Response(export_body(_found(request, public_id), now=timezone.now()))

    @extend_schema(operation_id="delete_export", parameters=[_ID], responses={204: None})
    def delete(self, request: Request, public_id: UUID) -> Response:
        """Delete it and its file."""
        delete_export(_found(request, public_id), actor=access_of(request).actor, now=timezone.now())
        return Response(status=204)


class ExportFileView(ErrorsAsJson, _Switched):
    """The file of an export."""

    required_scope = "exports:read"
    renderer_classes = (AnyRenderer,)

    @extend_schema(
        operation_id="fetch_export",
        parameters=[_ID],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, public_id: UUID) -> HttpResponseBase:
        """The file, while it is there; 409 before it is ready and after it has expired."""
        row, now = _found(request, public_id), timezone.now()
        hold_ready(row, told=_("There is no file: the export is %(state)s."), code="export", now=now)
        name = f"{row.channel.lstrip('@') or 'workspace'}-{row.what}-{row.created_at:%Y-%m-%d}.{row.format}"
        kind = _TYPES[ExportFormat(row.format)]
        return file_answer(request, row, name=name, content_type=kind, fetched=AuditAction.EXPORT_FETCHED, now=now)


class CsvForm(BaseRenderer):
    """CSV, made by the view."""

    media_type = "text/csv"
    format = "csv"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> Any:  # noqa: ARG002
        """What is ready already."""
        return data


class _WholeTableView(ErrorsAsJson, _Switched):
    """A whole table of a channel as a stream, however long."""

    required_scope = "exports:write"
    rate_limits = (EXPORTS,)
    renderer_classes = (CsvForm, OrjsonRenderer)
    content_negotiation_class = FormOf
    table: WholeTable

    def get(self, request: Request, channel: str) -> HttpResponseBase:
        """The first rows come at once."""
        access = access_of(request)
        reader = Reader(access.workspace.pk, access.workspace.time_zone, translation.get_language() or "en")
        wanted = Wanted(self.table.name, channel, request.query_params.dict())
        now = timezone.now()
        asked = ask_whole(reader, wanted, now=now)
        record_audit(
            AuditAction.EXPORT_STREAMED,
            access.workspace,
            actor=access.actor,
            now=now,
            workspace_id=access.workspace.pk,
            after={"what": self.table.name, "channel": asked.channel.id},
        )
        if request.accepted_renderer.format == CsvForm.format:
            return streamed(request, csv_stream(self.table, asked), content_type=_TYPES[ExportFormat.CSV])
        return streamed(request, _json_stream(reader, wanted, now), content_type=_TYPES[ExportFormat.JSON])


def _json_stream(reader: Reader, wanted: Wanted, now: datetime) -> Any:
    with transaction.atomic():
        yield from json_blocks(open_sheet(reader, wanted, now=now))


def export_body(row: ExportFile, *, now: datetime) -> dict[str, Any]:
    """The JSON of an export."""
    return {
        "id": str(row.public_id),
        "what": row.what,
        "channel": row.channel or None,
        "parameters": row.parameters,
        "format": row.format,
        "rows": row.rows_done,
        "total": row.rows_total,
        **life_of(row, now=now, address=f"/api/v2/exports/{row.public_id}/file"),
    }


def _wanted(body: Any) -> tuple[Wanted, ExportFormat]:
    """What a body asks for. Raises InvalidInput naming the field."""
    if not isinstance(body, Mapping):
        raise InvalidInput(_('Send {"what": "overview", "channel": "@name", "format": "xlsx"}.'), code="required")
    what, channel, form = body.get("what"), body.get("channel", ""), body.get("format")
    if not isinstance(what, str) or what not in known_names():
        names = ", ".join(known_names())
        raise InvalidInput(_("`what` must be one of %(names)s.") % {"names": names}, field="what")
    if not isinstance(channel, str) or len(channel) > 80 or "\x00" in channel:  # noqa: PLR2004 - what the column holds
        raise InvalidInput(_("`channel` is a bare Telegram id or @username."), field="channel")
    if form not in ExportFormat.values:
        formats = ", ".join(ExportFormat.values)
        raise InvalidInput(_("`format` must be one of %(formats)s.") % {"formats": formats}, field="format")
    return Wanted(what, channel, dict(_parameters(body.get("parameters", {})))), ExportFormat(form)


def _parameters(given: Any) -> Iterator[tuple[str, str]]:
    refused = InvalidInput(_("`parameters` is an object of short texts."), field="parameters")
    if not isinstance(given, Mapping) or len(given) > _MOST_PARAMETERS:
        raise refused
    for name, value in given.items():
        if not isinstance(value, str) or not 1 <= len(name) <= _LONGEST_NAME or len(value) > _LONGEST_VALUE:
            raise refused
        if "\x00" in value or "\x00" in name:
            raise refused
        yield name, value


def _found(request: Request, public_id: UUID) -> ExportFile:
    row = find_export(workspace_of(request), public_id=public_id)
    if row is None:
        raise NotFound(_("This workspace has no such export."))
    return row


def _whole_address(table: WholeTable) -> Any:
    name = table.name.replace("-", "_")
    described = extend_schema_view(
        get=extend_schema(
            operation_id=name,
            summary=table.summary,
            description="A stream of the whole table; needs the scope exports:write.",
            parameters=[
                _CHANNEL,
                OpenApiParameter("from", str, description="ISO date or datetime; all time when absent."),
                OpenApiParameter("to", str, description="ISO date or datetime, exclusive."),
                OpenApiParameter("format", str, enum=["csv", "json"], description="The same as `Accept`, for links."),
            ],
            responses={
                (200, "text/csv"): str,
                (200, "application/json"): shape(
                    f"{name.title().replace('_', '')}Table",
                    {
                        "data": serializers.ListField(child=serializers.DictField()),
                        "meta": serializers.DictField(),
                    },
                ),
            },
        )
    )
    view: Any = described(type(f"{name.title().replace('_', '')}View", (_WholeTableView,), {"table": table}))
    return path(f"exports/channels/<str:channel>/{table.name}", view.as_view(), name=table.name)


urlpatterns = [
    path("exports", ExportsView.as_view(), name="exports"),
    *map(_whole_address, WHOLE_TABLES.values()),
    path("exports/<uuid:public_id>", ExportView.as_view(), name="export"),
    path("exports/<uuid:public_id>/file", ExportFileView.as_view(), name="export-file"),
]
