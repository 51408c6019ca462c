"""Choosing the language and the current workspace."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts.access import choose_workspace, user_actor
from accounts.models import User
from accounts.preferences import change_profile


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Django's view (cookie, then back to `next`); who is signed in keeps the language in their profile too."""
    response = set_language(request)
    language = request.POST.get("language", "")
    if isinstance(request.user, User) and language in dict(settings.LANGUAGES):
        user = request.user
        change_profile(user, name=user.name, language=language, actor=user_actor(user), now=timezone.now())
    return response


@require_POST
@login_required
def switch_workspace(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Make another of one's workspaces the current one, then back to `next`."""
    choose_workspace(request, public_id=public_id, now=timezone.now())
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = resolve_url(settings.LOGIN_REDIRECT_URL)
    return HttpResponseRedirect(target)
