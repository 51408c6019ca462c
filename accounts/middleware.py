"""What people have chosen, applied to their requests; limits told in the headers."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext

from accounts.access import SAFE_METHODS, visits_demo
from accounts.models import User
from accounts.throttling import VERDICT, take_for_address
from analyticbot.core.api import error_response, is_api
from analyticbot.core.ratelimit import DEMO_PAGES, LimiterAway, Verdict
from analyticbot.core.read_only import reading_only, wanted_to_write

_DEMO_PLACES = ("/app/", "/api/")
_LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)


class LanguageMiddleware:
    """Speaks the language of who is signed in; visitors keep what LocaleMiddleware found."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Reading the user costs a query: only for those who have a session at all.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and isinstance(request.user, User):
            language = request.user.language
            if language in _LANGUAGES and language != translation.get_language():
                translation.activate(language)
                request.LANGUAGE_CODE = language
        return self.get_response(request)


class DemoMiddleware:
    """Refuses whatever a visitor of the demo sends, with a way to an account of their own.

    Here and not in the pages: the check of forms' tokens would be first, and speak of an expired form. What they only
    look at is read in a transaction in which the database itself refuses to write, whatever a page may try.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not (request.path.startswith(_DEMO_PLACES) and visits_demo(request)):
            return self.get_response(request)
        if request.method not in SAFE_METHODS:
            return self._refuse(request)
        if not is_api(request) and (too_many := self._count(request)):  # the API counts by itself
            return too_many
        with reading_only():
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A page that wanted to write while it was looked at in the demo is refused as well."""
        return self._refuse(request) if wanted_to_write(error) else None

    @staticmethod
    def _count(request: HttpRequest) -> HttpResponse | None:
        """429 for an address that looks at too many pages: nobody's account would answer for what that costs."""
        try:
            verdict = take_for_address(request, DEMO_PAGES)
        except LimiterAway:
            return None  # slower is better than broken
        if verdict.allowed:
            return None
        response = render(request, "429.html", status=HTTPStatus.TOO_MANY_REQUESTS)
        response["Retry-After"] = str(verdict.retry_after)
        return response

    @staticmethod
    def _refuse(request: HttpRequest) -> HttpResponse:
        message = gettext("This is the demo, where nothing can be changed. Sign up to have channels of your own.")
        if is_api(request) or "application/json" in request.headers.get("Accept", ""):
            return error_response(403, code="demo_read_only", message=message)
        template = "demo_refusal.html#told" if request.headers.get("HX-Request") == "true" else "demo_refusal.html"
        return render(request, template, {"message": message}, status=403)


class ApiHeadersMiddleware:
    """RateLimit headers from what a throttle found; answers of the API are kept by nobody but who asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        verdict: Verdict | None = getattr(request, VERDICT, None)
        if verdict is not None:
            for name, value in verdict.headers().items():
                response.headers[name] = value
        if is_api(request):
            # A view that has an ETag says so itself; without one, ask again each time.
            response.headers.setdefault("Cache-Control", "private, no-cache")
            patch_vary_headers(response, ["Authorization", "Cookie", "Accept-Language"])
        return response
