"""Limits on what is sent to the web server, before Django keeps any of it."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from accounts.visitors import has_session
from analyticbot.core.bodies import BodyLimit
from tests.factories import make_member, make_workspace


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


def ask(path: str, parts: list[bytes], *, declared: int | None = None, known: bool = True) -> list[Mapping[str, Any]]:
    """What the client gets that sends these parts."""

    async def is_known(_scope: Any) -> bool:
        return known

    sent: list[Mapping[str, Any]] = []
    messages = [{"type": "http.request", "body": part, "more_body": i < len(parts) - 1} for i, part in enumerate(parts)]
    headers = [] if declared is None else [(b"content-length", str(declared).encode())]

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    app = BodyLimit(echo, most=100, wider={"/app/import/": 1_000}, known=is_known)
    asyncio.run(app({"type": "http", "method": "POST", "path": path, "headers": headers}, receive, send))
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


def test_a_stranger_gets_the_small_limit_everywhere() -> None:
    assert ask("/app/import/", [], declared=101, known=False)[0]["status"] == 413
    assert ask("/app/import/", [b"x" * 60, b"x" * 60], known=False) == []
    assert ask("/app/import/", [b"x" * 100], declared=100, known=False)[1]["body"] == b"100"


def test_a_length_of_thousands_of_digits_is_too_large() -> None:
    headers = [(b"content-length", b"9" * 5_000)]
    sent: list[Mapping[str, Any]] = []

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    async def nothing() -> dict[str, Any]:
        raise AssertionError("its body must not be read")

    async def is_known(_scope: Any) -> bool:
        return True

    app = BodyLimit(echo, most=100, wider={}, known=is_known)
    asyncio.run(app({"type": "http", "method": "POST", "path": "/", "headers": headers}, nothing, send))

    assert sent[0]["status"] == 413


@pytest.mark.django_db(transaction=True)
def test_who_is_signed_in_is_known_by_the_cookie(client: Client) -> None:
    def known(cookie: str) -> bool:
        headers = [(b"cookie", cookie.encode())] if cookie else []
        return async_to_sync(has_session)({"headers": headers})

    client.force_login(make_member(make_workspace()).user)
    key = client.cookies["sessionid"].value

    assert known(f"theme=dark; sessionid={key}")
    for cookie in ("", "sessionid=", "sessionid=forged0123456789", f"other={key}", "sessionid=\x01;;="):
        assert not known(cookie)
