"""The port: all that the product asks of Telegram. The Telethon adapter implements it; nobody else speaks MTProto.

Every method raises errors of `mtproto.errors` only. Calls that would break a stored flood wait raise FloodWait
before anything is sent.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

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
    PublicForwards,
)
from mtproto.references import PeerReference

PAGE_LIMIT = 100  # Telegram's own cap on messages per getHistory and ids per getMessages


class TelegramGateway(Protocol):
    """One signed-in Telegram account."""

    async def connect(self) -> None:
        """Open the connection; Unreachable or AccountUnusable."""

    async def disconnect(self) -> None:
        """Close the connection; idempotent."""

    async def me(self) -> AccountRecord:
        """Who is signed in."""

    async def resolve(self, reference: PeerReference) -> ChannelRecord:
        """Find a channel by username, invite link or id. PeerNotFound, PeerPrivate, PeerNotChannel."""

    async def channel(self, peer: Peer) -> ChannelRecord:
        """Full facts of a channel: subscribers, about, rights, pts."""

    async def history(
        self, peer: Peer, *, before_id: int = 0, after_id: int = 0, limit: int = PAGE_LIMIT
    ) -> HistoryPage:
        """A page, newest first, of ids below `before_id` (0: from the newest) and above `after_id`."""

    async def messages(self, peer: Peer, ids: Sequence[int]) -> tuple[AnyMessage, ...]:
        """What the server says of at most 100 ids, in the order asked; EmptyRecord where it says that nothing is there.

        An id that the answer passes over is left out: silence proves no deletion. Never adds views.
        """

    async def join(self, peer: Peer) -> None:
        """Become a member, so that updates are pushed."""

    async def difference(self, peer: Peer, *, pts: int, limit: int = 100) -> ChannelDifference:
        """What happened in the channel since `pts`."""

    def updates(self) -> AsyncIterator[AnyUpdate]:
        """Pushed updates, for ever; ends when the connection is given up. Raises Unreachable when it is lost."""

    async def broadcast_stats(self, peer: Peer, *, stats_dc: int | None = None) -> BroadcastStats:
        """Official statistics, asynchronous graphs as tokens. StatsRefused."""

    async def load_graph(self, peer: Peer, token: str, *, x: int | None = None, stats_dc: int | None = None) -> Graph:
        """An asynchronous graph (or its zoom at `x`, ms). GraphExpired."""

    async def message_stats(self, peer: Peer, message_id: int, *, stats_dc: int | None = None) -> MessageStats:
        """Official statistics of one post."""

    async def public_forwards(
        self, peer: Peer, message_id: int, *, offset: str = "", limit: int = 100, stats_dc: int | None = None
    ) -> PublicForwards:
        """A page of the public reposts of one post."""
