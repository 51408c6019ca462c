"""When each kind of work is due, and the rows that say so."""

from datetime import datetime, timedelta

from django.db.models import Exists, Min, OuterRef, Q

from analyticbot.core import runtime
from analyticbot.core.work import DueQuerySet
from channels_app.collect.claims import make_due
from channels_app.collect.meetings import forget_everywhere
from channels_app.models import Channel, ChannelSync, CollectKind, CollectTask, Post, TrackedChannel

# Looking for new posts above the newest: pushed updates bring them at once, this finds what no push brought.
FORWARD_EVERY = timedelta(minutes=5)
FORWARD_EVERY_PUSHED = timedelta(minutes=30)
FACTS_EVERY = timedelta(hours=1)
STATS_EVERY = timedelta(days=1)
# A channel that shows us nothing now may do so tomorrow.
REFUSED_EVERY = timedelta(days=1)
# A feature that is switched off is looked at again when it may have been switched on.
OFF_EVERY = timedelta(minutes=5)
POLLED_SPAN = timedelta(days=60)

# How the error begins that a task keeps when Telegram refused the channel itself.
CHANNEL_REFUSED = r"^(PEER|CHANNEL|CHAT|USER|USERNAME|INVITE|NOT_A)_"

LIVE_KINDS = (CollectKind.HISTORY, CollectKind.POLL, CollectKind.FACTS)
ALL_KINDS = (*LIVE_KINDS, CollectKind.STATS)
MTPROTO_KINDS_BY_QUEUE = {"sync": LIVE_KINDS, "statistics": (CollectKind.STATS,)}

ENABLED_BY = {
    CollectKind.HISTORY: runtime.HISTORY,
    CollectKind.POLL: runtime.HISTORY,
    CollectKind.FACTS: runtime.HISTORY,
    CollectKind.STATS: runtime.STATISTICS,
}


def enabled_kinds(kinds: tuple[CollectKind, ...] = ALL_KINDS) -> list[str]:
    """The kinds of work that the operator's flags allow."""
    return [kind.value for kind in kinds if ENABLED_BY[kind].now()]


def schedule_channel(channel: Channel, *, now: datetime) -> None:
    """Give a channel the rows that collecting needs, its history due at once; what is there already stays."""
    ChannelSync.objects.get_or_create(channel=channel)
    CollectTask.objects.bulk_create(
        [
            CollectTask(channel=channel, kind=CollectKind.HISTORY, due_at=now),
            CollectTask(channel=channel, kind=CollectKind.POLL),
            # The first facts come with the history; these are for the hours after.
            CollectTask(channel=channel, kind=CollectKind.FACTS, due_at=now + FACTS_EVERY),
            CollectTask(channel=channel, kind=CollectKind.STATS),
        ],
        ignore_conflicts=True,
    )


def restart_channel(channel: Channel, *, now: datetime) -> None:
    """Try a channel again at once, also one that had failed for good: its tasks are unparked and due.

    Where Telegram had refused it, it is looked up anew: its access hashes may be what was wrong.
    """
    schedule_channel(channel, now=now)
    tasks = CollectTask.objects.filter(channel=channel)
    if tasks.filter(kind__in=LIVE_KINDS, last_error__regex=CHANNEL_REFUSED).exists():
        forget_everywhere(channel)
    first = Q(kind__in=[CollectKind.HISTORY, CollectKind.FACTS])
    tasks.filter(first | Q(parked_at__isnull=False)).update(due_at=now)
    tasks.update(parked_at=None, attempts=0, last_error="", progress={})


def schedule_missing(*, now: datetime) -> int:
    """Give their rows to tracked channels that lack a history task; returns how many. Heals whatever went wrong."""
    tasks = CollectTask.objects.filter(channel=OuterRef("pk"), kind=CollectKind.HISTORY)
    tracked = TrackedChannel.objects.live().filter(channel=OuterRef("pk"))
    lacking = Channel.objects.filter(Exists(tracked), ~Exists(tasks))
    for channel in lacking:
        schedule_channel(channel, now=now)
    return len(lacking)


def next_poll(channel_id: int, *, now: datetime) -> datetime | None:
    """When the first post of a channel is due for a poll; None when none ever is."""
    # Posts are polled until they are 30 days old; the bound lets the index on the publication date find them.
    open_posts = Post.objects.filter(channel_id=channel_id, published_at__gt=now - POLLED_SPAN)
    due: datetime | None = open_posts.aggregate(at=Min("next_poll_at"))["at"]
    return due


def make_poll_due(channel_id: int, *, now: datetime) -> None:
    """Make the poll task due when the first post is."""
    at = next_poll(channel_id, now=now)
    if at is not None:
        make_due(channel_id, CollectKind.POLL, at=at)


def waiting_work() -> int:
    """How many tasks of tracked channels are due and unclaimed."""
    return _waiting().count()


def oldest_due() -> datetime | None:
    """Since when the longest waiting due task of a tracked channel waits; None when nothing waits."""
    due: datetime | None = _waiting().aggregate(at=Min("due_at"))["at"]
    return due


def _waiting() -> DueQuerySet:
    tracked = TrackedChannel.objects.live().filter(channel=OuterRef("channel_id"))
    waiting: DueQuerySet = CollectTask.objects.due().filter(Exists(tracked), channel__hold="")
    return waiting
