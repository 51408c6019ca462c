"""Search over the workspace: channels by name, posts by their words; a page, and the same as lines of the palette."""

import hashlib
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from accounts.roles import Permission
from analyticbot.core.errors import InvalidInput
from analytics.palette import Place, channels_named
from analytics.queries.search import MOST_FOUND, FoundPost, search_posts
from analytics.questions.asking import Reader
from analytics.questions.several import all_tracked
from analytics.views import page

# One letter is in half of all texts.
_LEAST = 2


@require_safe
@page(Permission.ANALYTICS_READ)
def search(request: WorkspaceRequest) -> HttpResponse:
    """The page of the search: works without JavaScript."""
    text = request.GET.get("q", "").strip()
    posts, error = _posts(request, text)
    context: dict[str, Any] = {
        "section": "search",
        "q": text[:200],
        "posts": posts,
        "error": error,
        "channels": _channels(request, text) if text and not error else (),
        "too_short": 0 < len(text) < _LEAST,
        "most": MOST_FOUND,
    }
    return render(request, "search.html", context)


@require_safe
@page(Permission.ANALYTICS_READ)
def palette_posts(request: WorkspaceRequest) -> HttpResponse:
    """Posts as lines of the palette. What has not changed is answered with 304."""
    posts, _error = _posts(request, request.GET.get("q", "").strip())
    response = render(request, "search.html#lines", {"posts": posts})
    tag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = tag
    patch_cache_control(response, private=True, no_cache=True)
    return get_conditional_response(request, etag=tag, response=response) or response


def _posts(request: WorkspaceRequest, text: str) -> tuple[tuple[FoundPost, ...], str | None]:
    if len(text) < _LEAST:
        return (), None
    try:
        return search_posts(request.access.workspace.pk, text, now=timezone.now()), None
    except InvalidInput as problem:
        return (), problem.message


def _channels(request: WorkspaceRequest, text: str) -> tuple[Place, ...]:
    workspace = request.access.workspace
    reader = Reader(workspace.pk, workspace.time_zone, get_language() or "en")
    words = text.casefold().split()
    found = (place for place in channels_named(all_tracked(reader)) if place.holds(words))
    return tuple(found)[:MOST_FOUND]
