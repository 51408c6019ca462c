"""What every generated Python client begins with."""

BASE = '''
from __future__ import annotations

import json
from typing import Any, Literal, NotRequired, Optional, TypedDict, Union, cast
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

__all__ = ["ApiError", "Client"]


class ApiError(Exception):
    """The API refused. `code` is for programs; `retry_after` in seconds where it says so."""

    def __init__(self, status: int, code: str, message: str, field: str | None, retry_after: int | None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.retry_after = retry_after


class Client:
    """Speaks for one workspace. Answers are kept with their ETag and asked for again only when they have changed."""

    def __init__(self, base_url: str, token: str, *, timeout: float = 30.0, language: str = "en") -> None:
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout
        self._token = token
        self._headers = {"Accept-Language": language}
        self._kept: dict[str, tuple[str, bytes]] = {}

    def _send(self, method: str, path: str, query: dict[str, Any], body: Any, accept: str) -> bytes:
        given = {name: _word(value) for name, value in query.items() if value is not None}
        url = self.base_url + path + (f"?{urlencode(given)}" if given else "")
        headers = {**self._headers, "Accept": accept}
        kept = self._kept.get(f"{accept} {url}") if method == "GET" else None
        if kept:
            headers["If-None-Match"] = kept[0]
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        request = Request(url, data, headers, method=method)  # noqa: S310
        # Left out when an answer leads elsewhere: another server must not get the token.
        request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        try:
            with urlopen(request, timeout=self.timeout) as response:  # noqa: S310
                found: bytes = response.read()
                tag = response.headers.get("ETag")
        except HTTPError as error:
            with error:
                if error.code == 304 and kept:  # noqa: PLR2004
                    return kept[1]
                raise _refusal(error) from None
        if tag and method == "GET":
            self._kept[f"{accept} {url}"] = (tag, found)
        return found

    def _json(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        return json.loads(self._send(method, path, query, body, "application/json"))

    def _bytes(self, method: str, path: str, query: dict[str, Any], body: Any, *, accept: str) -> bytes:
        return self._send(method, path, query, body, accept)

    def _nothing(self, method: str, path: str, query: dict[str, Any], body: Any) -> None:
        self._send(method, path, query, body, "application/json")
'''

HELPERS = """
def _part(text: str) -> str:
    return quote(str(text), safe="@+")


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refusal(error: HTTPError) -> ApiError:
    text = error.headers.get("Retry-After") or ""
    retry_after = int(text) if text.isdigit() else None
    try:
        told = json.loads(error.read())["error"]
    except (ValueError, KeyError, TypeError):
        return ApiError(error.code, "error", str(error.reason), None, retry_after)
    return ApiError(error.code, told["code"], told["message"], told["field"], retry_after)
"""
