"""Step-up: sensitive acts ask who is signed in to confirm that it is still them.

A confirmation is a password or a second factor given within CONFIRMED_FOR, at sign-in or on the page of confirmation.
Who has a second factor confirms with that: a password alone could be what was stolen.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from analyticbot.core.errors import NotAllowed, NotSignedIn

CONFIRMED_FOR = timedelta(minutes=5)

_SUSPENDED = "confirm_then"
# What is kept of a form while its sender confirms is kept in the session, where no secret may lie.
_SECRET_FIELDS = ("password", "code", "token", "secret", "credential")
_LONGEST_FORM = 8_000
P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)


def recently_confirmed(request: HttpRequest) -> bool:
    """Whether the person behind this session has confirmed who they are within CONFIRMED_FOR.

    Never true for a program with a token, nor for strangers. One query, for who has confirmed at all.
    """
    bare: HttpRequest = getattr(request, "_request", request)
    user = bare.user
    if not isinstance(user, User) or "Authorization" in bare.headers:
        return False
    after = (timezone.now() - CONFIRMED_FOR).timestamp()
    methods = {record["method"] for record in get_authentication_records(bare, user) if record["at"] > after}
    if not methods:
        return False
    return "mfa" in methods or not is_mfa_enabled(user)


def confirm_first(
    view: Callable[Concatenate[R, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Decorate a page or a form: who has not confirmed recently does so first, and then goes on where they were.

    A form that was sent is carried out after the confirmation, unless it holds a secret: that is sent once more.
    """

    @wraps(view)
    def checked(request: R, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        if not recently_confirmed(request):
            return ask_to_confirm(request)
        return view(request, *args, **kwargs)

    return checked


def demand_confirmation(request: HttpRequest) -> None:
    """For doors that answer in JSON: raise NotSignedIn, or NotAllowed (`confirm_first`) without a confirmation."""
    if not request.user.is_authenticated:
        raise NotSignedIn(_("Sign in first."))
    if not recently_confirmed(request):
        raise NotAllowed(_("Confirm that it is you first, on the page of security."), code="confirm_first")


def ask_to_confirm(request: HttpRequest) -> HttpResponse:
    """To the page of confirmation, from which this request goes on; htmx loads that page as a whole."""
    place = request.get_full_path()
    request.session.pop(_SUSPENDED, None)
    if request.headers.get("HX-Request") == "true":
        # What htmx asks for is a part of a page: afterwards the whole page is shown again.
        query = urlencode({REDIRECT_FIELD_NAME: _path_of(request.headers.get("HX-Current-URL", "")) or "/"})
        return HttpResponse(status=403, headers={"HX-Redirect": f"{reverse('confirm-identity')}?{query}"})
    if request.method == "POST":
        _suspend(request)
        place = place if _SUSPENDED in request.session else _path_of(request.headers.get("Referer", "")) or "/"
    return HttpResponseRedirect(f"{reverse('confirm-identity')}?{urlencode({REDIRECT_FIELD_NAME: place})}")


def suspended_form(request: HttpRequest, *, place: str, now: datetime) -> QueryDict | None:
    """The form that waits for the confirmation, once, if it was sent to `place` within CONFIRMED_FOR."""
    kept: dict[str, Any] | None = request.session.pop(_SUSPENDED, None)
    if kept is None or kept["place"] != place or kept["at"] < (now - CONFIRMED_FOR).timestamp():
        return None
    return QueryDict(kept["form"])


def _suspend(request: HttpRequest) -> None:
    form = request.POST
    if any(secret in name.lower() for name in form for secret in _SECRET_FIELDS if name != "csrfmiddlewaretoken"):
        return
    kept = form.copy()
    kept.pop("csrfmiddlewaretoken", None)
    text = kept.urlencode()
    if len(text) <= _LONGEST_FORM and not request.FILES:
        request.session[_SUSPENDED] = {
            "place": request.get_full_path(),
            "form": text,
            "at": timezone.now().timestamp(),
        }


def _path_of(address: str) -> str:
    """The path of an address; another site's is checked by who redirects to it."""
    _scheme, _separator, rest = address.partition("://")
    _host, slash, path = rest.partition("/")
    return f"{slash}{path}"


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": resolve_url("account_login")})
    return redirect_to_login(request.get_full_path())
