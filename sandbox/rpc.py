"""Which function answers which request, and what it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.errors import RpcFault
from sandbox.tl import types
from sandbox.world.accounts import Account, access_hash

if TYPE_CHECKING:
    from sandbox.connection import Connection
    from sandbox.server import Sandbox
    from sandbox.sessions import AuthKeyRecord
    from sandbox.world.channels import Channel
    from sandbox.world.world import World


@dataclass(slots=True)
class Call:
    """One request with everything a method may need."""

    server: Sandbox
    connection: Connection
    key: AuthKeyRecord
    request: Any
    name: str

    @property
    def world(self) -> World:
        """The world."""
        return self.server.world

    @property
    def now(self) -> int:
        """The sandbox's present, Unix seconds."""
        return int(self.server.world.clock.now())

    @property
    def account(self) -> Account:
        """The signed-in account; AUTH_KEY_UNREGISTERED without one."""
        if self.key.account is None:
            raise RpcFault("AUTH_KEY_UNREGISTERED", 401)
        return self.key.account

    def channel(self, peer: Any) -> Channel:
        """The channel of an input channel or peer, its access hash checked for this account."""
        channel_id = getattr(peer, "channel_id", None)
        if channel_id is None:
            raise RpcFault("CHANNEL_INVALID" if isinstance(peer, types.InputChannelEmpty) else "PEER_ID_INVALID")
        channel = self.world.channels.get(channel_id)
        if channel is None:
            raise RpcFault("CHANNEL_INVALID")
        given = getattr(peer, "access_hash", None)
        if given is not None and given != access_hash(self.account.id, "channel", channel_id):
            raise RpcFault("CHANNEL_INVALID")
        if not self.world.may_read(channel, self.account):
            raise RpcFault("CHANNEL_PRIVATE")
        return channel

    def chats(self, *channels: Channel) -> list[Any]:
        """The TL chats of these channels as the account sees them."""
        return [self.world.channel_tl(c, self.account) for c in channels]


Handler = Callable[[Call], Any]
HANDLERS: dict[type, tuple[Handler, bool]] = {}


def method(*requests: Any, public: bool = False) -> Callable[[Handler], Handler]:
    """Register a handler; *public* ones work before sign-in."""

    def register(handler: Handler) -> Handler:
        for request in requests:
            HANDLERS[request] = (handler, public)
        return handler

    return register
