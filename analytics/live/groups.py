"""Names of who listens to what on the channel layer."""

import hashlib
from datetime import timedelta

# A page that hears nothing for three times this long takes its socket for dead (static/js/live.js).
PING_EVERY = timedelta(seconds=20)
_DIGEST = 32


def group_of_channel(channel_id: int) -> str:
    """All sockets that show a channel."""
    return f"channel-{channel_id}"


def group_of_session(session_key: str) -> str:
    """All sockets of one sign-in. The key itself is a secret and stays out of names."""
    return f"session-{hashlib.sha256(session_key.encode()).hexdigest()[:_DIGEST]}"
