"""The API methods; importing this package registers them all."""

from sandbox.methods import admin_log, auth, help_, history, peers, stats, updates

__all__ = ["admin_log", "auth", "help_", "history", "peers", "stats", "updates"]
