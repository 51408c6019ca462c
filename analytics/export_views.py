"""The page of exports: make one, see how far it is, fetch it, remove it."""

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
from accounts.roles import Permission
from analyticbot.core import runtime
from analyticbot.core.errors import AppError
from analytics.compare_pages import name_of, title_of
from analytics.export_pages import ExportForm, export_card
from analytics.exports.models import ExportFile, ExportFormat
from analytics.exports.work import delete_export, find_export, request_export
from analytics.period import zone_named
from analytics.questions.asking import Reader
from analytics.questions.several import all_tracked
from analytics.views import page
from billing.throttling import count_file

# Older ones are in the API.
_MOST_SHOWN = 50
_STARTED_WITH = ("channel", "what", "format", "period", "first", "last")


@page(Permission.EXPORTS_READ)
def exports(request: WorkspaceRequest) -> HttpResponse:
    """The exports of the workspace, and a form to make one. The address may say what the form begins with."""
    if request.method == "POST":
        return _make(request)
    started = {name: request.GET[name] for name in _STARTED_WITH if request.GET.get(name)}
    if {"first", "last"} <= started.keys():
        started["period"] = "custom"
    return _shown(request, ExportForm(channels=_choices(request), initial=started))


@require_safe
@page(Permission.EXPORTS_READ)
def export_progress(request: WorkspaceRequest) -> HttpResponse:
    """The list alone, while something is under way."""
    return render(request, "exports.html#exports", _list(request))


@require_POST
@page(Permission.EXPORTS_WRITE)
def remove_export(request: WorkspaceRequest, public_id: UUID) -> HttpResponse:
    """Delete an export and its file."""
    row = find_export(request.access.workspace, public_id=public_id)
    if row is None:
        raise Http404
    delete_export(row, actor=request.access.actor, now=timezone.now())
    messages.success(request, _("The export was removed."))
    return redirect("pages:exports")


def _make(request: WorkspaceRequest) -> HttpResponse:
    access, now = request.access, timezone.now()
    form = ExportForm(request.POST, channels=_choices(request))
    if not access.allows(Permission.EXPORTS_WRITE) or not runtime.EXPORTS.now():
        return _shown(request, form, status=403)
    if not form.is_valid():
        return _shown(request, form, status=422)
    try:
        count_export(request)
        request_export(
            access.workspace,
            wanted=form.wanted(now=now, zone=zone_named(access.workspace.time_zone)),
            form=ExportFormat(form.cleaned_data["format"]),
            language=get_language() or "en",
            actor=access.actor,
            now=now,
        )
    except AppError as error:
        form.add_error(None, error.message)
        return _shown(request, form, status=422)
    return redirect("pages:exports")


def count_export(request: WorkspaceRequest) -> None:
    """LimitReached for too many exports within an hour."""
    count_file(request, request.access, message=_("That were many exports within an hour. Try again a little later."))


def _shown(request: WorkspaceRequest, form: ExportForm, *, status: int = 200) -> HttpResponse:
    access = request.access
    context = {
        **_list(request),
        "section": "exports",
        "form": form,
        "enabled": runtime.EXPORTS.now(),
        "can_write": access.allows(Permission.EXPORTS_WRITE),
        "has_channels": bool(form.fields["channel"].choices),  # type: ignore[attr-defined]  # a ChoiceField
    }
    return render(request, "exports.html", context, status=status)


def _list(request: WorkspaceRequest) -> dict[str, Any]:
    workspace, now = request.access.workspace, timezone.now()
    zone, language = zone_named(workspace.time_zone), get_language() or "en"
    rows = ExportFile.objects.filter(workspace=workspace).order_by("-pk")[:_MOST_SHOWN]
    cards = [export_card(row, now=now, zone=zone, language=language) for row in rows]
    return {
        "cards": cards,
        "busy": any(card.busy for card in cards),
        "can_write": request.access.allows(Permission.EXPORTS_WRITE),
        "enabled": runtime.EXPORTS.now(),
    }


def _choices(request: WorkspaceRequest) -> list[tuple[str, str]]:
    workspace = request.access.workspace
    heads = all_tracked(Reader(workspace.pk, workspace.time_zone, get_language() or "en"))
    return [(name_of(head), title_of(head)) for head in heads if name_of(head)]
