"""Official statistics now, in the foreground."""

from channels_app.management.commands import sync_history
from channels_app.models import CollectKind


class Command(sync_history.Command):
    """Load the official statistics of channels and wait for it."""

    help = "Load the official statistics of the given channels (all when none is given) now, where an account may."
    kind = CollectKind.STATS
    flag = "MTPROTO_STATS_ENABLED"
