"""Work of chosen channels in the foreground, for the commands: made due, done now, with a line of progress."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from channels_app.collect.leases import free_accounts, take_account
from channels_app.collect.schedule import enabled_kinds, schedule_channel
from channels_app.collect.session import Session
from channels_app.collect.slices import work_leased
from channels_app.models import Channel, ChannelSync, CollectKind, CollectTask, Post, SyncState
from mtproto.models import TelegramAccount
from mtproto.references import parse_reference

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far some channels are."""

    posts: int
    complete: int
    failed: int
    waiting: int


def find_channels(names: Sequence[str]) -> list[Channel]:
    """Channels by @name, link or id; all tracked ones when none is named. Raises LookupError, ReferenceInvalid."""
    if not names:
        return list(Channel.objects.filter(trackings__isnull=False).distinct().order_by("pk"))
    found = []
    for name in names:
        reference = parse_reference(name)
        naming = {"username": reference.username} if reference.username else {"tg_id": reference.tg_id}
        channel = Channel.objects.filter(**naming).first()
        if channel is None:
            raise LookupError(f"{name} is not collected here. Add it first (API or the channels page).")
        found.append(channel)
    return found


def make_due_now(channels: Sequence[Channel], kind: CollectKind, *, now: datetime) -> None:
    """Make this work of the channels due at once, also where it was given up."""
    for channel in channels:
        schedule_channel(channel, now=now)
    CollectTask.objects.filter(channel__in=channels, kind=kind).update(
        due_at=now, parked_at=None, attempts=0, last_error="", progress={}
    )


def progress_of(channels: Sequence[Channel], kind: CollectKind) -> Progress:
    """Counts over the channels."""
    states = dict(
        ChannelSync.objects.filter(channel__in=channels)
        .values_list("state")
        .annotate(n=Count("pk"))
        .values_list("state", "n")
    )
    waiting = CollectTask.objects.due().filter(channel__in=channels, kind=kind)
    return Progress(
        posts=Post.objects.filter(channel__in=channels).count(),
        complete=states.get(SyncState.COMPLETE, 0),
        failed=states.get(SyncState.FAILED, 0),
        waiting=waiting.count(),
    )


def work_now(channels: Sequence[Channel], kind: CollectKind, *, tell: Tell) -> Progress:
    """Lease a free account and work until nothing of this kind is due; if the collector holds it, watch that one."""
    leased: TelegramAccount | None = None
    for account in free_accounts():
        leased = take_account(account, purpose="command")
        if leased is not None:
            break
    if leased is not None:
        allowed = [name for name in enabled_kinds() if name == kind]

        async def report(session: Session) -> None:
            while True:
                await asyncio.sleep(1)
                tell(line(await session.database(progress_of, channels, kind), len(channels)))

        asyncio.run(work_leased(leased, kinds=allowed, beside=report))
    else:
        tell("The collector holds the account and does the work.")
        _watch(channels, kind, tell)
    return progress_of(channels, kind)


def _watch(channels: Sequence[Channel], kind: CollectKind, tell: Tell) -> None:
    while True:
        progress = progress_of(channels, kind)
        tell(line(progress, len(channels)))
        running = CollectTask.objects.filter(channel__in=channels, kind=kind, leased_until__isnull=False)
        if not progress.waiting and not running.exists():
            return
        time.sleep(1)


def line(progress: Progress, of: int) -> str:
    """One line of progress."""
    failed = f", {progress.failed} failed" if progress.failed else ""
    return f"{progress.posts} posts; {progress.complete} of {of} channels complete{failed}"
