"""Pages of notes: write one, change one, remove one. The list is a section of the channel's page."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import WorkspaceRequest
from accounts.roles import Permission
from analyticbot.core.errors import AppError
from analytics.notes.forms import NoteForm, initial_of
from analytics.notes.models import Note
from analytics.notes.work import add_note, change_note, find_note, remove_note
from analytics.pages import card_of
from analytics.period import zone_named
from analytics.views import is_partial, page
from channels_app.models import TrackedChannel
from channels_app.queries import find_tracked, status_of

_METHODS = require_http_methods(["GET", "HEAD", "POST"])
# Beyond these a form field is no address of ours.
_LONGEST_ADDRESS = 2000


@_METHODS
@page(Permission.NOTES_WRITE)
def new_note(request: WorkspaceRequest, name: str) -> HttpResponse:
    """Write a note; the address may say of which day."""
    tracked = _tracked(request, name)
    if request.method != "POST":
        day = request.GET.get("day", "") or timezone.localdate().isoformat()
        return _form(request, tracked, NoteForm(initial={"day": day}))
    form = NoteForm(request.POST)
    if form.is_valid():
        at, until = form.span(_zone(request))
        access = request.access
        try:
            add_note(
                access.workspace,
                tracked.channel,
                text=form.cleaned_data["text"],
                at=at,
                until=until,
                author=access.user,
                actor=access.actor,
                now=timezone.now(),
            )
        except AppError as error:
            _blame(form, error)
        else:
            return redirect(_back(request, tracked))
    return _form(request, tracked, form, status=422)


@_METHODS
@page(Permission.NOTES_WRITE)
def edit_note(request: WorkspaceRequest, name: str, public_id: UUID) -> HttpResponse:
    """Change a note."""
    tracked = _tracked(request, name)
    note = _note(request, tracked, public_id)
    zone = _zone(request)
    if request.method != "POST":
        return _form(request, tracked, NoteForm(initial=initial_of(note, zone)), note=note)
    form = NoteForm(request.POST)
    if form.is_valid():
        at, until = form.span(zone)
        try:
            change_note(
                note,
                text=form.cleaned_data["text"],
                at=at,
                until=until,
                actor=request.access.actor,
                now=timezone.now(),
            )
        except AppError as error:
            _blame(form, error)
        else:
            return redirect(_back(request, tracked))
    return _form(request, tracked, form, note=note, status=422)


@require_POST
@page(Permission.NOTES_WRITE)
def delete_note(request: WorkspaceRequest, name: str, public_id: UUID) -> HttpResponse:
    """Remove a note."""
    tracked = _tracked(request, name)
    remove_note(_note(request, tracked, public_id), actor=request.access.actor, now=timezone.now())
    messages.success(request, _("The note was removed."))
    return redirect(_back(request, tracked))


def _form(
    request: WorkspaceRequest, tracked: TrackedChannel, form: NoteForm, *, note: Note | None = None, status: int = 200
) -> HttpResponse:
    card = card_of(status_of(tracked))
    context: dict[str, Any] = {
        "section": "channels",
        "card": card,
        "form": form,
        "note": note,
        "back": _back(request, tracked),
        "zone": request.access.workspace.time_zone,
    }
    if is_partial(request):
        # Only the form stands in the page: what is wrong is said there.
        response = render(request, "parts/note_form.html", context, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#note-form", "outerHTML"
        return response
    return render(request, "note.html", context, status=status)


def _blame(form: NoteForm, error: AppError) -> None:
    field = {"text": "text", "at": "day", "until": "last"}.get(error.field or "")
    form.add_error(field, error.message)


def _back(request: WorkspaceRequest, tracked: TrackedChannel) -> str:
    """Where the person came from, if that is a page of ours; else the list of notes."""
    wanted = (request.POST.get("next") or request.GET.get("next") or "")[:_LONGEST_ADDRESS]
    ours = wanted.startswith("/app/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else reverse("pages:notes", args=[status_of(tracked).name])


def _tracked(request: WorkspaceRequest, name: str) -> TrackedChannel:
    tracked = find_tracked(request.access.workspace, name)
    if tracked is None:
        raise Http404
    return tracked


def _note(request: WorkspaceRequest, tracked: TrackedChannel, public_id: UUID) -> Note:
    note = find_note(request.access.workspace, tracked.channel_id, public_id=public_id)
    if note is None:
        raise Http404
    return note


def _zone(request: WorkspaceRequest) -> ZoneInfo:
    return zone_named(request.access.workspace.time_zone)
