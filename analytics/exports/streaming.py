"""Long answers in blocks, under WSGI and ASGI alike, without holding them in memory."""

import asyncio
from collections.abc import AsyncIterator, Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import StreamingHttpResponse

_BLOCK = 256 * 1024
Blocks = Generator[bytes, None, None]


def streamed(request: Any, blocks: Blocks, **kwargs: Any) -> StreamingHttpResponse:
    """An answer that sends `blocks` as they are made; who goes away early ends their making.

    Django would first gather an ordinary iterator as a whole under ASGI; there it runs in a thread of its own, with a
    database connection of its own.
    """
    bare = getattr(request, "_request", request)
    if isinstance(bare, ASGIRequest):
        return StreamingHttpResponse(_in_thread(blocks), **kwargs)
    return StreamingHttpResponse(blocks, **kwargs)


async def _in_thread(blocks: Blocks) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, thread_name_prefix="stream") as thread:
        try:
            while (block := await loop.run_in_executor(thread, next, blocks, None)) is not None:
                yield block
        finally:
            # Not awaited: this may run while the task is being cancelled. The pool waits for it.
            thread.submit(_finish, blocks)


def _finish(blocks: Blocks) -> None:
    blocks.close()
    connections.close_all()


def file_blocks(path: Path) -> Blocks:
    """A file in blocks."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
