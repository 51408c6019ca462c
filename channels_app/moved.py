"""Tells that a channel's data has changed: a signal for rooms above, sent when the change is committed.

Whoever raises `Channel.version` tells it here. Listeners must be quick: they stand between two writes of a collector.
"""

from collections.abc import Iterable
from enum import StrEnum
from functools import partial

from django.db import transaction
from django.dispatch import Signal

# Sent with `channel_id: int`, `version: int | None` (the channel's, where it is known for nothing) and
# `what: frozenset[Moved]`.
channel_moved = Signal()


class Moved(StrEnum):
    """What of a channel has changed."""

    POSTS = "posts"  # new, edited, deleted
    COUNTERS = "counters"
    SUBSCRIBERS = "subscribers"
    SYNC = "sync"  # names, gaps, progress, official statistics


def tell_moved(channel_id: int, what: Iterable[Moved], *, version: int | None = None) -> None:
    """Tell when the present transaction commits (at once outside one). A listener that fails stops nobody."""
    send = partial(
        channel_moved.send_robust, sender=Moved, channel_id=channel_id, version=version, what=frozenset(what)
    )
    transaction.on_commit(send, robust=True)
