"""API v2 of reports: ask for one, see how far it is, fetch it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.urls import path
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import access_of, workspace_of
from analyticbot.core.api import page_asked, read_page
from analyticbot.core.audit import AuditAction
from analyticbot.core.errors import InvalidInput, NotFound
from analyticbot.core.made_files import FileState
from analyticbot.core.ratelimit import EXPORTS
from analytics.exports.fetching import AnyRenderer, ErrorsAsJson, file_answer, hold_ready, life_of
from analytics.period import last_days, zone_named
from analytics.reports.kit import DAYS as KIT_DAYS
from analytics.reports.making import WantedReport, delete_file, find_file, request_report
from analytics.reports.models import ReportFile, ReportForm, ReportKind, Section
from analytics.schemas.shapes import shape

_TYPES = {
    ReportForm.PDF: "application/pdf",
    ReportForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ReportForm.HTML: "text/html; charset=utf-8",
    ReportForm.PNG: "image/png",
}
_ID = OpenApiParameter("public_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="`id` of the report.")
_DEFAULT_DAYS = 28


class ReportShape(serializers.Serializer[Any]):
    """A report that was asked for: what is in it, how far it has come, and until when its file can be fetched."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ReportKind.values)
    channel = serializers.CharField()
    format = serializers.ChoiceField(choices=ReportForm.values)
    language = serializers.CharField()
    first = serializers.DateField(help_text="First day, local to the workspace.")
    last = serializers.DateField(help_text="Last day, included.")
    sections = serializers.ListField(child=serializers.ChoiceField(choices=Section.values))
    state = serializers.ChoiceField(choices=FileState.values)
    size = serializers.IntegerField(allow_null=True, help_text="Bytes of the file, once it is ready.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(allow_null=True, help_text="Why it failed.")
    file = serializers.CharField(allow_null=True, help_text="Address of the file, once it is ready.")


class NewReportShape(serializers.Serializer[Any]):
    """What to report: a channel, whole local days, and a form."""

    channel = serializers.CharField(max_length=80, help_text="Bare Telegram id or @username.")
    format = serializers.ChoiceField(choices=ReportForm.values, default=ReportForm.PDF.value)
    kind = serializers.ChoiceField(choices=ReportKind.values, default=ReportKind.REPORT.value)
    first = serializers.DateField(required=False, help_text="The 28 days that end with `last` when absent.")
    last = serializers.DateField(required=False, help_text="Included; yesterday when absent.")
    sections = serializers.ListField(
        child=serializers.ChoiceField(choices=Section.values), required=False, help_text="All when absent."
    )


def _report_list() -> Any:
    following = serializers.CharField(allow_null=True, help_text="`cursor` of the next page; null on the last.")
    return shape("ReportList", {"data": ReportShape(many=True), "meta": shape("ReportListMeta", {"next": following})})


class ReportsView(APIView):
    """The reports of the workspace."""

    required_scope: Mapping[str, str] = {"GET": "reports:read", "POST": "reports:write"}
    rate_limits: Mapping[str, Any] = {"POST": (EXPORTS,)}

    @extend_schema(
        operation_id="list_reports",
        parameters=[
            OpenApiParameter("limit", int, description="1 to 100, 50 when absent."),
            OpenApiParameter("cursor", str, description="`meta.next` of the page before."),
        ],
        responses=_report_list(),
    )
    def get(self, request: Request) -> Response:
        """One page of the reports, newest first."""
        rows = ReportFile.objects.filter(workspace=workspace_of(request))
        page = read_page(rows, page_asked(request.query_params))
        now = timezone.now()
        return Response({"data": [report_body(row, now=now) for row in page.rows], "meta": {"next": page.next}})

    @extend_schema(
        operation_id="request_report",
        request=NewReportShape,
        responses={202: OpenApiResponse(ReportShape, description="Accepted; it is made as soon as a worker is free.")},
    )
    def post(self, request: Request) -> Response:
        """Ask for a report or a media kit. Its address answers how far it is."""
        access, now = access_of(request), timezone.now()
        wanted = _wanted(request.data, zone_name=access.workspace.time_zone, now=now)
        row = request_report(access.workspace, wanted=wanted, actor=access.actor, now=now)
        return Response(report_body(row, now=now), status=202, headers={"Location": f"/api/v2/reports/{row.public_id}"})


class ReportView(APIView):
    """One report."""

    required_scope: Mapping[str, str] = {"GET": "reports:read", "DELETE": "reports:write"}

    @extend_schema(operation_id="read_report", parameters=[_ID], responses=ReportShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """How far it has come."""
        return Response(report_body(_found(request, public_id), now=timezone.now()))

    @extend_schema(operation_id="delete_report", parameters=[_ID], responses={204: None})
    def delete(self, request: Request, public_id: UUID) -> Response:
        """Delete it and its file."""
        delete_file(_found(request, public_id), actor=access_of(request).actor, now=timezone.now())
        return Response(status=204)


class ReportFileView(ErrorsAsJson):
    """The file of a report."""

    required_scope = "reports:read"
    renderer_classes = (AnyRenderer,)

    @extend_schema(
        operation_id="fetch_report",
        parameters=[_ID],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, public_id: UUID) -> HttpResponseBase:
        """The file, while it is there; 409 before it is ready and after it has expired."""
        row, now = _found(request, public_id), timezone.now()
        hold_ready(row, told=_("There is no file: the report is %(state)s."), code="report", now=now)
        kind = _TYPES[ReportForm(row.form)]
        fetched = AuditAction.REPORT_FETCHED
        return file_answer(request, row, name=name_of(row), content_type=kind, fetched=fetched, now=now)


def name_of(row: ReportFile) -> str:
    """What the file is called where it is saved."""
    return f"{row.channel.lstrip('@')}-{row.kind}-{row.first_day}-{row.last_day}.{row.form}"


def report_body(row: ReportFile, *, now: datetime) -> dict[str, Any]:
    """A report as the API tells of it."""
    return {
        "id": str(row.public_id),
        "kind": row.kind,
        "channel": row.channel,
        "format": row.form,
        "language": row.language,
        "first": row.first_day.isoformat(),
        "last": row.last_day.isoformat(),
        "sections": row.sections,
        **life_of(row, now=now, address=f"/api/v2/reports/{row.public_id}/file"),
    }


def _wanted(data: Any, *, zone_name: str, now: datetime) -> WantedReport:
    if not isinstance(data, Mapping):
        raise InvalidInput(_("The body must be a JSON object."))
    shape_of = NewReportShape(data=data)
    if not shape_of.is_valid():
        field, errors = next(iter(shape_of.errors.items()))
        raise InvalidInput(str(_first(errors)), field=str(field))
    given = shape_of.validated_data
    kind, zone = ReportKind(given["kind"]), zone_named(zone_name)
    yesterday = last_days(2, now=now, zone=zone).first_day
    days = KIT_DAYS if kind is ReportKind.KIT else _DEFAULT_DAYS
    last: date = given.get("last") or yesterday
    first: date = given.get("first") or date.fromordinal(max(last.toordinal() - days + 1, 1))
    names = given.get("sections")
    return WantedReport(
        channel=given["channel"],
        form=ReportForm(given["format"]),
        first=first,
        last=last,
        language=translation.get_language() or "en",
        kind=kind,
        sections=tuple(Section) if names is None else tuple(Section(name) for name in dict.fromkeys(names)),
    )


def _first(errors: Any) -> Any:
    """The first message, however deep it lies."""
    while isinstance(errors, (list, dict)) and errors:
        errors = next(iter(errors.values())) if isinstance(errors, dict) else errors[0]
    return errors


def _found(request: Request, public_id: UUID) -> ReportFile:
    row = find_file(workspace_of(request), public_id=public_id)
    if row is None:
        raise NotFound(_("This workspace has no such report."))
    return row


urlpatterns = [
    path("reports", ReportsView.as_view(), name="reports"),
    path("reports/<uuid:public_id>", ReportView.as_view(), name="report"),
    path("reports/<uuid:public_id>/file", ReportFileView.as_view(), name="report-file"),
]
