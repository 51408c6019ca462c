"""Signing in with Telegram: the page with its widget, the way back from it, the door for the Mini App, connecting."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import user_actor
from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.factors.codes import has_telegram_factor
from accounts.factors.telegram import turn_off
from accounts.guarding import SIGNED_BY_ADDRESS
from accounts.models import TelegramIdentity, User
from accounts.stepup import confirm_first
from accounts.telegram.identities import (
    connect_telegram,
    disconnect_telegram,
    identity_of,
    use_once,
    widget_is_offered,
)
from accounts.telegram.signed import PRODUCTION_KEY, TelegramPerson, Untrusted, read_init_data, read_widget
from accounts.telegram.waiting import keep_waiting, stop_waiting, who_waits
from accounts.throttling import take_for_address
from analyticbot.core.api import error_response
from analyticbot.core.errors import Conflict, LimitReached, SwitchedOff
from analyticbot.core.ratelimit import LimiterAway

_STATE = "telegram_state"
_LONGEST_BODY = 16_384


@require_safe
@never_cache
@csp_update({"script-src": ["https://telegram.org"], "frame-src": ["https://oauth.telegram.org"]})  # type: ignore[untyped-decorator]
def telegram(request: HttpRequest) -> HttpResponse:
    """The page with Telegram's own button. Http404 where there is no bot."""
    _demand_bot()
    if isinstance(request.user, User) and TelegramIdentity.objects.filter(user=request.user).exists():
        return redirect("settings:security")
    # Whoever comes back must have set out from here: else a link could sign somebody into another's account.
    state = request.session.setdefault(_STATE, secrets.token_urlsafe(16))
    back = f"{settings.SITE_URL}{reverse('telegram-back', args=[state])}"
    context = {"bot": settings.TELEGRAM_BOT_USERNAME, "back": back}
    response = render(request, "account/telegram.html", context)
    # Telegram's window tells this page when somebody has agreed in it.
    response["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"
    return response


@require_safe
@never_cache
def back(request: HttpRequest, state: str) -> HttpResponse:
    """The way back from the widget, with what Telegram signed in the query."""
    _demand_bot()
    expected = request.session.pop(_STATE, "")
    if not expected or not constant_time_compare(state, expected):
        messages.error(request, _("This page was open for too long, or in another browser. Please try again."))
        return redirect("telegram")
    fields = [(name, value) for name in request.GET for value in request.GET.getlist(name)]
    now = timezone.now()
    try:
        person = _checked(
            request, lambda: read_widget(fields, bot_token=settings.TELEGRAM_BOT_TOKEN or "", now=now), now=now
        )
    except Untrusted as error:
        messages.error(request, _explain(error))
        return redirect("telegram")
    return _go_on(request, person, now=now)


@require_POST
@never_cache
@csrf_exempt  # JSON cannot be sent from another site without being asked first, and nothing allows that
def mini_app(request: HttpRequest) -> HttpResponse:
    """The door of the Mini App: `{"init_data": "…"}` in, `{"data": {"signed_in": true, "next": "/app/"}}` out."""
    _demand_bot(needs_name=False)
    try:
        text = _init_data(request)
        now = timezone.now()
        person = _checked(
            request,
            lambda: read_init_data(
                text,
                bot_token=settings.TELEGRAM_BOT_TOKEN or "",
                now=now,
                telegram_key=PRODUCTION_KEY if settings.TELEGRAM_SIGNATURE_DEMANDED else None,
            ),
            now=now,
        )
    except Untrusted as error:
        return error_response(403, code=f"telegram_{error.reason}", message=_explain(error), field="init_data")
    except (LimitReached, SwitchedOff) as error:
        return error_response(error.status, code=error.code, message=error.message, retry_after=error.retry_after)
    response = _go_on(request, person, now=now)
    answer = {"data": {"signed_in": request.user.is_authenticated, "next": response.headers["Location"]}}
    told = HttpResponse(orjson.dumps(answer), content_type="application/json")
    told.cookies.update(response.cookies)
    return told


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def connect(request: HttpRequest) -> HttpResponse:
    """Ask whether the Telegram account that has shown itself shall sign this person in from now on."""
    now = timezone.now()
    person = who_waits(request, now=now)
    if person is None:
        return redirect("settings:security" if request.user.is_authenticated else "account_login")
    if not request.user.is_authenticated:
        return render(request, "account/telegram_unknown.html", {"person": person, "next": request.path})
    return _connect(request, person=person)


@confirm_first
def _connect(request: HttpRequest, *, person: TelegramPerson) -> HttpResponse:
    if request.method != "POST":
        return render(request, "account/telegram_connect.html", {"person": person})
    user: User = request.user  # type: ignore[assignment]  # `confirm_first` lets nobody else through
    try:
        connect_telegram(user, person=person, actor=user_actor(user), now=timezone.now(), request=request)
    except Conflict as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Telegram is connected."))
    stop_waiting(request)
    return redirect("settings:security")


@require_POST
@confirm_first
def disconnect(request: HttpRequest) -> HttpResponse:
    """Telegram signs this person in no longer."""
    user: User = request.user  # type: ignore[assignment]  # as above
    try:
        gone = _disconnect(request, user, now=timezone.now())
    except Conflict as error:
        messages.error(request, error.message)
    else:
        if gone:
            messages.success(request, _("Telegram is disconnected."))
    return redirect("settings:security")


@transaction.atomic
def _disconnect(request: HttpRequest, user: User, *, now: datetime) -> bool:
    """Codes go with the account that they were sent to: else they were asked for, and nothing could bring one."""
    if has_telegram_factor(user):
        turn_off(user, request=request, now=now)
    return disconnect_telegram(user, actor=user_actor(user), now=now, request=request) is not None


def _demand_bot(*, needs_name: bool = True) -> None:
    if not (widget_is_offered() if needs_name else settings.TELEGRAM_BOT_TOKEN):
        raise Http404


def _init_data(request: HttpRequest) -> str:
    if request.content_type != "application/json":
        raise Untrusted("malformed")
    body = request.read(_LONGEST_BODY + 1)
    if len(body) > _LONGEST_BODY:
        raise Untrusted("too_long")
    try:
        given: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Untrusted("malformed") from None
    text = given.get("init_data") if isinstance(given, dict) else None
    if not isinstance(text, str):
        raise Untrusted("malformed")
    return text


def _checked(request: HttpRequest, read: Callable[[], TelegramPerson], *, now: datetime) -> TelegramPerson:
    """Who it is, once. Raises Untrusted (told and counted), LimitReached and SwitchedOff."""
    try:
        verdict = take_for_address(request, SIGNED_BY_ADDRESS)
    except LimiterAway:
        raise SwitchedOff(_("Signing in is not possible at the moment. Try again in a minute.")) from None
    if not verdict.allowed:
        raise LimitReached(_("Too many attempts. Try again in a minute."), retry_after=verdict.retry_after)
    try:
        person = read()
        use_once(person)
    except Untrusted as error:
        detail = {"reason": error.reason, "by": "telegram"}
        record_event(EventKind.SIGN_IN_FORGED, user=None, now=now, request=request, detail=detail)
        raise
    return person


def _go_on(request: HttpRequest, person: TelegramPerson, *, now: datetime) -> HttpResponse:
    """Sign in whose it is; what is nobody's yet waits to be connected."""
    identity = None if request.user.is_authenticated else identity_of(person, now=now)
    if identity is None:
        keep_waiting(request, person)
        return redirect("telegram-connect")
    record_authentication(request, identity.user, method="telegram")
    response: HttpResponse = perform_login(request, Login(user=identity.user))
    return response


def _explain(error: Untrusted) -> str:
    if error.reason in {"stale", "replayed", "future"}:
        return _("What Telegram sent is no longer fresh. Please try again.")
    return _("This does not come from Telegram as it should. Please try again.")
