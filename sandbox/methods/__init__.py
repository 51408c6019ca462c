"""The API methods; importing this package registers them all."""

from sandbox.methods import auth, help_, history, peers, updates

__all__ = ["auth", "help_", "history", "peers", "updates"]
