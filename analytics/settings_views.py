"""Settings of the person and the workspace, API tokens, and the theme of anybody."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import WorkspaceRequest
from accounts.preferences import change_profile, change_workspace
from accounts.roles import Permission
from accounts.tokens import create_token, find_live_token, live_tokens, revoke_token
from analyticbot.core.errors import AppError
from analytics.forms import ProfileForm, ThemeForm, TokenForm, WorkspaceForm
from analytics.settings_pages import TokenRow, parts_of, people_of, plan_of_page
from analytics.views import page

_THEME_COOKIE = "theme"
_YEAR = 365 * 24 * 3600


@page(Permission.CHANNELS_READ)
def settings_page(request: WorkspaceRequest) -> HttpResponse:
    """Settings of the person and of the workspace; each form is sent by itself."""
    sent = request.POST.get("form") if request.method == "POST" else None
    profile = _profile_form(request, request.POST if sent == "profile" else None)
    workspace = _workspace_form(request, request.POST if sent == "workspace" else None)
    done = _save_profile(request, profile) or _save_workspace(request, workspace)
    if done:
        messages.success(request, _("Saved."))
        done["Location"] += f"#{sent}"
        return done
    forms = {"profile": profile, "workspace": workspace, "token": TokenForm()}
    return _settings(request, forms, status=422 if sent else 200)


def _settings(
    request: WorkspaceRequest, forms: dict[str, Form], *, status: int = 200, new_token: str | None = None
) -> HttpResponse:
    access = request.access
    manages = access.allows(Permission.TOKENS_WRITE)
    context = {
        **forms,
        "section": "settings",
        "access": access,
        "parts": parts_of(access),
        "can_change_workspace": access.allows(Permission.WORKSPACE_WRITE),
        "can_manage_tokens": manages,
        "tokens": [TokenRow.of(one) for one in live_tokens(access.workspace, now=timezone.now())] if manages else [],
        "new_token": new_token,
        "people": people_of(access),
        "plan": plan_of_page(access.workspace),
    }
    return render(request, "settings.html", context, status=status)


def _profile_form(request: WorkspaceRequest, sent: QueryDict | None = None) -> ProfileForm:
    user = request.access.user
    initial = {"name": user.name, "language": translation.get_language(), "time_zone": user.time_zone}
    return ProfileForm(sent, prefix="profile", initial=initial)


def _workspace_form(request: WorkspaceRequest, sent: QueryDict | None = None) -> WorkspaceForm:
    workspace = request.access.workspace
    return WorkspaceForm(sent, prefix="workspace", initial={"name": workspace.name, "time_zone": workspace.time_zone})


@page(Permission.TOKENS_WRITE)
def add_token(request: WorkspaceRequest) -> HttpResponse:
    """Make an API token; its text is on this answer and nowhere else."""
    if request.method != "POST":
        return redirect("pages:settings")
    access, form = request.access, TokenForm(request.POST)
    text = None
    if form.is_valid():
        chosen = form.cleaned_data
        try:
            _token, text = create_token(
                access.workspace,
                creator=access.user,
                name=chosen["name"],
                scopes=chosen["scopes"],
                lifetime=timedelta(days=chosen["days"]),
                now=timezone.now(),
                actor=access.actor,
            )
        except AppError as error:
            form.add_error("name", error.message)
    forms = {"profile": _profile_form(request), "workspace": _workspace_form(request), "token": form}
    if text:
        forms["token"] = TokenForm()
    response = _settings(request, forms, status=200 if text else 422, new_token=text)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@page(Permission.TOKENS_WRITE)
def end_token(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Revoke an API token of this workspace."""
    token = find_live_token(request.access.workspace, pk=pk, now=timezone.now())
    if token is None:
        raise Http404
    revoke_token(token, now=timezone.now(), actor=request.access.actor)
    messages.success(request, _("The token %(name)s no longer works.") % {"name": token.name})
    return redirect("pages:settings")


def _save_profile(request: WorkspaceRequest, form: ProfileForm) -> HttpResponse | None:
    """Where to go after saving; None if there was nothing to save."""
    if not (form.is_bound and form.is_valid()):
        return None
    access, chosen = request.access, form.cleaned_data
    change_profile(access.user, **chosen, actor=access.actor, now=timezone.now())
    translation.activate(chosen["language"])
    response = redirect("pages:settings")
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen["language"], max_age=_YEAR, samesite="Lax")
    return response


def _save_workspace(request: WorkspaceRequest, form: WorkspaceForm) -> HttpResponse | None:
    access = request.access
    if not (form.is_bound and form.is_valid() and access.allows(Permission.WORKSPACE_WRITE)):
        return None
    change_workspace(access.workspace, **form.cleaned_data, actor=access.actor, now=timezone.now())
    return redirect("pages:settings")


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark in a cookie, so that the first byte of the next page knows it."""
    form = ThemeForm(request.POST)
    response = HttpResponseRedirect(_back(request))
    if form.is_valid() and form.cleaned_data["theme"] != "system":
        response.set_cookie(
            _THEME_COOKIE, form.cleaned_data["theme"], max_age=_YEAR, samesite="Lax", secure=request.is_secure()
        )
    elif form.is_valid():
        response.delete_cookie(_THEME_COOKIE, samesite="Lax")
    return response


def _back(request: HttpRequest) -> str:
    """The page that sent the form, if it is one of ours."""
    address = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if safe else reverse("pages:landing")
