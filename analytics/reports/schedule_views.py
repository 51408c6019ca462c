"""Pages of one saved report: describe it, see the very mail, pause, resume, delete; branding and media kits."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from csp.decorators import csp_replace, csp_update
from django.contrib import messages
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest
from accounts.roles import Permission
from analyticbot.core.errors import AppError, InvalidInput
from analytics.reports.brand import MOST_BYTES, brand_of, change_branding, may_brand
from analytics.reports.deliveries import preview_of, repeat_delivery
from analytics.reports.forms import BrandingForm, ScheduleForm, initial_of
from analytics.reports.models import Branding, ReportDelivery, ReportRecipient, ReportSchedule, Section
from analytics.reports.pages import picture_address
from analytics.reports.planning import zone_of
from analytics.reports.schedules import (
    change_schedule,
    create_schedule,
    delete_schedule,
    find_schedule,
    pause_schedule,
    resume_schedule,
)
from analytics.reports.timetable import latest_day
from analytics.reports.views import channel_choices
from analytics.views import page
from integrations.messages import Message, one_line

_CID = re.compile(r"cid:([^\"']+)")


@page(Permission.REPORTS_WRITE)
def new_schedule(request: WorkspaceRequest) -> HttpResponse:
    """Describe a new saved report. The address may say which channel it begins with."""
    access, channels = request.access, channel_choices(request.access.workspace)
    if request.method != "POST":
        started = {
            "channels": [request.GET["channel"]] if request.GET.get("channel") else [name for name, _t in channels[:1]],
            "recipients": access.user.email,
            "language": get_language() or "en",
            "attached": ["pdf"],
            "sections": Section.values,
            "name": _("Weekly report"),
        }
        return _form_page(request, ScheduleForm(channels=channels, initial=started), None)
    form = ScheduleForm(request.POST, channels=channels)
    if not form.is_valid():
        return _form_page(request, form, None, status=422)
    try:
        create_schedule(access.workspace, wish=form.wish(), actor=access.actor, now=timezone.now())
    except AppError as error:
        return _refused(request, form, None, error)
    messages.success(request, _("The report was saved."))
    return redirect("pages:reports")


@page(Permission.REPORTS_WRITE)
def edit_schedule(request: WorkspaceRequest, public_id: UUID) -> HttpResponse:
    """Describe a saved report anew."""
    schedule, channels = _found(request, public_id), channel_choices(request.access.workspace)
    if request.method != "POST":
        initial = initial_of(schedule, _names(schedule))
        if request.access.is_demo:
            initial["recipients"] = ""  # everybody may look, and addresses are not everybody's
        return _form_page(request, ScheduleForm(channels=channels, initial=initial), schedule)
    form = ScheduleForm(request.POST, channels=channels)
    if not form.is_valid():
        return _form_page(request, form, schedule, status=422)
    try:
        change_schedule(schedule, wish=form.wish(), actor=request.access.actor, now=timezone.now())
    except AppError as error:
        return _refused(request, form, schedule, error)
    messages.success(request, _("The report was saved."))
    return redirect("pages:reports")


@require_POST
@page(Permission.REPORTS_WRITE)
def act_on_schedule(request: WorkspaceRequest, public_id: UUID, act: str) -> HttpResponse:
    """Pause, resume or delete."""
    schedule, now, actor = _found(request, public_id), timezone.now(), request.access.actor
    match act:
        case "pause":
            pause_schedule(schedule, actor=actor, now=now)
            messages.success(request, _("Paused. Nothing is sent until you resume it."))
        case "resume":
            resume_schedule(schedule, actor=actor, now=now)
            messages.success(request, _("Resumed."))
        case "delete":
            delete_schedule(schedule, actor=actor, now=now)
            messages.success(request, _("The saved report was deleted."))
        case _unknown:
            raise Http404
    return redirect("pages:reports")


@require_POST
@page(Permission.REPORTS_WRITE)
def repeat(request: WorkspaceRequest, public_id: UUID) -> HttpResponse:
    """Send a mail again that did not, or may not have arrived."""
    rows = ReportDelivery.objects.filter(schedule__workspace=request.access.workspace, public_id=public_id)
    row = rows.select_related("schedule").first()
    if row is None:
        raise Http404
    repeat_delivery(row, actor=request.access.actor, now=timezone.now())
    messages.success(request, _("It is sent once more."))
    return redirect("pages:reports")


@require_safe
@csp_update({"frame-src": ["'self'"]})  # type: ignore[untyped-decorator]  # the package has no types
@page(Permission.REPORTS_WRITE)
def preview(request: WorkspaceRequest, public_id: UUID) -> HttpResponse:
    """The very mail: its lines, its text, its files; the HTML part in a frame of its own."""
    schedule = _found(request, public_id)
    message = _sample(schedule, now=timezone.now())
    readers = schedule.recipients.filter(removed_at__isnull=True)
    context = {
        "section": "reports",
        "schedule": schedule,
        "message": message,
        "subject": one_line(message.subject),
        "files": [one for one in message.attachments if one.content_id is None],
        "recipients": [] if request.access.is_demo else [one.email for one in readers.order_by("pk")],
    }
    return render(request, "reports/preview.html", context)


@require_safe
@xframe_options_sameorigin
@csp_replace({"style-src": ["'unsafe-inline'"], "frame-ancestors": ["'self'"], "script-src": ["'none'"]})  # type: ignore[untyped-decorator]
@page(Permission.REPORTS_WRITE)
def preview_mail(request: WorkspaceRequest, public_id: UUID) -> HttpResponse:
    """The HTML part of the mail, its pictures put into it."""
    message = _sample(_found(request, public_id), now=timezone.now())
    pictures = {one.content_id: picture_address(one.content) for one in message.attachments if one.content_id}
    return HttpResponse(_CID.sub(lambda found: str(pictures.get(found[1], "")), message.html))


def _sample(schedule: ReportSchedule, *, now: datetime) -> Message:
    """What would be sent of the latest whole period. Its links to stop are nobody's: they lead nowhere."""
    recipient = ReportRecipient(schedule=schedule, email="", created_at=now)
    zone = zone_of(recipient)
    row = ReportDelivery(
        schedule=schedule,
        recipient=recipient,
        day=latest_day(schedule.rhythm, zone, now),
        time_zone=str(zone),
        planned_at=now,
    )
    return preview_of(row, now=now)


