"""Telethon's client with its own update machinery, retries and waiting taken out; those are decided above."""

import asyncio
import logging
import random
from typing import Any

from telethon import TelegramClient
from telethon.network import MTProtoSender
from telethon.sessions import StringSession
from telethon.tl import functions
from telethon.tl.alltlobjects import LAYER

from mtproto.errors import ServerTrouble
from mtproto.metrics import CONNECTED
from mtproto.telethon_adapter.config import HOME_DC, TelegramConfig
from mtproto.telethon_adapter.reading import read_answer

CONNECT_SECONDS = 10.0
# Requests whose answers are read by `read_answer`.
_FULL_OF_MESSAGES = (functions.messages.GetHistoryRequest, functions.channels.GetMessagesRequest)

logger = logging.getLogger("mtproto.telethon")
# Telethon tells of each cut and failed attempt; whoever called learns it from our error.
logger.setLevel(logging.CRITICAL)


class Client(TelegramClient):
    """One connection. Lost, it stays lost (a new client is made); pushed updates wait in `pushed` as they came."""

    def __init__(self, config: TelegramConfig, session: str | None, *, receive_updates: bool) -> None:
        super().__init__(
            _session(config, session),
            config.api_id,
            config.api_hash,
            timeout=CONNECT_SECONDS,
            request_retries=0,
            connection_retries=1,
            retry_delay=1,
            # A silent reconnection would hide the gap in the updates.
            auto_reconnect=False,
            flood_sleep_threshold=0,
            raise_last_call_error=True,
            device_model="Server",
            system_version="1.0",
            app_version="1.0",
            # Official statistics come in the language of the account.
            lang_code="en",
            system_lang_code="en",
            base_logger=logger,
            receive_updates=receive_updates,
        )
        self.receives_updates = receive_updates
        self._dc_options: list[Any] | None = None
        self._others: dict[int, MTProtoSender] = {}
        self._others_lock = asyncio.Lock()

    @property
    def pushed(self) -> "asyncio.Queue[Any]":
        """Updates objects in the order they came."""
        return self._updates_queue

    @property
    def home(self) -> MTProtoSender:
        """The connection to the account's own data centre."""
        return self._sender

    @property
    def alive(self) -> bool:
        """True while the connection stands."""
        return bool(self._sender.is_connected() and self._sender._transport_connected())

    async def connect(self) -> None:
        """Connect as Telethon does; ConnectionError, AuthKeyNotFound and the like come as they are."""
        await super().connect()
        CONNECTED.inc()
        self._sender._disconnected.add_done_callback(_connection_ended)

    async def lost(self) -> None:
        """Return when the connection has ended, for whatever reason."""
        await asyncio.wait([self._sender._disconnected])

    async def _update_loop(self) -> None:
        """Telethon would fetch differences by itself, and pass over updates it takes for doubles."""

    async def get_me(self, input_peer: bool = False) -> None:  # noqa: FBT001, FBT002 - Telethon's signature
        """Connecting asks this and would then start the update machinery."""

    async def _on_login(self, user: Any) -> Any:
        """Called after a sign-in; asks for no difference."""
        self._authorized = True
        return user

    async def _get_dc(self, dc_id: int, cdn: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002 - Telethon's signature
        """The address of a data centre as this server tells it (Telethon keeps one list for all servers)."""
        if self._dc_options is None:
            config = await self.send(functions.help.GetConfigRequest(), seconds=CONNECT_SECONDS)
            self._dc_options = config.dc_options
        plain = [o for o in self._dc_options if o.id == dc_id and not o.cdn and not o.media_only and not o.tcpo_only]
        # Documented order: the first that fits our kind of address.
        for option in sorted(plain, key=lambda o: bool(o.ipv6)):
            return option
        raise ServerTrouble(f"Telegram gives no address for its data centre {dc_id}")

    async def send(
        self, request: Any, *, seconds: float, sender: MTProtoSender | None = None, first: bool = False
    ) -> Any:
        """The answer to one request, sent once, waited for `seconds`. Errors come as Telethon and asyncio make them.

        `first` on a connection is the one that tells the layer; nothing may be wrapped around that.
        """
        many = isinstance(request, _FULL_OF_MESSAGES)
        if not (self.receives_updates or first):
            request = functions.InvokeWithoutUpdatesRequest(request)
        if many:
            request.read_result = read_answer
        chosen = sender or self._sender
        future = chosen.send(request)
        ended = chosen._disconnected
        try:
            await asyncio.wait((future, ended), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            future.cancel()
            raise
        # The sender cancels what is pending when its connection ends, and forgets what it had not sent yet.
        if future.done() and not future.cancelled():
            return future.result()
        future.cancel()
        if ended.done():
            raise ConnectionError("connection closed")
        raise TimeoutError

    async def answers(self, *, seconds: float) -> bool:
        """Whether the server still answers: a ping, which Telegram never delays."""
        future = self._sender.send(functions.PingRequest(random.getrandbits(63)))
        done, _ = await asyncio.wait((future,), timeout=seconds)
        future.cancel()
        return bool(done)

    def holds(self, dc_id: int) -> bool:
        """True while the line to a data centre is open, so that no authorisation is needed to call it."""
        known = self._others.get(dc_id)
        return dc_id == self.session.dc_id or (known is not None and known.is_connected())

    async def sender_of(self, dc_id: int) -> MTProtoSender:
        """An authorised connection to another data centre, kept open: exporting authorisations is limited."""
        if dc_id == self.session.dc_id:
            return self._sender
        async with self._others_lock:
            known = self._others.get(dc_id)
            if known is not None and known.is_connected():
                return known
            sender = await self._open_other(dc_id, known)
            self._others[dc_id] = sender
            return sender

    async def _open_other(self, dc_id: int, before: MTProtoSender | None) -> MTProtoSender:
        dc = await self._get_dc(dc_id)
        # A key that was authorised once stays so; only its connection is gone.
        # One that the server has forgotten is empty.
        key = (before.auth_key if before is not None else None) or None
        sender = MTProtoSender(
            key,
            loggers=self._log,
            retries=1,
            auto_reconnect=False,
            connect_timeout=CONNECT_SECONDS,
            updates_queue=asyncio.Queue(),
        )
        await asyncio.wait_for(
            sender.connect(self._connection(dc.ip_address, dc.port, dc.id, loggers=self._log, proxy=self._proxy)),
            CONNECT_SECONDS * 2,
        )
        try:
            query: Any = functions.help.GetConfigRequest()
            if key is None:
                exported = await self.send(functions.auth.ExportAuthorizationRequest(dc_id), seconds=CONNECT_SECONDS)
                query = functions.auth.ImportAuthorizationRequest(id=exported.id, bytes=exported.bytes)
            self._init_request.query = query
            request = functions.InvokeWithLayerRequest(LAYER, self._init_request)
            await self.send(request, seconds=CONNECT_SECONDS, sender=sender, first=True)
            CONNECTED.inc()
            sender._disconnected.add_done_callback(_connection_ended)
        except BaseException:
            await sender.disconnect()
            raise
        return sender

    async def close(self) -> None:
        """Close all connections; idempotent, raises nothing."""
        for sender in self._others.values():
            await sender.disconnect()
        self._others.clear()
        await self._disconnect()

    def session_string(self) -> str:
        """The session as text: a full key to the account."""
        return str(self.session.save())


def _connection_ended(ended: "asyncio.Future[None]") -> None:
    CONNECTED.dec()
    # Reading the reason keeps asyncio from complaining that nobody did.
    if not ended.cancelled():
        ended.exception()


def _session(config: TelegramConfig, text: str | None) -> StringSession:
    session = StringSession(text)
    if config.server and (not session.dc_id or session.dc_id == HOME_DC):
        # The other Telegram may have moved to another port since the session was made.
        session.set_dc(HOME_DC, *config.server)
    return session
