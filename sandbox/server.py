"""The sandbox as a whole: listeners, dispatch, pushes."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from typing import Any

from sandbox.bots.bots import Bots
from sandbox.connection import Connection
from sandbox.errors import RpcFault
from sandbox.faults import Faults
from sandbox.graph_cache import GraphCache
from sandbox.keys import test_key
from sandbox.methods.auth import QrLogin
from sandbox.methods.stats import Token
from sandbox.rpc import HANDLERS, Call
from sandbox.sessions import KeyRing
from sandbox.srp import Challenge
from sandbox.state import State
from sandbox.tl import Raw, types
from sandbox.world.accounts import Account
from sandbox.world.changes import Changes
from sandbox.world.channels import Channel, Event
from sandbox.world.live import Live
from sandbox.world.world import World

log = logging.getLogger("sandbox.server")

HOME_DC = 2
STATS_DC = 4
HOST = "127.0.0.1"
NOTE_SECONDS = 10.0


class Sandbox:
    """Two data centres on loopback over one world."""

    home_dc = HOME_DC
    stats_dc = STATS_DC

    def __init__(self, world: World, state: State, *, gzip_answers: bool = False) -> None:
        self.world = world
        self.state = state
        self.rsa_key = test_key()
        self.keys = KeyRing(state, world)
        self.faults = Faults()
        self.changes = Changes(world, state.append)
        self.live = Live(world, self.changes)
        self.bots = Bots(world)
        self._noted = 0.0
        self.gzip_answers = gzip_answers
        self.connections: set[Connection] = set()
        self.ports: dict[int, int] = {}
        self.codes: dict[str, str] = {}
        self.exported: dict[bytes, int] = {}
        self.qr_tokens: dict[bytes, QrLogin] = {}
        self.failed_files: dict[str, str] = {}
        self.notes = state.notes
        self.graph_tokens: dict[str, Token] = {}
        self.graph_cache = GraphCache()
        self.challenges: dict[bytes, Challenge] = {}
        self.difference_limit = 3000
        self._chat_cache: dict[tuple[int, int], tuple[int, bytes]] = {}
        self._servers: list[asyncio.Server] = []
        world.listeners.append(self._push)

    async def start(self, *, port: int = 0, stats_port: int = 0) -> None:
        """Listen on loopback; port 0 takes a free one."""
        for dc, wanted in ((HOME_DC, port), (STATS_DC, stats_port)):
            server = await asyncio.start_server(self._accept(dc), HOST, wanted, limit=2**20)
            self._servers.append(server)
            self.ports[dc] = server.sockets[0].getsockname()[1]

    def _accept(self, dc: int) -> Any:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if time.time() < self.faults.refuse_until:
                writer.transport.abort()
                return
            connection = Connection(self, dc, reader, writer)
            self.connections.add(connection)
            await connection.run()

        return accept

    async def stop(self) -> None:
        """Stop listening and drop everyone."""
        for server in self._servers:
            server.close()
        self.cut()
        self.state.close()

    def cut(self, phone: str | None = None) -> int:
        """Cut the connections (of one phone, or all); returns how many."""
        chosen = [
            c
            for c in self.connections
            if phone is None or (c.key is not None and c.key.account is not None and c.key.account.phone == phone)
        ]
        for connection in chosen:
            connection.abort()
        return len(chosen)

    def tick(self) -> int:
        """Let the world live on up to now; returns how many posts appeared."""
        appeared = self.live.tick()
        if self.live.on and (appeared or time.time() - self._noted > NOTE_SECONDS):
            self._noted = time.time()
            self.state.put("lived_until", str(self.live.lived_until))
        return appeared

    def dispatch(self, call: Call) -> Any:
        """Find the method, count it, let it fail if it is to, and run it."""
        self.faults.counts[call.name] += 1
        entry = HANDLERS.get(type(call.request))
        if entry is None:
            log.warning("method not implemented: %s", call.name)
            raise RpcFault("METHOD_NOT_IMPLEMENTED")
        handler, public = entry
        if call.key.revoked is not None and not public:
            raise RpcFault(call.key.revoked, 401)
        self.faults.check(call.name, _channel_id(call.request), call.key.account.phone if call.key.account else None)
        if not public:
            call.account  # noqa: B018 - raises AUTH_KEY_UNREGISTERED
        return handler(call)

    def describe(self) -> dict[str, Any]:
        """The ready line: where everything listens and which channels there are."""
        channels = [c for c in self.world.channels.values() if not c.megagroup]
        return {
            "ready": True,
            "port": self.ports[HOME_DC],
            "stats_port": self.ports[STATS_DC],
            "dc_id": HOME_DC,
            "channels": [c.username or str(c.id) for c in channels],
            "skipped": {c.username or str(c.id): c.skipped for c in channels if c.skipped},
            "failed": self.failed_files,
            "notes": self.notes,
        }

    # -- accounts

    def account(self, phone: str) -> Account:
        """The account of a phone, stored when it is new."""
        account = self.world.account(phone)
        self.state.save_account(account.phone, account.first_name, account.password)
        return account

    def set_role(self, account: Account, channel: Channel, role: str | None) -> None:
        """Make the account creator, admin, member or banned in a channel, or (None) nothing."""
        now = int(self.world.clock.now())
        if role is None:
            account.roles.pop(channel.id, None)
        else:
            account.roles[channel.id] = role
            account.joined[channel.id] = now
        channel.bump()
        self.state.save_member(account.phone, str(channel.id), role, now)

    def revoke(self, phone: str, error: str) -> int:
        """End every session of an account; its keys answer *error* until they sign in again."""
        keys = [k for k in self.keys.all() if k.account is not None and k.account.phone == phone]
        for key in keys:
            self.keys.sign_in(key, None)
            key.revoked = error
        return len(keys)

    def change_salts(self) -> int:
        """Give every auth key another salt."""
        keys = self.keys.all()
        for key in keys:
            key.salt = secrets.randbits(63)
            self.keys.save(key)
        return len(keys)

    def accept_login_token(self, token: bytes, account: Account) -> None:
        """A signed-in device scanned a QR token: the waiting client is told."""
        login = self.qr_tokens.get(token)
        if login is None:
            raise RpcFault("AUTH_TOKEN_INVALID")
        if login.expires <= self.world.clock.now():
            raise RpcFault("AUTH_TOKEN_EXPIRED")
        login.account = account
        key = self.keys.get(login.key_id)
        update = types.UpdateShort(update=types.UpdateLoginToken(), date=int(self.world.clock.now()))
        for connection in list(key.connections) if key else []:
            connection.push(update)

    def chat_bytes(self, channel: Channel, account: Account) -> bytes:
        """The TL channel as this account sees it, serialised once per change."""
        cached = self._chat_cache.get((channel.id, account.id))
        if cached is not None and cached[0] == channel.version:
            return cached[1]
        data: bytes = self.world.channel_tl(channel, account)._bytes()
        self._chat_cache[channel.id, account.id] = (channel.version, data)
        return data

    # -- updates

    def _push(self, channel: Channel, event: Event) -> None:
        """Tell every member who is connected, on the home data centre, and did not decline updates."""
        if not any(c.wants_updates for c in self.connections):
            return
        updates = self.updates_of(channel, event)
        for connection in list(self.connections):
            account = connection.key.account if connection.key else None
            if not connection.wants_updates or account is None:
                continue
            if account.roles.get(channel.id) in ("creator", "admin", "member"):
                connection.push(self.envelope(updates, [self.world.channel_tl(channel, account)]))

    def envelope(self, updates: list[Any], chats: list[Any]) -> Any:
        """An ``updates`` object without sequence number, as channels send them."""
        return types.Updates(updates=updates, users=[], chats=chats, date=int(self.world.clock.now()), seq=0)

    def updates_of(self, channel: Channel, event: Event) -> list[Any]:
        """The TL updates of one ledger entry; one per message, each with its own pts."""
        if event.kind == "delete":
            return [
                types.UpdateDeleteChannelMessages(
                    channel_id=channel.id, messages=event.ids, pts=event.pts, pts_count=event.count
                )
            ]
        cls = types.UpdateNewChannelMessage if event.kind == "new" else types.UpdateEditChannelMessage
        first = event.pts - event.count
        return [
            cls(message=Raw(channel.message(channel.posts[i])), pts=first + n, pts_count=1)
            for n, i in enumerate(event.ids, start=1)
            if i in channel.posts
        ]


def _channel_id(request: Any) -> int | None:
    for name in ("peer", "channel"):
        peer = getattr(request, name, None)
        if peer is not None:
            return getattr(peer, "channel_id", None)
    return None
