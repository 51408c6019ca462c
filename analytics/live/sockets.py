"""The WebSocket of a live page: says when a channel has moved, and nothing else. The page then asks for what it shows.

Messages are JSON: `{"channel": "@name", "version": 7, "what": ["counters", "posts"]}`, the version null where it is not
known; and `{"what": ["ping"]}` every 20 seconds. A ping travels through Redis, so it also proves that news would come.
Close codes: `admission.Close`; 1012 (the server restarts) comes from uvicorn.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import InterfaceError, OperationalError
from redis.exceptions import RedisError

from analytics.live.admission import Admitted, Close, Scope, address_of, admit, cookies_of, is_own_origin, session_key
from analytics.live.counting import taking_place
from analytics.live.groups import PING_EVERY, group_of_channel, group_of_session

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

# Seconds: between two messages to one socket; that a browser may take to read one; between two looks at its rights.
BETWEEN = 0.3
PATIENCE = 10.0
LOOKED_AT_EVERY = 60.0
_AWAY = (RedisError, OSError, TimeoutError)


async def live_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """One WebSocket, from its handshake to its end."""
    await receive()  # websocket.connect
    if not is_own_origin(scope):
        await send({"type": "websocket.close"})  # before it is accepted: 403
        return
    cookies = cookies_of(scope)
    with taking_place(session=session_key(cookies), address=address_of(scope)) as has_place:
        await send({"type": "websocket.accept"})
        # Only a socket that was accepted can tell its page why it is closed.
        code = await _serve(scope, receive, send, cookies) if has_place else Close.TOO_MANY
        if code is not None:
            with contextlib.suppress(OSError, RuntimeError, TimeoutError):
                await asyncio.wait_for(send({"type": "websocket.close", "code": int(code)}), PATIENCE)


async def _serve(scope: Scope, receive: Receive, send: Send, cookies: Mapping[str, str]) -> Close | None:
    """Why it ended; None when the browser went away."""
    name: str | None = scope["url_route"]["kwargs"].get("name")
    try:
        admitted = await _admit(cookies, name)
        return admitted if isinstance(admitted, Close) else await Listening(admitted, name, send).until_end(receive)
    except _AWAY as error:
        logger.debug("a live page is sent away: %s", error)
    except (OperationalError, InterfaceError):
        logger.debug("a live page is sent away: no database")
    return Close.TRY_LATER


_admit = database_sync_to_async(admit)


class Listening:
    """A socket that was let in. `name`: the channel it asked for, None for all of its workspace."""

    def __init__(self, admitted: Admitted, name: str | None, send: Send) -> None:
        self._admitted = admitted
        self._name = name
        self._send = send
        self._layer: Any = get_channel_layer()
        self._address = ""
        # Channel by group.
        self._groups: dict[str, str] = {}
        # What came and was not passed on yet, by channel; the empty name is the session's.
        self._news: dict[str, dict[str, Any]] = {}
        self._came = asyncio.Event()
        self._ping_back = True
        self._next_ping = self._next_look = 0.0

    async def until_end(self, receive: Receive) -> Close | None:
        """Pass on what is heard until one side ends it."""
        # Each has its end: the browser speaks or goes away, Redis goes away, the right to listen ends.
        tasks = [asyncio.ensure_future(_until_it_speaks(receive))]
        try:
            self._address = await asyncio.wait_for(self._layer.new_channel(), PATIENCE)
            tasks += [asyncio.ensure_future(self._hear()), asyncio.ensure_future(self._pass_on())]
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with contextlib.suppress(*_AWAY):
                await asyncio.wait_for(self._leave(self._groups), PATIENCE)

    async def _hear(self) -> Close | None:
        """Gather what comes from Redis."""
        while True:
            message = await self._layer.receive(self._address)
            if message["type"] == "ping":
                self._ping_back = True
                self._gather("", {"ping"}, None)
            else:
                self._gather(self._groups.get(message["group"], ""), message["what"], message["version"])

    def _gather(self, channel: str, what: Iterable[str], version: int | None) -> None:
        news = self._news.setdefault(channel, {"version": None, "what": set()})
        news["what"].update(what)
        if version is not None:
            news["version"] = max(version, news["version"] or 0)
        self._came.set()

    async def _pass_on(self) -> Close | None:
        """Tell the page what came, at most once per `BETWEEN`."""
        await self._join(self._admitted.channels)
        self._next_look = time.monotonic() + LOOKED_AT_EVERY
        while True:
            if refused := await self._keep_alive():
                return refused
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._came.wait(), max(0.0, self._next_ping - time.monotonic()))
            news, self._news = self._news, {}
            self._came.clear()
            if "end" in news.get("", {}).get("what", ()):
                return Close.SIGN_IN
            for channel, moved in news.items():
                await self._tell(channel, moved)
            if news:
                await asyncio.sleep(BETWEEN)

    async def _keep_alive(self) -> Close | None:
        """Send a ping when it is time, and look at the rights anew now and then."""
        now = time.monotonic()
        if now >= self._next_ping:
            if not self._ping_back:
                return Close.TRY_LATER
            self._ping_back, self._next_ping = False, now + PING_EVERY.total_seconds()
            await asyncio.wait_for(self._layer.send(self._address, {"type": "ping"}), PATIENCE)
        if now >= self._next_look:
            self._next_look = now + LOOKED_AT_EVERY
            admitted = await _admit(self._admitted.cookies, self._name)
            if isinstance(admitted, Close):
                return admitted
            await self._join(admitted.channels)
        return None

    async def _join(self, channels: Mapping[int, str]) -> None:
        """Listen to these channels and to no others."""
        wanted = {group_of_channel(pk): name for pk, name in channels.items()}
        if key := session_key(self._admitted.cookies):
            wanted[group_of_session(key)] = ""
        await self._leave(self._groups.keys() - wanted.keys())
        for group, channel in wanted.items():
            known, self._groups[group] = group in self._groups, channel
            # Noted before: whoever goes away in the middle leaves this one, too.
            if not known:
                await asyncio.wait_for(self._layer.group_add(group, self._address), PATIENCE)

    async def _leave(self, groups: Iterable[str]) -> None:
        for group in list(groups):
            await self._layer.group_discard(group, self._address)
            self._groups.pop(group, None)

    async def _tell(self, channel: str, moved: Mapping[str, Any]) -> None:
        """One message; a browser that does not take it in is too slow for news."""
        told = {"channel": channel, "version": moved["version"]} if channel else {}
        text = json.dumps({**told, "what": sorted(moved["what"])})
        await asyncio.wait_for(self._send({"type": "websocket.send", "text": text}), PATIENCE)


async def _until_it_speaks(receive: Receive) -> Close | None:
    """The page only listens: whatever it says ends the socket, as its going away does."""
    message = await receive()
    return None if message["type"] == "websocket.disconnect" else Close.SPOKE


async def no_socket(_scope: Scope, receive: Receive, send: Send) -> None:
    """No WebSocket has this address: 403."""
    await receive()
    await send({"type": "websocket.close"})
