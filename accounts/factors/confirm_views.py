"""The page on which somebody who is signed in confirms that it is them."""

from typing import Any

from allauth.account.forms import ReauthenticateForm
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render, resolve_url
from django.urls import resolve
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.factors.forms import ConfirmCodeForm
from accounts.factors.keys import ConfirmKeyForm
from accounts.factors.ways import Ways, ways_to_confirm
from accounts.models import User
from accounts.sessions.limits import rotate
from accounts.stepup import suspended_form


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for a factor, or the password of who has none; then go on with what asked for it."""
    user: User = request.user  # type: ignore[assignment]  # signed in
    ways = ways_to_confirm(user)
    form = _posted(request, user, ways)
    if form is not None and form.is_valid():
        _confirmed(request, user, form)
        return _go_on(request)
    refused = request.method == "POST"
    if refused:
        record_event(EventKind.CONFIRM_REFUSED, user=user, request=request, now=timezone.now())
    return render(request, "factors/confirm.html", _context(request, user, ways, form), status=422 if refused else 200)


def place_after(request: HttpRequest) -> str:
    """Where to go on: `next`, if it is a page of ours."""
    place = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    allowed = url_has_allowed_host_and_scheme(place, {request.get_host()}, require_https=request.is_secure())
    return place if allowed else resolve_url("settings:security")


def _posted(request: HttpRequest, user: User, ways: Ways) -> Any:
    """The form that was sent, if it is one of the person's ways."""
    if request.method != "POST":
        return None
    if ways.passkey and "credential" in request.POST:
        return ConfirmKeyForm(user=user, data=request.POST)
    if ways.code:
        return ConfirmCodeForm(user=user, data=request.POST)
    return ReauthenticateForm(user=user, data=request.POST) if ways.password else None


def _context(request: HttpRequest, user: User, ways: Ways, sent: Any) -> dict[str, Any]:
    asked: Any = None
    if ways.code:
        asked = sent if isinstance(sent, ConfirmCodeForm) else ConfirmCodeForm(user=user)
    elif ways.password:
        asked = sent or ReauthenticateForm(user=user)
    context: dict[str, Any] = {"form": asked, "ways": ways, "next": place_after(request)}
    if ways.passkey:
        refused = isinstance(sent, ConfirmKeyForm)
        context["passkey_errors"] = sent.errors.get("credential", []) if refused else []
        context["passkey"] = {"request_options": begin_authentication(user)}
    return context


def _confirmed(request: HttpRequest, user: User, form: Any) -> None:
    if isinstance(form, ReauthenticateForm):
        reauthenticate_by_password(request)
    else:
        form.save()
    now = timezone.now()
    rotate(request, user, now=now)
    record_event(EventKind.CONFIRMED, user=user, request=request, now=now)


def _go_on(request: HttpRequest) -> HttpResponse:
    place = place_after(request)
    form = suspended_form(request, place=place, now=timezone.now())
    return HttpResponseRedirect(place) if form is None else _carry_out(request, place, form)


def _carry_out(request: HttpRequest, place: str, form: QueryDict) -> HttpResponse:
    """Do what was asked for before the confirmation, as if its form had been sent now."""
    path, _mark, query = place.partition("?")
    match = resolve(path)
    request.path = request.path_info = path
    request.GET = QueryDict(query)
    request.POST = form  # type: ignore[assignment]  # whoever reads it changes nothing
    request.resolver_match = match
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return response
