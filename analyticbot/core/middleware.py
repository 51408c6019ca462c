"""Names each request, times it, and logs one line; answers the errors that pages raise."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.views import defaults

from analyticbot.core.api import error_response, is_api
from analyticbot.core.context import request_id_scope, request_scope
from analyticbot.core.errors import AppError, NotAllowed, NotFound, NotSignedIn
from analyticbot.core.metrics import REQUEST_SECONDS
from analyticbot.core.request_metrics import count_request

logger = logging.getLogger("analyticbot.request")
_ID = re.compile(r"[A-Za-z0-9._-]{8,40}", re.ASCII)
_ABILITIES = (
    "accelerometer",
    "browsing-topics",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "serial",
    "usb",
)
# Beside what Django and django-csp set: our pages need none of these abilities, and nobody may embed our answers.
_HEADERS = {
    "Permissions-Policy": ", ".join(f"{ability}=()" for ability in _ABILITIES),
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PAGE_METHODS = ("GET", "HEAD", "POST")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestContextMiddleware:
    """Gives the request an id (a proxy's, if well formed), sends it back, and measures the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        with request_id_scope(request_id), request_scope(request):
            started = time.perf_counter()
            self._drop_nul(request)
            response = self._refuse_nul(request) or self.get_response(request)
            self._note(request, response, seconds=time.perf_counter() - started)
        response.headers["X-Request-Id"] = request_id
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @staticmethod
    def _refuse_nul(request: HttpRequest) -> HttpResponse | None:
        """No name of ours holds a NUL, and Postgres cannot even be asked about one."""
        if "\x00" not in request.path and "%00" not in request.META.get("QUERY_STRING", ""):
            return None
        if is_api(request):
            return error_response(404, code="not_found", message="There is nothing at this address.")
        return HttpResponse("Not found", status=404, content_type="text/plain")

    @staticmethod
    def _drop_nul(request: HttpRequest) -> None:
        """A cookie that spells a NUL is none of ours: without it the visitor is a stranger, and nothing is an error."""
        if "\\000" in request.META.get("HTTP_COOKIE", ""):
            request.COOKIES = {name: value for name, value in request.COOKIES.items() if "\x00" not in value}

    @staticmethod
    def _note(request: HttpRequest, response: HttpResponse, *, seconds: float) -> None:
        match = request.resolver_match
        is_static = request.path.startswith(settings.STATIC_URL)
        route = match.route if match else "static" if is_static else "unmatched"
        # Clients invent methods; a metric must not grow with them.
        method = request.method if request.method in _METHODS else "other"
        REQUEST_SECONDS.labels(method or "other", route, str(response.status_code)).observe(seconds)
        if not (is_static or route.startswith("health/")):
            count_request(response.status_code, seconds)
            logger.info("%s %s %s %.1f ms", method, route, response.status_code, seconds * 1000)


class PageMethodsMiddleware:
    """Pages are looked at and sent forms; whatever else a client may invent is refused before any view.

    The API refuses by itself, address by address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in _PAGE_METHODS or is_api(request):
            return self.get_response(request)
        return HttpResponseNotAllowed(_PAGE_METHODS)


class AppErrorMiddleware:
    """Answers an AppError that a page raised, as the project's error pages do; the API has its own handler."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django calls this for what a view raised; None leaves it to Django."""
        if not isinstance(error, AppError):
            return None
        if is_api(request):
            return error_response(
                error.status, code=error.code, message=error.message, field=error.field, retry_after=error.retry_after
            )
        if isinstance(error, NotFound):
            return defaults.page_not_found(request, Http404(error.message))
        if isinstance(error, (NotAllowed, NotSignedIn)):
            return defaults.permission_denied(request, PermissionDenied(error.message))
        if error.status == HTTPStatus.TOO_MANY_REQUESTS:
            response: HttpResponse = render(request, "429.html", {"message": error.message}, status=error.status)
        else:
            response = defaults.bad_request(request, error)
            response.status_code = error.status
        if error.retry_after is not None:
            response["Retry-After"] = str(error.retry_after)
        return response
