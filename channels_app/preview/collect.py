"""Collecting a channel from its preview pages: a taste where no Telegram account can serve it."""

import time
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from channels_app.ingest import IngestResult, ingest_messages
from channels_app.models import Channel, SubscriberSample
from channels_app.moved import Moved, tell_moved
from channels_app.preview.fetch import PageAddress, fetch_page
from channels_app.preview.parser import PreviewChannel, PreviewPage, PreviewUnavailable, Unavailable, parse_page
from mtproto.models import TelegramAccount
from mtproto.records import Source

# Seconds between two pages of one channel.
PAUSE = 1.5
MAX_PAGES = 200


@dataclass(slots=True)
class PreviewOutcome:
    """What was read and written. `reached_start`: the oldest page was read."""

    pages: int = 0
    messages: int = 0
    reached_start: bool = False
    results: list[IngestResult] = field(default_factory=list)

    @property
    def new_posts(self) -> int:
        """Posts that were not known before."""
        return sum(result.new_posts for result in self.results)


def can_be_served(channel: Channel) -> bool:
    """Whether a Telegram account is there that may collect this channel: then previews are not for it."""
    shared_or_own = Q(workspace_id__isnull=True) | Q(workspace_id__in=channel.trackings.values("workspace_id"))
    return TelegramAccount.objects.usable().filter(shared_or_own).exists()


def collect_preview(channel: Channel, *, pages: int, now: datetime, pause: float = PAUSE) -> PreviewOutcome:
    """Read up to `pages` preview pages of `channel`, newest first, and write what they show, seen at `now`.

    `pause`: seconds between two pages. Each page is one transaction. Does nothing when an account can serve the
    channel. Raises PreviewUnavailable (no public preview), PreviewFailed (try later); pages written before stay.
    """
    outcome = PreviewOutcome()
    if can_be_served(channel):
        return outcome
    if not channel.username:
        raise PreviewUnavailable(Unavailable.NOT_FOUND, "Only channels with a username have a public preview.")
    before: int | None = None
    while outcome.pages < min(pages, MAX_PAGES):
        if outcome.pages:
            time.sleep(pause)
        page = _load(channel.username, before)
        with transaction.atomic():
            if page.channel and before is None:
                _write_channel(channel, page.channel, now=now)
            outcome.results.append(ingest_messages(channel.pk, page.messages, source=Source.PREVIEW, observed_at=now))
        outcome.pages += 1
        outcome.messages += len(page.messages)
        # A page that leads nowhere older, or in a circle, is the last.
        if page.before is None or (before is not None and page.before >= before):
            outcome.reached_start = page.before is None
            break
        before = page.before
    return outcome


def _load(username: str, before: int | None) -> PreviewPage:
    address = PageAddress(settings.TELEGRAM_PREVIEW_URL, username, before)
    page = parse_page(fetch_page(address))
    if page.channel and page.channel.username not in {None, username}:
        raise PreviewUnavailable(Unavailable.NOT_FOUND, f"The page shows @{page.channel.username} instead.")
    return page


def _write_channel(channel: Channel, shown: PreviewChannel, *, now: datetime) -> None:
    """Fill in what the row does not know, and sample the subscribers. What Telegram itself told stays.

    The page's own number of the channel is not taken as its id: only an account that resolves the name proves it.
    """
    row = Channel.objects.select_for_update().get(pk=channel.pk)
    changed: list[str] = []
    if not row.title and shown.title:
        row.title = shown.title
        changed.append("title")
    if not row.about and shown.about:
        row.about = shown.about
        changed.append("about")
    known_better = row.subscribers_source not in {None, Source.PREVIEW}
    if shown.subscribers is not None and not known_better:
        row.subscribers, row.subscribers_at = shown.subscribers, now
        row.subscribers_source, row.subscribers_approximate = Source.PREVIEW.value, shown.subscribers_approximate
        changed += ["subscribers", "subscribers_at", "subscribers_source", "subscribers_approximate"]
    if changed:
        row.version += 1
        row.save(update_fields=[*changed, "version"])
        tell_moved(row.pk, [Moved.SUBSCRIBERS, Moved.SYNC], version=row.version)
    if shown.subscribers is not None:
        SubscriberSample.objects.get_or_create(
            channel=row,
            observed_at=now,
            source=Source.PREVIEW.value,
            defaults={"count": shown.subscribers, "approximate": shown.subscribers_approximate},
        )
