"""The page of a person's sessions."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import user_actor
from accounts.pages.frame import PersonRequest, person_page
from accounts.sessions.ending import end_session, end_sessions
from accounts.sessions.listing import sessions_of
from analyticbot.core.errors import NotFound


@require_safe
@never_cache
@person_page
def sessions(request: PersonRequest) -> HttpResponse:
    """Where the person is signed in."""
    mine = sessions_of(request.person, this=request.session.session_key, now=timezone.now())
    return render(request, "settings/sessions.html", {"sessions": mine})


@require_POST
@person_page
def end_one(request: PersonRequest, pk: int) -> HttpResponse:
    """End one of them; if it is this one, the person is signed out. NotFound for somebody else's."""
    if not end_session(request.person, pk=pk, request=request, now=timezone.now()):
        raise NotFound(_("There is no such session."))
    messages.success(request, _("The session has ended."))
    return redirect("settings:security-sessions")


@require_POST
@person_page
def end_others(request: PersonRequest) -> HttpResponse:
    """End all but this one."""
    end_sessions(request.person, actor=user_actor(request.person), now=timezone.now(), request=request)
    messages.success(request, _("All other sessions have ended."))
    return redirect("settings:security-sessions")
