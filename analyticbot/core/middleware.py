"""Names each request, times it, and logs one line."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from analyticbot.core.context import set_request_id
from analyticbot.core.metrics import REQUEST_SECONDS

logger = logging.getLogger("analyticbot.request")
_ID = re.compile(r"[A-Za-z0-9._-]{8,40}")


class RequestContextMiddleware:
    """Gives the request an id (a proxy's, if well formed), sends it back, and measures the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        set_request_id(request_id)
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        match = request.resolver_match
        route = match.route if match else "unmatched"
        REQUEST_SECONDS.labels(request.method or "", route, str(response.status_code)).observe(seconds)
        if not route.startswith("health/"):
            logger.info("%s %s %s %.1f ms", request.method, route, response.status_code, seconds * 1000)
        response["X-Request-Id"] = request_id
        return response
