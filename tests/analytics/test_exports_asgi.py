"""Streams under ASGI: sent block by block from a thread with a connection of its own, which is closed at the end."""

import asyncio
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import AsyncRequestFactory, Client

from analytics.exports.streaming import Blocks, streamed
from channels_app.models import TrackedChannel
from tests.analytics.world import NOW, Seen, make_channel, make_posts
from tests.factories import bearer, make_token, make_workspace


def asgi_request() -> ASGIRequest:
    request = AsyncRequestFactory().get("/")
    assert isinstance(request, ASGIRequest)
    return request


def test_blocks_are_sent_as_they_are_made() -> None:
    made: list[int] = []

    def blocks() -> Blocks:
        for number in range(5):
            made.append(number)
            yield bytes([number])

    async def read() -> list[bytes]:
        response = streamed(asgi_request(), blocks())
        stream = aiter(response)
        first = await anext(stream)
        assert made == [0]
        return [first, *[block async for block in stream]]

    assert b"".join(asyncio.run(read())) == bytes(range(5))


def test_who_goes_away_early_ends_the_making() -> None:
    ended: list[bool] = []

    def blocks() -> Blocks:
        try:
            while True:
                yield b"more"
        finally:
            ended.append(True)

    async def read() -> None:
        stream: Any = streamed(asgi_request(), blocks()).streaming_content
        async for _block in stream:
            break
        await stream.aclose()

    asyncio.run(read())
    assert ended == [True]


@pytest.mark.django_db(transaction=True)
def test_a_whole_table_is_the_same_under_asgi(async_client: Any, client: Client, settings: Any) -> None:
    settings.EXPORT_ENABLED = True
    workspace, channel = make_workspace(), make_channel()
    TrackedChannel.objects.create(workspace=workspace, channel=channel, created_at=NOW)
    make_posts(channel, [Seen(NOW, views=number) for number in range(3_000)])
    headers = bearer(make_token(workspace))
    address = f"/api/v2/exports/channels/@{channel.username}/all-posts"

    async def read() -> bytes:
        response = await async_client.get(address, headers=headers)
        assert isinstance(response, StreamingHttpResponse)
        assert response.is_async
        return b"".join([block async for block in response])

    under_asgi = asyncio.run(read())
    under_wsgi: Any = client.get(address, headers=headers)

    assert under_asgi == b"".join(under_wsgi.streaming_content)
    assert under_asgi.count(b"\n") == 3_001
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        assert cursor.fetchone()[0] == 0
