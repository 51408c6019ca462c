"""What a stranger sees of a shared link. Every wrong, ended or revoked address gives the same answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from analyticbot.core.address import client_network
from analyticbot.core.errors import AppError, LimitReached
from analyticbot.core.ratelimit import Limit, LimiterAway, take
from analytics.period import zone_named
from analytics.sections.files import TYPES, given_of, named
from analytics.sharing.counting import count_view
from analytics.sharing.entrance import let_in, may_enter, try_password
from analytics.sharing.links import open_link
from analytics.sharing.models import SharedLink, ShareTheme
from analytics.sharing.pictures import Picture, badge, card_picture, picture_facts
from analytics.sharing.visiting import SharedPage, open_page, sections_of

P = ParamSpec("P")
# A page costs some dozen reads; a person who reads does not come near this.
READING = Limit("shared-pages", 240, 60)
_FILES = Limit("shared-files", 60, 3_600)
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive, noimageindex",
}
_LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)
_LANGUAGE_COOKIE, _THEME_COOKIE = "share_language", "share_theme"
_REMEMBERED = 365 * 24 * 3_600  # seconds
_PASSWORD = "password"  # noqa: S105 - the name of a field


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


@csrf_exempt  # a form of a page that tells no referrer has no origin either; giving a password changes nothing here
@require_http_methods(["GET", "HEAD", "POST"])
@linked
def shared(request: HttpRequest, guest: Guest, section: str = "") -> HttpResponseBase:
    """A section of a link; the first one without its name. POST gives the password."""
    sections = sections_of(guest.link)
    if section and section not in sections:
        return gone(request)
    if request.method == "POST":
        return _enter(request, guest)
    if not may_enter(request, guest.link):
        return _ask_password(request, guest)
    page = _open(request, guest, section or sections[0])
    if page is None:
        return gone(request)
    context = {**page.context(), **_frame(request, guest), "kept": page.visit.address().removeprefix("?")}
    if guest.link.exports:
        files_root = f"{guest.root}{page.section.name}/files/"
        context |= {"files": given_of(page.visit), "files_root": files_root, "query": page.visit.address()}
    response = render(request, "shared/page.html", context)
    count_view(guest.link, request, embedded=False, now=guest.now)
    return response


@require_safe
@linked
def shared_file(request: HttpRequest, guest: Guest, section: str, name: str, form: str) -> HttpResponseBase:
    """A table or a chart of a section as a file, where the link allows it."""
    link = guest.link
    if not link.exports or not may_enter(request, link):
        return gone(request)
    page = _open(request, guest, section)
    if page is None or page.unreadable:
        return gone(request)
    _count_file(request, link)
    page.context()
    wanted = named(given_of(page.visit), name, form)
    if wanted is None:
        return gone(request)
    day = guest.now.astimezone(page.visit.picked.period.zone)
    title = f"{page.visit.card.status.username or 'channel'}-{name}-{day:%Y-%m-%d}.{form}"
    disposition = content_disposition_header(as_attachment=True, filename=title) or "attachment"
    return HttpResponse(wanted.make(form), content_type=TYPES[form], headers={"Content-Disposition": disposition})


@require_safe
@linked
def embedded(request: HttpRequest, guest: Guest) -> HttpResponseBase:
    """A section for frames of other sites, those that the link names and no others."""
    link = guest.link
    sections = sections_of(link)
    section = request.GET.get("section") or sections[0]
    if not link.frame_ancestors or section not in sections:
        return gone(request)
    if may_enter(request, link):
        page = _open(request, guest, section)
        if page is None:
            return gone(request)
        response = render(request, "shared/embed.html", {**page.context(), **_frame(request, guest)})
        count_view(link, request, embedded=True, now=guest.now)
    else:
        response = render(request, "shared/embed_locked.html", _frame(request, guest))
    return frameable(response, link)


def frameable(response: HttpResponse, link: SharedLink) -> HttpResponse:
    """Let the sites that the link names hold this page in a frame."""
    response.xframe_options_exempt = True
    response._csp_replace = {"frame-ancestors": list(link.frame_ancestors)}  # type: ignore[attr-defined]  # django-csp's
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
@linked
def badge_image(request: HttpRequest, guest: Guest) -> HttpResponseBase:
    """A number as an SVG for other sites; asked for anew each time, and answered with 304 while nothing changed."""
    facts = picture_facts(guest.link, language=guest.language, now=guest.now)
    of = request.GET.get("of", "subscribers")
    return _picture(request, badge(facts, of=of, theme=request.GET.get("theme", guest.link.theme)))


@require_safe
@linked
def preview_image(request: HttpRequest, guest: Guest) -> HttpResponseBase:
    """The picture that messengers and networks show of a link."""
    facts = picture_facts(guest.link, language=guest.language, now=guest.now)
    return _picture(request, card_picture(facts))


def _picture(request: HttpRequest, picture: Picture) -> HttpResponseBase:
    headers = {
        # Kept by nobody without asking: what was revoked must be gone at the next look.
        "Cache-Control": "no-cache",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": picture.etag,
    }
    if picture.etag in {one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")}:
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(picture.draw(), content_type=picture.content_type, headers=headers)


@require_safe
def embed_script(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
    """The script that other sites load to give the frame its height."""
    return HttpResponse(
        _script(),
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin"},
    )


@lru_cache(maxsize=1)
def _script() -> bytes:
    name = "js/embed.js"
    path = finders.find(name) or staticfiles_storage.path(name)
    with open(str(path), "rb") as file:  # noqa: PTH123 - a finder answers with a text
        return file.read()


def _enter(request: HttpRequest, guest: Guest) -> HttpResponse:
    if not guest.link.password:
        return redirect(request.path)
    try:
        right = try_password(request, guest.link, request.POST.get(_PASSWORD, "")[:200])
    except AppError as error:
        return _ask_password(request, guest, told=error.message, status=int(error.status), after=error.retry_after)
    if not right:
        return _ask_password(request, guest, told=_("This is not the password."), status=422)
    response = redirect(request.path)
    let_in(request, response, guest.link, root=guest.root)
    return response


def _ask_password(
    request: HttpRequest, guest: Guest, *, told: str = "", status: int = 200, after: int | None = None
) -> HttpResponse:
    response = render(request, "shared/password.html", {**_frame(request, guest), "told": told}, status=status)
    if after is not None:
        response.headers["Retry-After"] = str(after)
    return response


def _open(request: HttpRequest, guest: Guest, section: str) -> SharedPage | None:
    texts = {name: value for name in request.GET if (value := request.GET.get(name))}
    return open_page(guest.link, section, texts, root=guest.root, language=guest.language, now=guest.now)


def _frame(request: HttpRequest, guest: Guest) -> dict[str, Any]:
    """What every page of a link has around it."""
    return {
        "link": guest.link,
        "root": guest.root,
        "theme": guest.theme,
        "language": guest.language,
        "themes": ShareTheme.choices,
        "protected": bool(guest.link.password),
        "absolute_root": request.build_absolute_uri(guest.root),
    }


def _problem(request: HttpRequest, error: AppError) -> HttpResponse:
    context = {"message": error.message, "theme": _theme(request, None)}
    response = render(request, "shared/problem.html", context, status=int(error.status))
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _count(request: HttpRequest) -> None:
    _take(READING, f"a{client_network(request)}", _("That were many pages within a minute."))


def _count_file(request: HttpRequest, link: SharedLink) -> None:
    _take(_FILES, f"s{link.pk}:{client_network(request)}", _("That were many files within an hour."))


def _take(limit: Limit, key: str, message: str) -> None:
    try:
        verdict = take([limit], key=key)
    except LimiterAway:
        return  # slower is better than broken
    if not verdict.allowed:
        raise LimitReached(message, retry_after=verdict.retry_after)


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