@csrf_exempt  # checked by `_branding` below, once the handler of files is chosen
def branding(request: HttpRequest) -> HttpResponse:
    """Colour and logo of the workspace's reports."""
    if request.user.is_authenticated:
        # Kept in memory, and not at all when the whole request is larger than 2.5 MB.
        request.upload_handlers = [MemoryFileUploadHandler(request)]
    response: HttpResponse = _branding(request)
    return response


@csrf_protect
@page(Permission.REPORTS_WRITE)
def _branding(request: WorkspaceRequest) -> HttpResponse:
    row = Branding.objects.filter(workspace=request.access.workspace).first()
    if request.method != "POST":
        return _branding_page(request, BrandingForm(initial={"colour": row.colour if row else ""}), row)
    form = BrandingForm(request.POST, request.FILES)
    if not form.is_valid():
        return _branding_page(request, form, row, status=422)
    try:
        _save_branding(request, form)
    except AppError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return _branding_page(request, form, row, status=422)
    messages.success(request, _("The branding was saved."))
    return redirect("pages:report-branding")


def _save_branding(request: WorkspaceRequest, form: BrandingForm) -> None:
    given, access = form.cleaned_data, request.access
    if not request.FILES and int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise InvalidInput(_("The picture is larger than 2 MB."), field="logo")
    change_branding(
        access.workspace,
        colour=given["colour"],
        logo=given["logo"],
        removes_logo=given["removes_logo"],
        actor=access.actor,
        now=timezone.now(),
    )


def _branding_page(
    request: WorkspaceRequest, form: BrandingForm, row: Branding | None, *, status: int = 200
) -> HttpResponse:
    workspace = request.access.workspace
    context = {
        "section": "reports",
        "form": form,
        "logo": picture_address(bytes(row.logo)) if row and row.logo else None,
        "allowed": may_brand(workspace),
        "brand": brand_of(workspace),
        "most": MOST_BYTES,
    }
    return render(request, "reports/branding.html", context, status=status)


def _found(request: WorkspaceRequest, public_id: UUID) -> ReportSchedule:
    schedule = find_schedule(request.access.workspace, public_id=public_id)
    if schedule is None:
        raise Http404
    return schedule


def _names(schedule: ReportSchedule) -> list[str]:
    return [f"@{one.username}" if one.username else str(one.tg_id) for one in schedule.channels.all()]


def _refused(
    request: WorkspaceRequest, form: ScheduleForm, schedule: ReportSchedule | None, error: AppError
) -> HttpResponse:
    form.add_error(error.field if error.field in form.fields else None, error.message)
    return _form_page(request, form, schedule, status=422)


def _form_page(
    request: WorkspaceRequest, form: ScheduleForm, schedule: ReportSchedule | None, *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"section": "reports", "form": form, "schedule": schedule}
    return render(request, "reports/schedule.html", context, status=status)
