"""Uploading an export of a channel, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from accounts.roles import Permission
from analyticbot.core.errors import AppError
from analytics.forms import ImportForm
from analytics.views import page
from channels_app.importing import ImportOptions, describe_report
from channels_app.importing.uploads import add_upload, imports_of
from channels_app.models import ImportFile


@dataclass(frozen=True, slots=True)
class ImportCard:
    """An import as the page shows it. `percent`: of the writing; None before it begins."""

    row: ImportFile
    state: str
    busy: bool
    bad: bool
    percent: int | None
    lines: list[str]
    channel: str | None

    @classmethod
    def of(cls, row: ImportFile) -> "ImportCard":
        """The card of a row."""
        channel = row.channel
        name = f"@{channel.username}" if channel and channel.username else str(channel.tg_id) if channel else None
        if row.refused:
            return cls(row, _("Refused"), busy=False, bad=True, percent=None, lines=[row.refused], channel=None)
        if row.parked_at:
            lines = [_("This file could not be imported; the operator can see why.")]
            return cls(row, _("Failed"), busy=False, bad=True, percent=None, lines=lines, channel=name)
        if row.finished_at:
            lines = describe_report(row.report or {})
            return cls(row, _("Imported"), busy=False, bad=False, percent=None, lines=lines, channel=name)
        percent = int(row.read_bytes * 100 / row.total_bytes) if row.total_bytes else None
        state = _("Importing") if percent is not None else _("Checking the file")
        return cls(row, state, busy=True, bad=False, percent=percent, lines=[], channel=None)


def takes_files(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a page that takes files; all others refuse them. Nor are they taken from strangers here: the token of
    forms is read only after the whole body.
    """
    protected = csrf_protect(view)

    # By hand: the handler of files must be chosen before the token is read out of the body.
    @csrf_exempt
    @wraps(view)
    def taking(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.user.is_authenticated:
            request.upload_handlers = [TemporaryFileUploadHandler(request)]
        response: HttpResponse = protected(request, *args, **kwargs)
        return response

    return taking


@takes_files
@page(Permission.CHANNELS_WRITE)
def import_page(request: WorkspaceRequest) -> HttpResponse:
    """Upload a file, and see what became of those before."""
    if request.method != "POST":
        return _shown(request, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            take_file(request, form.cleaned_data, channel=form.cleaned_data["channel"])
        except AppError as error:
            form.add_error("file", error.message)
        else:
            return redirect("pages:import")
    return _shown(request, form, status=422)


@require_safe
@page(Permission.CHANNELS_WRITE)
def import_progress(request: WorkspaceRequest) -> HttpResponse:
    """The list of imports, while one of them is under way."""
    return render(request, "import.html#imports", _context(request))


def take_file(request: WorkspaceRequest, given: dict[str, Any], *, channel: str) -> None:
    """Keep the uploaded file and make its import due. Raises what `add_upload` raises."""
    access = request.access
    add_upload(
        given["file"].chunks(),
        name=given["file"].name or "",
        modified_at=given["modified"],
        workspace=access.workspace,
        options=ImportOptions(channel=channel or None, zone=access.workspace.time_zone, actor=access.actor),
        now=timezone.now(),
    )


def _shown(request: WorkspaceRequest, form: ImportForm, *, status: int = 200) -> HttpResponse:
    context = {**_context(request), "form": form, "section": "channels", "most": settings.UPLOAD_MOST_BYTES}
    return render(request, "import.html", context, status=status)


def _context(request: WorkspaceRequest) -> dict[str, Any]:
    cards = [ImportCard.of(row) for row in imports_of(request.access.workspace)]
    return {"cards": cards, "busy": any(card.busy for card in cards)}
