"""What a stranger sees of a shared link. Every wrong, ended or revoked address gives the same answer."""

from functools import lru_cache
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from analyticbot.core.address import client_network
from analyticbot.core.errors import AppError
from analyticbot.core.ratelimit import Limit, take_or_refuse
from analytics.sections.files import TYPES, given_of, named
from analytics.sharing.counting import count_view
from analytics.sharing.entrance import let_in, may_enter, try_password
from analytics.sharing.guests import Guest, gone, linked
from analytics.sharing.keeping import kept_page
from analytics.sharing.models import SharedLink, ShareTheme
from analytics.sharing.pictures import Picture, badge, card_picture, picture_facts
from analytics.sharing.visiting import SharedPage, open_page, sections_of

_FILES = Limit("shared-files", 60, 3_600)
# Parameters that say how a page looks, and not what it shows.
_LOOKS = {"lang", "theme", "section"}
_PASSWORD = "password"  # noqa: S105 - the name of a field


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
    html = _written(request, guest, section or sections[0], "shared/page.html")
    if html is None:
        return gone(request)
    count_view(guest.link, request, embedded=False, now=guest.now)
    return HttpResponse(html)


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
        html = _written(request, guest, section, "shared/embed.html")
        if html is None:
            return gone(request)
        response = HttpResponse(html)
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


def _written(request: HttpRequest, guest: Guest, section: str, template: str) -> str | None:
    """A section as HTML; None where there is nothing to see. Only pages without filters are kept."""

    def write() -> str | None:
        page = _open(request, guest, section)
        if page is None:
            return None
        context = {**page.context(), **_frame(request, guest), "kept": page.visit.address().removeprefix("?")}
        if guest.link.exports:
            files_root = f"{guest.root}{page.section.name}/files/"
            context |= {"files": given_of(page.visit), "files_root": files_root, "query": page.visit.address()}
        return render_to_string(template, context, request)

    if not request.GET.keys() <= _LOOKS:
        return write()
    return kept_page(guest, section, template, request.build_absolute_uri("/"), make=write)


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


def _count_file(request: HttpRequest, link: SharedLink) -> None:
    take_or_refuse(
        _FILES, key=f"s{link.pk}:{client_network(request)}", message=_("That were many files within an hour.")
    )
