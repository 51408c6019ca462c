"""A channel (or megagroup): its posts, its state, and the ledger of what happened to it."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from sandbox.tl import types
from sandbox.world.clock import Clock
from sandbox.world.posts import Post

if TYPE_CHECKING:
    from sandbox.world.audience import Audience

EVENTS_KEPT = 20_000


def stable_id(name: str) -> int:
    """A bare channel id below 2**40 that depends on the name alone."""
    digest = hashlib.sha256(name.lower().encode()).digest()
    return 10**9 + int.from_bytes(digest[:5], "big") % (2**40 - 2 * 10**9)


@dataclass(slots=True)
class Event:
    """One entry of the channel's update ledger; *pts* is the value after it."""

    pts: int
    count: int
    kind: str  # new | edit | delete
    ids: list[int]


@dataclass
class Channel:
    """A channel and everything in it. A *living* one follows real time, a static one only the moved clock."""

    id: int
    username: str | None
    title: str
    clock: Clock
    about: str = ""
    created: int = 0
    megagroup: bool = False
    living: bool = False
    private: bool = False
    banned: bool = False
    can_view_stats: bool = True
    invite_hash: str = ""
    base_subscribers: int | None = None
    audience: Audience | None = None
    posts: dict[int, Post] = field(default_factory=dict)
    ids: list[int] = field(default_factory=list)
    next_id: int = 1
    pts: int = 1
    base_pts: int = 1
    anchor: float = 0.0
    events: deque[Event] = field(default_factory=lambda: deque(maxlen=EVENTS_KEPT))
    last_event_at: float = 0.0
    version: int = 0
    skipped: int = 0
    style: str = ""
    demo_role: str | None = "creator"
    log: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    logged: int = 0

    def time(self) -> float:
        """The moment the counters are taken at: the present, or for a static channel the moved anchor."""
        return self.clock.now() if self.living else self.anchor + self.clock.moved

    def load(self, posts: Iterable[Post]) -> None:
        """Take the initial posts (any order; a later one of the same id wins) without ledger entries."""
        for post in posts:
            self.posts[post.id] = post
        self.ids = sorted(self.posts)
        self.next_id = self.ids[-1] + 1 if self.ids else 1
        self.base_pts = self.pts = len(self.ids) + 1

    def add(self, *posts: Post) -> Event:
        """Publish posts (several for an album)."""
        for post in posts:
            self.posts[post.id] = post
            insort(self.ids, post.id)
            self.next_id = max(self.next_id, post.id + 1)
        return self._record("new", [post.id for post in posts])

    def edited(self, post: Post) -> Event:
        """Record that *post* was changed."""
        post.touch()
        return self._record("edit", [post.id])

    def delete(self, ids: Iterable[int]) -> Event | None:
        """Remove posts; None when none of them existed."""
        gone = [i for i in ids if i in self.posts]
        for i in gone:
            del self.posts[i]
            del self.ids[bisect_left(self.ids, i)]
        return self._record("delete", gone) if gone else None

    def _record(self, kind: str, ids: list[int]) -> Event:
        self.pts += len(ids)
        event = Event(self.pts, len(ids), kind, ids)
        self.events.append(event)
        self.last_event_at = self.clock.now()
        return event

    def bump(self) -> None:
        """Note a change of the channel's own facts (title, username, rights)."""
        self.version += 1

    def message(self, post: Post) -> bytes:
        """The post as TL bytes, with its present counters."""
        return post.message_bytes(self.id, self.time())

    def subscribers(self) -> int:
        """Subscribers now: set, or following the audience, or 10 × the median of views (a stated invention)."""
        if self.base_subscribers is not None:
            return self.base_subscribers
        if self.audience is not None:
            return self.audience.size_at(self.clock.now())
        views = [p.views.base for p in self.posts.values() if p.views is not None]
        self.base_subscribers = max(0, round(10 * median(views))) if views else 0
        return self.base_subscribers

    def window(
        self, *, offset_id: int, offset_date: int, add_offset: int, limit: int, min_id: int, max_id: int
    ) -> list[int]:
        """Ids of one history page, newest first, as ``messages.getHistory`` counts them.

        The window is laid from the newest id downwards and clipped at both ends; *offset_id* wins over
        *offset_date* (Unix seconds, 0 for none).
        """
        low = bisect_right(self.ids, min_id) if min_id > 0 else 0
        high = bisect_left(self.ids, max_id) if max_id > 0 else len(self.ids)
        if offset_id > 0:
            older = bisect_left(self.ids, offset_id)
        elif offset_date > 0:
            older = self._older_than(offset_date)
        else:
            older = high
        older = max(low, min(high, older))
        top = older - add_offset
        bottom = max(low, top - limit)
        return self.ids[bottom : max(bottom, min(high, top))][::-1]

    def _older_than(self, moment: int) -> int:
        posts, ids = self.posts, self.ids
        for i in range(len(ids) - 1, -1, -1):
            if posts[ids[i]].date < moment:
                return i + 1
        return 0


def empty_message(message_id: int) -> bytes:
    """A ``messageEmpty`` for an id that is not there."""
    data: bytes = types.MessageEmpty(id=message_id, peer_id=None)._bytes()
    return data


def admin_rights() -> Any:
    """The rights of a channel's creator or administrator."""
    return types.ChatAdminRights(
        change_info=True,
        post_messages=True,
        edit_messages=True,
        delete_messages=True,
        ban_users=True,
        invite_users=True,
        add_admins=True,
        other=True,
    )
