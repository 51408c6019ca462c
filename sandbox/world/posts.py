"""A post and its counters, and how both become bytes on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.tl import LeanMessage, LeanService, types
from sandbox.world.growth import share_between

INT32_MAX = 2**31 - 1
DISCUSSION_OFFSET = 1_000_000_007


@dataclass(slots=True)
class Counter:
    """A number that is *base* at the post's ``counted_at`` and grows to *final* along the curve."""

    base: int
    final: float

    def at(self, grown: float) -> int:
        """The value when *grown* (0..1) of what was missing has come."""
        if grown <= 0:
            return self.base
        return min(INT32_MAX, self.base + int((self.final - self.base) * grown))


@dataclass(slots=True)
class Reaction:
    """One kind of reaction: ``emoji`` with its character, ``custom`` with a document id, or ``paid``."""

    kind: str
    value: str
    count: Counter

    def to_tl(self, grown: float) -> Any:
        """The TL ``ReactionCount``."""
        if self.kind == "custom":
            reaction = types.ReactionCustomEmoji(document_id=int(self.value))
        elif self.kind == "paid":
            reaction = types.ReactionPaid()
        else:
            reaction = types.ReactionEmoji(emoticon=self.value)
        return types.ReactionCount(reaction=reaction, count=self.count.at(grown))


@dataclass(slots=True)
class Snapshot:
    """All counters of a post at one moment; None is unknown."""

    views: int | None
    forwards: int | None
    replies: int | None
    reactions: list[tuple[str, str, int]]


@dataclass(slots=True)
class Post:
    """One message of a channel. Dates are Unix seconds; *fields* are further arguments of the TL ``Message``."""

    id: int
    date: int
    text: str = ""
    views: Counter | None = None
    forwards: Counter | None = None
    replies: Counter | None = None
    reactions: list[Reaction] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    action: Any = None  # the TL action of a service message
    replies_base: Any = None  # TL MessageReplies of a loaded dump, whose count is replaced
    reactions_base: Any = None  # TL MessageReactions of a loaded dump, kept while nothing has changed
    counted_at: float = 0.0
    # When it was published on the channel's own time (which for a static channel stands still); None: its date.
    born: float | None = None
    edit_date: int | None = None
    cached: bytes | None = None
    cached_for: float = -1.0

    def touch(self) -> None:
        """Forget cached bytes after a change."""
        self.cached = None

    def grown(self, moment: float) -> float:
        """Share (0..1) of the missing counters that has come by *moment*."""
        if moment <= self.counted_at:
            return 0.0
        born = self.date if self.born is None else self.born
        start = share_between(born, self.counted_at)
        if start >= 1.0:
            return 0.0
        return (share_between(born, moment) - start) / (1.0 - start)

    def snapshot(self, moment: float) -> Snapshot:
        """The counters at *moment*."""
        g = self.grown(moment)
        return Snapshot(
            views=self.views.at(g) if self.views else None,
            forwards=self.forwards.at(g) if self.forwards else None,
            replies=self.replies.at(g) if self.replies else None,
            reactions=[(r.kind, r.value, r.count.at(g)) for r in self.reactions],
        )

    def message_bytes(self, channel_id: int, moment: float) -> bytes:
        """The TL message as bytes, cached until the counters may have moved."""
        g = self.grown(moment)
        if self.cached is not None and self.cached_for == g:
            return self.cached
        data: bytes = self.to_tl(channel_id, g)._bytes()
        self.cached, self.cached_for = data, g
        return data

    def to_tl(self, channel_id: int, grown: float) -> Any:
        """The lean TL ``Message`` or ``MessageService``."""
        message = LeanMessage() if self.action is None else LeanService()
        message.id = self.id
        message.peer_id = types.PeerChannel(channel_id)
        message.date = self.date
        message.post = True
        if self.action is not None:
            message.action = self.action
            message.__dict__.update(self.fields)
            return message
        message.message = self.text
        message.__dict__.update(self.fields)
        self._put_counters(message, grown)
        if self.edit_date is not None:
            message.edit_date = self.edit_date
        return message

    def _put_counters(self, message: Any, grown: float) -> None:
        # views and forwards share one flag bit: without views neither is sent; with views alone forwards is 0.
        if self.views is not None:
            message.views = self.views.at(grown)
            message.forwards = self.forwards.at(grown) if self.forwards is not None else 0
        message.replies = self.replies_tl(message.peer_id.channel_id, grown)
        if self.reactions_base is not None:
            message.reactions = self.reactions_base
        elif self.reactions:
            results = [r.to_tl(grown) for r in self.reactions]
            message.reactions = types.MessageReactions(results=[r for r in results if r.count > 0])

    def replies_tl(self, channel_id: int, grown: float) -> Any:
        """The TL ``MessageReplies`` (None when comments are unknown)."""
        if self.replies is None:
            return self.replies_base
        count = self.replies.at(grown)
        base = self.replies_base
        if base is not None and base.replies == count:
            return base
        return types.MessageReplies(
            replies=count,
            replies_pts=base.replies_pts if base is not None else max(1, count),
            comments=base.comments if base is not None else True,
            # the invented discussion group of the channel; the flag bit needs both or neither
            channel_id=base.channel_id if base is not None else channel_id + DISCUSSION_OFFSET,
        )
