"""A leased account at work in this process."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from channels_app.collect.database import Database
from mtproto.gateway import TelegramGateway
from mtproto.models import TelegramAccount


def utc_now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Session:
    """What every unit of work gets: the account, its open gateway, the database threads, the clock, the stop sign."""

    account: TelegramAccount
    gateway: TelegramGateway
    database: Database
    owner: str
    clock: Callable[[], datetime] = utc_now
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    # Set when the connection is lost: what is in hand ends at the next safe point.
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    # A lock for each channel that is being addressed.
    addressing: defaultdict[int, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    # Seconds between two pages of history; 0 where no real Telegram counts our requests.
    page_pause: float = 0.0

    @property
    def ending(self) -> bool:
        """True when nothing new should be begun on this connection."""
        return self.stopping.is_set() or self.lost.is_set()

    async def pause(self, seconds: float) -> None:
        """Wait, but not beyond the stop sign or the loss of the connection."""
        waits = [asyncio.create_task(self.stopping.wait()), asyncio.create_task(self.lost.wait())]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def slice(self, seconds: float) -> "Slice":
        """A span of work that ends after `seconds`, or at once when the process is told to stop."""
        return Slice(self, time.monotonic() + seconds)


@dataclass(slots=True)
class Slice:
    """How long a unit of work may go on."""

    session: Session
    until: float

    @property
    def over(self) -> bool:
        """True when the work should stop at the next safe point."""
        return self.session.ending or time.monotonic() >= self.until


@dataclass(slots=True)
class Outcome:
    """How a unit of work went: when the task is due next (None: not again by itself), and counts for the log."""

    due_at: datetime | None
    counts: dict[str, int] = field(default_factory=dict)
    # False when the slice ended before the work did: it goes on with the next claim.
    finished: bool = True
    note: str = ""
