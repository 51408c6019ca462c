"""Leads those who must have a second factor to where one is added, and sensitive acts to a confirmation."""

from collections.abc import Callable
from urllib.parse import urlencode

from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.factors.rules import FactorRequired, staff_lacks_factor
from accounts.models import User
from accounts.stepup import ask_to_confirm
from analyticbot.core.api import error_response, is_api

# Where a factor is added, and what a page needs.
_OPEN = ("/account/", "/i18n/", "/health/", settings.STATIC_URL)


class FactorMiddleware:
    """The last one, so that it is the first to hear what a page raised."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._must_add_one(request):
            return self._lead(request, _("Staff signs in with a second factor. Add one to go on."))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django calls this for what a view raised; None leaves it to others."""
        if isinstance(error, ReauthenticationRequired):  # a view of allauth's
            return ask_to_confirm(request)
        if isinstance(error, FactorRequired):
            return self._lead(request, error.message)
        return None

    @staticmethod
    def _must_add_one(request: HttpRequest) -> bool:
        # Without the cookie of a session nobody is asked for who they are.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.path.startswith(_OPEN):
            return False
        return isinstance(request.user, User) and staff_lacks_factor(request.user)

    @staticmethod
    def _lead(request: HttpRequest, message: str) -> HttpResponse:
        place = f"{reverse('settings:security')}?{urlencode({'next': request.get_full_path()})}"
        if is_api(request):
            return error_response(403, code=FactorRequired.code, message=message)
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=403, headers={"HX-Redirect": reverse("settings:security")})
        messages.warning(request, message)
        return HttpResponseRedirect(place)
