"""How much a client may send: bodies are refused by their declared length, or cut off when they run over it.

Django keeps a body on disk before any view or login check sees it, so this stands before Django.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_REFUSED = b'{"error":{"code":"too_large","message":"The body is too large.","field":null}}'


class BodyLimit:
    """An ASGI application around another: 413 for bodies of more than `most` bytes.

    `wider`: larger limits in bytes, by beginnings of paths.
    """

    def __init__(self, app: App, *, most: int, wider: Mapping[str, int]) -> None:
        self._app = app
        self._most = most
        self._wider = wider

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = next((size for start, size in self._wider.items() if scope["path"].startswith(start)), self._most)
        declared = dict(scope["headers"]).get(b"content-length", b"")
        if declared.isdigit() and int(declared) > most:
            await _refuse(send)
            return
        await self._app(scope, _counted(receive, most), send)


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
