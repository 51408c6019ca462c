"""`TelegramGateway` on Telethon: raw requests out, frozen records in, our errors only."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, TypeVar

from telethon import errors
from telethon.network import MTProtoSender
from telethon.tl import functions, types

from mtproto.errors import (
    FloodWait,
    GatewayError,
    PeerNotChannel,
    PeerNotFound,
    PeerPrivate,
    PeerUnaddressed,
    RequestInvalid,
    ServerTrouble,
    Unreachable,
)
from mtproto.gateway import PAGE_LIMIT
from mtproto.guard import CallGuard, NoGuard
from mtproto.metrics import PUSHED
from mtproto.parsing import (
    RecordInvalid,
    parse_channel,
    parse_difference,
    parse_graph,
    parse_message_stats,
    parse_messages,
    parse_public_forwards,
    parse_stats,
    parse_updates,
    parse_user,
)
from mtproto.records import (
    AccountRecord,
    AnyMessage,
    AnyUpdate,
    BroadcastStats,
    ChannelDifference,
    ChannelRecord,
    Graph,
    HistoryPage,
    MessageStats,
    Peer,
    PeerKind,
    PublicForwards,
)
from mtproto.references import PeerReference
from mtproto.telethon_adapter.client import Client
from mtproto.telethon_adapter.config import TelegramConfig
from mtproto.telethon_adapter.faults import CAUGHT, translate

# Telegram answers most calls within a second; a page of a hundred posts may take a few.
ANSWER_SECONDS = 20.0
CONNECT_SECONDS = 30.0
# Statistics are computed when they are asked for.
STATS_SECONDS = 60.0
PING_SECONDS = 5.0
# With nothing pushed for so long, ask for a sign of life: a cut cable makes no noise, and Telegram forgets
# sessions that never ask for anything.
SILENCE_SECONDS = 45.0

_PTS_UNKNOWN = {"PERSISTENT_TIMESTAMP_INVALID", "PERSISTENT_TIMESTAMP_EMPTY"}

T = TypeVar("T")

logger = logging.getLogger(__name__)


class TelethonGateway:
    """One signed-in account.

    A lost connection is opened again by the next call; but where updates are received only by `connect`, because
    whoever follows them must know that there is a gap.
    """

    def __init__(
        self,
        config: TelegramConfig,
        session: str,
        *,
        receive_updates: bool,
        guard: CallGuard | None = None,
    ) -> None:
        self._config = config
        self._session = session
        self._receive_updates = receive_updates
        self._guard: CallGuard = guard or NoGuard()
        self._client: Client | None = None
        self._connecting = asyncio.Lock()
        self._given_up = False
        self._stats_dcs: dict[int, int] = {}

    # -- life

    async def connect(self) -> None:
        """Open the connection and ask who we are; idempotent. Unreachable, AccountUnusable or FloodWait."""
        self._given_up = False
        await self._ready(anew=True)

    async def disconnect(self) -> None:
        """Close the connection; idempotent. A reader of updates ends."""
        self._given_up = True
        client, self._client = self._client, None
        if client is not None:
            await client.close()
        await self._guard.close()

    async def _ready(self, *, anew: bool = False) -> Client:
        """The living client; a new one when the last has lost its connection (with updates: only if `anew`)."""
        if self._client is not None and self._client.alive:
            return self._client
        async with self._connecting:
            if self._client is not None and self._client.alive:
                return self._client
            if self._given_up:
                raise Unreachable("The connection to Telegram was closed", code="DISCONNECTED")
            if self._client is not None and self._receive_updates and not anew:
                raise Unreachable("The connection to Telegram was lost", code="DISCONNECTED")
            await self._guard.load()
            opened = await self._open()
            # Kept until now: an attempt that failed must not make the next call think that nothing was lost.
            await self._drop()
            if self._given_up:
                await opened.close()
                raise Unreachable("The connection to Telegram was closed", code="DISCONNECTED")
            self._client = opened
            return opened

    async def _open(self) -> Client:
        # A wait that Telegram asked for on connecting (initConnection) is honoured like that of any other method.
        self._guard.check("connect")
        client = Client(self._config, self._session, receive_updates=self._receive_updates)
        try:
            await self._guarded("connect", asyncio.wait_for(client.connect(), CONNECT_SECONDS))
            await self._begin(client)
        except ServerTrouble as error:
            await client.close()
            raise Unreachable(f"Telegram does not serve at the moment: {error.message}", code=error.code) from error
        except BaseException:
            await client.close()
            raise
        return client

    async def _begin(self, client: Client) -> None:
        """The first call: its answer proves the session, and Telegram pushes only to sessions that asked for something.

        A server that does not know getState pushes without it, or not at all.
        """
        if self._receive_updates:
            try:
                await self._send(client, functions.updates.GetStateRequest())
            except (RequestInvalid, ServerTrouble) as error:
                logger.info("updates.getState is refused: %s", error.message)
            else:
                return
        await self._send(client, functions.users.GetUsersRequest([types.InputUserSelf()]))

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    # -- calls

    async def _call(self, request: Any, *, seconds: float = ANSWER_SECONDS) -> Any:
        client = await self._ready()
        return await self._send(client, request, seconds=seconds)

    async def _send(
        self, client: Client, request: Any, *, seconds: float = ANSWER_SECONDS, sender: MTProtoSender | None = None
    ) -> Any:
        method = method_of(request)
        self._guard.check(method)
        try:
            return await self._guarded(method, client.send(request, seconds=seconds, sender=sender))
        except Unreachable as error:
            if error.code == "TIMEOUT" and await self._probe(client, sender):
                raise ServerTrouble(error.message, code=error.code) from error
            raise

    async def _probe(self, client: Client, sender: MTProtoSender | None = None) -> bool:
        """After an answer that did not come: is it slow (True), or is the line dead? A dead one is closed."""
        if sender is not None and sender is not client.home:
            # Opening the line to another data centre again costs little: its key stays authorised.
            await sender.disconnect()
            return False
        try:
            alive = await client.answers(seconds=PING_SECONDS)
        except CAUGHT:
            alive = False
        if not alive:
            await client.close()
        return alive

    async def _guarded(self, method: str, call: Any) -> Any:
        """The result of a call, its outcome told to the guard; only our errors leave."""
        try:
            result = await call
        except errors.StatsMigrateError:
            raise
        except CAUGHT as error:
            ours = translate(error, method=method)
            await self._guard.note(method, ours)
            raise ours from error
        except GatewayError as error:
            await self._guard.note(method, error)
            raise
        await self._guard.note(method, None)
        return result

    # -- who and what

    async def me(self) -> AccountRecord:
        """Who is signed in."""
        users = await self._call(functions.users.GetUsersRequest([types.InputUserSelf()]))
        return _read(lambda: parse_user(users[0]))

    async def resolve(self, reference: PeerReference) -> ChannelRecord:
        """Find a channel by username, invite link or id. PeerNotFound, PeerPrivate, PeerNotChannel, PeerUnaddressed."""
        if reference.username:
            chat = await self._resolve_username(reference.username)
        elif reference.invite_hash:
            chat = await self._resolve_invite(reference.invite_hash)
        else:
            chat = await self._resolve_id(reference.tg_id or 0)
        record = parse_channel(chat)
        if chat.__class__.__name__.endswith("Forbidden"):
            raise PeerPrivate(f"{reference} is closed to this account")
        if record.kind is not PeerKind.CHANNEL:
            raise PeerNotChannel(f"{reference} is a {record.kind.value}, not a channel", kind=record.kind)
        return record

    async def _resolve_username(self, username: str) -> Any:
        answer = await self._call(functions.contacts.ResolveUsernameRequest(username))
        wanted = getattr(answer.peer, "channel_id", None) or getattr(answer.peer, "user_id", None)
        for found in (*answer.chats, *answer.users):
            if found.id == wanted:
                return found
        raise PeerNotFound(f"Nobody has the username @{username}")

    async def _resolve_invite(self, invite_hash: str) -> Any:
        answer = await self._call(functions.messages.CheckChatInviteRequest(invite_hash))
        chat = getattr(answer, "chat", None)
        if chat is None:
            raise PeerPrivate("The invite link leads to a private channel; this account has not joined it")
        return chat

    async def _resolve_id(self, tg_id: int) -> Any:
        """Works for channels that Telegram has shown to this session; otherwise the access hash is needed."""
        answer = await self._call(functions.channels.GetChannelsRequest([types.InputChannel(tg_id, 0)]))
        for chat in answer.chats:
            if chat.id == tg_id:
                return chat
        raise PeerUnaddressed(f"This account has not met the channel {tg_id}: give its username or link")

    async def channel(self, peer: Peer) -> ChannelRecord:
        """Full facts of a channel: subscribers, about, rights, pts."""
        answer = await self._call(functions.channels.GetFullChannelRequest(_channel(peer)))
        chat = next((c for c in answer.chats if c.id == peer.tg_id), None)
        if chat is None:
            raise PeerUnaddressed(f"Telegram does not tell of the channel {peer.tg_id}")
        record = parse_channel(chat, answer.full_chat)
        if record.stats_dc is not None:
            self._stats_dcs[peer.tg_id] = record.stats_dc
        return record

    async def join(self, peer: Peer) -> None:
        """Become a member, so that updates are pushed."""
        try:
            await self._call(functions.channels.JoinChannelRequest(_channel(peer)))
        except GatewayError as error:
            if error.code != "USER_ALREADY_PARTICIPANT":
                raise

    # -- messages

    async def history(
        self, peer: Peer, *, before_id: int = 0, after_id: int = 0, limit: int = PAGE_LIMIT
    ) -> HistoryPage:
        """A page, newest first, of ids below `before_id` (0: from the newest) and above `after_id`."""
        answer = await self._call(
            functions.messages.GetHistoryRequest(
                peer=types.InputPeerChannel(peer.tg_id, peer.access_hash),
                offset_id=before_id,
                offset_date=None,
                add_offset=0,
                limit=limit,
                max_id=0,
                min_id=after_id,
                hash=0,
            )
        )
        return _read(lambda: HistoryPage(parse_messages(answer.messages), getattr(answer, "count", None)))

    async def messages(self, peer: Peer, ids: Sequence[int]) -> tuple[AnyMessage, ...]:
        """What the server says of at most 100 ids, in the order asked; ids it passes over are left out."""
        if not ids:
            return ()
        answer = await self._call(
            functions.channels.GetMessagesRequest(_channel(peer), [types.InputMessageID(i) for i in ids])
        )
        return answered(ids, _read(lambda: parse_messages(answer.messages)))

    async def difference(self, peer: Peer, *, pts: int, limit: int = 100) -> ChannelDifference:
        """What happened in the channel since `pts`."""
        request = functions.updates.GetChannelDifferenceRequest(
            channel=_channel(peer), filter=types.ChannelMessagesFilterEmpty(), pts=pts, limit=limit, force=False
        )
        try:
            answer = await self._call(request)
        except RequestInvalid as error:
            if error.code not in _PTS_UNKNOWN:
                raise
            # The server does not know this place in the stream (any more): as if too much had happened since.
            now = await self.channel(peer)
            return ChannelDifference(updates=(), pts=now.pts or 1, final=True, too_long=True)
        return _read(lambda: parse_difference(answer, channel_tg_id=peer.tg_id))

    async def updates(self) -> AsyncIterator[AnyUpdate]:
        """Pushed updates in their order. Raises Unreachable when the connection is lost or Telegram has let go of some.

        Reads the connection that stands when it is first asked; ends when `disconnect` is called.
        """
        client = await self._ready()
        ended = asyncio.ensure_future(client.lost())
        try:
            while True:
                pushed = await self._next_pushed(client, ended)
                if pushed is None:
                    if self._given_up:
                        return
                    raise Unreachable("The connection to Telegram was lost")
                for update in _records_of(pushed):
                    yield update
        finally:
            ended.cancel()

    async def _next_pushed(self, client: Client, ended: "asyncio.Future[None]") -> Any:
        """The next pushed object; None when the connection has ended. Asks for a sign of life in long silence."""
        while True:
            if not client.pushed.empty():
                return client.pushed.get_nowait()
            getting = asyncio.ensure_future(client.pushed.get())
            try:
                await asyncio.wait((getting, ended), timeout=SILENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if getting.done():
                    return getting.result()
                if ended.done():
                    return None
            finally:
                getting.cancel()
            try:
                await self._send(client, functions.updates.GetStateRequest())
            except (FloodWait, RequestInvalid, ServerTrouble):
                # Refused, which is an answer, or not sent at all: a ping tells.
                await self._probe(client)

    # -- official statistics

    async def broadcast_stats(self, peer: Peer, *, stats_dc: int | None = None) -> BroadcastStats:
        """Official statistics, asynchronous graphs as tokens. StatsRefused."""
        answer = await self._stats(peer, functions.stats.GetBroadcastStatsRequest(_channel(peer)), stats_dc)
        return _read(lambda: parse_stats(answer))

    async def load_graph(self, peer: Peer, token: str, *, x: int | None = None, stats_dc: int | None = None) -> Graph:
        """An asynchronous graph (or its zoom at `x`, ms). GraphExpired."""
        answer = await self._stats(peer, functions.stats.LoadAsyncGraphRequest(token, x), stats_dc)
        return _read(lambda: parse_graph(answer))

    async def message_stats(self, peer: Peer, message_id: int, *, stats_dc: int | None = None) -> MessageStats:
        """Official statistics of one post."""
        request = functions.stats.GetMessageStatsRequest(_channel(peer), message_id)
        answer = await self._stats(peer, request, stats_dc)
        return _read(lambda: parse_message_stats(answer, message_id))

    async def public_forwards(
        self, peer: Peer, message_id: int, *, offset: str = "", limit: int = 100, stats_dc: int | None = None
    ) -> PublicForwards:
        """A page of the public reposts of one post."""
        request = functions.stats.GetMessagePublicForwardsRequest(_channel(peer), message_id, offset, limit)
        answer = await self._stats(peer, request, stats_dc)
        return _read(lambda: parse_public_forwards(answer))

    async def _stats(self, peer: Peer, request: Any, stats_dc: int | None) -> Any:
        """Ask the statistics data centre: the given, the one known for the channel, or the one Telegram sends us to."""
        client = await self._ready()
        dc = stats_dc or self._stats_dcs.get(peer.tg_id) or client.session.dc_id
        try:
            return await self._stats_at(client, dc, request)
        except errors.StatsMigrateError as error:
            dc = self._stats_dcs[peer.tg_id] = error.dc
        try:
            return await self._stats_at(client, dc, request)
        except errors.StatsMigrateError as error:
            raise ServerTrouble(f"Telegram sends us from one data centre to another ({error.dc})") from error

    async def _stats_at(self, client: Client, dc: int, request: Any) -> Any:
        """Ask one data centre. Its trouble is not the account's, nor the line's: ServerTrouble while our own stands."""
        self._guard.check(method_of(request))
        if not client.holds(dc):
            self._guard.check("auth.importAuthorization")
        try:
            sender = await self._guarded("auth.importAuthorization", client.sender_of(dc))
        except (Unreachable, RequestInvalid) as error:
            raise await self._trouble_at(client, dc, error) from error
        try:
            return await self._send(client, request, seconds=STATS_SECONDS, sender=sender)
        except Unreachable as error:
            raise await self._trouble_at(client, dc, error) from error

    async def _trouble_at(self, client: Client, dc: int, error: GatewayError) -> GatewayError:
        """What ended a call to a data centre: the same error when our own line is lost."""
        if not client.alive or not await self._probe(client):
            return error if isinstance(error, Unreachable) else Unreachable(error.message, code=error.code)
        return ServerTrouble(f"Data centre {dc}: {error.message}", code=error.code)


def _read(parse: Callable[[], T]) -> T:
    """What an answer says; RequestInvalid when it has another shape than its type promises."""
    try:
        return parse()
    except (AttributeError, TypeError, ValueError, LookupError) as error:
        raise RequestInvalid(f"Telegram's answer cannot be read: {error}", code="ANSWER_UNREADABLE") from error


def method_of(request: Any) -> str:
    """Telegram's name of a request's method: ``messages.getHistory``."""
    space = request.__class__.__module__.rpartition(".")[2]
    name = request.__class__.__name__.removesuffix("Request")
    name = name[0].lower() + name[1:]
    return name if space == "functions" else f"{space}.{name}"


def answered(ids: Sequence[int], records: Sequence[AnyMessage]) -> tuple[AnyMessage, ...]:
    """The records of these ids, in the order asked; an id without a record is left out."""
    found = {record.message_id: record for record in records}
    return tuple(found[i] for i in ids if i in found)


def _channel(peer: Peer) -> types.InputChannel:
    return types.InputChannel(peer.tg_id, peer.access_hash)


def _records_of(pushed: Any) -> tuple[AnyUpdate, ...]:
    if isinstance(pushed, types.UpdatesTooLong):
        raise Unreachable("Telegram has let go of updates: catch up by difference", code="UPDATES_TOO_LONG")
    if getattr(pushed, "_self_outgoing", False):
        # The answer to a request of our own, not a push.
        return ()
    try:
        records = parse_updates(pushed)
    except RecordInvalid as error:
        logger.warning("passed over an update that cannot be read: %s", error)
        return ()
    for record in records:
        PUSHED.labels(type(record).__name__).inc()
    return records
