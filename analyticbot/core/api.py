"""The base of the HTTP API: JSON by orjson, one shape for every error, pages by key."""

import base64
import binascii
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import IO, Any, Generic, TypeVar

import orjson
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from analyticbot.core.errors import AppError, InvalidInput

logger = logging.getLogger(__name__)
M = TypeVar("M", bound=models.Model)

DEFAULT_LIMIT = 50
MAX_LIMIT = 100
_LONGEST_CURSOR = 64
_LARGEST_KEY = 2**63 - 1

_CODES: dict[type[exceptions.APIException], str] = {
    exceptions.NotAuthenticated: "not_signed_in",
    exceptions.AuthenticationFailed: "token_invalid",
    exceptions.PermissionDenied: "not_allowed",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.ParseError: "not_json",
    exceptions.ValidationError: "invalid",
    exceptions.Throttled: "limit_reached",
}


class OrjsonRenderer(BaseRenderer):
    """JSON as orjson writes it: UTF-8, ISO dates; a type it does not know is our fault and fails loudly."""

    media_type = "application/json"
    format = "json"
    charset = None  # JSON is UTF-8 by definition

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,  # noqa: ARG002 - DRF's signature
        renderer_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> bytes:
        """The body; empty for an answer without content."""
        return b"" if data is None else orjson.dumps(data, default=_plain)


class FormOf(DefaultContentNegotiation):
    """Chooses the form of an answer by `Accept`, or by `format`; 406 for one that there is not."""

    def filter_renderers(self, renderers: Any, format: str) -> Any:  # noqa: A002 - DRF's signature
        """The forms called `format`. Raises NotAcceptable."""
        found = [renderer for renderer in renderers if renderer.format == format]
        if not found:
            raise exceptions.NotAcceptable
        return found


class OrjsonParser(BaseParser):
    """Reads a JSON body. Unlike the standard library's reader it refuses NaN and endless nesting."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002 - DRF's signature
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> Any:
        """The value; ParseError (400) for what is not JSON, RequestDataTooBig (413) beyond the upload limit."""
        most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise RequestDataTooBig
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise exceptions.ParseError(_("The body is not JSON: %(why)s") % {"why": error}) from None


def _plain(value: Any) -> Any:
    """Lazy translations and DRF's dictionaries, which orjson does not know."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (list, tuple)):
        return list(value)
    if hasattr(value, "_proxy____cast") or isinstance(value, str):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def error_body(*, code: str, message: str, field: str | None = None) -> dict[str, Any]:
    """The one shape of errors."""
    return {"error": {"code": code, "message": message, "field": field}}


def error_response(
    status: int, *, code: str, message: str, field: str | None = None, retry_after: int | None = None
) -> HttpResponse:
    """An error for doors outside DRF (unknown addresses, CSRF, crashes)."""
    body = orjson.dumps(error_body(code=code, message=message, field=field))
    response = HttpResponse(body, status=status, content_type="application/json")
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def is_api(request: HttpRequest) -> bool:
    """True if the client of this request expects JSON errors."""
    return request.path.startswith("/api/")


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:  # noqa: ARG001 - DRF's
    """Map every error that has an answer to the one shape; others (None) become a 500 in the same shape."""
    if isinstance(error, AppError):
        return _answer(
            error.status, code=error.code, message=error.message, field=error.field, retry_after=error.retry_after
        )
    if isinstance(error, exceptions.APIException):
        return _drf_answer(error)
    return _django_answer(error)


def _django_answer(error: Exception) -> Response | None:
    match error:
        case Http404():
            return _answer(404, code="not_found", message=_("There is nothing at this address."))
        case PermissionDenied():
            return _answer(403, code="not_allowed", message=_("You may not do this."))
        case RequestDataTooBig():
            return _answer(413, code="too_large", message=_("The body is too large."))
        case SuspiciousOperation():
            return _answer(400, code="invalid", message=_("The request is not well formed."))
    return None


