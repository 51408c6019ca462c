"""Who comes to a shared link: limits, language, colours, and the headers of every answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analyticbot.core.address import client_network
from analyticbot.core.errors import AppError
from analyticbot.core.ratelimit import Limit, take_or_refuse
from analytics.period import zone_named
from analytics.sharing.links import open_link
from analytics.sharing.models import SharedLink, ShareTheme

P = ParamSpec("P")
# A page costs some dozen reads; a person who reads does not come near this.
READING = Limit("shared-pages", 240, 60)
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive, noimageindex",
}
_LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)
_LANGUAGE_COOKIE, _THEME_COOKIE = "share_language", "share_theme"
_REMEMBERED = 365 * 24 * 3_600  # seconds


@dataclass(frozen=True, slots=True)
class Guest:
    """A visit of a link: the link, its address, and how the visitor wants to see it."""

    link: SharedLink
    root: str
    language: str
    theme: str
    now: datetime


_View = Callable[Concatenate[HttpRequest, Guest, P], HttpResponseBase]


def linked(view: _View[P]) -> Callable[..., HttpResponseBase]:
    """Decorate a page of a link: limits first, the link, the visitor's language, the workspace's zone, the headers."""

    @wraps(view)
    def found(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        now = timezone.now()
        language = _language(request)
        with translation.override(language):
            try:
                _count(request)
                link = open_link(token, now=now)
                if link is None:
                    response: HttpResponseBase = gone(request)
                else:
                    root = reverse("pages:shared", args=[token])
                    guest = Guest(link, root, language, _theme(request, link), now)
                    with timezone.override(zone_named(link.workspace.time_zone)):
                        response = view(request, guest, *args, **kwargs)
            except AppError as error:
                response = _problem(request, error)
            response.headers["Content-Language"] = get_language() or "en"
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        _remember(request, response)
        return response

    return found


def gone(request: HttpRequest) -> HttpResponse:
    """The one answer to every address that shows nothing."""
    return render(request, "shared/gone.html", {"theme": _theme(request, None)}, status=404)


def _problem(request: HttpRequest, error: AppError) -> HttpResponse:
    context = {"message": error.message, "theme": _theme(request, None)}
    response = render(request, "shared/problem.html", context, status=int(error.status))
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _count(request: HttpRequest) -> None:
    take_or_refuse(READING, key=f"a{client_network(request)}", message=_("That were many pages within a minute."))


def _language(request: HttpRequest) -> str:
    """What the address asks for, else what was chosen here, else what the browser speaks."""
    asked = (request.GET.get("lang"), request.COOKIES.get(_LANGUAGE_COOKIE), get_language())
    return next((one for one in asked if one in _LANGUAGES), "en")


def _theme(request: HttpRequest, link: SharedLink | None) -> str:
    asked = (request.GET.get("theme"), request.COOKIES.get(_THEME_COOKIE), link.theme if link else None)
    return next((one for one in asked if one in ShareTheme.values), str(ShareTheme.SYSTEM))


def _remember(request: HttpRequest, response: HttpResponseBase) -> None:
    """Keep a choice of language or colours for the next page; in a frame it stands in the address."""
    if request.path.endswith("/embed/") or response.status_code != 200:  # noqa: PLR2004 - HTTP's
        return
    language, theme = request.GET.get("lang"), request.GET.get("theme")
    chosen = {_LANGUAGE_COOKIE: language if language in _LANGUAGES else None}
    chosen[_THEME_COOKIE] = theme if theme in ShareTheme.values else None
    for name, value in chosen.items():
        if value and response.headers.get("Content-Type", "").startswith("text/html"):
            response.set_cookie(
                name, value, max_age=_REMEMBERED, path="/s/", samesite="Lax", secure=request.is_secure()
            )
