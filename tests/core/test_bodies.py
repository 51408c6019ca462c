"""Limits on what is sent to the web server, before Django keeps any of it."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from analyticbot.core.bodies import BodyLimit


async def echo(scope: Any, receive: Any, send: Any) -> None:
    taken = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        taken += len(message["body"])
        if not message["more_body"]:
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(taken).encode()})


def ask(path: str, parts: list[bytes], *, declared: int | None = None) -> list[Mapping[str, Any]]:
    """What the client gets that sends these parts."""
    sent: list[Mapping[str, Any]] = []
    messages = [{"type": "http.request", "body": part, "more_body": i < len(parts) - 1} for i, part in enumerate(parts)]
    headers = [] if declared is None else [(b"content-length", str(declared).encode())]

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    app = BodyLimit(echo, most=100, wider={"/app/import/": 1_000})
    asyncio.run(app({"type": "http", "path": path, "headers": headers}, receive, send))
    return sent


@pytest.mark.parametrize(("path", "size"), [("/", 100), ("/app/import/", 1_000)])
def test_a_body_within_its_limit_passes(path: str, size: int) -> None:
    assert ask(path, [b"x" * size], declared=size)[1]["body"] == str(size).encode()


@pytest.mark.parametrize(("path", "size"), [("/", 101), ("/app/import/", 1_001), ("/app/importer", 101)])
def test_a_larger_one_is_refused_by_its_declared_length(path: str, size: int) -> None:
    answer = ask(path, [], declared=size)

    assert answer[0]["status"] == 413
    assert b"too_large" in answer[1]["body"]


def test_an_undeclared_one_is_cut_off() -> None:
    assert ask("/", [b"x" * 60, b"x" * 60, b"x" * 60]) == []
