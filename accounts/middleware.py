"""What people have chosen, applied to their requests; limits told in the headers."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts.models import User
from accounts.throttling import VERDICT
from analyticbot.core.api import is_api
from analyticbot.core.ratelimit import Verdict

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
