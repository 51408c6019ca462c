"""The pages on which members make, look after and take back shared links."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import WorkspaceRequest
from accounts.roles import Permission
from analyticbot.core import runtime
from analyticbot.core.errors import AppError
from analytics.compare_pages import name_of, title_of
from analytics.period import zone_named
from analytics.questions.asking import Reader
from analytics.questions.several import all_tracked
from analytics.sharing.counting import views_of
from analytics.sharing.forms import CUSTOM, ChangeForm, PasswordForm, ShareForm
from analytics.sharing.links import (
    change_link,
    change_password,
    create_link,
    find_link,
    links_of,
    revoke_link,
    rotate_link,
)
from analytics.sharing.models import SHAREABLE, LinkState, SharedLink
from analytics.sharing.pages import MOST_SHOWN, link_card, snippets_of, view_log
from analytics.sharing.terms import LONGEST_NAME, terms_of
from analytics.views import page
from channels_app.models import Relation
from channels_app.queries import find_tracked

# Older ones are in the API.
_MOST_LINKS = 200
_STARTED_WITH = ("channel", "period", "first", "last", "name")


@require_safe
@page(Permission.SHARES_READ)
def shared_links(request: WorkspaceRequest) -> HttpResponse:
    """The links of the workspace."""
    now = timezone.now()
    context = {
        **_frame(request),
        "cards": [link_card(link, now=now) for link in links_of(request.access.workspace)[:_MOST_LINKS]],
    }
    return render(request, "shared/links.html", context)


@page(Permission.SHARES_WRITE)
def new_link(request: WorkspaceRequest) -> HttpResponse:
    """A form for a new link; the address of this page may say what it begins with."""
    heads = _heads(request)
    channels = [(name_of(head), title_of(head)) for head in heads]
    known: dict[str, Any] = {"channels": channels, "owned": any(one.owned for one in heads)}
    if request.method != "POST":
        return _asked(request, ShareForm(initial=_started(request, channels), **known))
    form = ShareForm(request.POST, **known)
    if not form.is_valid():
        return _asked(request, form, status=422)
    access, now = request.access, timezone.now()
    tracked = find_tracked(access.workspace, form.cleaned_data["channel"])
    if tracked is None:
        raise Http404
    try:
        link, token = create_link(
            tracked,
            terms=form.terms(now=now, zone=zone_named(access.workspace.time_zone)),
            password=form.cleaned_data["password"],
            creator=access.user,
            actor=access.actor,
            now=now,
        )
    except AppError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return _asked(request, form, status=422)
    return _detail(request, _found(request, link.public_id), token=token)


@page(Permission.SHARES_READ)
def shared_link(request: WorkspaceRequest, public_id: UUID) -> HttpResponse:
    """One link: what it shows, who looked at it roughly, and everything that can be changed."""
    link = _found(request, public_id)
    if request.method != "POST":
        return _detail(request, link)
    access, now = request.access, timezone.now()
    if not access.allows(Permission.SHARES_WRITE):
        return _detail(request, link, status=403)
    form = _change_form(request, link, request.POST)
    if not form.is_valid():
        return _detail(request, link, form=form, status=422)
    terms = form.terms(now=now, zone=zone_named(access.workspace.time_zone), before=terms_of(link))
    try:
        change_link(link, terms=terms, actor=access.actor, now=now)
    except AppError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return _detail(request, link, form=form, status=422)
    messages.success(request, _("Saved."))
    return redirect("pages:shared-link", public_id)


@require_POST
@page(Permission.SHARES_WRITE)
def change_link_password(request: WorkspaceRequest, public_id: UUID) -> HttpResponse:
    """Set another password, or ask for none any more."""
    link, access, now = _found(request, public_id), request.access, timezone.now()
    removes = "remove" in request.POST
    form = PasswordForm(request.POST)
    if not removes and not form.is_valid():
        return _detail(request, link, password=form, status=422)
    change_password(link, password="" if removes else form.cleaned_data["password"], actor=access.actor, now=now)
    told = _("The link asks for no password any more.") if removes else _("The link asks for the new password now.")
    messages.success(request, told)
    return redirect("pages:shared-link", public_id)


@require_POST
@page(Permission.SHARES_WRITE)
def rotate_shared_link(request: WorkspaceRequest, public_id: UUID) -> HttpResponse:
    """Another address for the same link; it is on this answer and nowhere else."""
    link = _found(request, public_id)
    _row, token = rotate_link(link, actor=request.access.actor, now=timezone.now())
    return _detail(request, _found(request, public_id), token=token)


@require_POST
@page(Permission.SHARES_WRITE)
def revoke_shared_link(request: WorkspaceRequest, public_id: UUID) -> HttpResponse:
    """Take a link back."""
    link = _found(request, public_id)
    revoke_link(link, actor=request.access.actor, now=timezone.now())
    messages.success(request, _("The link %(name)s was revoked: it shows nothing any more.") % {"name": link.name})
    return redirect("pages:shared-links")


def _detail(
    request: WorkspaceRequest,
    link: SharedLink,
    *,
    form: ChangeForm | None = None,
    password: PasswordForm | None = None,
    token: str | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    address = request.build_absolute_uri(reverse("pages:shared", args=[token])) if token else None
    context = {
        **_frame(request),
        "link": link,
        "card": link_card(link, now=now),
        "form": form or _change_form(request, link),
        "password": password or PasswordForm(),
        "can_change": request.access.allows(Permission.SHARES_WRITE) and link.state(now=now) != LinkState.REVOKED,
        "address": address,
        "snippets": snippets_of(
            link,
            address=address or request.build_absolute_uri("/s/") + f"{link.prefix}…/",
            script=request.build_absolute_uri(reverse("pages:embed-script")),
        ),
        "log": view_log(views_of(link, most=MOST_SHOWN)),
    }
    response = render(request, "shared/link.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _change_form(request: WorkspaceRequest, link: SharedLink, sent: Any = None) -> ChangeForm:
    zone = zone_named(request.access.workspace.time_zone)
    return ChangeForm(sent, link=link, owned=link.tracked.relation == Relation.OWNED, zone=zone)


def _asked(request: WorkspaceRequest, form: ShareForm, *, status: int = 200) -> HttpResponse:
    has_channels = bool(form.fields["channel"].choices)  # type: ignore[attr-defined]  # a ChoiceField
    return render(
        request, "shared/new.html", {**_frame(request), "form": form, "has_channels": has_channels}, status=status
    )


def _started(request: WorkspaceRequest, channels: list[tuple[str, str]]) -> dict[str, Any]:
    """What the page shows on which "Share" was pressed."""
    started: dict[str, Any] = {name: request.GET[name] for name in _STARTED_WITH if request.GET.get(name)}
    started.setdefault("name", dict(channels).get(started.get("channel", ""), "")[:LONGEST_NAME])
    if {"first", "last"} <= started.keys():
        started["period"] = CUSTOM
    section = request.GET.get("section")
    if section in SHAREABLE:
        started["sections"] = [section]
    return started


def _frame(request: WorkspaceRequest) -> dict[str, Any]:
    return {
        "section": "shared",
        "enabled": runtime.SHARED_LINKS.now(),
        "can_write": request.access.allows(Permission.SHARES_WRITE),
    }


def _heads(request: WorkspaceRequest) -> list[Any]:
    workspace = request.access.workspace
    heads = all_tracked(Reader(workspace.pk, workspace.time_zone, get_language() or "en"))
    return [head for head in heads if name_of(head)]


def _found(request: WorkspaceRequest, public_id: UUID) -> SharedLink:
    link = find_link(request.access.workspace, public_id=public_id)
    if link is None:
        raise Http404
    return link
