"""What watches over the calls of one account: asked before each, told after each."""

from typing import Protocol

from mtproto.errors import GatewayError


class CallGuard(Protocol):
    """Knows the account's flood waits and keeps score. Methods are named as Telegram does: ``messages.getHistory``."""

    async def load(self) -> None:
        """Read what is stored; called when the gateway connects."""

    def check(self, method: str) -> None:
        """Raise FloodWait when the account may not call `method` now."""

    async def note(self, method: str, error: GatewayError | None) -> None:
        """A call ended: well (None) or with an error."""

    async def close(self) -> None:
        """Write what is not yet written; called when the gateway disconnects."""


class NoGuard:
    """Nothing is stored: for an account that is only being signed in."""

    async def load(self) -> None:
        """Nothing to read."""

    def check(self, method: str) -> None:
        """Everything may be called."""

    async def note(self, method: str, error: GatewayError | None) -> None:
        """Nothing is kept."""

    async def close(self) -> None:
        """Nothing to write."""
