"""The page of one's own data: archives, consents, and the end of the account."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import user_actor
from accounts.legal.consents import consents_of
from accounts.models import PersonalArchive
from accounts.pages.frame import PersonRequest, person_page
from accounts.personal.erasing import UNDO_FOR, consequences_for, request_erasure, take_back_erasure
from accounts.personal.exporting import archives_of, find_archive, note_fetched, remove_archive, request_archive
from accounts.personal.links import erasure_of
from accounts.stepup import confirm_first
from analyticbot.core.errors import AppError
from analyticbot.core.made_files import FileState


@dataclass(frozen=True, slots=True)
class ShownArchive:
    """An archive as the page shows it."""

    row: PersonalArchive
    state: FileState

    @property
    def ready(self) -> bool:
        """Whether it can be fetched."""
        return self.state is FileState.READY

    @property
    def busy(self) -> bool:
        """Whether it is still being made."""
        return self.state in {FileState.QUEUED, FileState.RUNNING}

    @property
    def failed(self) -> bool:
        """Whether it could not be made."""
        return self.state is FileState.FAILED


@require_http_methods(["GET", "HEAD", "POST"])
@person_page
def data(request: PersonRequest) -> HttpResponse:
    """What is kept about the person; a form sent puts it together."""
    if request.method == "POST":
        return _ask(request)
    return render(request, "settings/data.html", _context(request))


@confirm_first
def _ask(request: PersonRequest) -> HttpResponse:
    user = request.person
    try:
        request_archive(
            user, language=get_language() or "en", actor=user_actor(user), now=timezone.now(), request=request
        )
    except AppError as error:
        context = {**_context(request), "problem": error.message}
        return render(request, "settings/data.html", context, status=error.status)
    return redirect("settings:data")


@require_safe
@person_page
def progress(request: PersonRequest) -> HttpResponse:
    """The archives alone, while one is being made."""
    return render(request, "settings/data.html#archives", _archives(request))


@require_safe
@person_page
@confirm_first
def archive_file(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """An archive of one's own, to be saved."""
    now = timezone.now()
    row = find_archive(request.person, public_id=public_id)
    if row is None or not row.is_ready(now=now):
        raise Http404
    note_fetched(row, actor=user_actor(request.person), now=now)
    name = f"analyticbot-{row.created_at:%Y-%m-%d}.zip"
    content = row.path.open("rb")
    response: HttpResponse = FileResponse(content, as_attachment=True, filename=name)  # type: ignore[assignment]  # it is one to whoever answers
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@person_page
def remove(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """Delete an archive of one's own before its time."""
    row = find_archive(request.person, public_id=public_id)
    if row is None:
        raise Http404
    remove_archive(row, actor=user_actor(request.person), now=timezone.now())
    messages.success(request, _("The archive was removed."))
    return redirect("settings:data")


@require_http_methods(["GET", "HEAD", "POST"])
@person_page
@confirm_first
def erase(request: PersonRequest) -> HttpResponse:
    """What deleting the account means; a form sent closes it and signs out."""
    user, now = request.person, timezone.now()
    problem = ""
    if request.method == "POST":
        try:
            request_erasure(user, actor=user_actor(user), now=now, request=request)
        except AppError as error:
            problem = error.message
        else:
            logout(request)
            return render(request, "account/erasure_asked.html", {"email": user.email, "erase_at": now + UNDO_FOR})
    context = {"consequences": consequences_for(user), "erase_at": now + UNDO_FOR, "problem": problem}
    return render(request, "settings/erase.html", context, status=409 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: HttpRequest, token: str) -> HttpResponse:
    """Opened by the link of the mail: keep the account. Looking at it changes nothing."""
    row = erasure_of(token)
    kept = False
    if row is not None and request.method == "POST":
        try:
            take_back_erasure(row, actor=None, now=timezone.now(), request=request)
        except AppError:
            row = None
        else:
            kept = True
    status = 200 if row is not None else 404
    response = render(request, "account/erasure.html", {"erasure": row, "kept": kept}, status=status)
    response["Referrer-Policy"] = "no-referrer"  # the address is a key
    response["Cache-Control"] = "no-store"
    return response


def _context(request: PersonRequest) -> dict[str, Any]:
    return {**_archives(request), "consents": consents_of(request.person)}


def _archives(request: PersonRequest) -> dict[str, Any]:
    now: datetime = timezone.now()
    shown = [ShownArchive(row, row.state(now=now)) for row in archives_of(request.person)]
    return {"archives": shown, "busy": any(one.busy for one in shown)}
