"""How much a client may send: bodies are refused by their declared length, or cut off when they run over it.

Django keeps a body on disk before any view or login check sees it, so this stands before Django.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Known = Callable[[Scope], Awaitable[bool]]
_BODILESS = frozenset({"GET", "HEAD"})

_REFUSED = b'{"error":{"code":"too_large","message":"The body is too large.","field":null}}'


class BodyLimit:
    """An ASGI application around another: 413 for bodies of more than `most` bytes.

    `wider`: larger limits in bytes, by beginnings of paths; they hold for whom `known` finds to be no stranger.
    """

    def __init__(self, app: App, *, most: int, wider: Mapping[str, int], known: Known) -> None:
        self._app = app
        self._most = most
        self._wider = wider
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = _declared(scope)
        most = await self._most_for(scope, declared)
        if declared is not None and declared > most:
            await _refuse(send)
            return
        await self._app(scope, _counted(receive, most), send)

    async def _most_for(self, scope: Scope, declared: int | None) -> int:
        """The limit of a request. Who sends it is asked only where that matters."""
        most = next((size for start, size in self._wider.items() if scope["path"].startswith(start)), self._most)
        if most == self._most or scope["method"] in _BODILESS or (declared is not None and declared <= self._most):
            return self._most
        return most if await self._known(scope) else self._most


def _declared(scope: Scope) -> int | None:
    """The length that the request says it has."""
    text = dict(scope["headers"]).get(b"content-length", b"")
    # A number longer than this is beyond every limit; Python would refuse to read one of thousands of digits.
    return int(text[:19]) if text.isdigit() else None


def _counted(receive: Receive, most: int) -> Receive:
    """`receive` that takes a client for gone once it has sent more than `most` bytes: a length may be undeclared."""
    taken = 0

    async def counted() -> Mapping[str, Any]:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return {"type": "http.disconnect"} if taken > most else message

    return counted


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": _REFUSED})
