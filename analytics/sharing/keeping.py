"""Pages of links that many look at are drawn once in two minutes, and anew as soon as anything of them changes.

Who asks has passed the link at this very request: a revoked link is gone, whatever is kept.
"""

import hashlib
from collections.abc import Callable

from django.core.cache import cache

from analytics.sharing.guests import Guest
from analytics.sharing.terms import terms_of
from channels_app.models import TrackedChannel

# How long a page may lag behind the clock; behind data it never does.
_SECONDS = 120


def kept_page(guest: Guest, *what: str, make: Callable[[], str | None]) -> str | None:
    """The page that `make` would write, kept or written now; None (never kept) where there is none.

    `what`: all that tells this page from others of the link, beside language and colours.
    """
    tracked = TrackedChannel.objects.select_related("channel").filter(pk=guest.link.tracked_id).first()
    if tracked is None:
        return None
    channel, link = tracked.channel, guest.link
    parts = (
        (link.digest, terms_of(link), link.workspace.time_zone, guest.root, guest.language, guest.theme),
        (tracked.relation, channel.version, channel.title, channel.username),
        what,
    )
    key = "share-page:" + hashlib.sha256(repr(parts).encode()).hexdigest()
    kept: str | None = cache.get(key)
    if kept is None:
        kept = make()
        if kept is not None:
            cache.set(key, kept, _SECONDS)
    return kept