def _drf_answer(error: exceptions.APIException) -> Response:
    code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), "error")
    field, message = _first_message(error.detail)
    if isinstance(error, exceptions.PermissionDenied) and message.startswith("CSRF"):
        code = "csrf_failed"
    wait = getattr(error, "wait", None)
    retry_after = None if wait is None else math.ceil(wait)
    response = _answer(error.status_code, code=code, message=message, field=field, retry_after=retry_after)
    challenge = getattr(error, "auth_header", None)
    if challenge:
        response["WWW-Authenticate"] = challenge
    return response


def _first_message(detail: Any, field: str | None = None) -> tuple[str | None, str]:
    """The first complaint in DRF's nested details, and the dotted path of its field."""
    if isinstance(detail, Mapping) and detail:
        name, inner = next(iter(detail.items()))
        path = field if name == "non_field_errors" else f"{field}.{name}" if field else str(name)
        return _first_message(inner, path)
    if isinstance(detail, list) and detail:
        return _first_message(next((item for item in detail if item), detail[0]), field)
    return field, str(detail)


def _answer(status: int | HTTPStatus, *, retry_after: int | None = None, **error: Any) -> Response:
    response = Response(error_body(**error), status=int(status))
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


@dataclass(frozen=True, slots=True)
class Deprecation:
    """That an address or a whole version of the API will go: since when, until when, and where to read about it.

    Give it as `deprecation` of a view; the document then says `deprecated`, and every answer carries the headers.
    """

    since: datetime
    until: datetime
    link: str

    def headers(self) -> dict[str, str]:
        """`Deprecation` (RFC 9745), `Sunset` (RFC 8594) and the link between them."""
        return {
            "Deprecation": f"@{int(self.since.timestamp())}",
            "Sunset": format_datetime(self.until.astimezone(UTC), usegmt=True),
            "Link": f'<{self.link}>; rel="deprecation"',
        }


class Deprecated:
    """Mixed into a view that will go; before APIView in its bases."""

    deprecation: Deprecation

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The answer, whatever its status, with the headers."""
        answer = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]  # of APIView
        for name, value in self.deprecation.headers().items():
            answer.headers[name] = value
        return answer


@dataclass(frozen=True, slots=True)
class PageAsked:
    """`limit` and `cursor` of a list, checked. `after` is the key of the last row the client has."""

    limit: int
    after: int | None


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Rows of one page, and the cursor of the next; None on the last."""

    rows: list[M]
    next: str | None


def page_asked(parameters: Mapping[str, str]) -> PageAsked:
    """Read `limit` (1 to 100, 50 when absent) and `cursor`; raises InvalidInput."""
    text = parameters.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) < len(str(_LARGEST_KEY)) and 1 <= int(text) <= MAX_LIMIT):
        raise InvalidInput(_("`limit` must be a whole number from 1 to %(most)d.") % {"most": MAX_LIMIT}, field="limit")
    cursor = parameters.get("cursor")
    return PageAsked(limit=int(text), after=_read_cursor(cursor) if cursor else None)


def read_page(rows: models.QuerySet[M], asked: PageAsked) -> Page[M]:
    """One page of `rows`, newest (largest primary key) first, by key: no page is slower than the first."""
    if asked.after is not None:
        rows = rows.filter(pk__lt=asked.after)
    found = list(rows.order_by("-pk")[: asked.limit + 1])
    more = len(found) > asked.limit
    found = found[: asked.limit]
    return Page(rows=found, next=_write_cursor(found[-1].pk) if more else None)


def _write_cursor(key: int) -> str:
    return base64.urlsafe_b64encode(f"k{key}".encode()).decode().rstrip("=")


def _read_cursor(text: str) -> int:
    wrong = InvalidInput(_("This cursor is not one of ours; take it from `meta.next`."), field="cursor")
    if len(text) > _LONGEST_CURSOR:
        raise wrong
    try:
        key = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        raise wrong from None
    if not (key.startswith("k") and key[1:].isdigit() and int(key[1:]) <= _LARGEST_KEY):
        raise wrong
    return int(key[1:])
