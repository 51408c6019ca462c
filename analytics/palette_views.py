"""The palette of commands and the sheet of keys, asked for when they are first needed."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from accounts.roles import Permission
from analytics.palette import GROUPS, places_of
from analytics.questions.asking import Reader
from analytics.questions.several import all_tracked
from analytics.views import page

_KEPT_SECONDS = 60


@require_safe
@page(Permission.CHANNELS_READ)
def palette(request: WorkspaceRequest) -> HttpResponse:
    """Two dialogs, put into the page by the script that listens to the keys."""
    workspace = request.access.workspace
    heads = all_tracked(Reader(workspace.pk, workspace.time_zone, get_language() or "en"))
    places = places_of(heads, request.GET.get("at", ""))
    response = render(request, "palette.html", {"groups": GROUPS, "places": places})
    patch_cache_control(response, private=True, max_age=_KEPT_SECONDS)
    return response
