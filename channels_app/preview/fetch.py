"""Fetching preview pages: slowly, with bounds, and from one host only."""

import time
from dataclasses import dataclass
from http.client import HTTPException
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from analyticbot.core.errors import AppError
from channels_app.preview.parser import PreviewUnavailable, Unavailable

# A page has about 110 KB.
MAX_PAGE = 5 * 2**20
# Seconds for one exchange, and for a whole page however slowly it trickles.
TIMEOUT = 15.0
DEADLINE = 40.0
USER_AGENT = "AnalyticBot (channel statistics; reads public preview pages)"
_CHUNK = 64 * 1024
_NOT_FOUND, _TOO_MANY, _UNAVAILABLE = 404, 429, 503
_RETRY_LIMIT = 3600


class PreviewFailed(AppError):
    """The page could not be fetched now; `retry_after` in seconds when the server said it. Trying later makes sense."""

    code = "preview_failed"


@dataclass(frozen=True, slots=True)
class PageAddress:
    """A page of a channel: the newest posts, or those before a message id."""

    base_url: str
    username: str
    before: int | None = None

    def __str__(self) -> str:
        query = f"?{urlencode({'before': self.before})}" if self.before else ""
        return f"{self.base_url}/s/{self.username}{query}"


class _SameHost(HTTPRedirectHandler):
    max_redirections = 3

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: object, newurl: str
    ) -> Request | None:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if (old.scheme, old.netloc) != (new.scheme, new.netloc):
            fp.close()
            raise PreviewFailed("The preview page leads to another host.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def fetch_page(address: PageAddress) -> str:
    """The HTML of a page. Raises PreviewUnavailable for a name nobody has, PreviewFailed for anything that may pass."""
    opener = OpenerDirector()
    # Handlers for HTTP only: no files, no FTP.
    for handler in (ProxyHandler, HTTPHandler, HTTPSHandler, _SameHost, HTTPErrorProcessor, HTTPDefaultErrorHandler):
        opener.add_handler(handler())
    request = Request(str(address), headers={"User-Agent": USER_AGENT, "Accept-Language": "en"})  # noqa: S310 - HTTP only
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            return _read(answer).decode("utf-8", "replace")
    except HTTPError as error:
        with error:
            raise _from_status(error) from None
    except (URLError, HTTPException, OSError, ValueError) as error:
        raise PreviewFailed(f"The preview page cannot be reached: {error}") from None


def _read(answer: IO[bytes]) -> bytes:
    until = time.monotonic() + DEADLINE
    parts: list[bytes] = []
    size = 0
    while chunk := answer.read(_CHUNK):
        parts.append(chunk)
        size += len(chunk)
        if size > MAX_PAGE:
            raise PreviewFailed("The preview page is far too long.")
        if time.monotonic() > until:
            raise PreviewFailed("The preview page comes far too slowly.")
    # What http.client still waits for; None without a declared length.
    if getattr(answer, "length", None):
        raise PreviewFailed("The preview page was cut off.")
    return b"".join(parts)


def _from_status(error: HTTPError) -> Exception:
    if error.code == _NOT_FOUND:
        return PreviewUnavailable(Unavailable.NOT_FOUND, "Telegram knows no channel of this name.")
    seconds = error.headers.get("Retry-After", "") if error.headers else ""
    wait = min(int(seconds), _RETRY_LIMIT) if seconds.isascii() and seconds.isdigit() and len(seconds) < 9 else None  # noqa: PLR2004
    if error.code in {_TOO_MANY, _UNAVAILABLE}:
        return PreviewFailed("Telegram asks us to come back later.", retry_after=wait)
    return PreviewFailed(f"The preview page answers with status {error.code}.")
