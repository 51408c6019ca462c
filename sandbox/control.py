"""The control port: one JSON object a line in, one a line out."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from sandbox.commands import Commands
from sandbox.control_errors import ControlError

if TYPE_CHECKING:
    from sandbox.server import Sandbox

HOST = "127.0.0.1"


class ControlPort:
    """Listens on loopback and hands commands to :class:`Commands`."""

    def __init__(self, sandbox: Sandbox, stop: asyncio.Event) -> None:

        self._commands = Commands(sandbox, stop)
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self, port: int) -> None:
        """Listen; port 0 takes a free one."""
        self._server = await asyncio.start_server(self._serve, HOST, port, limit=2**24)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                if line.strip():
                    writer.write(json.dumps(self._answer(line), ensure_ascii=False).encode() + b"\n")
                    await writer.drain()
        except (ConnectionError, ValueError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            return {"ok": True} | self._commands.run(json.loads(line))
        except (ControlError, KeyError, ValueError, TypeError, OverflowError) as error:
            text = f"missing {error}" if isinstance(error, KeyError) else str(error)
            return {"ok": False, "error": text}
