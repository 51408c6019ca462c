"""The pages of reports: what is saved, what was made, one to look at."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest
from accounts.models import Workspace
from accounts.roles import Permission
from analyticbot.core.errors import AppError
from analytics.compare_pages import name_of, title_of
from analytics.period import zone_named
from analytics.picker import pick
from analytics.questions.asking import Reader, channel_for
from analytics.questions.several import all_tracked
from analytics.reports.brand import brand_of
from analytics.reports.cards import file_cards, schedule_cards
from analytics.reports.forms import MakeForm
from analytics.reports.making import delete_file, find_file, request_report
from analytics.reports.pages import report_context
from analytics.reports.report import build_report
from analytics.views import page
from billing.throttling import count_file

_STARTED_WITH = ("channel", "form", "period", "first", "last")


@page(Permission.REPORTS_READ)
def reports(request: WorkspaceRequest) -> HttpResponse:
    """Saved reports, and a form for one now. The address may say what the form begins with."""
    if request.method == "POST":
        return _make(request)
    started = {name: request.GET[name] for name in _STARTED_WITH if request.GET.get(name)}
    if {"first", "last"} <= started.keys():
        started["period"] = "custom"
    return _shown(request, MakeForm(channels=channel_choices(request.access.workspace), initial=started))


@require_safe
@page(Permission.REPORTS_READ)
def report_progress(request: WorkspaceRequest) -> HttpResponse:
    """The list of files alone, while something is under way."""
    return render(request, "reports/list.html#files", _files(request))


@require_POST
@page(Permission.REPORTS_WRITE)
def remove_report(request: WorkspaceRequest, public_id: UUID) -> HttpResponse:
    """Delete a report that was made."""
    row = find_file(request.access.workspace, public_id=public_id)
    if row is None:
        raise Http404
    delete_file(row, actor=request.access.actor, now=timezone.now())
    messages.success(request, _("The report was removed."))
    return redirect("pages:reports")


@require_safe
@page(Permission.REPORTS_READ)
def report_page(request: WorkspaceRequest, name: str) -> HttpResponse:
    """One report to look at and to print. The address says the period, as on the channel's pages."""
    workspace, now = request.access.workspace, timezone.now()
    zone = zone_named(workspace.time_zone)
    reader = Reader(workspace.pk, workspace.time_zone, get_language() or "en")
    head = channel_for(reader, name)
    parameters = {key: value for key in request.GET if (value := request.GET.get(key))}
    picked = pick(parameters, now=now, zone=zone, oldest=None)
    report = build_report(reader, head, picked.period, now=now, brand=brand_of(workspace))
    days = f"?channel={name}&first={picked.period.first_day}&last={picked.period.last_day}"
    context = {**report_context(report), "section": "reports", "picked": picked, "again": days, "name": name}
    return render(request, "reports/report.html", context)


def _make(request: WorkspaceRequest) -> HttpResponse:
    access, now = request.access, timezone.now()
    form = MakeForm(request.POST, channels=channel_choices(access.workspace))
    if not access.allows(Permission.REPORTS_WRITE):
        return _shown(request, form, status=403)
    if not form.is_valid():
        return _shown(request, form, status=422)
    try:
        count_report(request)
        zone = zone_named(access.workspace.time_zone)
        wanted = form.wanted(now=now, zone=zone, language=get_language() or "en")
        request_report(access.workspace, wanted=wanted, actor=access.actor, now=now)
    except AppError as error:
        form.add_error(None, error.message)
        return _shown(request, form, status=422)
    return redirect("pages:reports")


def count_report(request: WorkspaceRequest) -> None:
    """LimitReached for too many reports within an hour; exports count with them."""
    count_file(request, request.access, message=_("That were many reports within an hour. Try again a little later."))


def _shown(request: WorkspaceRequest, form: MakeForm, *, status: int = 200) -> HttpResponse:
    context = {
        **_files(request),
        "section": "reports",
        "form": form,
        "schedules": schedule_cards(request.access.workspace),
        "has_channels": bool(form.fields["channel"].choices),  # type: ignore[attr-defined]  # a ChoiceField
    }
    return render(request, "reports/list.html", context, status=status)


def _files(request: WorkspaceRequest) -> dict[str, Any]:
    now: datetime = timezone.now()
    cards = file_cards(request.access.workspace, now=now)
    return {
        "cards": cards,
        "busy": any(card.busy for card in cards),
        "can_write": request.access.allows(Permission.REPORTS_WRITE),
    }


def channel_choices(workspace: Workspace) -> list[tuple[str, str]]:
    """The channels that a report can be of: how addresses name them, and what they are called."""
    heads = all_tracked(Reader(workspace.pk, workspace.time_zone, get_language() or "en"))
    return [(name_of(head), title_of(head)) for head in heads if name_of(head)]
