"""A small HTTP/1.1 server for the Bot API, and the delivery of updates to webhooks."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import logging
import re
from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.bots.bots import Bot, BotError
from sandbox.bots.methods import BotMethods
from sandbox.errors import RpcFault

if TYPE_CHECKING:
    from sandbox.server import Sandbox

log = logging.getLogger("sandbox.bots")

HOST = "127.0.0.1"
_HEAD = "HTTP/1.1 {status} Sandbox\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
_LARGEST_BODY = 60 * 1024 * 1024
_RETRY_SECONDS = 1.0
_DELIVERY_SECONDS = 0.2


class BotApi:
    """Listens on loopback: ``/bot<token>/<method>`` by GET or POST (JSON, form, multipart)."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._methods = BotMethods(sandbox)
        self._server: asyncio.Server | None = None
        self._delivery: asyncio.Task[None] | None = None
        self.port = 0

    async def start(self, port: int) -> None:
        """Listen; port 0 takes a free one."""
        self._server = await asyncio.start_server(self._serve, HOST, port, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]
        self._delivery = asyncio.get_running_loop().create_task(self._deliver())

    async def stop(self) -> None:
        """Stop listening and delivering."""
        if self._delivery is not None:
            self._delivery.cancel()
        if self._server is not None:
            self._server.close()

    # -- requests

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (head := await reader.readuntil(b"\r\n\r\n")) is not None:
                method, target, headers = _parse_head(head)
                length = int(headers.get("content-length") or 0)
                if length > _LARGEST_BODY:
                    break
                body = await reader.readexactly(length)
                status, answer = await self._answer(method, target, headers, body)
                data = json.dumps(answer, ensure_ascii=False).encode()
                writer.write(_HEAD.format(status=status, length=len(data)).encode() + data)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
            pass
        finally:
            writer.close()

    async def _answer(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, Any]]:
        try:
            return 200, {"ok": True, "result": await self._call(method, target, headers, body)}
        except BotError as error:
            answer: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
            if error.retry_after is not None:
                answer["parameters"] = {"retry_after": error.retry_after}
            return error.code, answer
        except Exception:  # the edge of the process: a bug here must be an answer, never a closed connection
            log.exception("%s failed", target)
            return 500, {"ok": False, "error_code": 500, "description": "Internal Server Error"}

    async def _call(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Any:
        url = urlsplit(target)
        match = re.fullmatch(r"/bot([^/]+)/(\w+)", unquote(url.path))
        if match is None or method not in ("GET", "POST"):
            raise BotError(404, "Not Found")
        bot = self._sandbox.bots.by_token(match[1])
        action = self._methods.find(match[2])
        name = f"bot.{match[2]}"
        self._sandbox.faults.counts[name] += 1
        self._fault(name)
        delay = self._sandbox.faults.delay_of(name)
        if delay > 0:
            await asyncio.sleep(delay)
        result = action(bot, _parameters(url.query, headers.get("content-type", ""), body))
        return await result if inspect.isawaitable(result) else result

    def _fault(self, name: str) -> None:
        try:
            self._sandbox.faults.check(name, None, None)
        except RpcFault as fault:
            wait = re.fullmatch(r"FLOOD_WAIT_(\d+)", fault.message)
            if wait:
                text = f"Too Many Requests: retry after {wait[1]}"
                raise BotError(429, text, retry_after=int(wait[1])) from fault
            raise BotError(fault.code if fault.code > 0 else 500, fault.message) from fault

    # -- webhooks

    async def _deliver(self) -> None:
        while True:
            for bot in list(self._sandbox.bots.bots.values()):
                while bot.webhook and bot.updates:
                    if not await _post(bot, bot.updates[0]):
                        await asyncio.sleep(_RETRY_SECONDS)
                        break
                    bot.updates.popleft()
            await asyncio.sleep(_DELIVERY_SECONDS)


async def _post(bot: Bot, update: dict[str, Any]) -> bool:
    """Deliver one update; False unless the address answered with a 2xx status."""
    url = urlsplit(bot.webhook)
    data = json.dumps(update, ensure_ascii=False).encode()
    lines = [
        f"POST {url.path or '/'}{'?' + url.query if url.query else ''} HTTP/1.1",
        f"Host: {url.netloc}",
        "Content-Type: application/json",
        f"Content-Length: {len(data)}",
        "Connection: close",
    ]
    if bot.secret:
        lines.append(f"X-Telegram-Bot-Api-Secret-Token: {bot.secret}")
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(url.hostname, url.port or 80), 5)
        try:
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
            status = await asyncio.wait_for(reader.readline(), 10)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
    except (OSError, TimeoutError) as error:
        log.warning("webhook %s: %s", bot.webhook, error)
        return False
    return re.match(rb"HTTP/1\.[01] 2\d\d", status) is not None


def _parse_head(head: bytes) -> tuple[str, str, dict[str, str]]:
    first, _, rest = head.decode("latin-1").partition("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {}
    for line in rest.split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return method, target, headers


def _parameters(query: str, content_type: str, body: bytes) -> dict[str, Any]:
    """Parameters of a call from its query and body; JSON inside form fields is unpacked."""
    given: dict[str, Any] = {k: _unpacked(v) for k, v in parse_qsl(query, keep_blank_values=True)}
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json" and body:
        try:
            parsed = json.loads(body)
        except ValueError:
            raise BotError(400, "Bad Request: can't parse JSON object") from None
        given |= parsed if isinstance(parsed, dict) else {}
    elif kind == "application/x-www-form-urlencoded":
        given |= {k: _unpacked(v) for k, v in parse_qsl(body.decode(), keep_blank_values=True)}
    elif kind == "multipart/form-data":
        message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            payload = part.get_payload(decode=True)
            if isinstance(name, str) and isinstance(payload, bytes):
                given[name] = payload if part.get_filename() else _unpacked(payload.decode("utf-8", "replace"))
    return given


def _unpacked(value: str) -> Any:
    if value[:1] in ("{", "[") or value in ("true", "false"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
