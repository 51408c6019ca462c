"""A channel as the pages name it, made of what is known of its collecting."""

from dataclasses import dataclass

from analytics import wording
from channels_app.models import Relation, SyncState
from channels_app.queries import ChannelStatus

_BUSY = {SyncState.PENDING, SyncState.RUNNING}


@dataclass(frozen=True, slots=True)
class ChannelCard:
    """A channel of the list."""

    status: ChannelStatus
    title: str
    initial: str
    colour: int  # of its avatar, 1 to 4
    state: str
    problem: str | None

    @property
    def handle(self) -> str | None:
        """The username with its @, unless it already stands in for the title."""
        handle = f"@{self.status.username}" if self.status.username else None
        return None if handle == self.title else handle

    @property
    def posts(self) -> int | None:
        """Posts collected; unknown while there are none and the history is not read to its end."""
        sync = self.status.sync
        return None if not sync.posts and sync.state != SyncState.COMPLETE else sync.posts

    @property
    def done_percent(self) -> int | None:
        """How much of Telegram's count of messages is here, for a bar while collecting; None when not known."""
        sync = self.status.sync
        return min(100, sync.posts * 100 // sync.total) if sync.total and self.busy else None

    @property
    def busy(self) -> bool:
        """Whether it may look different in two seconds."""
        return self.status.sync.state in _BUSY

    @property
    def failed(self) -> bool:
        """Whether collecting stopped for good or for long."""
        return self.status.sync.state == SyncState.FAILED

    @property
    def owned(self) -> bool:
        """Whether this workspace proved to be an admin."""
        return self.status.relation == Relation.OWNED

    @property
    def has_page(self) -> bool:
        """Whether there is an address for it: not for an invite link that was not resolved yet."""
        return bool(self.status.username or self.status.id)

    @property
    def telegram(self) -> str | None:
        """Its address in Telegram; None for a private channel."""
        return f"https://t.me/{self.status.username}" if self.status.username else None


def card_of(status: ChannelStatus) -> ChannelCard:
    """The list's view of a channel."""
    title = wording.title_of(status)
    return ChannelCard(
        status=status,
        title=title,
        initial=next((letter for letter in title if letter.isalnum()), "?").upper(),
        colour=status.channel_id % 4 + 1,
        state=wording.state_label(status.sync.state),
        problem=wording.problem_of(status.sync),
    )
